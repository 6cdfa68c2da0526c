"""How much of a payment each open row takes: a field for each row, on every page that settles (C11)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounting.models import CustomerTransaction
from accounting.row_names import name_of
from core.money import ONE
from core.number_inputs import NumberField
from core.templatetags import display
from projects.models import Customer

LONGEST_KEY = 18


def _is_share(name: str) -> bool:
    key = name.removeprefix("share-")
    return key != name and key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY


def _part(value: Any) -> Decimal | None:
    """What was typed for a row that is no field any more; what is no number still asks for something."""
    try:
        return NumberField(places=4, least=2, signed=True, required=False).clean(value)
    except forms.ValidationError:
        return ONE


class SharesForm(forms.Form):
    """A form to which the open rows of a customer are added, as fields `share-<key>`."""

    def add_rows(
        self,
        rows: Sequence[CustomerTransaction],
        shares: Mapping[int, Decimal],
        offered: Mapping[int, Decimal],
    ) -> None:
        """A field for each open row; `shares` are proposed until something was typed.

        Where a cash discount is `offered` a tick takes it, and less is proposed.
        """
        for row in rows:
            if row.pk in offered:
                tick = f"discount-{row.pk}"
                said = display.money(offered[row.pk], row.currency)
                label = _("Take the cash discount of %(amount)s on %(row)s") % {
                    "amount": said,
                    "row": name_of(row),
                }
                self.fields[tick] = forms.BooleanField(required=False)
                self.fields[tick].widget.attrs["aria-label"] = label
                self.initial[tick] = shares.get(row.pk) == row.open_amount - offered[row.pk]
            name = f"share-{row.pk}"
            self.fields[name] = NumberField(places=4, least=2, signed=True, required=False)
            self.fields[name].widget.attrs["aria-label"] = _("This payment for %(row)s") % {
                "row": name_of(row)
            }
            self.initial[name] = shares.get(row.pk)

    def shares_of(self, rows: Sequence[CustomerTransaction]) -> dict[int, Decimal]:
        """What was typed for each row, by key; nothing of rows that were left empty."""
        typed = self.cleaned_data
        return {row.pk: typed[f"share-{row.pk}"] for row in rows if typed.get(f"share-{row.pk}")}

    def vanished(self, rows: Sequence[CustomerTransaction]) -> dict[int, Decimal]:
        """What was sent for rows that are not among these any more, by key: the verb refuses it."""
        shown = {row.pk for row in rows}
        sent = {name.removeprefix("share-"): value for name, value in self.data.items() if _is_share(name)}
        parts = {int(key): _part(value) for key, value in sent.items()}
        return {key: part for key, part in sorted(parts.items()) if part and key not in shown}

    def has_shares_of(self, rows: Sequence[CustomerTransaction]) -> bool:
        """Whether the fields of any of these rows were sent, filled or empty."""
        return any(f"share-{row.pk}" in self.data for row in rows)

    def discounted(self, rows: Sequence[CustomerTransaction]) -> frozenset[int]:
        """The rows whose cash discount was ticked."""
        return frozenset(row.pk for row in rows if self.cleaned_data.get(f"discount-{row.pk}"))


LEAVE, WRITE_OFF = "leave", "write-off"


class SettleBookingForm(SharesForm):
    """Who paid a bank booking, what it settles, and what becomes of a difference."""

    customer = forms.ModelChoiceField(
        Customer.objects.none(), label=_("Customer"), empty_label=_("Nobody yet")
    )
    difference = forms.ChoiceField(
        choices=[(LEAVE, _("Leave it")), (WRITE_OFF, _("Write it off"))], required=False
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = Customer.objects.visible_to(user).order_by("name", "pk")  # type: ignore[attr-defined]


class ReversePaymentForm(forms.Form):
    """Why the bank returns a payment."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("As the bank says it."))
