"""Runs that go wrong: contracts on hold, other runs, workers that die (decision 10)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.models import BatchOutcome, BatchRun, InvoiceSchedule, Proforma
from billing.previewing import preview_run
from billing.scheduling import SILENCE, request_run, run_batch, start_due_runs
from billing.states import RunStatus, RunTrigger, ScheduleStatus
from projects.contracting import hold_contracts, resume_contracts
from projects.models import BacklogItem, ContractLine, Customer, ProjectContract
from tests.company import only, rows
from tests.company.batch import MORNING, Batch, Dying, Killed, october
from tests.company.checking import refused
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


def two_contracts() -> tuple[Batch, ProjectContract]:
    """A second contract beside the first, for the same customer; eight hours are ready on both."""
    batch = Batch()
    company = batch.company
    other = rows.contract(company.entity, company.customer)
    project = company.fixed_price_line().project
    ContractLine.objects.filter(project=project).delete()
    second = rows.contract_line(other, company.customer, project=project, name="Other hours")
    for line in (company.line, second):
        batch.schedule(line, period="biweekly", weekday=0)
    company.approved(8, date=date(2026, 10, 2))
    company.approved(8, date=date(2026, 10, 2), project=project)
    assert company.ready() == 2
    return batch, other


def test_a_contract_on_hold_fails_with_its_reason_and_does_not_stop_the_others():
    batch, other = two_contracts()
    hold_contracts(only(other), actor=batch.company.manager, at=NOW)
    run = batch.morning(date(2026, 10, 5))
    assert run.status == RunStatus.WITH_FAILURES
    assert batch.outcomes(run) == [
        f"{batch.company.contract} created",
        f"{other} failed {other}: The contract is “On hold”. Only confirmed contracts are invoiced: "
        "confirm or resume it.",
    ]
    assert batch.invoiced() == "2026-10-05 Hours 1600.00"
    failed = InvoiceSchedule.objects.get(contract_line__contract=other, run_date=date(2026, 10, 5))
    assert failed.status == ScheduleStatus.FAILED

    again = batch.morning(date(2026, 10, 6))
    assert (again.status, again.due_count) == (RunStatus.WITH_FAILURES, 1)

    resume_contracts(only(other), actor=batch.company.manager, at=NOW)
    last = batch.morning(date(2026, 10, 7))
    assert batch.outcomes(last) == [f"{other} created"]
    assert batch.invoiced() == table("""
        2026-10-05 Hours 1600.00
        2026-10-05 Other hours 1600.00
    """)
    assert InvoiceSchedule.objects.get(pk=failed.pk).status == ScheduleStatus.SUCCESSFUL


def test_a_customer_on_hold_fails_with_the_reason():
    batch = october()
    Customer.objects.filter(pk=batch.company.customer.pk).update(is_on_hold=True)
    run = batch.morning(date(2026, 10, 5))
    assert run.status == RunStatus.WITH_FAILURES
    assert {row.split(" failed ")[1] for row in batch.outcomes(run)} == {
        f"{batch.company.contract}: Customer {batch.company.customer} is on hold. Release the customer first."
    }
    assert set(BacklogItem.objects.values_list("status", flat=True)) == {"ready"}


def test_another_run_of_the_job_is_active_so_this_one_ends():
    batch = october()
    day = date(2026, 10, 5)
    with pytest.raises(Killed):
        batch.by_hand(day, clock=Dying(datetime.combine(day, MORNING, UTC), after=1))
    run = batch.morning(day)
    assert (run.trigger, run.status, run.outcomes.count()) == (RunTrigger.CLOCK, RunStatus.SKIPPED, 0)
    assert batch.invoiced() == ""


def test_a_run_that_died_is_closed_by_the_next_which_does_the_rest():
    batch, other = two_contracts()
    day, died = date(2026, 10, 5), datetime(2026, 10, 5, 2, 30, tzinfo=UTC)
    with pytest.raises(Killed):
        batch.by_hand(day, clock=Dying(died, after=2))
    dead = BatchRun.objects.get()
    assert batch.outcomes(dead) == [f"{batch.company.contract} created"]
    following = batch.morning(day)
    assert (following.status, batch.outcomes(following)) == (RunStatus.FINISHED, [f"{other} created"])
    dead = BatchRun.objects.get(pk=dead.pk)
    assert (dead.status, dead.finished_at) == (RunStatus.INTERRUPTED, following.started_at)
    assert dead.message == f"Its worker stopped. Run {following.pk} went on with what was left."
    # Whoever finds the dead one in the queue later leaves it alone.
    assert run_batch(dead.pk, clock=lambda: following.finished_at) == RunStatus.INTERRUPTED
    assert Proforma.objects.count() == 2


def test_a_slow_worker_whose_run_was_closed_meanwhile_writes_nothing_more():
    batch, other = two_contracts()
    started = datetime(2026, 10, 5, 2, 30, tzinfo=UTC)
    run = request_run(batch.job, date(2026, 10, 5), actor=batch.company.manager, at=started)
    calls = iter([started, started])

    def slow() -> datetime:
        moment = next(calls, None)
        if moment is None:  # asleep before the second contract, while the morning's run closes this one
            batch.morning(date(2026, 10, 5))
            return started + timedelta(hours=3)
        return moment

    assert run_batch(run.pk, clock=slow) == RunStatus.INTERRUPTED
    assert batch.outcomes(BatchRun.objects.get(pk=run.pk)) == [f"{batch.company.contract} created"]
    assert Proforma.objects.count() == 2
    assert batch.invoiced() == table("""
        2026-10-05 Hours 1600.00
        2026-10-05 Other hours 1600.00
    """)


def test_a_run_asked_for_by_hand_while_another_is_active_is_refused():
    batch = october()
    start_due_runs(now=datetime(2026, 10, 5, 4, 30, tzinfo=UTC))
    with refused("run-active"):
        batch.by_hand(date(2026, 10, 5))


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_worker_dies_anywhere_in_a_run_and_another_takes_it_over(after):
    batch, other = two_contracts()
    day, started = date(2026, 10, 5), datetime(2026, 10, 5, 4, 30, tzinfo=UTC)
    with pytest.raises(Killed):
        batch.by_hand(day, clock=Dying(started, after))
    run = BatchRun.objects.get()
    done_before = run.outcomes.count()
    assert done_before == max(after - 1, 0)

    if after:  # it is running, and gave a sign of life just now
        assert run_batch(run.pk, clock=lambda: started + SILENCE - timedelta(seconds=1)) == RunStatus.RUNNING
        assert run.outcomes.count() == done_before

    later = started + SILENCE + timedelta(seconds=1)
    assert run_batch(run.pk, clock=lambda: later) == RunStatus.FINISHED
    run = BatchRun.objects.get()
    assert (run.started_at, run.finished_at) == (started if after else later, later)
    assert batch.outcomes(run) == [f"{batch.company.contract} created", f"{other} created"]
    assert batch.invoiced() == table("""
        2026-10-05 Hours 1600.00
        2026-10-05 Other hours 1600.00
    """)
    assert run_batch(run.pk, clock=lambda: later) == RunStatus.FINISHED
    assert BatchOutcome.objects.count() == 2
    assert Proforma.objects.count() == 2


def test_a_worker_that_was_only_slow_finds_its_work_done_and_leaves_it():
    batch, other = two_contracts()
    started = datetime(2026, 10, 5, 4, 30, tzinfo=UTC)
    later = started + SILENCE + timedelta(seconds=1)
    run = request_run(batch.job, date(2026, 10, 5), actor=batch.company.manager, at=started)
    calls = iter([started, started])

    def slow() -> datetime:
        moment = next(calls, None)
        if moment is None:  # asleep before the second contract, while another worker takes over
            run_batch(run.pk, clock=lambda: later)
            return later
        return moment

    assert run_batch(run.pk, clock=slow) == RunStatus.FINISHED
    run = BatchRun.objects.get()
    assert batch.outcomes(run) == [f"{batch.company.contract} created", f"{other} created"]
    assert Proforma.objects.count() == 2
    assert set(
        InvoiceSchedule.objects.filter(run_date=date(2026, 10, 5)).values_list("status", flat=True)
    ) == {ScheduleStatus.SUCCESSFUL}


def test_one_of_two_customers_on_hold_waits_alone_until_it_is_released():
    batch = Batch()
    company = batch.company
    first, second = company.is_shared_by("60", "40")
    batch.schedule(company.line, period="biweekly", weekday=0)
    company.approved(8, date=date(2026, 10, 2))
    company.ready()
    Customer.objects.filter(pk=second.pk).update(is_on_hold=True)
    (expected,) = preview_run(batch.job, date(2026, 10, 5))
    assert (expected.outcome, expected.amount, len(expected.held)) == ("create", 960, 1)
    run = batch.morning(date(2026, 10, 5))
    assert batch.outcomes(run) == [
        f"{company.contract} failed {company.contract}: Customer {second} is on hold. "
        "Release the customer first."
    ]
    assert [(draft.customer, draft.net_amount) for draft in Proforma.objects.all()] == [(first, 960)]
    Customer.objects.filter(pk=second.pk).update(is_on_hold=False)
    batch.morning(date(2026, 10, 6))
    drafts = Proforma.objects.order_by("pk")
    assert [(draft.customer, draft.net_amount) for draft in drafts] == [(first, 960), (second, 640)]


def test_the_run_names_the_proforma_of_each_customer():
    batch = Batch()
    company = batch.company
    company.is_shared_by("60", "40")
    batch.schedule(company.line, period="biweekly", weekday=0)
    company.approved(8, date=date(2026, 10, 2))
    company.ready()
    run = batch.morning(date(2026, 10, 5))
    assert run.outcomes.get().proformas == list(Proforma.objects.order_by("pk"))
    assert Proforma.objects.count() == 2
