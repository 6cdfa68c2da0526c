"""Which verb makes good on which outbox row; the roof ties what the floors must not (RELIABILITY D7, O1)."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounting.importing import import_journals, import_proposals
from accounting.models import CustomerInvoice
from accounting.printing import print_invoices
from billing.scheduling import run_batch
from projects.models import ActualEvent, LegalEntity, OutboxEntry
from projects.states import OutboxStatus

logger = logging.getLogger(__name__)

ONE_SWEEP = 500
MOST_ATTEMPTS = 5

Handler = Callable[[Iterable[int], datetime], None]


def _actuals_recorded(keys: Iterable[int], now: datetime) -> None:
    """The integration journal takes over what an approval recorded."""
    events = (
        ActualEvent.objects.filter(pk__in=list(keys)).order_by("pk").select_related("legal_entity", "actor")
    )
    actors: dict[LegalEntity, Any] = {event.legal_entity: event.actor for event in events}
    for entity, actor in actors.items():
        import_journals(entity, actor=actor, at=now)


def _proforma_confirmed(keys: Iterable[int], now: datetime) -> None:
    """A confirmed proforma becomes an invoice proposal."""
    import_proposals(at=now)


def _invoice_posted(keys: Iterable[int], now: datetime) -> None:
    """A posted invoice is printed."""
    print_invoices(CustomerInvoice.objects.filter(pk__in=list(keys)), at=now)


def _batch_run(keys: Iterable[int], now: datetime) -> None:
    """A requested run is worked through."""
    for key in keys:
        run_batch(key, clock=timezone.now)


HANDLERS: dict[str, Handler] = {
    "actuals-recorded": _actuals_recorded,
    "proforma-confirmed": _proforma_confirmed,
    "invoice-posted": _invoice_posted,
    "batch-run": _batch_run,
}


def sweep(*, now: datetime) -> int:
    """Make good on pending outbox rows, kind by kind; a row that keeps failing is parked for a person.

    Verbs are idempotent, so two sweepers at once do no harm. Returns how many rows were done.
    """
    return sum(_sweep_kind(kind, handle, now) for kind, handle in HANDLERS.items())


def _sweep_kind(kind: str, handle: Handler, now: datetime) -> int:
    rows = list(OutboxEntry.objects.pending(kind).order_by("pk")[:ONE_SWEEP])
    return _make_good(rows, handle, now) if rows else 0


def _make_good(rows: list[OutboxEntry], handle: Handler, now: datetime) -> int:
    """All rows at once; when that fails, one by one, so that a bad row stands alone."""
    try:
        handle([row.payload["key"] for row in rows], now)
    except Exception as error:  # noqa: BLE001 - whatever fails, the row says so and the others go on
        if len(rows) > 1:
            return sum(_make_good([row], handle, now) for row in rows)
        logger.exception("outbox entry %s failed", rows[0].effect_key)
        _note_failure(rows[0], error)
        return 0
    done = OutboxEntry.objects.filter(pk__in=[row.pk for row in rows])
    return done.update(status=OutboxStatus.DONE, done_at=now)


def _note_failure(row: OutboxEntry, error: Exception) -> None:
    row.attempts += 1
    row.last_error = str(error)[:2000]
    if row.attempts >= MOST_ATTEMPTS:
        row.status = OutboxStatus.PARKED
    row.save(update_fields=["attempts", "last_error", "status"])
