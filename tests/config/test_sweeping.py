"""The outbox: what a commit left to do is done, once, whatever the broker lost (O1)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounting import outbox_handlers
from accounting.models import CustomerInvoice, IntegrationJournalLine, InvoiceDocument, InvoiceProposal
from accounting.outbox_handlers import sweep_outbox as sweep
from billing.models import BatchRun, Proforma
from billing.scheduling import start_due_runs
from billing.states import RunStatus
from core import sweeping
from core.models import OutboxEntry
from core.outbox import enqueue
from core.states import OutboxStatus
from core.sweeping import MAX_ATTEMPTS
from tests.company import Company
from tests.company.batch import october
from tests.company.checking import all_rows
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


def outbox() -> dict[str, tuple[str, int]]:
    return {row.effect_key.split(":")[0]: (row.status, row.attempts) for row in OutboxEntry.objects.all()}


def beside_the_outbox() -> list[tuple[Any, ...]]:
    return [row for row in all_rows() if row[0] != OutboxEntry._meta.db_table]


def test_what_an_approval_and_a_confirmation_leave_is_done():
    company = Company()
    company.approved(8)
    company.confirm(company.draft())
    assert outbox() == {"actuals-recorded": ("pending", 0), "proforma-confirmed": ("pending", 0)}
    assert sweep(now=LATER) == 2
    assert IntegrationJournalLine.objects.count() == 2
    assert InvoiceProposal.objects.count() == 1
    assert set(OutboxEntry.objects.values_list("status", "done_at")) == {("done", LATER)}


def test_a_posted_invoice_is_printed():
    company = Company()
    company.billed(8)
    sweep(now=LATER)
    assert InvoiceDocument.objects.get().invoice == CustomerInvoice.objects.get()


def test_a_requested_run_is_worked_through():
    batch = october()
    OutboxEntry.objects.all().delete()
    start_due_runs(now=datetime(2026, 10, 5, 6, 0, tzinfo=UTC))
    assert outbox() == {"batch-run": ("pending", 0)}
    assert sweep(now=LATER) == 1
    assert BatchRun.objects.get().status == RunStatus.FINISHED
    assert batch.invoiced() == "2026-10-05 Implementation 1800.00, Expenses 550.00, Prototype 5000.00"


def test_sweeping_again_changes_nothing():
    company = Company()
    company.billed(8)
    sweep(now=LATER)
    before = all_rows()
    assert sweep(now=LATER) == 0
    assert all_rows() == before


def test_a_row_that_comes_twice_is_left_once_and_done_once():
    company = Company()
    company.approved(8)
    company.confirm(company.draft())
    row = OutboxEntry.objects.get(kind="proforma-confirmed")
    enqueue(row.kind, [row.payload["key"]], at=NOW)
    assert OutboxEntry.objects.filter(kind=row.kind).count() == 1
    sweep(now=LATER)
    OutboxEntry.objects.update(status=OutboxStatus.PENDING)  # delivered again, all of it
    before = beside_the_outbox()
    assert sweep(now=LATER) == 2
    assert beside_the_outbox() == before


def test_rows_that_were_lost_are_made_good_by_the_next_of_their_kind():
    company = Company()
    company.approved(8)
    OutboxEntry.objects.all().delete()
    company.approved(4)
    sweep(now=LATER)
    assert IntegrationJournalLine.objects.count() == 4
    assert Proforma.objects.count() == 0


class Failing:
    """Makes good on everything but one key."""

    def __init__(self, bad: int):
        self.bad, self.done = bad, []

    def __call__(self, keys: Iterable[int], now: datetime) -> None:
        keys = list(keys)
        if self.bad in keys:
            raise ValueError(f"no good: {self.bad}")
        self.done += keys


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    handler = Failing(2)
    monkeypatch.setitem(outbox_handlers.HANDLERS, "letter", handler)
    enqueue("letter", [1, 2, 3], at=NOW)
    return handler


def test_a_bad_row_stands_alone_and_is_parked_after_five_failures(failing, caplog):
    assert sweep(now=LATER) == 2
    assert failing.done == [1, 3]
    for attempt in range(1, MAX_ATTEMPTS):
        row = OutboxEntry.objects.get(effect_key="letter:2")
        assert (row.status, row.attempts, row.last_error) == (OutboxStatus.PENDING, attempt, "no good: 2")
        assert sweep(now=LATER) == 0
    row.refresh_from_db()
    assert (MAX_ATTEMPTS, row.status, row.attempts, row.done_at) == (5, OutboxStatus.PARKED, 5, None)
    assert len(caplog.records) == 5
    assert failing.done == [1, 3]

    assert sweep(now=LATER) == 0
    assert len(caplog.records) == 5
    assert OutboxEntry.objects.get(effect_key="letter:2").attempts == 5


def test_a_kind_that_fails_does_not_stop_the_other_kinds(monkeypatch):
    def broken(keys: Iterable[int], now: datetime) -> None:
        raise RuntimeError("the printer is on fire")

    monkeypatch.setitem(outbox_handlers.HANDLERS, "invoice-posted", broken)
    company = Company()
    company.approved(4)
    company.billed(8)
    sweep(now=LATER)
    assert outbox() == {
        "actuals-recorded": ("done", 0),
        "proforma-confirmed": ("done", 0),
        "invoice-posted": ("pending", 1),
    }
    monkeypatch.undo()
    assert sweep(now=LATER) == 1
    assert InvoiceDocument.objects.count() == 1
    assert outbox()["invoice-posted"] == ("done", 1)


def test_a_program_that_is_stopped_is_no_failure_of_the_row(monkeypatch):
    def stopped(keys: Iterable[int], now: datetime) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(outbox_handlers.HANDLERS, "letter", stopped)
    enqueue("letter", [1], at=NOW)
    with pytest.raises(KeyboardInterrupt):
        sweep(now=LATER)
    assert outbox() == {"letter": ("pending", 0)}


def test_one_sweep_takes_a_bite_and_the_next_the_rest(monkeypatch, failing):
    monkeypatch.setattr(sweeping, "ENTRIES_PER_SWEEP", 1)
    assert [sweep(now=LATER) for _each in range(3)] == [1, 0, 0]
    assert failing.done == [1]


def test_the_day_of_a_run_is_not_the_day_of_the_sweep():
    batch = october()
    start_due_runs(now=datetime(2026, 10, 5, 6, 0, tzinfo=UTC))
    sweep(now=datetime(2026, 10, 9, 6, 0, tzinfo=UTC))
    assert BatchRun.objects.get().business_date == date(2026, 10, 5)
    assert batch.invoiced().startswith("2026-10-05")
