"""The form field of a day: picked in the browser's own calendar, and one that can be agreed on."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django_filters.fields import DateRangeField

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


class DaySpanField(DateRangeField):
    """A first and a last day, either of them left open."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for edge in self.fields:
            edge.validators.append(possible_day)


class DaySpanFilter(django_filters.DateFromToRangeFilter):
    """A first and a last day, which lists are filtered by; a day that no calendar has is a typing error."""

    field_class = DaySpanField

    def __init__(self, *args: Any, **kwargs: Any):
        widget = django_filters.widgets.DateRangeWidget(attrs={"type": "date"})
        super().__init__(*args, **{"label": _("Date"), "widget": widget, **kwargs})
