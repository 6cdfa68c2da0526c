"""A contract that cannot be invoiced, among fifty: whatever stops it, the others are invoiced (B6, Q5)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from billing import scheduling
from billing.models import BatchOutcome, BatchRun, InvoiceSchedule, Proforma
from billing.scheduling import SILENCE, run_batch, start_due_runs
from billing.settling import settle
from billing.states import DueOutcome, RunStatus, ScheduleStatus
from projects.models import ContractLineCustomer, LegalEntity, ProjectContract
from tests.company.batch import Batch, Dying, Killed, many_contracts

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = date(2026, 10, 5), date(2026, 10, 6)
AT_SIX = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
MANY = 50
UNFORESEEN = "An unexpected error stopped it (Poison); it is in the log."


class Poison(Exception):
    """A bug that nobody foresaw."""


@contextmanager
def poisoned(
    monkeypatch: Any, contract: ProjectContract, nth: int, error: Callable[[], Exception] = Poison
) -> Iterator[list[str]]:
    """The nth statement of settling this contract fails; gives the statement, if there was one."""
    struck: list[str] = []
    counted: list[str] = []

    def failing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # Where a transaction begins and ends is no statement of the draft.
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        counted.append(sql)
        if len(counted) == nth:
            struck.append(sql)
            raise error()
        return execute(sql, params, many, context)

    def settled(run: BatchRun, due: Any, **options: Any) -> bool:
        if due.contract.pk != contract.pk:
            return settle(run, due, **options)
        with connection.execute_wrapper(failing):
            return settle(run, due, **options)

    with monkeypatch.context() as patch:
        patch.setattr(scheduling, "settle", settled)
        yield struck


def counts(run: BatchRun) -> dict[str, int]:
    return {
        outcome: run.outcomes.filter(outcome=outcome).count()
        for outcome in (DueOutcome.CREATED, DueOutcome.FAILED)
    }


@contextmanager
def rolled_back() -> Iterator[None]:
    """One attempt: the next one finds everything as it was."""
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)


@pytest.mark.slow
def test_an_exception_at_any_statement_of_one_of_fifty_fails_that_one_alone(monkeypatch):
    batch, contracts = many_contracts(MANY)
    bad = contracts[-1]
    # Forty-nine are drafted once: the worker dies before the last one, and each attempt begins there.
    start_due_runs(now=AT_SIX)
    run = BatchRun.objects.get()
    with pytest.raises(Killed):
        run_batch(run.pk, clock=Dying(AT_SIX, after=MANY))
    assert Proforma.objects.count() == MANY - 1
    later = AT_SIX + 2 * SILENCE
    struck: list[str] = []
    for nth in range(1, 200):  # noqa: B007 - asserted behind the loop
        with rolled_back():
            with poisoned(monkeypatch, bad, nth) as struck:
                status = run_batch(run.pk, clock=lambda: later)
            if not struck:
                assert status == RunStatus.FINISHED
                break
            assert status == RunStatus.WITH_FAILURES, struck
            assert counts(run) == {"created": MANY - 1, "failed": 1}, struck
            failed = run.outcomes.get(outcome=DueOutcome.FAILED)
            assert (failed.contract, failed.reason) == (bad, "unforeseen-error"), struck
            assert f"{failed.message} {failed.way_out}" == f"{UNFORESEEN} The next run tries again."
            assert Proforma.objects.count() == MANY - 1, struck
            assert not Proforma.objects.filter(contract=bad).exists()

            # The next day the bug is fixed: this one is invoiced for its own date, and nobody twice.
            again = batch.morning(TUESDAY)
            assert (again.status, counts(again)) == (RunStatus.FINISHED, {"created": 1, "failed": 0})
            assert again.outcomes.get().contract == bad
            made = Proforma.objects.get(contract=bad)
            assert (made.scheduled_for, made.net_amount) == (MONDAY, 1600)
            assert Proforma.objects.count() == MANY
            due = InvoiceSchedule.objects.filter(run_date=MONDAY)
            assert set(due.values_list("status", flat=True)) == {ScheduleStatus.SUCCESSFUL}
    assert not struck
    assert nth > 20


def busy() -> Exception:
    """What SQLite and PostgreSQL say when a row was waited for too long."""
    error = OperationalError("the rows are held")
    cause = Exception()
    cause.sqlstate = "55P03"  # type: ignore[attr-defined]
    cause.sqlite_errorname = "SQLITE_BUSY"  # type: ignore[attr-defined]
    error.__cause__ = cause
    return error


def test_a_row_that_is_held_too_long_fails_its_contract_alone_and_says_so(monkeypatch):
    batch, (good, bad) = many_contracts(2)
    with poisoned(monkeypatch, bad, 3, busy) as struck:
        run = batch.morning(MONDAY)
    assert struck
    assert batch.outcomes(run) == [
        f"{good} created",
        f"{bad} failed Somebody else worked on it for too long. The next run tries again.",
    ]
    assert batch.outcomes(batch.morning(TUESDAY)) == [f"{bad} created"]


def test_a_line_that_lost_its_payer_fails_alone(monkeypatch):
    batch, (good, bad) = many_contracts(2)
    ContractLineCustomer.objects.filter(contract_line__contract=bad).delete()
    run = batch.morning(MONDAY)
    assert (run.status, counts(run)) == (RunStatus.WITH_FAILURES, {"created": 1, "failed": 1})
    failed = run.outcomes.get(outcome=DueOutcome.FAILED)
    assert (failed.contract, failed.reason) == (bad, "payer-missing")
    assert [draft.contract for draft in Proforma.objects.all()] == [good]


def test_where_not_even_the_reason_can_be_written_the_run_ends_and_the_row_stays_due(monkeypatch):
    batch, (good, bad) = many_contracts(2)

    def always(run: BatchRun, due: Any, **options: Any) -> bool:
        if due.contract != bad:
            return settle(run, due, **options)
        with monkeypatch.context() as patch:
            for name in ("_draft", "_record"):
                patch.setattr(f"billing.settling.{name}", _raises)
            return settle(run, due, **options)

    with monkeypatch.context() as patch:
        patch.setattr(scheduling, "settle", always)
        run = batch.morning(MONDAY)
    assert (run.status, batch.outcomes(run)) == (RunStatus.WITH_FAILURES, [f"{good} created"])
    row = InvoiceSchedule.objects.get(contract_line__contract=bad, run_date=MONDAY)
    assert row.status == ScheduleStatus.NOT_RUN
    assert batch.outcomes(batch.morning(TUESDAY)) == [f"{bad} created"]


def _raises(*args: Any, **kwargs: Any) -> None:
    raise Poison


def test_an_unknown_time_zone_fails_the_run_of_its_company_and_no_other():
    lost, other = Batch(), Batch()
    LegalEntity.objects.filter(pk=lost.company.entity.pk).update(timezone="Europe/Atlantis")
    other.morning(MONDAY)
    failed = BatchRun.objects.get(job=lost.job)
    assert (failed.status, failed.business_date, failed.finished_at) == (
        RunStatus.FAILED,
        MONDAY,
        failed.requested_at,
    )
    assert failed.message == (
        f"{lost.company.entity}: The time zone Europe/Atlantis is not known. "
        "Correct it in the set-up of the company; the next run catches up."
    )
    assert BatchRun.objects.get(job=other.job).status == RunStatus.FINISHED


def test_a_run_that_cannot_even_be_started_says_why_and_is_not_tried_for_ever(monkeypatch):
    broken, other = Batch(), Batch()
    real = scheduling.due_of

    def due(run: BatchRun) -> Any:
        if run.job == broken.job:
            raise Poison
        return real(run)

    monkeypatch.setattr(scheduling, "due_of", due)
    broken.morning(MONDAY)
    other.morning(MONDAY)
    run = BatchRun.objects.get(job=broken.job)
    assert (run.status, run.message) == (RunStatus.FAILED, f"{UNFORESEEN} The next run tries again.")
    assert BatchRun.objects.get(job=other.job).status == RunStatus.FINISHED
    assert not BatchOutcome.objects.exists()
