"""Pure: which hours of a month lie within a prepaid block, and what rolls on or expires (A12).

Hours that rolled in are used first; what is left of the month's own hours rolls on up to the cap, and what is
left of hours that rolled in expires. Work beyond the block is the latest of its month. Hours that rolled in
from a month of another rate were paid at that rate: the earliest work of the month has it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.money import ZERO


@dataclass(frozen=True)
class BoughtMonth:
    """The hours bought for a month, how many of them roll on at most, and those that expired already.

    `rolls_apart`: hours that roll in were bought at another rate than its own; `expired_rolled` are those of
    the expired ones that had rolled in at it.
    """

    month: date
    hours: Decimal
    cap: Decimal = ZERO
    expired: Decimal = ZERO
    rolls_apart: bool = False
    expired_rolled: Decimal = ZERO


@dataclass(frozen=True)
class WorkedRow:
    """Hours of one row of approved, chargeable time.

    `is_fixed`: it is billed or on a draft and keeps its rate. `is_over`: it has the overage rate now.
    `is_rolled`: it has the rate at which hours rolled in, where that is another one.
    """

    key: int
    day: date
    work_item: int
    hours: Decimal
    is_fixed: bool = False
    is_over: bool = False
    is_rolled: bool = False


@dataclass(frozen=True)
class MonthOfHours:
    """What became of the block of a month, in hours.

    `unplaced` are hours beyond the block that are billed at its rate, because nothing open was left.
    `expires_rolled` are those that expire of what rolled in at another rate.
    """

    month: date
    rolled_in: Decimal
    bought: Decimal
    used: Decimal
    over: Decimal
    rolled_on: Decimal
    expired: Decimal
    expires: Decimal
    unplaced: Decimal = ZERO
    expires_rolled: Decimal = ZERO

    @property
    def capacity(self) -> Decimal:
        """Hours that could be used."""
        return self.rolled_in + self.bought

    @property
    def left(self) -> Decimal:
        """Hours that can still be used in the month."""
        return max(self.capacity - self.expired - self.used + self.over, ZERO)


@dataclass(frozen=True)
class HoursPlan:
    """The months in order, and how many hours of each row lie beyond the block, by its key.

    `rolled` are those of each row that have the rate of the month before.
    """

    months: Sequence[MonthOfHours]
    over: Mapping[int, Decimal]
    rolled: Mapping[int, Decimal]

    def of(self, day: date) -> MonthOfHours | None:
        """The month of a day; None outside of the agreement."""
        return next((one for one in self.months if one.month == day.replace(day=1)), None)


def plan_hours(months: Sequence[BoughtMonth], rows: Iterable[WorkedRow]) -> HoursPlan:
    """Go through the months of a block in order; rows outside of them are left out.

    What is fixed keeps its rate, so that hours beyond the block fall on what is open, the latest first; in a
    month of which hours have expired, they are not there any more. Of the last month nothing rolls on.
    """
    by_month: dict[date, list[WorkedRow]] = defaultdict(list)
    for row in rows:
        by_month[row.day.replace(day=1)].append(row)
    planned: list[MonthOfHours] = []
    over: dict[int, Decimal] = {}
    rolled: dict[int, Decimal] = {}
    rolled_in = ZERO
    for index, one in enumerate(months):
        of_month = by_month[one.month]
        used = sum((row.hours for row in of_month), ZERO)
        beyond = max(used - (rolled_in + one.hours - one.expired), ZERO)
        placed = _place(of_month, beyond)
        over |= placed
        charged = sum(placed.values(), ZERO)
        figures = _month(one, rolled_in, used, charged, beyond, is_last=index == len(months) - 1)
        if one.rolls_apart:
            earliest = _place_rolled(of_month, max(rolled_in - one.expired_rolled, ZERO), placed)
            rolled |= earliest
            unused = max(rolled_in - one.expired_rolled - sum(earliest.values(), ZERO), ZERO)
            figures = replace(figures, expires_rolled=min(unused, figures.expires))
        planned.append(figures)
        rolled_in = figures.rolled_on
    return HoursPlan(planned, over, rolled)


def _place(rows: Iterable[WorkedRow], beyond: Decimal) -> dict[int, Decimal]:
    """The hours of each row that are charged beyond the block: fixed ones stay, then the latest first."""
    placed: dict[int, Decimal] = {}
    left = beyond
    for row in rows:
        if row.is_fixed and row.is_over:
            placed[row.key] = row.hours
            left -= row.hours
    free = [row for row in rows if not row.is_fixed and row.hours > 0]
    # Within an entry that was divided, the part that is over already is the later one.
    for row in sorted(free, key=lambda row: (row.day, row.work_item, row.is_over, row.key), reverse=True):
        if left <= 0:
            break
        placed[row.key] = min(row.hours, left)
        left -= placed[row.key]
    return placed


def _place_rolled(
    rows: Iterable[WorkedRow], rolled_in: Decimal, over: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """The hours of each row at the rate of the month before: fixed ones stay, then the earliest first."""
    placed = {row.key: row.hours for row in rows if row.is_fixed and row.is_rolled}
    left = rolled_in - sum(placed.values(), ZERO)
    free = [row for row in rows if not row.is_fixed and row.hours > 0]
    # Within an entry that was divided, the part that has this rate already is the earlier one.
    for row in sorted(
        free, key=lambda row: (row.day, row.work_item, not row.is_rolled, row.is_over, row.key)
    ):
        inside = row.hours - over.get(row.key, ZERO)
        if left > 0 and inside > 0:
            placed[row.key] = min(inside, left)
            left -= placed[row.key]
    return placed


def _month(
    one: BoughtMonth, rolled_in: Decimal, used: Decimal, over: Decimal, beyond: Decimal, *, is_last: bool
) -> MonthOfHours:
    inside = max(used - over, ZERO)
    left = max(rolled_in + one.hours - inside, ZERO)
    own = max(one.hours - max(inside - rolled_in, ZERO), ZERO)
    rolled_on = ZERO if is_last else max(min(one.cap, own, left - one.expired), ZERO)
    return MonthOfHours(
        month=one.month,
        rolled_in=rolled_in,
        bought=one.hours,
        used=used,
        over=over,
        rolled_on=rolled_on,
        expired=one.expired,
        expires=max(left - one.expired - rolled_on, ZERO),
        unplaced=max(beyond - over, ZERO),
    )
