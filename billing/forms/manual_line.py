"""A line that is added to a draft by hand: what was worked or agreed, and is not recorded anywhere."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import InvoiceLine, InvoiceLineDetail, Proforma
from billing.states import BY_HAND
from core.day_inputs import DayField
from core.number_inputs import NumberField, QuantityOrDurationField
from projects.forms.choices import UnitField
from projects.models import ItemSalesTaxGroup, Role, TransactionCategory


class LineField(forms.ModelChoiceField):
    """Lines of a proforma by their names and how they are billed."""

    def label_from_instance(self, obj: Any) -> str:
        """The name and the billing method."""
        return f"{obj.name}, {obj.contract_line.get_billing_method_display()}"


class ManualLineForm(forms.Form):
    """The verb says which classes the contract line includes, and on which days it may be dated."""

    line = LineField(label=_("Contract line"), queryset=InvoiceLine.objects.none(), empty_label=None)
    transaction_class = forms.ChoiceField(
        label=_("Class"), choices=[(one.value, one.label) for one in BY_HAND]
    )
    transaction_date = DayField(label=_("Date"))
    quantity = QuantityOrDurationField(label=_("Quantity"), least=2, signed=True)
    unit = UnitField(label=_("Unit"))
    price = NumberField(label=_("Rate"), least=2, signed=True)
    external_description = forms.CharField(
        label=_("Description on the invoice"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    description = forms.CharField(
        label=_("Internal description"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    item_sales_tax_group = forms.ModelChoiceField(
        label=_("Item sales tax group"),
        queryset=ItemSalesTaxGroup.objects.all(),
        required=False,
        help_text=_("Left empty, that of the category; without a category no tax is taken."),
    )
    role = forms.ModelChoiceField(
        label=_("Role"), queryset=Role.objects.none(), required=False, help_text=_("Needed for time.")
    )
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=TransactionCategory.objects.none(),
        required=False,
        help_text=_("Needed for an expense."),
    )
    product = forms.CharField(
        label=_("Product"), max_length=80, required=False, help_text=_("Needed for material.")
    )

    def __init__(self, *args: Any, proforma: Proforma, **kwargs: Any):
        super().__init__(*args, **kwargs)
        lines = proforma.lines.select_related("contract_line").in_order()
        choices: dict[str, Any] = {
            "line": lines,
            "role": Role.objects.filter(is_closed=False).order_by("name"),
            "category": TransactionCategory.objects.filter(is_closed=False).order_by("name"),
        }
        for name, rows in choices.items():
            cast(forms.ModelChoiceField, self.fields[name]).queryset = rows
        self.fields["price"].label = _("Rate in %(currency)s") % {"currency": proforma.currency}

    def detail(self) -> InvoiceLineDetail:
        """What was typed, as the verb takes it."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "line"}
        category = values["category"]
        if values["item_sales_tax_group"] is None and category is not None:
            values["item_sales_tax_group"] = category.item_sales_tax_group
        return InvoiceLineDetail(**values)
