"""Form fields of numbers and durations: typed and shown as the language of the page writes them."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.durations import (
    SECONDS_OF_HOUR,
    Duration,
    Unreadable,
    read_decimal,
    read_duration,
    uses_comma,
)
from core.money import STORED_PLACES, is_share
from core.number_errors import sentence_of


class NumberField(forms.Field):
    """A number in the language of the page; a Decimal of at most `places` places, never guessed."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, places: int = STORED_PLACES, least: int = 0, signed: bool = False, **kwargs: Any):
        """`least` is the fewest decimals that are shown; `signed` leaves a minus to the verb."""
        super().__init__(**kwargs)
        self.places, self.least, self.signed = places, least, signed

    def to_python(self, value: Any) -> Any:
        """Read what was typed; errors say what to write instead."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return self.read(text, get_language() or "")
        except Unreadable as error:
            raise ValidationError(sentence_of(error), error.code) from error

    def read(self, text: str, language: str) -> Any:
        """What the text says. Raises Unreadable."""
        return read_decimal(text, language=language, places=self.places, signed=self.signed)

    def prepare_value(self, value: Any) -> Any:
        """Written so that reading it again gives the same number, without zeros that nobody typed."""
        return typed(value, self.least) if isinstance(value, Decimal) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another number was typed; another way to write the same one is no change."""
        try:
            return bool(self.to_python(self.prepare_value(initial)) != self.to_python(data))
        except ValidationError:
            return True


class SharePercentField(NumberField):
    """A percentage of a whole: more than 0 and at most 100."""

    def validate(self, value: Any) -> None:
        """Refuse what is no part of a whole. Raises ValidationError: share-out-of-range."""
        super().validate(value)
        if value is not None and not is_share(value):
            raise ValidationError(_("Type more than 0 and at most 100 percent."), "share-out-of-range")


class QuantityOrDurationField(NumberField):
    """A quantity in any unit, where hours may be typed as a duration: 7:30 is 7.5."""

    def read(self, text: str, language: str) -> Any:
        """The quantity; minutes are turned into parts of an hour."""
        if text[:1] in "-\u2212" and self.signed:
            return super().read(text, language)
        return read_duration(text, language=language).quantity


class DurationField(NumberField):
    """Hours typed as 7.5, 7,5, 7:30, 7h30 or 90m; a Duration with its exact seconds."""

    def read(self, text: str, language: str) -> Any:
        """The duration, with hours to four places and its seconds."""
        return read_duration(text, language=language)

    def prepare_value(self, value: Any) -> Any:
        """Hours as a number of the page's language; as 0:20 where four places are not exact."""
        if not isinstance(value, Duration):
            return super().prepare_value(value)
        exact = value.quantity * SECONDS_OF_HOUR
        if value.seconds is None or value.seconds == exact:
            return super().prepare_value(value.quantity)
        minutes, seconds = divmod(value.seconds, 60)
        clock = f"{minutes // 60}:{minutes % 60:02}"
        return f"{clock}:{seconds:02}" if seconds else clock


def typed(value: Decimal, least: int = 0) -> str:
    """A number as somebody would type it: `least` decimals or as many as count, no grouping."""
    places = max(least, -int(value.normalize().as_tuple().exponent))
    text = f"{value:.{places}f}"
    return text.replace(".", ",") if uses_comma(get_language() or "") else text
