"""The only writer of actuals: events, work items, rows, mirrors, seals (A10, DOMAIN 4)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, QuerySet

from core.querysets import insert_from
from projects.models import Actual, ActualEvent, ActualEventSeal, Adjustment, LegalEntity, WorkItem
from projects.states import EventKind

BATCH = 1000


def open_event(
    kind: EventKind, legal_entity: LegalEntity, *, actor: User, on: date, at: datetime
) -> ActualEvent:
    """Start an event in memory; `record_events` writes it, `seal_events` closes it."""
    return ActualEvent(kind=kind, legal_entity=legal_entity, actor=actor, happened_on=on, recorded_at=at)


def record_events(events: Iterable[ActualEvent]) -> list[ActualEvent]:
    """Write events; the commit fails unless each of them is sealed before it (RELIABILITY D2)."""
    return ActualEvent.objects.bulk_create(events, batch_size=BATCH)


def record_work_items(work_items: Iterable[WorkItem]) -> list[WorkItem]:
    """Write work items with the event they are born in."""
    return WorkItem.objects.bulk_create(work_items, batch_size=BATCH)


def record_actuals(actuals: Iterable[Actual]) -> list[Actual]:
    """Write rows that Python made; open unbilled sales get their backlog row from the database itself."""
    return Actual.objects.bulk_create(actuals, batch_size=BATCH)


def record_adjustments(adjustments: Iterable[Adjustment]) -> list[Adjustment]:
    """Write by how much events change what may be billed of their work items."""
    return Adjustment.objects.bulk_create(adjustments, batch_size=BATCH)


def record_from(model: type[Any], rows: QuerySet, /, **columns: Any) -> int:
    """Write actuals, work items or adjustments straight from a queryset, in one statement."""
    return insert_from(model, rows, **columns)


def mirror(originals: QuerySet, *, event: Any, accounting_date: Any, outcome: Any) -> int:
    """Write the exact negation of every original: same type, price and billing type, opposite signs.

    `event`, `accounting_date` and `outcome` are values or expressions over the originals. One statement;
    returns how many rows. The database refuses a second mirror of the same row (RELIABILITY J2).
    """
    return insert_from(
        Actual,
        originals,
        work_item=F("work_item_id"),
        event=event,
        type=F("type"),
        billing_type=F("billing_type"),
        quantity=-F("quantity"),
        price=F("price"),
        amount=-F("amount"),
        accounting_date=accounting_date,
        reverses=F("pk"),
        outcome=outcome,
    )


def seal_events(events: Iterable[ActualEvent]) -> None:
    """Close events: the database adds up what they wrote and refuses the transaction if it does not agree."""
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
