"""Up to when work goes in, and which date the invoices carry, for proformas from many contracts."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField, DayInput


class BulkDraftForm(forms.Form):
    """Two days: work dated after the first stays behind, the second is the date of the invoices."""

    cut_off = DayField(
        label=_("Work up to"),
        widget=DayInput(attrs={"class": "day"}),
        help_text=_("Work dated later stays in the backlog."),
    )
    invoice_date = DayField(
        label=_("Invoice date"),
        widget=DayInput(attrs={"class": "day"}),
        help_text=_("Not before the last day of the work."),
    )

    def clean(self) -> dict[str, Any]:
        """An invoice is not dated before the work on it."""
        cleaned = super().clean() or self.cleaned_data
        cut_off, day = cleaned.get("cut_off"), cleaned.get("invoice_date")
        if cut_off and day and cut_off > day:
            self.add_error(
                "invoice_date", _("Choose an invoice date that is not before the last day of the work.")
            )
        return cleaned

    def days(self) -> tuple[date, date] | None:
        """Cut-off and invoice date to preview with: those that were sent, else those proposed."""
        if not self.is_bound:
            return self.initial["cut_off"], self.initial["invoice_date"]
        return (self.cleaned_data["cut_off"], self.cleaned_data["invoice_date"]) if self.is_valid() else None
