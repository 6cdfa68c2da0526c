"""One amount on several values of the financial dimension: read and divided by percents; pure (C4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.durations import Unreadable, read_decimal
from core.money import HUNDRED, ZERO, apportioned, minor_places

BETWEEN = ";"
"""What stands between two values; a comma may be part of a percentage."""


@dataclass(frozen=True)
class LineShare:
    """A value of the financial dimension and its percentage of an amount."""

    dimension: str
    percent: Decimal


def read_shares(text: str, language: str) -> tuple[LineShare, ...]:
    """The shares that somebody typed, as in `north 60; south 40`; none where one value takes everything.

    Raises Unreadable where a percentage is no number of `language`, or nothing stands between the marks.
    """
    if BETWEEN not in text:
        return ()
    shares = []
    for part in (one.strip() for one in text.split(BETWEEN)):
        if part:
            value, _space, percent = part.rstrip("% ").rpartition(" ")
            shares.append(LineShare(value.strip(), read_decimal(percent, language=language)))
    if not shares:
        raise Unreadable("empty", text)
    return tuple(shares)


def missing_percent(shares: Sequence[LineShare]) -> Decimal:
    """What the percentages are short of 100; below zero where they are more."""
    return HUNDRED - sum((one.percent for one in shares), ZERO)


def divided(amount: Decimal, currency: str, shares: Sequence[LineShare]) -> list[Decimal]:
    """The part of each share, in its order: together they are the amount, exactly.

    Each is rounded down to the minor unit; what is left goes to those that lost most by it. A debit and a
    credit of the same size are divided alike. The caller has refused shares that are not above zero.
    """
    weights = {place: one.percent for place, one in enumerate(shares)}
    parts = apportioned(abs(amount), weights, places=minor_places(currency))
    return [part if amount > ZERO else -part for part in parts.values()]
