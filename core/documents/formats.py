"""Numbers, money, dates and names as a customer reads them: CLDR formats, nothing rounded, nothing hidden.

Pure: no Django, no database. Rounding happened in core/money.py; a figure with more places than its
currency has is shown with all of them, because a printed sum must be the sum of what is printed.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from babel import Locale, localedata
from babel.dates import format_date, format_interval
from babel.numbers import format_currency, format_decimal

from core.money import minor_places

NBSP = "\u00a0"
MINUS = "\u2212"
BREAK = "\u200b"
ELLIPSIS = "\u2026"

WIDEST_FIGURE = 30
"""Digits before the point of the largest figure that is printed; beyond it the data is broken, not large."""

IBAN_ON_A_LINE = 24

# CLDR's plain "en" is American; documents are in British English where no region is given.
HOME_REGION = {"en": "GB"}

# Overrides and isolates turn the reading order round: an amount or an account number could be made to lie.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Controls, surrogates, private and unassigned code points: no font draws them.
UNDRAWN = frozenset({"Cc", "Cs", "Co", "Cn"})


@dataclass(frozen=True, slots=True)
class Formats:
    """The formats of one locale for one currency; `locale` is a CLDR name such as de_CH."""

    locale: str
    currency: str

    @classmethod
    def of(cls, language: str, region: str, currency: str) -> "Formats":
        """Formats of a language in a region; a pair that CLDR does not know falls back to the language."""
        tag = f"{language}_{region or HOME_REGION.get(language, '')}".rstrip("_")
        return cls(tag if localedata.exists(tag) else language, currency)

    def number(self, value: Decimal, least_places: int) -> str:
        """Grouped figure with at least so many decimals; all of them when there are more."""
        with localcontext(prec=100):
            pattern = "#,##0" + _fraction(value, least_places)
            return format_decimal(value + 0, pattern, locale=self.locale).replace("-", MINUS)

    def count(self, value: int) -> str:
        """Grouped whole number."""
        return self.number(Decimal(value), 0)

    def quantity(self, value: Decimal) -> str:
        """Quantity with two decimals or more."""
        return self.number(value, 2)

    def amount(self, value: Decimal) -> str:
        """Amount or price without its currency, in the currency's places or more."""
        return self.number(value, minor_places(self.currency))

    def money(self, value: Decimal) -> str:
        """Amount with its currency where the locale puts it; never breaks over a line."""
        with localcontext(prec=100):
            fraction = _fraction(value, minor_places(self.currency))
            pattern = Locale.parse(self.locale).currency_formats["standard"].pattern.replace(".00", fraction)
            text = format_currency(
                value + 0, self.currency, pattern, locale=self.locale, currency_digits=False
            )
        # A bare code in front of figures runs into them: EUR1 000 (CLDR currency spacing).
        return re.sub(rf"^(-?{self.currency})(?=[-\d])", rf"\1{NBSP}", text).replace("-", MINUS)

    def percent(self, rate: Decimal) -> str:
        """Rate in percent; 19 prints as 19 % in German and as 19% in English."""
        pattern = Locale.parse(self.locale).percent_formats[None]
        return f"{pattern.prefix[0]}{self.number(rate, 0)}{pattern.suffix[0]}"

    def day(self, day: date) -> str:
        """Medium date; never breaks over a line."""
        return format_date(day, "medium", locale=self.locale).replace(" ", NBSP)

    def month(self, day: date) -> str:
        """The month of a day with its year, as a name that stands alone."""
        return str(format_date(day, "LLLL y", locale=self.locale))

    def period(self, first: date, last: date) -> str:
        """From the first day to the last, common parts written once; breaks at its dash only."""
        skeleton = "yMd" if self.locale.startswith("de") else "yMMMd"
        if first == last:
            return self.day(first)
        text: str = format_interval(first, last, skeleton, locale=self.locale)
        return text.replace("\u2009", "").replace(" ", NBSP)


def country_name(code: str, language: str) -> str:
    """The name of a country in a language, by its ISO code; a code that CLDR does not know stays as it is."""
    name: str | None = Locale.parse(language.replace("-", "_")).territories.get(code.upper())
    return name or code


def _fraction(value: Decimal, least_places: int) -> str:
    """Decimal part of a number pattern that shows the value in full; refuses what is no amount."""
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() >= WIDEST_FIGURE:
        raise ValueError(f"{value!r} is not a figure that can be printed: a finite Decimal is needed")
    exponent = value.normalize().as_tuple().exponent
    places = max(least_places, -int(exponent))
    return "." + "0" * places if places else ""


def clean(text: str) -> str:
    """The text on one line, as it was written, without code points that cannot be drawn or that mislead."""
    kept = (" " if char.isspace() and char != NBSP else char for char in text)
    return "".join(
        char for char in kept if char not in BIDI_CONTROLS and unicodedata.category(char) not in UNDRAWN
    ).strip()


def clip(text: str, limit: int) -> str:
    """The cleaned text, shortened to `limit` characters with an ellipsis when it is longer."""
    text = clean(text)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def breakable(text: str, longest: int) -> str:
    """The text with invisible places to break in words longer than `longest`; a hyphen is one anyway."""
    return re.sub(rf"[^\s-]{{{longest + 1},}}", lambda word: BREAK.join(_pieces(word.group(), 6)), text)


def grouped_iban(iban: str) -> str:
    """An IBAN in groups of four, on one line where it fits; any other account number as it was written."""
    bare = re.sub(r"\s", "", clean(iban)).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", bare):
        return clip(iban, 40)
    return (NBSP if len(bare) <= IBAN_ON_A_LINE else " ").join(_pieces(bare, 4))


def _pieces(text: str, size: int) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]
