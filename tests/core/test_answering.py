"""What every failure of an action is called, and that none of them leaves anything behind."""

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.test import RequestFactory

from core.answering import CONFLICT, REFUSED, Failure, carry_out, failure_of
from core.models import OutboxEntry
from core.outbox import enqueue
from core.querysets import ChangedMeanwhile
from core.refusals import Refusal, Refused
from projects.models import Entry
from projects.states import EntryStatus
from tests.company import rows
from tests.company.builder import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def codes_of(failure: Failure | None) -> list[str]:
    assert failure is not None
    return [refusal.code for refusal in failure.refusals]


def held_by(name: str = "", state: str = "") -> OperationalError:
    """What Django raises from the error of a driver: SQLite names it, PostgreSQL has a state for it."""
    cause = Exception("locked")
    cause.sqlite_errorname, cause.sqlstate = name, state  # type: ignore[attr-defined]
    error = OperationalError("locked")
    error.__cause__ = cause
    return error


def after_writing(error: Exception):
    """An action that writes and then fails."""

    def action() -> None:
        with transaction.atomic():
            enqueue("invoice-posted", [1], at=NOW)
            raise error

    return action


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (Refused([Refusal("on-hold", "It waits.")]), "on-hold", REFUSED),
        (ChangedMeanwhile("1 of 2 rows were in another state"), "changed-meanwhile", CONFLICT),
        (IntegrityError("UNIQUE constraint failed"), "contradicts-the-database", CONFLICT),
        (held_by(name="SQLITE_BUSY_SNAPSHOT"), "rows-are-busy", CONFLICT),
        (held_by(name="SQLITE_LOCKED"), "rows-are-busy", CONFLICT),
        (held_by(state="55P03"), "rows-are-busy", CONFLICT),
        (held_by(state="40P01"), "rows-are-busy", CONFLICT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_failure_is_answered_and_nothing_is_written(error, code, status):
    request = RequestFactory().post("/", {})
    outcome = carry_out(request, after_writing(error))
    assert (codes_of(outcome.failure), outcome.failure.status) == ([code], status)
    assert not OutboxEntry.objects.exists()


def test_a_row_that_moved_on_keeps_the_whole_set_where_it_was():
    at = Company.bare()
    rows.entry(at, status=EntryStatus.DRAFT)
    rows.entry(at, status=EntryStatus.SUBMITTED)
    entries = list(Entry.objects.order_by("pk"))

    def submit() -> None:
        with transaction.atomic():
            Entry.objects.walk(entries, Entry.submit)

    outcome = carry_out(RequestFactory().post("/", {}), submit)
    assert codes_of(outcome.failure) == ["changed-meanwhile"]
    assert [one.status for one in Entry.objects.order_by("pk")] == [EntryStatus.DRAFT, EntryStatus.SUBMITTED]


@pytest.mark.parametrize(
    "error", [ValueError("ours"), held_by(name="SQLITE_IOERR"), OperationalError("gone")]
)
def test_a_fault_of_ours_is_seen_as_such(error):
    assert failure_of(error) is None
    with pytest.raises(type(error)):
        carry_out(RequestFactory().post("/", {}), after_writing(error))
    assert not OutboxEntry.objects.exists()
