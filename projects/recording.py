"""The only writer of actuals: events, work items, rows, reversals, seals (A10)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable

from core.querysets import insert_from
from projects.actual_querysets import ActualQuerySet
from projects.models import Actual, ActualEvent, ActualEventSeal, Adjustment, LegalEntity, WorkItem
from projects.states import ActualOutcome, EventKind

BATCH = 1000


def open_event(
    kind: EventKind, legal_entity: LegalEntity, *, actor: User, on: date, at: datetime
) -> ActualEvent:
    """Start an event in memory; `record_events` writes it, `seal_events` closes it."""
    return ActualEvent(kind=kind, legal_entity=legal_entity, actor=actor, happened_on=on, recorded_at=at)


def record_events(events: Iterable[ActualEvent]) -> list[ActualEvent]:
    """Write events; the commit fails unless each of them is sealed before it (D2)."""
    # The foreign key to the seal is deferred, so the event may come first.
    return ActualEvent.objects.bulk_create(events, batch_size=BATCH)


def record_work_items(work_items: Iterable[WorkItem]) -> list[WorkItem]:
    """Write work items with the event that creates them."""
    return WorkItem.objects.bulk_create(work_items, batch_size=BATCH)


def record_actuals(actuals: Iterable[Actual]) -> list[Actual]:
    """Write rows that Python made; open unbilled sales get their backlog row from the database itself."""
    return Actual.objects.bulk_create(actuals, batch_size=BATCH)


def record_adjustments(adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    """Write by how much events change the billable quantity and amount of their work items."""
    return Adjustment.objects.bulk_create(adjustments, batch_size=BATCH)


def record_from(model: type[Actual], rows: QuerySet, /, **columns: object) -> int:
    """Write actuals straight from a queryset, in one statement; `columns` as `insert_from` takes them."""
    return insert_from(model, rows, **columns)


def mirror(
    originals: ActualQuerySet,
    *,
    event: int | ActualEvent | Combinable,
    accounting_date: date | Combinable,
    outcome: ActualOutcome | Combinable,
) -> int:
    """Write the exact negation of every original: same type, price and billing type, opposite signs.

    `event`, `accounting_date` and `outcome` are values or expressions over the originals. One statement;
    returns how many rows. The database refuses a second reversal of the same row (J2).
    """
    return insert_from(
        Actual,
        originals,
        work_item=F("work_item_id"),
        event=event,
        type=F("type"),
        billing_type=F("billing_type"),
        # Negated by the database from the stored integers: no rounding can come in.
        quantity=-F("quantity"),
        price=F("price"),
        amount=-F("amount"),
        accounting_date=accounting_date,
        reverses=F("pk"),
        outcome=outcome,
    )


def seal_events(events: Iterable[ActualEvent]) -> None:
    """Close events: the database adds up what they wrote and refuses the transaction if it does not agree."""
    # The trigger on this insert adds up each event; afterwards it takes no more rows (J3).
    ActualEventSeal.objects.bulk_create(
        [ActualEventSeal(key=event.seal_id, event=event) for event in events], batch_size=BATCH
    )


__all__ = [
    "mirror",
    "open_event",
    "record_actuals",
    "record_adjustments",
    "record_events",
    "record_from",
    "record_work_items",
    "seal_events",
]
