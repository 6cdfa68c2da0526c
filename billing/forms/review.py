"""Who is asked to look at proformas, and what is answered."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from billing.models import Proforma
from billing.second_person import who_may_confirm
from core.people import person_name


class ReviewerField(forms.ModelChoiceField):
    """People by their names."""

    def label_from_instance(self, obj: Any) -> str:
        """The person's name."""
        return person_name(obj)


class AskReviewForm(forms.Form):
    """Somebody else who may confirm all of the proformas, and what they should look at."""

    reviewer = ReviewerField(label=_("Who is asked"), queryset=User.objects.none(), empty_label=None)
    note = forms.CharField(
        label=_("What to look at"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, proformas: Sequence[Proforma], asker: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        people = who_may_confirm(proformas).exclude(pk=asker.pk)
        cast(ReviewerField, self.fields["reviewer"]).queryset = people


class AnswerForm(forms.Form):
    """What whoever was asked says."""

    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
