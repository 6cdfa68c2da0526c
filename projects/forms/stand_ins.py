"""Who stands in for an approver, and when."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField, DayInput
from core.people import person_name
from projects.access import people_visible_to


class PersonField(forms.ModelChoiceField):
    """A person by the full name."""

    def label_from_instance(self, obj: Any) -> str:
        """The full name, or the user name where there is none."""
        return person_name(obj)


def _day(label: Any) -> DayField:
    return DayField(label=label, widget=DayInput(attrs={"class": "day"}))


class StandInForm(forms.Form):
    """A colleague, the first and the last day."""

    stand_in = PersonField(
        label=_("Stand-in"),
        queryset=User.objects.none(),
        help_text=_("Decides in your place, except about their own work and yours."),
    )
    starts_on = _day(_("From"))
    ends_on = _day(_("To, included"))

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        colleagues = people_visible_to(user).exclude(pk=user.pk).filter(is_active=True)
        people = colleagues.order_by("last_name", "first_name", "username")
        self.fields["stand_in"].queryset = people  # type: ignore[attr-defined]
