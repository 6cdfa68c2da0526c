"""A discount or a fee on a line of a draft, as somebody types it; the verb judges what it may be (B12)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Discount, InvoiceLine
from core.money import minor_places
from core.number_inputs import NumberField, SharePercentField
from projects.models import ItemSalesTaxGroup, TransactionCategory
from projects.states import TransactionClass


class DiscountForm(forms.Form):
    """A percentage or an amount, and why."""

    needed = ("percent", "amount", "reason")
    percent = SharePercentField(
        label=_("Percent of the line"),
        required=False,
        signed=True,
        help_text=_("Follows the line while the draft is edited."),
    )
    amount = NumberField(label=_("Amount"), required=False, least=2, signed=True)
    reason = forms.CharField(label=_("Reason, printed on the invoice"), max_length=120, required=False)

    def __init__(self, *args: Any, line: InvoiceLine, discount: Discount | None = None, **kwargs: Any):
        if discount is not None:
            kwargs["initial"] = {name: getattr(discount, name) for name in ("percent", "amount", "reason")}
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = _("Or an amount in %(currency)s") % {"currency": line.proforma.currency}
        self.fields["percent"].widget.attrs["autofocus"] = True


class FeeForm(forms.Form):
    """One amount with its text; taxed as fees usually are, unless another group is chosen."""

    amount = NumberField(label=_("Amount"), least=2, signed=True)
    text = forms.CharField(label=_("Text, printed on the invoice"), max_length=200)
    item_sales_tax_group = forms.ModelChoiceField(
        label=_("Item sales tax group"), queryset=ItemSalesTaxGroup.objects.all(), required=False
    )

    def __init__(self, *args: Any, line: InvoiceLine, **kwargs: Any):
        usual = TransactionCategory.objects.filter(
            transaction_class=TransactionClass.FEE, item_sales_tax_group__isnull=False, is_closed=False
        )
        # The category that fees without one get comes first.
        category = usual.order_by("-is_default", "name").first()
        kwargs["initial"] = {"item_sales_tax_group": category and category.item_sales_tax_group_id}
        super().__init__(*args, **kwargs)
        currency = line.proforma.currency
        self.fields["amount"] = NumberField(
            label=_("Amount in %(currency)s") % {"currency": currency},
            least=minor_places(currency),
            signed=True,
        )
        self.fields["amount"].widget.attrs["autofocus"] = True
