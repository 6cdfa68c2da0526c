"""Work through the outbox: call the handler of each kind of entry; a bad one never stops the others (O1)."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from core.models import OutboxEntry
from core.states import OutboxStatus

logger = logging.getLogger(__name__)

ENTRIES_PER_SWEEP = 500
MAX_ATTEMPTS = 5

Handler = Callable[[Sequence[int], datetime], None]


def sweep(handlers: Mapping[str, Handler], *, now: datetime) -> int:
    """Work through pending outbox entries, kind by kind; an entry that keeps failing is parked for a person.

    Handlers take the keys of their entries and are idempotent, so two sweepers at once do no harm. Returns
    how many entries were done.
    """
    return sum(_sweep_kind(kind, handler, now) for kind, handler in handlers.items())


def _sweep_kind(kind: str, handler: Handler, now: datetime) -> int:
    entries = list(OutboxEntry.objects.pending(kind).order_by("pk")[:ENTRIES_PER_SWEEP])
    return _work_through(entries, handler, now) if entries else 0


def _work_through(entries: list[OutboxEntry], handler: Handler, now: datetime) -> int:
    """All entries at once; when that fails, one by one, so that only the bad one stays behind."""
    try:
        handler([entry.payload["key"] for entry in entries], now)
    except Exception as error:  # noqa: BLE001 - whatever fails, the entry says so and the others go on
        if len(entries) > 1:
            return sum(_work_through([entry], handler, now) for entry in entries)
        logger.exception("outbox entry %s failed", entries[0].effect_key)
        _note_failure(entries[0], error)
        return 0
    done = OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    return done.update(status=OutboxStatus.DONE, done_at=now)


def _note_failure(entry: OutboxEntry, error: Exception) -> None:
    entry.attempts += 1
    entry.last_error = str(error)[:2000]
    if entry.attempts >= MAX_ATTEMPTS:
        entry.status = OutboxStatus.PARKED
    entry.save(update_fields=["attempts", "last_error", "status"])
