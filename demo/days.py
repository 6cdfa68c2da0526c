"""The demo's calendar: everything is dated from the moment the command started, nothing from a fixed day."""

import calendar
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
WEEK = timedelta(days=7)
FRIDAY = 4
MONTHS = 12
NIGHT = timedelta(hours=7)
"""The demo's day begins at seven, so that the run of six o'clock has always been."""


class Days:
    """What day it is, which months are billed, and moments that never lie in the future."""

    def __init__(self, now: datetime):
        self.now = now
        self.today: date = (now.astimezone(ZONE) - NIGHT).date()
        self.this_month = self.today.replace(day=1)
        self.last_month = months_after(self.this_month, -1)
        self.billed = [months_after(self.this_month, -3), months_after(self.this_month, -2)]
        """The two months that are billed to the end, oldest first."""
        self.books_begin = date(self.billed[0].year - 1, 1, 1)
        """The first day of the fiscal year before, on which the books begin here."""

    def at(self, day: date, clock: str = "09:00") -> datetime:
        """A moment on a day in the company's time zone, or now when that would be later."""
        return min(datetime.combine(day, time.fromisoformat(clock), ZONE), self.now.astimezone(ZONE))

    def ticking(self, start: datetime) -> Callable[[], datetime]:
        """A clock that goes on by two seconds whenever it is asked."""
        ticks = iter(range(10**6))
        return lambda: min(start + timedelta(seconds=2 * next(ticks)), self.now)

    def weeks(self) -> Iterator[date]:
        """Mondays of the demo's weeks, up to the last one whose Friday has passed."""
        monday = self.billed[0] - timedelta(days=self.billed[0].weekday())
        while monday + timedelta(days=FRIDAY) < self.today:
            yield monday
            monday += WEEK

    def workdays(self) -> Iterator[date]:
        """Monday to Friday, from the first billed month to today."""
        day = self.billed[0]
        while day <= self.today:
            if day.weekday() <= FRIDAY:
                yield day
            day += timedelta(days=1)


def months_after(first: date, count: int) -> date:
    """The first day of the month `count` months after the one that begins on `first`."""
    index = first.year * MONTHS + first.month - 1 + count
    return date(index // MONTHS, index % MONTHS + 1, 1)


def month_end(first: date) -> date:
    """The last day of the month that begins on `first`."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])
