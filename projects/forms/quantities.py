"""A quantity as people type it."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.money import hours_of
from core.templatetags.display import plain

DECIMAL = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,4})?")
CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9])")


class QuantityFormField(forms.Field):
    """A quantity typed as 7.5, 7,5 or 7:30; a Decimal with at most four places."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {"invalid": _("Write a quantity such as 7.5, 7,5 or 7:30.")}

    def to_python(self, value: Any) -> Decimal | None:
        """The quantity; minutes are turned into parts of an hour, the only rounding there is."""
        text = str(value or "").strip()
        if not text:
            return None
        if clock := CLOCK.fullmatch(text):
            return hours_of(int(clock[1]), int(clock[2]))
        if not DECIMAL.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], "invalid")
        return Decimal(text.replace(",", "."))

    def prepare_value(self, value: Any) -> Any:
        """Written back without zeros that nobody typed."""
        return plain(value.normalize()) if isinstance(value, Decimal) else value
