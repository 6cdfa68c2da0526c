"""What is asked for a run by hand: which job, for which date."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from billing.models import BatchJob
from core.day_inputs import DayField


class RunForm(forms.Form):
    """A job of the user's legal entities and the date up to which it bills."""

    job = forms.ModelChoiceField(label=_("Job"), queryset=BatchJob.objects.none(), empty_label=None)
    business_date = DayField(
        label=_("For the date"),
        help_text=_("Everything due up to this day is billed, missed days included."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        jobs = BatchJob.objects.visible_to(user).filter(is_active=True).select_related("legal_entity")
        cast(forms.ModelChoiceField, self.fields["job"]).queryset = jobs
