"""What stays billed of the lines of a confirmed proforma, and where the correction goes (B9)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.billed_texts import texts_of
from billing.models import Proforma
from core.day_inputs import DayField
from core.money import ZERO, minor_places
from core.number_inputs import NumberField, QuantityOrDurationField
from core.templatetags.display import day, money, number
from projects.models import Actual
from projects.states import BillingType, PriceUnit, TransactionClass

REASON_LENGTH = 160
BY_AMOUNT = (
    TransactionClass.FEE,
    TransactionClass.MILESTONE,
    TransactionClass.DISCOUNT,
    TransactionClass.RETENTION,
)
"""Classes of which a part is an amount: half a fee is not half a piece at another price (R7, R9)."""


class BilledRowForm(forms.Form):
    """One billed row: quantity and rate that stay billed, or the amount of a fee, milestone or discount."""

    quantity = NumberField(label=_("New quantity"), least=2)
    price = NumberField(label=_("New rate"), least=2)
    amount = NumberField(label=_("New amount"), least=2)
    reason = forms.CharField(
        label=_("Reason, printed on the credit note"), max_length=REASON_LENGTH, required=False
    )

    def __init__(self, *args: Any, billed: Actual, text: str, **kwargs: Any):
        item = billed.work_item
        kwargs["initial"] = {"quantity": billed.quantity, "price": billed.price, "amount": billed.amount}
        super().__init__(*args, prefix=f"r{billed.pk}", **kwargs)
        self.billed, self.text = billed, text
        # What was credited stays readable with its minus; whether the sign may change is left to the verb.
        is_credit = {name: value < 0 for name, value in kwargs["initial"].items()}
        if item.transaction_class in BY_AMOUNT:
            del self.fields["quantity"], self.fields["price"]
            places = minor_places(item.currency)
            self.fields["amount"] = NumberField(
                label=_("New amount"), least=2, places=places, signed=is_credit["amount"]
            )
        else:
            del self.fields["amount"]
            kind = QuantityOrDurationField if item.unit == PriceUnit.HOUR else NumberField
            self.fields["quantity"] = kind(label=_("New quantity"), least=2, signed=is_credit["quantity"])
            self.fields["price"] = NumberField(label=_("New rate"), least=2, signed=is_credit["price"])
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}, {self.subject}"
            if name != "reason":
                field.widget.attrs["class"] = "number"

    @property
    def subject(self) -> str:
        """How the row is named: what documents say of it, and its day."""
        return f"{self.text}, {day(self.billed.work_item.transaction_date)}"

    @property
    def asked(self) -> dict[str, Any]:
        """What was typed, by term; what cannot be read stays as it was billed."""
        values = self.cleaned_data if self.is_bound and self.is_valid() else {}
        terms = {name: values.get(name) for name in ("quantity", "price", "amount")}
        return {**terms, "reason": values.get("reason", "")}


class CorrectForm(forms.Form):
    """The rows of one page, the draft they go to, and the date of a new one."""

    into = forms.ChoiceField(label=_("Where the correction goes"), required=False, widget=forms.RadioSelect)
    invoice_date = DayField(label=_("Date of a new draft"))
    keep_discounts = forms.BooleanField(
        label=_("Leave percent discounts as they were billed"), required=False
    )

    def __init__(self, *args: Any, rows: Sequence[Actual], drafts: Sequence[Proforma], **kwargs: Any):
        super().__init__(*args, **kwargs)
        data = self.data if self.is_bound else None
        texts = texts_of(rows)
        self.rows = [BilledRowForm(data, billed=row, text=texts[row.pk]) for row in rows]
        choices = [("", _("A new draft"))]
        choices += [(draft.number, f"{draft.number}, {money(draft.net, draft.currency)}") for draft in drafts]
        self.fields["into"].choices = choices  # type: ignore[attr-defined]
        self.fields["into"].initial = ""

    def clean(self) -> dict[str, Any] | None:
        """A row that cannot be read keeps the whole form back."""
        wrong = [row for row in self.rows if not row.is_valid()]
        if wrong:
            words = ngettext(
                "%(count)s line has a figure that cannot be read: it is marked below.",
                "%(count)s lines have figures that cannot be read: they are marked below.",
                len(wrong),
            )
            raise forms.ValidationError(words % {"count": number(len(wrong))}, "unreadable-line")
        return super().clean()


def charged(amount: Decimal, billing_type: int) -> Decimal:
    """What the customer pays of an amount: nothing where it is not chargeable."""
    return amount if billing_type == BillingType.CHARGEABLE else ZERO
