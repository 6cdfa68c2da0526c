"""Why something is held back, and the date of the invoices to be drafted."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField, DayInput
from projects.models.backlog import LONGEST_DESCRIPTION
from projects.states import DECIDED_TYPES, HoldReason

REASONS = [(one.value, one.label) for one in HoldReason if one != HoldReason.NONE]


class NotReadyForm(forms.Form):
    """Take ready entries back; with a reason they are on hold and say so."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("No reason: just not ready yet")), *REASONS], required=False
    )


class HoldForm(forms.Form):
    """Why entries are on hold, and when somebody looks at them again."""

    reason = forms.ChoiceField(label=_("On hold because"), choices=REASONS, initial=HoldReason.WAITING)
    review_on = DayField(
        label=_("Look at it again on"),
        required=False,
        widget=DayInput(attrs={"class": "day"}),
        help_text=_("From that day on it stands under “To look at” and is counted on the overview."),
    )


class BillingTypeForm(forms.Form):
    """What unbilled work becomes, and why."""

    billing_type = forms.TypedChoiceField(
        # Nothing is chosen at first: what the rows are already would be offered as if it were a change.
        label=_("Billing type"),
        choices=[("", _("Choose a billing type")), *((one.value, one.label) for one in DECIDED_TYPES)],
        coerce=int,
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("It is kept in the history of each entry.")
    )


class DescribeForm(forms.Form):
    """What invoices will say of unbilled work."""

    text = forms.CharField(
        label=_("Description on the invoice"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Left empty, the invoice says what was recorded."),
    )


class DraftForm(forms.Form):
    """The date that the drafts will carry; work dated later stays behind."""

    invoice_date = DayField(
        label=_("Invoice date"),
        widget=DayInput(attrs={"class": "day"}),
        help_text=_("Work dated later stays in the backlog."),
    )

    def preview_date(self) -> date | None:
        """The date to preview with: the one that was sent, else the one proposed."""
        if self.is_bound and self.is_valid() and "invoice_date" in self.cleaned_data:
            day: date = self.cleaned_data["invoice_date"]
            return day
        return self.initial.get("invoice_date")
