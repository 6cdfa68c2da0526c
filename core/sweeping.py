"""Work through the outbox: call the handler of each kind of row; a bad one never stops the others (O1)."""

import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from core.answering import is_busy
from core.models import OutboxEntry
from core.states import OutboxStatus

logger = logging.getLogger(__name__)

ENTRIES_PER_SWEEP = 500
MAX_ATTEMPTS = 5

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")

Handler = Callable[[Sequence[int], datetime], Mapping[int, Exception] | None]
"""Works on the keys of outbox rows; returns what failed, by key. Whatever it does not name is done."""


def sweep(handlers: Mapping[str, Handler], *, now: datetime) -> int:
    """Work through pending outbox rows, kind by kind; a row that keeps failing is parked for a person.

    A handler either names the keys that failed, or fails as a whole and is then called with one key at a
    time. Handlers are idempotent, so two sweepers at once do no harm, and a row whose worker was stopped is
    simply done again. Takes up to ENTRIES_PER_SWEEP rows of each kind, oldest first; after MAX_ATTEMPTS
    failures a row is parked with its last error. Holds no transaction of its own. Returns how many rows were
    done (O1).
    """
    return sum(_sweep_kind(kind, handler, now) for kind, handler in handlers.items())


def isolate(
    items: Sequence[Item], work: Callable[[Sequence[Item]], Result], *, though_busy: bool = False
) -> tuple[list[Result], dict[Item, Exception]]:
    """Do `work` on all items at once; when that fails, on each alone, so that only a bad one fails.

    `work` must leave nothing behind when it fails: a transaction of its own. Returns the results, and the
    error of each item that failed alone. `though_busy` tries each alone also where somebody holds rows: those
    may be the rows of one item. Errors that stop the program go through.
    """
    try:
        return [work(items)], {}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the failure of one item
        # Rows that somebody holds are held for each item too: trying one by one would only wait as often.
        if len(items) == 1 or (is_busy(error) and not though_busy):
            return [], dict.fromkeys(items, error)
    results: list[Result] = []
    failures: dict[Item, Exception] = {}
    for item in items:
        alone, failed = isolate([item], work)
        results += alone
        failures |= failed
    return results, failures


def _sweep_kind(kind: str, handler: Handler, now: datetime) -> int:
    # No row is locked: two sweepers may take the same ones, and the handlers have each effect once (F5).
    entries = list(OutboxEntry.objects.pending(kind).order_by("pk")[:ENTRIES_PER_SWEEP])
    return _work_through(entries, handler, now) if entries else 0


def keyed(entries: Sequence[OutboxEntry]) -> dict[int, OutboxEntry]:
    """Outbox rows by the key they name; a row that names none has failed."""
    by_key: dict[int, OutboxEntry] = {}
    for entry in entries:
        key = entry.payload.get("key") if isinstance(entry.payload, dict) else None
        # A row that names nothing must not stop the others, nor be taken for done.
        if isinstance(key, int):
            by_key[key] = entry
        else:
            note_failure(entry, ValueError(f"the payload names no key: {entry.payload!r}"))
    return by_key


def _work_through(entries: list[OutboxEntry], handler: Handler, now: datetime) -> int:
    by_key = keyed(entries)
    named, failures = isolate(list(by_key), lambda keys: handler(keys, now) or {})
    for failed in named:
        failures |= failed
    for key, error in failures.items():
        note_failure(by_key[key], error)
    done = [entry.pk for key, entry in by_key.items() if key not in failures]
    # Marked after the work: a sweeper that is killed in between leaves the row pending for the next (F3).
    return OutboxEntry.objects.filter(pk__in=done).update(status=OutboxStatus.DONE, done_at=now)


def note_failure(entry: OutboxEntry, error: Exception, *, was: str = OutboxStatus.PENDING) -> None:
    """Count a failure of a row that `was` in this state; after MAX_ATTEMPTS it is parked with its error."""
    # Waiting for somebody is no failure of the row: counted, a long import would park what it holds up.
    if is_busy(error):
        logger.warning("outbox entry %s waits: its rows are held", entry.effect_key)
        return
    logger.error("outbox entry %s failed", entry.effect_key, exc_info=error)
    attempts = entry.attempts + 1
    # Compare-and-set: another sweeper may have done the row meanwhile, and then it stays done.
    as_read = OutboxEntry.objects.filter(pk=entry.pk, status=was, attempts=entry.attempts)
    as_read.update(
        attempts=attempts,
        last_error=str(error)[:2000],
        sending_since=None,
        status=OutboxStatus.PARKED if attempts >= MAX_ATTEMPTS else OutboxStatus.PENDING,
    )
