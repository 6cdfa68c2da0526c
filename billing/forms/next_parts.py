"""What goes on the next invoice of each share: a percentage or an amount, the other follows (B2)."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from billing.models import MilestoneShare
from billing.next_parts import currency_of, part_of, percent_of, reasons_against
from billing.states import MilestoneStatus
from core.money import minor_places
from core.number_inputs import NumberField
from core.templatetags.display import money

FIELD = re.compile(r"^(?:percent|amount)-(\d{1,18})$")
EDITABLE = (MilestoneStatus.NOT_READY, MilestoneStatus.READY)


def keys_in(data: QueryDict | None) -> list[int]:
    """The keys of the shares that a sent form has fields of."""
    matches = (FIELD.match(name) for name in data or {})
    return sorted({int(match[1]) for match in matches if match})


class NextPartsForm(forms.Form):
    """Two fields for each share that no draft holds and no invoice billed in full.

    What was typed is compared with what is stored: of the two fields of a share the one that changed counts,
    and where both changed and do not agree, the form asks.
    """

    def __init__(self, data: QueryDict | None, shares: Iterable[MilestoneShare]):
        super().__init__()
        self.shares: Sequence[MilestoneShare] = [one for one in shares if one.status in EDITABLE]
        for share in self.shares:
            whose, currency = f"{share.milestone.name}, {share.customer.name}", currency_of(share)
            percent, amount = stored(share)
            words = (
                ("percent", _("Next percent, %(whose)s") % {"whose": whose}, 2, percent),
                (
                    "amount",
                    _("Next amount in %(currency)s, %(whose)s") % {"currency": currency, "whose": whose},
                    minor_places(currency),
                    amount,
                ),
            )
            for name, label, least, initial in words:
                field = NumberField(label=label, least=least, signed=True, required=False, initial=initial)
                field.widget.attrs |= {
                    "form": "selection",
                    "class": "input number next-part",
                    "aria-label": label,
                    "size": "9",
                }
                self.fields[f"{name}-{share.pk}"] = field
        if data is not None:
            self.is_bound, self.data = True, self._filled(data)

    def _filled(self, data: QueryDict) -> QueryDict:
        """What was sent; rows that were not on the page keep what they have."""
        filled = data.copy()
        for name, field in self.fields.items():
            if name not in filled:
                filled[name] = field.prepare_value(field.initial) or ""
        return filled

    def clean(self) -> dict[str, Any] | None:
        """The part of each share that was changed; what cannot be a part is said at its field."""
        values = super().clean() or {}
        self.parts: dict[int, Decimal | None] = {}
        for share in self.shares:
            fields = f"percent-{share.pk}", f"amount-{share.pk}"
            if not any(name in self.errors for name in fields):
                self._read(share, *(values.get(name) for name in fields))
        return values

    def _read(self, share: MilestoneShare, percent: Decimal | None, amount: Decimal | None) -> None:
        old_percent, old_amount = stored(share)
        percent_changed, amount_changed = percent != old_percent, amount != old_amount
        if not percent_changed and not amount_changed:
            return
        at, part = f"amount-{share.pk}", amount
        if percent_changed and percent is not None and (amount is None or not amount_changed):
            at, part = f"percent-{share.pk}", part_of(share, percent)
        elif percent_changed and percent is not None and amount is not None:
            if part_of(share, percent) != amount:
                currency = currency_of(share)
                facts = {"amount": money(part_of(share, percent), currency)}
                message = _("This percentage is %(amount)s. Change one of the two, or clear one.") % facts
                self.add_error(f"percent-{share.pk}", message)
                return
        elif percent is not None and amount is None:
            # The amount was cleared and the percentage left as it was: nothing goes next.
            part = None
        reasons = list(reasons_against(share, part))
        for one in reasons:
            self.add_error(at, " ".join(str(words) for words in (one.message, one.way_out) if words))
        if not reasons:
            self.parts[share.pk] = part


def stored(share: MilestoneShare) -> tuple[Decimal | None, Decimal | None]:
    """Percentage and amount that a share has now; what is ready without a part goes as a whole."""
    amount = share.next_amount
    if amount is None and share.status == MilestoneStatus.READY:
        amount = share.open_amount
    return (None if amount is None else percent_of(share, amount)), amount
