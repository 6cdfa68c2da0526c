"""Days that can be agreed on: those of 1900 to 2199, because others are typing errors."""

from calendar import monthrange
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
DAYS_ALLOWED = _("Choose a day in the years 1900 to 2199.")
ONE_DAY = timedelta(days=1)


def is_possible(day: date | None) -> bool:
    """Whether a day can be agreed on; no day at all can."""
    return day is None or FIRST_DAY <= day <= LAST_DAY


def possible_day(day: date) -> None:
    """Validate the day of a form. Raises ValidationError: day-not-possible."""
    if not is_possible(day):
        raise ValidationError(DAYS_ALLOWED, "day-not-possible")


def day_before(day: date) -> date:
    """The day before; the first day of the calendar where there is none."""
    return day - ONE_DAY if day > date.min else day


def day_after(day: date) -> date:
    """The day after; the last day of the calendar where there is none."""
    return day + ONE_DAY if day < date.max else day


def first_of_month(day: date) -> date:
    """The first day of its month, by which months are named."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_later(month: date, count: int) -> date:
    """The first day of the month that is `count` months later, or earlier where it is negative."""
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)
