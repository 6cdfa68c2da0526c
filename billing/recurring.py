"""Pure: on which days a frequency falls (B4)."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(days=7)
WEEKS = {"weekly": 1, "biweekly": 2, "four_weekly": 4}
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(frozen=True)
class Recurrence:
    """A frequency without its database. `weekday` counts from Monday = 0; `occurrence` -1 is the last."""

    period: str
    day_of_month: int | None = None
    weekday: int | None = None
    occurrence: int | None = None


def occurrences(recurrence: Recurrence, starts_on: date, ends_on: date) -> list[date]:
    """Every run date of a recurrence from `starts_on` to `ends_on`, both included, in order.

    Day 29 to 31 falls on the last day of a shorter month.
    """
    days = (
        _monthly(recurrence, starts_on, ends_on)
        if recurrence.period == "monthly"
        else _weekly(recurrence, starts_on, ends_on)
    )
    return [day for day in days if starts_on <= day <= ends_on]


def instalment_days(period: str, first: date, count: int) -> list[date]:
    """`count` days from the first one on, a period apart; a day that a month does not have is its last."""
    if period in WEEKS:
        return [first + number * WEEKS[period] * WEEK for number in range(count)]
    step, days = MONTHS[period], []
    for number in range(count):
        months = first.month - 1 + number * step
        year, month = first.year + months // 12, months % 12 + 1
        days.append(date(year, month, min(first.day, calendar.monthrange(year, month)[1])))
    return days


def _weekly(recurrence: Recurrence, starts_on: date, ends_on: date) -> Iterator[date]:
    step = WEEK if recurrence.period == "weekly" else 2 * WEEK
    day = starts_on + timedelta(days=((recurrence.weekday or 0) - starts_on.weekday()) % 7)
    while day <= ends_on:
        yield day
        day += step


def _monthly(recurrence: Recurrence, starts_on: date, ends_on: date) -> Iterator[date]:
    year, month = starts_on.year, starts_on.month
    while (year, month) <= (ends_on.year, ends_on.month):
        yield _in_month(recurrence, year, month)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004 - months of a year


def _in_month(recurrence: Recurrence, year: int, month: int) -> date:
    length = calendar.monthrange(year, month)[1]
    if recurrence.day_of_month is not None:
        return date(year, month, min(recurrence.day_of_month, length))
    fitting = [day for day in range(1, length + 1) if date(year, month, day).weekday() == recurrence.weekday]
    occurrence = recurrence.occurrence or 1
    # A fifth Friday that the month does not have is its last.
    index = -1 if occurrence < 0 else min(occurrence, len(fitting)) - 1
    return date(year, month, fitting[index])
