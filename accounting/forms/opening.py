"""The form of a file that brings books from another system: the opening date beside the file (C13)."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.day_inputs import DayField
from projects.forms.record_imports import RecordFileForm


class OpeningFileForm(RecordFileForm):
    """Which file, for which company, and the day on which the books begin here."""

    on = DayField(label=_("Opening date"), help_text=_("The first day of the books here."))
    field_order = ("legal_entity", "on", "file")

    def __init__(self, *args: Any, first_day: date | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        del self.fields["update"]
        self.fields["on"].initial = first_day
