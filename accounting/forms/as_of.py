"""Which past day is shown, of which company, and as it was known when (X3)."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from accounting.as_of import AsOf
from accounting.states import StandingKind
from core.day_inputs import DayField
from projects.models import LegalEntity

EFFECTIVE, KNOWN = "effective", "known"


class AsOfForm(forms.Form):
    """The day, the view of it, and whose rows are listed."""

    company = forms.ModelChoiceField(LegalEntity.objects.none(), label=_("Company"), empty_label=None)
    day = DayField(label=_("End of the day"))
    view = forms.ChoiceField(
        label=_("As known"),
        choices=[(EFFECTIVE, _("Today")), (KNOWN, _("On that day"))],
        required=False,
    )
    show = forms.ChoiceField(
        label=_("Rows of"), choices=StandingKind.choices, required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = today
        companies = LegalEntity.objects.visible_to(user).order_by("pk")
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]

    def clean_day(self) -> date:
        """Nothing has stood on a day that is still to come."""
        chosen: date = self.cleaned_data["day"]
        if chosen > self.today:
            message = _("This day is still to come. Choose today or a day before.")
            raise forms.ValidationError(message, "day-to-come")
        return chosen

    def clean_show(self) -> StandingKind:
        """The backlog, where nothing is chosen."""
        return StandingKind(self.cleaned_data["show"] or StandingKind.BACKLOG)

    @property
    def chosen(self) -> AsOf:
        """The day that is asked for."""
        return AsOf(
            self.cleaned_data["company"], self.cleaned_data["day"], self.cleaned_data["view"] == KNOWN
        )
