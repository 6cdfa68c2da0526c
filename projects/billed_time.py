"""Pure: how much of recorded time is billed where a contract line has billing increments or days (A11).

Hours are exact fractions: twenty minutes are a third of an hour, and no step in between rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

UP, NEAREST = "up", "nearest"
NOTHING, HALF, WHOLE = Fraction(0), Fraction(1, 2), Fraction(1)


@dataclass(frozen=True)
class BillingSteps:
    """How a line bills time: in increments of `minutes`, in days of `day_hours`, or without both as recorded.

    `is_by_day`: all time of a person's day is rounded together, not each entry; always so with days.
    """

    minutes: int | None = None
    rule: str = UP
    is_by_day: bool = False
    day_hours: Decimal | None = None

    @property
    def is_stepped(self) -> bool:
        """Whether time is billed otherwise than as it was recorded."""
        return self.minutes is not None or self.day_hours is not None

    def billed(self, hours: Fraction) -> Fraction:
        """What is billed of these hours: hours, or half a day or one day.

        Up to half the hours of a day is half a day, more is a day. Rounding to the nearest rounds halves up.
        """
        # Negative hours are not rounded: they take back what was billed.
        if hours <= 0:
            return hours
        if self.day_hours is not None:
            return HALF if hours <= Fraction(self.day_hours) / 2 else WHOLE
        if self.minutes is not None:
            count = hours / Fraction(self.minutes, 60)
            whole = -(-count // 1) if self.rule == UP else (count + HALF) // 1
            return Fraction(whole * self.minutes, 60)
        return hours


@dataclass(frozen=True)
class DaySoFar:
    """Hours of the earlier entries of a person's day, and how much of them was billed."""

    hours: Fraction = NOTHING
    billed: Fraction = NOTHING


@dataclass(frozen=True)
class Billed:
    """What is billed of one entry, and its unbilled rest; both in the unit that is billed."""

    billed: Fraction
    rest: Fraction = NOTHING


def billed_by_entry(steps: BillingSteps, hours: Fraction) -> Billed:
    """What is billed of an entry by itself."""
    billed = steps.billed(hours)
    is_in_hours = steps.day_hours is None
    return Billed(billed, max(hours - billed, NOTHING) if is_in_hours and hours > 0 else NOTHING)


def billed_by_day(steps: BillingSteps, before: DaySoFar, recorded: Sequence[Fraction]) -> list[Billed]:
    """What is billed of a person's entries of one day, in their order, after what was billed before.

    The whole day is rounded together. In hours, entries are billed as recorded until the rounded total is
    reached: the last one gets what rounding up adds, and the last ones keep an unbilled rest where it rounds
    down. An entry whose time was billed with an earlier one is billed at zero without a rest.
    """
    if steps.day_hours is not None:
        return _days(steps, before, recorded)
    total = before.hours + sum(recorded)
    target = steps.billed(total)
    left = max(target - before.billed, NOTHING)
    parts: list[Fraction] = []
    for hours in recorded:
        parts.append(min(hours, left))
        left -= parts[-1]
    parts[-1] += left
    # How much more of the day is unbilled than before these entries.
    unbilled = _unbilled(total, before.billed + sum(parts)) - _unbilled(before.hours, before.billed)
    rests: list[Fraction] = []
    for hours, part in zip(reversed(recorded), reversed(parts), strict=True):
        rests.append(max(min(hours - part, unbilled), NOTHING))
        unbilled -= rests[-1]
    return [Billed(*both) for both in zip(parts, reversed(rests), strict=True)]


def _days(steps: BillingSteps, before: DaySoFar, recorded: Sequence[Fraction]) -> list[Billed]:
    billed: list[Billed] = []
    hours, days = before.hours, before.billed
    for more in recorded:
        hours += more
        part = max(steps.billed(hours) - days, NOTHING)
        days += part
        billed.append(Billed(part))
    return billed


def _unbilled(hours: Fraction, billed: Fraction) -> Fraction:
    return max(hours - billed, NOTHING)
