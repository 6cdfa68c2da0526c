"""What is typed about price lists themselves: names, kinds and days."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy

from core.day_inputs import DayField, DayInput
from projects.access import sees_cost, sees_whole_entity
from projects.models import LegalEntity, ProjectContract
from projects.states import PriceContext

CURRENCY_CODE = RegexValidator(r"^[A-Z]{3}\Z", gettext_lazy("Use three capital letters, such as EUR."))


def day_field(label: Any, **options: Any) -> DayField:
    """A day that may stay empty."""
    return DayField(label=label, widget=DayInput(attrs={"class": "input"}), required=False, **options)


class PriceListDaysForm(forms.Form):
    """Name, first and last day."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    starts_on = day_field(gettext_lazy("Valid from"))
    ends_on = day_field(gettext_lazy("Valid to"))


class CopyPriceListForm(PriceListDaysForm):
    """A copy starts on a day, the day after the last one of the list that is copied."""

    field_order = ("name", "starts_on", "ends_on")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].required = True


class NewPriceListForm(PriceListDaysForm):
    """A new list; managers make lists of contracts they manage, accountants any."""

    legal_entity = forms.ModelChoiceField(
        label=gettext_lazy("Legal entity"), queryset=LegalEntity.objects.none(), empty_label=None
    )
    context = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PriceContext.choices)
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        max_length=3,
        validators=[CURRENCY_CODE],
        help_text=gettext_lazy("It cannot be changed later; another currency needs another list."),
    )
    contract = forms.ModelChoiceField(
        label=gettext_lazy("Only for contract"), queryset=ProjectContract.objects.none(), required=False
    )
    ends_earlier = forms.BooleanField(
        label=gettext_lazy("End the list before it"),
        required=False,
        help_text=gettext_lazy("A list of the same kind that holds on its first day ends on the day before."),
    )
    field_order = (
        *("name", "context", "currency", "contract", "starts_on", "ends_on", "ends_earlier", "legal_entity"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        entities = LegalEntity.objects.visible_to(user)
        cast(forms.ModelChoiceField, self.fields["legal_entity"]).queryset = entities
        contracts = ProjectContract.objects.visible_to(user).order_by("number")
        field = cast(forms.ModelChoiceField, self.fields["contract"])
        if not sees_whole_entity(user):
            contracts = contracts.filter(manager=user)
            field.required, field.empty_label = True, None
        field.queryset = contracts
        if not sees_cost(user):
            sales = (PriceContext.SALES.value, PriceContext.SALES.label)
            cast(forms.ChoiceField, self.fields["context"]).choices = [sales]
