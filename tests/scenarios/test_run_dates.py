"""For which day a run is, and what is tried again: today at most, closed periods, failed rows (B6)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse

from billing.clock_user import clock_user
from billing.due import cut_offs_of
from billing.models import BatchJob, BatchOutcome, BatchRun, InvoiceSchedule, Proforma
from billing.planning_runs import plan_runs
from billing.previewing import preview_run
from billing.recurring import Recurrence
from billing.schedule_plans import PlannedRuns
from billing.scheduling import request_run, retry_outcomes, run_batch
from billing.states import DueOutcome, RunStatus, ScheduleStatus
from core.models import Activity
from projects.models import Customer, LegalEntity, ProjectContract
from projects.roles import PROJECT_MANAGER
from tests.company import rows
from tests.company.batch import MORNING, Batch, many_contracts
from tests.company.checking import refused
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = date(2026, 10, 5), date(2026, 10, 6)


def at(day: date) -> datetime:
    return datetime.combine(day, MORNING, UTC)


def retried(batch: Batch, outcomes: Any, day: date, **options: Any) -> BatchRun:
    run = retry_outcomes(outcomes, actor=batch.company.manager, at=at(day), **options)
    run_batch(run.pk, clock=lambda: at(day))
    return BatchRun.objects.get(pk=run.pk)


def hold(contract: ProjectContract, *, held: bool = True) -> None:
    Customer.objects.filter(pk=contract.customer_id).update(is_on_hold=held)


# --- A date up to today (decision 20) -------------------------------------------------------------


def test_a_run_that_looks_ahead_is_refused_and_uses_up_no_row():
    batch, _contracts = many_contracts(1)
    before = at(date(2026, 10, 4))
    assert [row.run_date for row in preview_run(batch.job, MONDAY)] == [MONDAY]
    with refused("date-ahead"):
        request_run(batch.job, MONDAY, actor=batch.company.manager, at=before)
    assert not BatchRun.objects.exists()
    assert set(InvoiceSchedule.objects.values_list("status", flat=True)) == {ScheduleStatus.NOT_RUN}


def test_today_is_the_legal_entitys_day():
    batch, _contracts = many_contracts(1)
    late = datetime(2026, 10, 4, 22, 30, tzinfo=UTC)
    # Half past midnight in Berlin: its Monday has begun.
    assert request_run(batch.job, MONDAY, actor=batch.company.manager, at=late).business_date == MONDAY


def test_a_company_in_an_unknown_time_zone_has_no_today():
    batch, _contracts = many_contracts(1)
    LegalEntity.objects.filter(pk=batch.company.entity.pk).update(timezone="Europe/Atlantis")
    job = BatchJob.objects.get(pk=batch.job.pk)
    with refused("time-zone-unknown"):
        request_run(job, MONDAY, actor=batch.company.manager, at=at(MONDAY))


def test_a_run_for_an_earlier_day_takes_no_row_of_today():
    batch, (_contract,) = many_contracts(1)
    batch.by_hand(date(2026, 10, 4), clock=lambda: at(MONDAY))
    assert (batch.invoiced(), InvoiceSchedule.objects.filter(status="run_successful").count()) == ("", 0)


# --- Signed by the clock --------------------------------------------------------------------------


def test_what_runs_by_the_clock_is_signed_by_the_clock_and_by_nobody_who_signs_in():
    batch, _contracts = many_contracts(1)
    run = batch.morning(MONDAY)
    clock = clock_user()
    assert (run.requested_by, Proforma.objects.get().created_by) == (clock, clock)
    signed = Activity.objects.filter(verb__in=["requested", "drafted", "finished"], happened_at=at(MONDAY))
    assert {one.actor for one in signed} == {clock}
    assert (clock.is_active, clock.has_usable_password(), str(clock.get_full_name())) == (
        False,
        False,
        "Automation",
    )
    assert clock_user() == clock


# --- Closed periods -------------------------------------------------------------------------------


def closed(batch: Batch, through: date) -> None:
    LegalEntity.objects.filter(pk=batch.company.entity.pk).update(locked_through=through)


def test_a_row_that_fell_into_a_closed_period_is_offered_the_next_open_day():
    batch, (contract,) = many_contracts(1)
    closed(batch, date(2026, 10, 7))
    day = date(2026, 10, 12)
    run = batch.morning(day)
    failed = run.outcomes.get()
    assert (failed.outcome, failed.reason) == (DueOutcome.FAILED, "period-locked")

    again = retried(batch, run.outcomes.all(), day, uses_next_open_day=True)
    draft = Proforma.objects.get()
    # The cut-off stays, and so does the run date, which is what a row is invoiced for once.
    assert (draft.invoice_date, draft.cut_off_date, draft.scheduled_for) == (
        date(2026, 10, 8),
        date(2026, 10, 4),
        MONDAY,
    )
    assert batch.outcomes(again) == [
        f"{contract} created Dated 8 Oct 2026, the first open day: 5 Oct 2026 lies in a closed period."
    ]
    assert (again.status, again.uses_next_open_day) == (RunStatus.FINISHED, True)


def test_a_job_may_always_use_the_next_open_day_and_its_preview_says_so():
    batch, (contract,) = many_contracts(1)
    closed(batch, MONDAY)
    BatchJob.objects.filter(pk=batch.job.pk).update(uses_next_open_day=True)
    job = BatchJob.objects.get(pk=batch.job.pk)
    (foreseen,) = preview_run(job, TUESDAY)
    assert (foreseen.outcome, foreseen.invoice_date, foreseen.run_date) == ("create", TUESDAY, MONDAY)
    assert batch.morning(TUESDAY).status == RunStatus.FINISHED
    assert Proforma.objects.get().invoice_date == TUESDAY


def test_a_milestone_whose_day_is_closed_is_dated_on_the_first_open_day_too():
    batch = Batch()
    batch.company.milestone("5000", due_on=MONDAY)
    closed(batch, MONDAY)
    run = batch.morning(TUESDAY)
    assert run.outcomes.get().reason == "period-locked"
    retried(batch, run.outcomes.all(), TUESDAY, uses_next_open_day=True)
    draft = Proforma.objects.get()
    assert (draft.invoice_date, draft.scheduled_for, draft.net_amount) == (TUESDAY, MONDAY, 5000)


# --- Trying again ---------------------------------------------------------------------------------


def test_what_failed_is_tried_again_one_by_one_or_together():
    batch, (first, second, third) = many_contracts(3)
    for one in (first, second, third):
        hold(one)
    run = batch.morning(MONDAY)
    assert {one.reason for one in run.outcomes.all()} == {"customer-on-hold"}
    hold(first, held=False)
    hold(second, held=False)
    alone = retried(batch, run.outcomes.filter(contract=first), MONDAY)
    assert (alone.due_count, batch.outcomes(alone)) == (1, [f"{first} created"])
    together = retried(batch, run.outcomes.all(), TUESDAY)
    assert together.business_date == TUESDAY
    # The first one is done; of the others one is still on hold.
    assert [line.split(" failed ")[0] for line in batch.outcomes(together)] == [
        f"{second} created",
        str(third),
    ]
    assert [draft.scheduled_for for draft in Proforma.objects.all()] == [MONDAY, MONDAY]


def test_a_retry_leaves_alone_what_became_due_meanwhile():
    batch, (first, second) = many_contracts(2)
    hold(first)
    run = batch.morning(MONDAY)
    hold(first, held=False)
    day = date(2026, 10, 19)
    again = retried(batch, run.outcomes.all(), day)
    assert (again.due_count, batch.outcomes(again)) == (1, [f"{first} created"])
    left = InvoiceSchedule.objects.filter(run_date=day).values_list("status", flat=True)
    assert set(left) == {ScheduleStatus.NOT_RUN}


def test_what_cannot_be_tried_again():
    batch, (first, second) = many_contracts(2)
    hold(first)
    run = batch.morning(MONDAY)
    with refused("nothing-to-retry"):
        retried(batch, run.outcomes.filter(contract=second), MONDAY)
    other, (foreign,) = many_contracts(1)
    hold(foreign)
    other.morning(MONDAY)
    with refused("several-jobs"):
        retried(batch, BatchOutcome.objects.all(), MONDAY)
    request_run(batch.job, MONDAY, actor=batch.company.manager, at=at(MONDAY))
    with refused("run-active"):
        retried(batch, run.outcomes.all(), MONDAY)
    hold(first, held=False)
    waiting = BatchRun.objects.unfinished().get()
    run_batch(waiting.pk, clock=lambda: at(MONDAY))
    with refused("nothing-to-retry"):
        retried(batch, run.outcomes.all(), MONDAY)


# --- Cut-offs -------------------------------------------------------------------------------------


def test_each_line_of_a_proforma_says_its_own_cut_off():
    batch = Batch()
    company = batch.company
    other = rows.contract_line(
        company.contract, company.customer, name="Second", project=rows.project(company)
    )
    plans = {
        company.line.pk: PlannedRuns(Recurrence("monthly", days=(5,)), date(2026, 10, 1)),
        other.pk: PlannedRuns(
            Recurrence("monthly", days=(5,)), date(2026, 10, 1), cut_off_rule="month_before"
        ),
    }
    plan_runs(plans, on=date(2026, 10, 1), actor=company.manager, at=at(date(2026, 10, 1)))
    company.approved(8, date=date(2026, 10, 2))
    company.ready()
    batch.morning(MONDAY)
    draft = Proforma.objects.get()
    assert draft.cut_off_date == date(2026, 10, 4)
    assert cut_offs_of(draft) == {company.line.pk: date(2026, 10, 4), other.pk: date(2026, 9, 30)}
    company.is_managed_by(company.manager)
    page = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    shown = page.get(reverse("proforma", args=[draft.number]))
    assert [section.detail for section in shown.context["sections"]] == [
        "Time and material, 1 detail, work up to 4 Oct 2026"
    ]
