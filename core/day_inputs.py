"""The form field of a day: picked in the browser's own calendar, and one that can be agreed on."""

from typing import Any, ClassVar

from django import forms

from core.days import possible_day


class DayInput(forms.DateInput):
    """A day picked in the browser's own calendar and sent as 2026-11-30."""

    input_type = "date"

    def __init__(self, **options: Any):
        super().__init__(format="%Y-%m-%d", **options)


class DayField(forms.DateField):
    """A day from 1900 to 2199; what lies outside is a typing error, and every form says so alike."""

    widget = DayInput
    default_validators: ClassVar = [possible_day]
