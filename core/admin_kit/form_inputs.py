"""Inputs of admin forms: days and times in the browser's own fields, decimals as plain digits."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from core.day_inputs import DayField, DayInput
from core.fields import FixedPointField
from core.people import person_name

PLAIN_FIGURE = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,9})?")


class ClockInput(forms.TimeInput):
    """A time of day in the browser's own field."""

    input_type = "time"

    def __init__(self, **options: Any):
        super().__init__(format="%H:%M", **options)


class NamedPersonField(forms.ModelChoiceField):
    """A user, by name."""

    def label_from_instance(self, obj: Any) -> str:
        """First and last name, or the user name of who has none."""
        return person_name(obj)


class NamedPeopleField(forms.ModelMultipleChoiceField):
    """Several users, by name."""

    def label_from_instance(self, obj: Any) -> str:
        """First and last name, or the user name of who has none."""
        return person_name(obj)


class PlainDecimal(forms.DecimalField):
    """Digits and one full stop: no exponent, no grouping, no digits of other scripts."""

    def prepare_value(self, value: Any) -> Any:
        """Shown with the digits that count."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) and value.is_finite() else value

    def to_python(self, value: Any) -> Any:
        """Refuse what Python would read as a number and a person would not."""
        if value not in self.empty_values and not PLAIN_FIGURE.fullmatch(str(value).strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


INPUTS: Mapping[type[Any], Mapping[str, Any]] = {
    models.DateField: {"form_class": DayField, "widget": DayInput},
    models.TimeField: {"widget": ClockInput},
    FixedPointField: {"form_class": PlainDecimal},
}
