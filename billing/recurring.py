"""Pure: on which days a recurrence falls, and up to which day a run takes work (B4)."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
WEEKS = {"weekly": 1, "biweekly": 2, "four_weekly": 4}
MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}
MONTH_END = "month_end"
"""As a period of instalments: every month, on its last day."""
LAST_DAY = 31
"""As a day of the month: the last one, whatever its number."""
LAST = -1
"""As the number of a weekday in its month: the last one."""
LONGEST = timedelta(days=3660)
"""Ten years: nobody agrees on a schedule for longer."""
WEEKDAYS = range(7)
EVERY_MONTH_HAS = range(1, 5)
"""Which weekdays every month has: the first to the fourth. Few months have a fifth."""


@dataclass(frozen=True)
class Recurrence:
    """When runs fall, without a database. Weekdays count from Monday = 0.

    Recurrences by weeks have a weekday. Those by months have days of the month or occurrences of a weekday,
    one for each run of a month. `counted_from` is where weeks or months are counted from: a recurrence that
    is extended keeps the days it had. Without it, they are counted from the first day that is asked for.
    """

    period: str
    days: tuple[int, ...] = ()
    weekday: int | None = None
    occurrences: tuple[int, ...] = ()
    counted_from: date | None = None

    @property
    def is_by_weeks(self) -> bool:
        """Whether a number of weeks lies between two runs."""
        return self.period in WEEKS


def occurrences(recurrence: Recurrence, starts_on: date, ends_on: date) -> list[date]:
    """Every run date of a recurrence from `starts_on` to `ends_on`, both included, in order, each once.

    Day 29 to 31 falls on the last day of a shorter month.
    """
    counted_from = recurrence.counted_from or starts_on
    by_weeks = recurrence.is_by_weeks
    days = (_by_weeks if by_weeks else _by_months)(recurrence, counted_from, starts_on, ends_on)
    return sorted({day for day in days if starts_on <= day <= ends_on})


def next_occurrences(recurrence: Recurrence, starts_on: date, count: int, *, last: date) -> list[date]:
    """The first `count` run dates from a day on, none after `last`."""
    span = WEEKS.get(recurrence.period, 5 * MONTHS.get(recurrence.period, 1))
    # As far as `count` runs can lie ahead, so that a schedule without an end is not worked out for ever.
    end = min(last, starts_on + (count + 1) * span * WEEK)
    return occurrences(recurrence, starts_on, end)[:count]


def problems_of(recurrence: Recurrence) -> list[str]:
    """What is wrong with a recurrence, as codes; `billing/schedule_words.py` has a sentence for each."""
    if recurrence.is_by_weeks:
        wrong = []
        if recurrence.weekday not in WEEKDAYS:
            wrong.append("weekday-missing")
        if recurrence.days or recurrence.occurrences:
            wrong.append("day-of-a-week")
        return wrong
    return [*_problems_of_days(recurrence), *_problems_of_weekdays(recurrence)]


def cut_off_of(run_date: date, rule: str) -> date:
    """Up to which day a run takes work: the day before it, its own day, or the end of the month before."""
    if rule == "run_day":
        return run_date
    return (run_date.replace(day=1) if rule == "month_before" else run_date) - DAY


def instalment_days(period: str, first: date, count: int) -> list[date]:
    """`count` days from the first one on, a period apart; a day that a month does not have is its last.

    By `month_end` each is the last day of its month, that of the first one included.
    """
    if period in WEEKS:
        return [first + number * WEEKS[period] * WEEK for number in range(count)]
    wanted = LAST_DAY if period == MONTH_END else first.day
    step, days = MONTHS.get(period, 1), []
    for number in range(count):
        year, month = _month(first.year * 12 + first.month - 1 + number * step)
        days.append(date(year, month, min(wanted, calendar.monthrange(year, month)[1])))
    return days


def _problems_of_days(recurrence: Recurrence) -> Iterator[str]:
    if not recurrence.days and not recurrence.occurrences:
        yield "day-missing"
    if recurrence.days and recurrence.occurrences:
        yield "day-and-weekday"
    if any(not 1 <= day <= LAST_DAY for day in recurrence.days):
        yield "day-out-of-month"
    if len(set(recurrence.days)) < len(recurrence.days):
        yield "day-repeated"


def _problems_of_weekdays(recurrence: Recurrence) -> Iterator[str]:
    if recurrence.occurrences and recurrence.weekday not in WEEKDAYS:
        yield "weekday-missing"
    if recurrence.weekday is not None and not recurrence.occurrences and not recurrence.days:
        yield "occurrence-missing"
    if any(one not in EVERY_MONTH_HAS and one != LAST for one in recurrence.occurrences):
        yield "occurrence-out-of-month"
    if len(set(recurrence.occurrences)) < len(recurrence.occurrences):
        yield "day-repeated"


def _by_weeks(recurrence: Recurrence, counted_from: date, starts_on: date, ends_on: date) -> Iterator[date]:
    step = WEEKS[recurrence.period] * WEEK
    first = counted_from + timedelta(days=((recurrence.weekday or 0) - counted_from.weekday()) % 7)
    # The first one that is not before the start, whichever side of it the counting begins.
    day = first + -((first - starts_on) // step) * step
    while day <= ends_on:
        yield day
        day += step


def _by_months(recurrence: Recurrence, counted_from: date, starts_on: date, ends_on: date) -> Iterator[date]:
    step, phase = MONTHS[recurrence.period], counted_from.year * 12 + counted_from.month - 1
    last = ends_on.year * 12 + ends_on.month - 1
    for month in range(starts_on.year * 12 + starts_on.month - 1, last + 1):
        if (month - phase) % step == 0:
            yield from _in_month(recurrence, *_month(month))


def _month(months: int) -> tuple[int, int]:
    """Year and month of a number of months since the year 0."""
    return months // 12, months % 12 + 1


def _in_month(recurrence: Recurrence, year: int, month: int) -> Iterator[date]:
    length = calendar.monthrange(year, month)[1]
    for number in recurrence.days:
        yield date(year, month, min(number, length))
    fitting = [day for day in range(1, length + 1) if date(year, month, day).weekday() == recurrence.weekday]
    for occurrence in recurrence.occurrences:
        yield date(year, month, fitting[-1 if occurrence < 0 else min(occurrence, len(fitting)) - 1])
