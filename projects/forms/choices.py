"""Countries and currencies to choose, and units to type, in the reader's language."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any

from babel.core import get_global
from babel.numbers import get_territory_currencies
from django import forms

from core.templatetags.display import locale
from core.units import unit_code, unit_word

COUNTRY_LETTERS = 2
TODAY = date(2026, 1, 1)
"""The day whose countries and currencies are offered."""


def countries() -> Iterator[tuple[str, str]]:
    """Codes of two letters and names, by name: the countries of today, where some money is in use."""
    names = locale().territories
    yield "", ""
    yield from sorted(((code, names[code]) for code in _countries() if code in names), key=itemgetter(1))


@cache
def _countries() -> list[str]:
    """Without what is gone (BU, YU, ZR), what is no country (EU), and what stands for nothing known (ZZ)."""
    replaced = get_global("territory_aliases")
    return [
        code
        for code in get_global("territory_currencies")
        if len(code) == COUNTRY_LETTERS
        and code not in (*replaced, "EU", "ZZ")
        and get_territory_currencies(code, TODAY, TODAY)
    ]


def currencies() -> Iterator[tuple[str, str]]:
    """Codes of the currencies in use, with their names."""
    names = locale().currencies
    used = {
        code
        for territory in get_global("territory_currencies")
        for code in get_territory_currencies(territory, TODAY, TODAY)
    }
    yield "", ""
    yield from ((code, f"{code} {names.get(code, '')}".strip()) for code in sorted(used))


class CountryField(forms.ChoiceField):
    """A country by its code."""

    def __init__(self, **kwargs: object):
        super().__init__(choices=countries, **kwargs)  # type: ignore[arg-type]


class CurrencyField(forms.ChoiceField):
    """A currency by its code."""

    def __init__(self, **kwargs: object):
        super().__init__(choices=currencies, **kwargs)  # type: ignore[arg-type]


class UnitField(forms.CharField):
    """A unit, shown and typed as a word of the reader's language; a known word becomes its code."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_length=10, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """The word of a code."""
        return unit_word(value) if value else value

    def clean(self, value: Any) -> str:
        """The code of a word, or the word itself where nobody knows it."""
        return unit_code(super().clean(value))
