"""What an approver writes: why something goes back, and what will be billed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.number_inputs import QuantityOrDurationField
from projects.states import BillingType

# What no contract line includes is not available; nobody chooses that.
BILLING_TYPES = [(one.value, one.label) for one in BillingType if one != BillingType.NOT_AVAILABLE]


class ReturnForm(forms.Form):
    """The reason that goes back with the entries."""

    comment = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown beside the entries to whoever submitted them."),
    )


class TermsForm(forms.Form):
    """What will be billed of one submission."""

    billable_quantity = QuantityOrDurationField(
        label=_("Billable quantity"), help_text=_("The rest is recorded as non-chargeable.")
    )
    billing_type = forms.TypedChoiceField(label=_("Billing type"), coerce=int, choices=BILLING_TYPES)


class ReasonForm(forms.Form):
    """Why an approval is cancelled, or why an entry stays approved."""

    comment = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is kept in the history of each entry."),
    )


class CommentForm(forms.Form):
    """What the approver says about a decision; needed where the approval policy holds the entry."""

    needed = ("comment",)
    comment = forms.CharField(
        label=_("Comment"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed to approve what the policy holds, and to send an entry back."),
    )


class RecallForm(forms.Form):
    """Why somebody wants an approved entry back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The approver reads it and decides."),
    )
