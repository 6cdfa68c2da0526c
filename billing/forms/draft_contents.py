"""What is asked about the contents of a draft: where details move, its dates, its next cut-off."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import Proforma
from core.day_inputs import DayField
from core.pages.keep_mine import SeenForm
from core.templatetags.display import day as written
from core.templatetags.display import money

NEW = ""


def draft_choice(draft: Proforma) -> tuple[str, str]:
    """A draft as a choice: its number, and the date and sum by which people know it."""
    amount, until = money(draft.net, draft.currency), written(draft.cut_off_date)
    label = _("Add to %(number)s: %(amount)s net so far, work up to %(until)s")
    return draft.number, str(label % {"number": draft.number, "amount": amount, "until": until})


class TargetForm(forms.Form):
    """The draft that details move to, or a new one."""

    target = forms.ChoiceField(label=_("Where they go"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, drafts: Sequence[Proforma], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [  # type: ignore[attr-defined]
            *map(draft_choice, drafts),
            (NEW, _("A new draft with the same dates")),
        ]
        self.fields["target"].initial = drafts[0].number if drafts else NEW


class HeadingForm(SeenForm):
    """The dates of a draft, and what is printed below its title."""

    invoice_date = DayField(
        label=_("Invoice date"), help_text=_("The date of the invoice and of its accounting.")
    )
    cut_off = DayField(label=_("Work up to"), help_text=_("Work dated later waits for the next invoice."))
    description = forms.CharField(
        label=_("Description"),
        max_length=160,
        required=False,
        help_text=_("Printed below the title, for example what the customer calls this invoice."),
    )

    def __init__(self, *args: Any, draft: Proforma, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.draft = draft
        self.see(draft)

    def changes(self) -> dict[str, Any]:
        """What differs from the draft; None stays as it is."""
        values = self.cleaned_data
        now = {
            "invoice_date": self.draft.invoice_date,
            "cut_off": self.draft.cut_off_date,
            "description": self.draft.description,
        }
        return {name: values[name] if values[name] != now[name] else None for name in now}


class RefreshForm(forms.Form):
    """Through which day a draft takes what is ready."""

    cut_off = DayField(
        label=_("Take work up to"), help_text=_("Not after the invoice date. Work dated later waits.")
    )


class OpenDayForm(forms.Form):
    """The first open day, as the page offered it."""

    day = DayField(label=_("Invoice date"))
