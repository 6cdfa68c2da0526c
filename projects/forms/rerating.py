"""What is chosen to price unbilled work again: which work, whose prices, and why."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.access import sees_whole_entity
from projects.forms.price_lists import day_field
from projects.models import PriceList, Project, ProjectContract
from projects.rerating_scope import Scope


class ScopeForm(forms.Form):
    """A price list, a contract or a project, and days; `user` is who may see what is offered."""

    price_list = forms.ModelChoiceField(
        label=gettext_lazy("Price list"), queryset=PriceList.objects.none(), required=False
    )
    contract = forms.ModelChoiceField(
        label=gettext_lazy("Contract"), queryset=ProjectContract.objects.none(), required=False
    )
    project = forms.ModelChoiceField(
        label=gettext_lazy("Project"), queryset=Project.objects.none(), required=False
    )
    first = day_field(gettext_lazy("Work from"))
    last = day_field(gettext_lazy("Work to"))
    every_day = forms.BooleanField(
        label=gettext_lazy("Use the prices of this list for work of every day"),
        required=False,
        help_text=gettext_lazy("Otherwise work has the price of its own day."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        contracts = ProjectContract.objects.visible_to(user).order_by("number")
        if not sees_whole_entity(user):
            contracts = contracts.filter(manager=user)
        self._offer("price_list", PriceList.objects.visible_to(user).order_by("name"))
        self._offer("contract", contracts)
        self._offer("project", Project.objects.visible_to(user).order_by("number"))

    def _offer(self, name: str, rows: Any) -> None:
        cast(forms.ModelChoiceField, self.fields[name]).queryset = rows

    def clean(self) -> dict[str, Any] | None:
        """Something is chosen, days are in order, and prices for every day are those of a list."""
        chosen = self.cleaned_data
        if not self.errors and not any(chosen.get(name) for name in ("price_list", "contract", "project")):
            self.add_error("price_list", _("Choose a price list, a contract or a project."))
        first, last = chosen.get("first"), chosen.get("last")
        if first and last and last < first:
            self.add_error("last", _("Choose a last day on or after the first."))
        if chosen.get("every_day") and not chosen.get("price_list"):
            self.add_error("price_list", _("Choose the list whose prices are used."))
        return chosen

    def scope(self) -> Scope:
        """What was chosen, of a valid form."""
        return Scope(**self.cleaned_data)


class RerateForm(forms.Form):
    """Why, and what the preview showed."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("It is kept in the history of each entry."),
    )
    expected = forms.CharField(widget=forms.HiddenInput, required=False)
