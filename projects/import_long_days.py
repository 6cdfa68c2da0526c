"""Days above the daily maximum of the company: the rows of a file together with entries that exist (A8)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from core.money import ZERO
from core.querysets import KEYS_PER_STATEMENT
from projects.column_styles import RowError
from projects.import_sentences import stored
from projects.import_states import ImportRowState
from projects.models import Entry, ImportBatch
from projects.states import TransactionClass

SECONDS_OF_HOUR = 3600
SECONDS_OF_MINUTE = 60

PersonDay = tuple[int, date]
"""The key of a name in the file, and a day."""


def mark_long_days(batch: ImportBatch) -> int:
    """Turn the rows of days above the daily maximum into errors; returns how many rows.

    Locks nothing; the import checks again after it has locked the people. No daily maximum applies to a
    file whose rows are totals.
    """
    long_days = {(person, day) for person, day, _hours in long_days_of(batch)}
    if not long_days:
        return 0
    rows = _counted(batch).filter(person__in={person for person, _day in long_days})
    keys = [key for key, person, day in rows.values_list("pk", "person", "day") if (person, day) in long_days]
    errors = [stored(RowError(0, "", "daily-maximum"))]
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        some = batch.rows.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT])
        some.update(state=ImportRowState.ERROR, errors=errors)
    return len(keys)


def long_days_of(batch: ImportBatch) -> Iterator[tuple[int, date, Decimal]]:
    """Key of the name, day and hours of each day that would be above the daily maximum; two statements."""
    if batch.is_total or batch.rows.filter(person__isnull=False).first() is None:
        return
    sums = _counted(batch).order_by().values("person", "person__target_id", "day").annotate(**_SECONDS)
    here, most = _seconds_here(batch), batch.legal_entity.daily_maximum * SECONDS_OF_MINUTE
    for row in sums.iterator(chunk_size=KEYS_PER_STATEMENT):
        seconds = _exact(row) + here.get((row["person__target_id"], row["day"]), ZERO)
        if seconds > most:
            yield row["person"], row["day"], seconds / SECONDS_OF_HOUR


_SECONDS: dict[str, Any] = {
    "exact": Sum("seconds"),
    "rough": Sum("quantity", filter=Q(seconds__isnull=True)),
}


def _counted(batch: ImportBatch) -> Any:
    return batch.rows.filter(state__in=[ImportRowState.NEW, ImportRowState.CHANGED])


def _seconds_here(batch: ImportBatch) -> dict[PersonDay, Decimal]:
    """Seconds of entries that exist on those days; drafts that the file changes count as the file says."""
    people = batch.names.filter(target_id__isnull=False).people().values("target_id")
    changed = batch.rows.filter(state=ImportRowState.CHANGED).values("entry")
    entries = (
        Entry.objects.live()
        .filter(transaction_class=TransactionClass.TIME, resource__in=people)
        .filter(date__range=[batch.first_day, batch.last_day])
        # A row of a file of totals is not the work of one day.
        .exclude(import_batch__is_total=True)
        .exclude(pk__in=changed)
    )
    sums = entries.order_by().values("resource", "date").annotate(**_SECONDS)
    return {(row["resource"], row["date"]): _exact(row) for row in sums.iterator(KEYS_PER_STATEMENT)}


def _exact(row: Mapping[str, Any]) -> Decimal:
    return Decimal(row["exact"] or 0) + (row["rough"] or ZERO) * SECONDS_OF_HOUR
