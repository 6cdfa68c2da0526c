"""What shall change on several details of a draft at once; what is left empty stays as it is."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.forms.draft import OFFERED
from core.number_inputs import NumberField
from projects.models import ItemSalesTaxGroup

STAYS = ("", _("stays as it is"))


class BulkEditForm(forms.Form):
    """Billing type, tax group, rate set or changed by percent, description on the invoice."""

    price = NumberField(label=_("Set the rate to"), least=2, signed=True, required=False)
    percent = NumberField(
        label=_("Or change it by percent"),
        signed=True,
        required=False,
        help_text=_("10 raises each rate by 10 %, -10 lowers it."),
    )
    billing_type = forms.TypedChoiceField(
        label=_("Billing type"), choices=[STAYS, *OFFERED], coerce=int, empty_value=None, required=False
    )
    item_sales_tax_group = forms.ModelChoiceField(
        label=_("Item sales tax group"),
        queryset=ItemSalesTaxGroup.objects.all(),
        required=False,
        empty_label=STAYS[1],
    )
    external_description = forms.CharField(
        label=_("Description on the invoice"),
        max_length=500,
        required=False,
        empty_value=None,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any] | None:
        """The rate is set, or changed by percent, not both."""
        values = super().clean() or {}
        if values.get("price") is not None and values.get("percent") is not None:
            self.add_error("percent", _("Set the rate or change it by percent, one of them."))
        return values

    def changes(self) -> dict[str, Any]:
        """What was entered, by field of a detail."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("percent", "seen")}

    def by_percent(self) -> Decimal | None:
        """By how much each rate changes."""
        percent: Decimal | None = self.cleaned_data["percent"]
        return percent
