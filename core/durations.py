"""Pure: the one strict reader of numbers and durations, for forms, imports and every other entrance.

People write 7.5, 7,5, 7:30, 7h30 or 90m. What has one reading is read, what has two is asked (A8, X8).
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from core.money import STORED_PLACES, hours_of

COMMA_LANGUAGES = frozenset({"de", "id"})
"""Languages that write 1.234,50; the others write 1,234.50."""

MOST_WHOLE_DIGITS = 11
"""Digits before the point of a number that is stored: with four places, a bigint holds whatever they are."""

MOST_HOURS = Decimal(99_999)
"""Hours of one duration; more is a slip, and its seconds would not fit into an integer."""

SECONDS_OF_HOUR = 3600

MINUSES = frozenset("-\u2212\u2013")
NO_READING = frozenset({"nan", "inf", "infinity"})
EXPONENT = re.compile(r"[0-9.,]*[0-9][.,]?[eE][+-]?[0-9]+")
SHAPE = re.compile(r"[0-9]*([.,][0-9]+)*")
GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}(\1[0-9]{3})*")
CLOCK = re.compile(r"([0-9]+):([0-9]+)(?::([0-9]+))?")
HOURS_AND_MINUTES = re.compile(r"([0-9]+) ?h ?(?:([0-9]+) ?m(?:in)?|([0-9]{2}))")
HOURS = re.compile(r"([0-9.,]+) ?h")
MINUTES = re.compile(r"([0-9]+) ?m(?:in)?")


@dataclass(frozen=True)
class Duration:
    """Hours to four places, and the whole seconds that were meant where the text says whole seconds.

    20 minutes are 0.3333 h and exactly 1,200 seconds; 0.3333 typed as a number has no whole seconds.
    """

    quantity: Decimal
    seconds: int | None


class Unreadable(ValueError):
    """A text that is no number or duration, or more than one; `code` says why.

    `readings` are texts with one meaning, to write instead; `limit` is what fits, where something does not.
    """

    def __init__(self, code: str, text: str, *, readings: tuple[str, ...] = (), limit: str = ""):
        super().__init__(f"{code}: {text!r}")
        self.code, self.text, self.readings, self.limit = code, text, readings, limit


def read_decimal(text: str, *, language: str, places: int = STORED_PLACES, signed: bool = False) -> Decimal:
    """The number that a text says, exact, with at most `places` decimal places.

    Both 7.5 and 7,5 are read in every language. Three digits after one mark that groups thousands in
    `language` (1.234 in German) have two readings and are refused with both. Raises Unreadable: empty,
    other-digits, space-inside, negative, exponent, not-finite, not-a-number, ambiguous, too-large,
    too-many-places (A8, X8).
    """
    bare = _bare(text)
    if bare[:1] in MINUSES and bare[1:]:
        if not signed:
            raise Unreadable("negative", text)
        return -read_decimal(bare[1:], language=language, places=places)
    if " " in bare and SHAPE.fullmatch(bare.replace(" ", "")):
        raise Unreadable("space-inside", text)
    if bare.lower().lstrip("+") in NO_READING:
        raise Unreadable("not-finite", text)
    if EXPONENT.fullmatch(bare):
        raise Unreadable("exponent", text)
    if not SHAPE.fullmatch(bare):
        raise Unreadable("not-a-number", text)
    return _fitting(_plain(bare, text, language, places), text, places)


def read_duration(text: str, *, language: str) -> Duration:
    """A duration as hours to four places, and its exact seconds.

    7.5, 7,5, 7:30, 7h30, 7h, 7.5h, 90m, 1h 15m and 0:20:30 are read; the only rounding is that of minutes
    and seconds to hours of four places. Raises Unreadable: those of `read_decimal`, minutes-not-possible,
    not-a-duration (A8, X8).
    """
    bare = _bare(text).lower()
    if clock := CLOCK.fullmatch(bare):
        return _of_parts(clock[1], clock[2], clock[3] or "00", text)
    if parts := HOURS_AND_MINUTES.fullmatch(bare):
        return _of_parts(parts[1], (parts[2] or parts[3]).zfill(2), "00", text)
    if minutes := MINUTES.fullmatch(bare):
        return _of_seconds(_whole(minutes[1]) * 60, text)
    hours = HOURS.fullmatch(bare)
    try:
        quantity = read_decimal(hours[1] if hours else bare, language=language)
    except Unreadable as error:
        code = "not-a-duration" if error.code == "not-a-number" else error.code
        raise Unreadable(code, text, readings=error.readings, limit=error.limit) from error
    if quantity > MOST_HOURS:
        raise Unreadable("too-large", text, limit=f"{MOST_HOURS}")
    seconds = quantity * SECONDS_OF_HOUR
    # 7.5 h are 27,000 seconds; 0.3333 h are no whole number of them, and none is made up.
    return Duration(quantity, int(seconds) if seconds == seconds.to_integral_value() else None)


def uses_comma(language: str) -> bool:
    """Whether a language writes a comma before the decimals and groups thousands with a full stop."""
    return language.partition("-")[0] in COMMA_LANGUAGES


def _bare(text: str) -> str:
    """The text without blanks around it and with plain ones inside; digits of other scripts are refused."""
    bare = re.sub(r"\s", " ", text).strip()
    if not bare:
        raise Unreadable("empty", text)
    # Python would read an Arabic digit, a full-width one or a superscript as a number without a word.
    if any(unicodedata.category(char) in ("Nd", "Nl", "No") and not char.isascii() for char in bare):
        raise Unreadable("other-digits", text)
    return bare


def _plain(bare: str, text: str, language: str, places: int) -> str:
    """Digits with a full stop before the decimals and no grouping."""
    marks = [char for char in bare if char in ".,"]
    group, point = (".", ",") if uses_comma(language) else (",", ".")
    if marks == [group] and GROUPED.fullmatch(bare):
        whole, decimals = bare.split(group)
        readings = (whole + decimals, f"{whole}{point}{decimals[: min(places, 3)]}")
        raise Unreadable("ambiguous", text, readings=readings)
    if len(marks) <= 1:
        return bare.replace(",", ".")
    last = marks[-1]
    # Two different marks, the last of them once: it stands before the decimals and the others group.
    if marks.count(last) == 1:
        whole, decimals = bare.split(last)
        if GROUPED.fullmatch(whole):
            return f"{whole.replace(marks[0], '')}.{decimals}"
    elif GROUPED.fullmatch(bare):
        return bare.replace(last, "")
    raise Unreadable("not-a-number", text)


def _fitting(plain: str, text: str, places: int) -> Decimal:
    whole, _point, decimals = plain.partition(".")
    if len(whole.lstrip("0")) > MOST_WHOLE_DIGITS:
        raise Unreadable("too-large", text, limit="9" * MOST_WHOLE_DIGITS)
    if len(decimals.rstrip("0")) > places:
        raise Unreadable("too-many-places", text, limit=str(places))
    return Decimal(f"{whole or 0}.{decimals[:places]}") if decimals[:places] else Decimal(whole)


def _of_parts(hours: str, minutes: str, seconds: str, text: str) -> Duration:
    # 7:5 may be 7:05 or 7:50, and 7:75 is nothing at all.
    if any(len(part) != 2 or int(part) >= 60 for part in (minutes, seconds)):  # noqa: PLR2004 - of a clock
        raise Unreadable("minutes-not-possible", text)
    return _of_seconds((_whole(hours) * 60 + int(minutes)) * 60 + int(seconds), text)


def _whole(digits: str) -> int:
    # Cut before it is counted: a number of a million digits is too large whatever the rest of it says.
    return int(digits.lstrip("0")[: MOST_WHOLE_DIGITS + 1] or 0)


def _of_seconds(seconds: int, text: str) -> Duration:
    if seconds > MOST_HOURS * SECONDS_OF_HOUR:
        raise Unreadable("too-large", text, limit=f"{MOST_HOURS}")
    return Duration(hours_of(seconds), seconds)
