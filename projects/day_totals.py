"""Hours of each person on each day, over all entries that count, exact to the second (A8).

A day holds at most the daily maximum of the legal entity, 24 hours unless it says less.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from core.money import ZERO
from core.refusals import Refusal
from core.templatetags.display import day as written
from core.templatetags.display import quantity as in_figures
from projects.models import Entry, Resource
from projects.states import TransactionClass

SECONDS_OF_HOUR = 3600
SECONDS_OF_MINUTE = 60

PersonDay = tuple[int, date]


@dataclass(frozen=True)
class DayHours:
    """Hours of one person on one day: to four places, and in whole seconds where they are known."""

    person: Resource
    day: date
    quantity: Decimal
    seconds: int | None = None

    @property
    def exact(self) -> Decimal:
        """In seconds: twenty minutes are 1,200, not 0.3333 of an hour."""
        return Decimal(self.seconds) if self.seconds is not None else self.quantity * SECONDS_OF_HOUR


class DayTotals:
    """Seconds by person and day of the entries that exist; `reasons_against` adds further ones."""

    def __init__(self, seconds: dict[PersonDay, Decimal]):
        self._seconds = seconds

    @classmethod
    def of(cls, hours: Iterable[DayHours], but: Collection[int] = ()) -> "DayTotals":
        """What stands on the days of these hours already, in one statement, without the entries `but`.

        The caller holds the persons, so that nobody adds to their days until the commit.
        """
        days = {(one.person.pk, one.day) for one in hours}
        if not days:
            return cls({})
        span = [min(day for _pk, day in days), max(day for _pk, day in days)]
        rows = (
            Entry.objects.live()
            .filter(transaction_class=TransactionClass.TIME, date__range=span)
            .filter(resource__in={pk for pk, _day in days})
            # A row of a file of totals is not the work of one day.
            .exclude(import_batch__is_total=True)
            .exclude(pk__in=but)
            .order_by()
            .values("resource", "date")
            .annotate(exact=Sum("seconds"), rough=Sum("quantity", filter=Q(seconds__isnull=True)))
        )
        return cls(
            {
                (row["resource"], row["date"]): (row["exact"] or 0) + (row["rough"] or ZERO) * SECONDS_OF_HOUR
                for row in rows
            }
        )

    def longer_than_allowed(self, hours: Iterable[DayHours]) -> dict[PersonDay, Decimal]:
        """The days that these hours would make longer than the daily maximum, with the seconds of each."""
        added: dict[PersonDay, Decimal] = {}
        most: dict[PersonDay, Decimal] = {}
        for one in hours:
            key = (one.person.pk, one.day)
            added[key] = added.get(key, self._seconds.get(key, ZERO)) + one.exact
            most[key] = most_seconds(one.person)
        return {key: seconds for key, seconds in added.items() if seconds > most[key]}

    def reasons_against(self, hours: Iterable[DayHours]) -> Iterator[Refusal]:
        """Days that these hours would make longer than the daily maximum, each named once.

        Codes: daily-maximum (A8).
        """
        hours = list(hours)
        said = {(one.person.pk, one.day): one for one in hours}
        for key, seconds in self.longer_than_allowed(hours).items():
            yield too_long(said[key], seconds, str(said[key].person))


def most_seconds(person: Resource) -> Decimal:
    """The daily maximum of a person's company, in seconds."""
    return Decimal(person.legal_entity.daily_maximum * SECONDS_OF_MINUTE)


def too_long(hours: DayHours, seconds: Decimal, subject: str) -> Refusal:
    """Why a person's day cannot have so many seconds. Code: daily-maximum (A8)."""
    return Refusal(
        "daily-maximum",
        _("%(day)s would have %(hours)s; the daily maximum is %(most)s.")
        % {
            "day": written(hours.day),
            "hours": in_figures(_hours(seconds), "h"),
            "most": in_figures(_hours(most_seconds(hours.person)), "h"),
        },
        subject,
        _("Change one of the entries of that day."),
    )


def _hours(seconds: Decimal) -> Decimal:
    return (seconds / SECONDS_OF_HOUR).normalize()
