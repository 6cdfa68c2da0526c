"""What can be changed on a detail of a draft, as a form; only what the user touched is changed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import InvoiceLineDetail
from billing.states import Remainder
from core.number_inputs import NumberField, QuantityOrDurationField
from core.pages.keep_mine import SeenForm
from core.templatetags.display import quantity
from projects.models import ItemSalesTaxGroup
from projects.states import BillingType, TransactionClass

OFFERED = [choice for choice in BillingType.choices if choice[0] != BillingType.NOT_AVAILABLE]
FIXED_BY_CONTRACT = ("quantity", "price", "remainder")


class DetailForm(SeenForm):
    """Terms and words of one detail; hidden initial values tell a change from what others changed."""

    external_description = forms.CharField(
        label=_("Description on the invoice"),
        max_length=500,
        required=False,
        show_hidden_initial=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    # The verb says why a sign is wrong: what it may be depends on what is billed.
    quantity = NumberField(label=_("Quantity"), least=2, signed=True, show_hidden_initial=True)
    price = NumberField(label=_("Rate"), least=2, signed=True, show_hidden_initial=True)
    billing_type = forms.TypedChoiceField(
        label=_("Billing type"), choices=OFFERED, coerce=int, show_hidden_initial=True
    )
    remainder = forms.ChoiceField(
        label=_("What becomes of the rest"), choices=Remainder.choices, show_hidden_initial=True
    )
    item_sales_tax_group = forms.ModelChoiceField(
        label=_("Item sales tax group"),
        queryset=ItemSalesTaxGroup.objects.all(),
        required=False,
        show_hidden_initial=True,
    )
    description = forms.CharField(
        label=_("Internal description"),
        max_length=500,
        required=False,
        show_hidden_initial=True,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, detail: InvoiceLineDetail, **kwargs: Any):
        kwargs["initial"] = _initial(detail)
        super().__init__(*args, **kwargs)
        if detail.transaction_class == TransactionClass.MILESTONE:
            for name in FIXED_BY_CONTRACT:
                del self.fields[name]
        elif detail.retainer_id is not None:
            # How much is applied has a page of its own; what an advance is taxed by does not change.
            for name in (*FIXED_BY_CONTRACT, "billing_type", "item_sales_tax_group"):
                del self.fields[name]
        elif detail.actual is None:
            del self.fields["remainder"]
        else:
            approved = quantity(detail.actual.quantity, detail.unit)
            self.fields["remainder"].help_text = _(
                "Counts when less than the approved %(approved)s are billed."
            ) % {"approved": approved}
        if "quantity" in self.fields and detail.unit == "h":
            self.fields["quantity"] = QuantityOrDurationField(
                label=_("Quantity"), least=2, signed=True, show_hidden_initial=True
            )
        first = "quantity" if "quantity" in self.fields else "external_description"
        self.fields[first].widget.attrs["autofocus"] = True
        # A group can be exchanged but not taken away: posting wants one.
        if "item_sales_tax_group" in self.fields:
            self.fields["item_sales_tax_group"].required = detail.item_sales_tax_group_id is not None
        self.see(detail)

    def changes(self) -> dict[str, Any]:
        """What the user changed, and nothing else, by field."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "seen"}


def _initial(detail: InvoiceLineDetail) -> dict[str, Any]:
    return {
        "quantity": detail.quantity,
        "price": detail.price,
        "billing_type": detail.billing_type,
        "remainder": detail.remainder,
        "item_sales_tax_group": detail.item_sales_tax_group_id,
        "description": detail.description,
        "external_description": detail.external_description,
    }
