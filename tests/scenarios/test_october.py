"""The daily batch over an October: one contract, three lines, day by day (B6, decision 10)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from billing.clock_user import clock_user
from billing.confirming import confirm_proformas
from billing.marking_ready import mark_milestones_ready
from billing.models import BatchJob, BatchOutcome, BatchRun, InvoiceSchedule, Proforma
from billing.removing import delete_drafts
from billing.scheduling import start_due_runs
from billing.states import RunStatus, RunTrigger, ScheduleStatus
from tests.company import only
from tests.company.batch import EXPECTED, Batch, october
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OCTOBER = [date(2026, 10, 1) + timedelta(days=day) for day in range(47)]


def test_the_schedule_falls_on_the_days_of_the_calendar():
    october()
    rows = InvoiceSchedule.objects.order_by("contract_line", "run_date").values_list(
        "run_date", "cut_off_date"
    )
    assert [(str(run), str(cut_off)) for run, cut_off in rows] == [
        ("2026-10-05", "2026-10-04"),
        ("2026-10-19", "2026-10-18"),
        ("2026-11-02", "2026-11-01"),
        ("2026-11-16", "2026-11-15"),
        ("2026-10-05", "2026-10-04"),
        ("2026-11-02", "2026-11-01"),
    ]


def test_october_day_by_day_and_twice_more_every_day():
    batch = october()
    drafted: dict[date, str] = {}
    for day in OCTOBER:
        before = batch.invoiced()
        run = batch.morning(day)
        drafted[day] = batch.invoiced().removeprefix(before).strip()
        assert batch.morning(day) == run
        if day.weekday() == 0:
            assert batch.by_hand(day).outcomes.count() == 0
        assert batch.invoiced() == before + ("\n" if before and drafted[day] else "") + drafted[day]
    assert {str(day): text for day, text in drafted.items() if text} == {
        line[:10]: line for line in EXPECTED.splitlines()
    }
    assert batch.company.backlog() == table("""
        2026-10-01 chargeable +1  +550.00 on_draft
        2026-10-02 chargeable +8 +1600.00 on_draft
        2026-10-04 chargeable +1  +200.00 on_draft
        2026-10-05 chargeable +4  +800.00 on_draft
        2026-10-16 chargeable +8 +1600.00 on_draft
        2026-10-20 chargeable +1  +110.00 on_draft
        2026-10-29 chargeable +2  +400.00 on_draft
    """)
    assert set(InvoiceSchedule.objects.values_list("status", flat=True)) == {ScheduleStatus.SUCCESSFUL}


def test_a_month_of_missed_days_is_caught_up_in_one_morning():
    batch = october()
    run = batch.morning(date(2026, 11, 16))
    assert batch.invoiced() == EXPECTED
    assert batch.outcomes(run).count(f"{batch.company.contract} created") == 7
    assert batch.outcomes(run).count(f"{batch.company.contract} nothing_to_bill") == 1
    assert (run.status, run.due_count) == (RunStatus.FINISHED, 8)


def test_an_outage_of_forty_days_ends_in_the_same_invoices():
    """The first run finds them all, the days after it and every second run of a day find nothing more."""
    batch = october()
    batch.morning(date(2026, 10, 4))
    for day in OCTOBER[OCTOBER.index(date(2026, 11, 14)) :]:
        batch.morning(day)
        if day == date(2026, 11, 14):
            assert batch.invoiced() == EXPECTED
        assert batch.by_hand(day).outcomes.count() == 0
    # What the clock missed is dated as if it had been there.
    dated = Proforma.objects.order_by("pk").values_list("invoice_date", "cut_off_date", "scheduled_for")
    assert [tuple(map(str, days)) for days in dated] == [
        ("2026-10-05", "2026-10-04", "2026-10-05"),
        ("2026-10-19", "2026-10-18", "2026-10-19"),
        ("2026-11-02", "2026-11-01", "2026-11-02"),
        ("2026-11-03", "2026-11-03", "2026-11-03"),
    ]
    assert batch.invoiced() == EXPECTED


def test_the_clock_strikes_once_a_day_and_not_before_its_time():
    october()
    day = date(2026, 10, 5)
    at_six = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
    assert start_due_runs(now=at_six - timedelta(minutes=1)) == 0
    assert start_due_runs(now=at_six) == 1
    assert start_due_runs(now=at_six + timedelta(hours=12)) == 0
    run = BatchRun.objects.get()
    assert (run.business_date, run.trigger, run.status, run.requested_by) == (
        day,
        RunTrigger.CLOCK,
        RunStatus.QUEUED,
        clock_user(),
    )


def test_the_day_is_the_legal_entitys():
    batch = october()
    start_due_runs(now=datetime(2026, 10, 4, 22, 30, tzinfo=UTC))
    assert not BatchRun.objects.exists()  # half past midnight in Berlin, six has not struck
    start_due_runs(now=datetime(2026, 10, 5, 21, 59, tzinfo=UTC))
    assert BatchRun.objects.get().business_date == date(2026, 10, 5)
    assert batch.invoiced() == ""


def test_a_job_that_is_switched_off_never_runs():
    batch = october()
    BatchJob.objects.filter(pk=batch.job.pk).update(is_active=False)
    assert start_due_runs(now=datetime(2026, 10, 5, 12, 0, tzinfo=UTC)) == 0
    assert not BatchRun.objects.exists()


def test_what_is_not_ready_stays_behind_and_nothing_to_bill_is_recorded():
    batch = Batch()
    company = batch.company
    batch.schedule(company.line, period="biweekly", weekday=0)
    company.approved(8, date=date(2026, 10, 2))
    run = batch.morning(date(2026, 10, 5))
    assert batch.invoiced() == ""
    assert batch.outcomes(run) == [f"{company.contract} nothing_to_bill"]
    assert run.status == RunStatus.FINISHED
    assert InvoiceSchedule.objects.get(run_date=date(2026, 10, 5)).status == ScheduleStatus.SUCCESSFUL

    company.ready()
    assert batch.invoiced() == ""
    batch.morning(date(2026, 10, 19))
    assert batch.invoiced() == "2026-10-19 Hours 1600.00"


def test_a_milestone_that_is_not_ready_on_its_day_is_billed_when_it_is():
    batch = Batch()
    company = batch.company
    batch.schedule(company.line, period="biweekly", weekday=0)
    late = company.milestone("5000", due_on=date(2026, 10, 5), is_ready=False)
    company.approved(8, date=date(2026, 10, 2))
    company.ready()
    batch.morning(date(2026, 10, 5))
    assert batch.invoiced() == "2026-10-05 Hours 1600.00"

    mark_milestones_ready(only(late), actor=company.manager, at=NOW)
    run = batch.morning(date(2026, 10, 6))
    assert (run.status, batch.outcomes(run)) == (RunStatus.FINISHED, [f"{company.contract} created"])
    amounts = list(Proforma.objects.order_by("pk").values_list("net_amount", flat=True))
    assert amounts == [1600, 5000]


def test_two_customers_get_a_proforma_each_of_one_run():
    batch = Batch()
    company = batch.company
    payers = company.is_shared_by("75", "25")
    batch.schedule(company.line, period="biweekly", weekday=0)
    company.approved(8, date=date(2026, 10, 2))
    company.ready()
    run = batch.morning(date(2026, 10, 5))
    assert list(Proforma.objects.order_by("pk").values_list("customer", "net_amount", "scheduled_for")) == [
        (payers[0].pk, 1200, date(2026, 10, 5)),
        (payers[1].pk, 400, date(2026, 10, 5)),
    ]
    first, second = Proforma.objects.order_by("pk")
    assert batch.outcomes(run) == [f"{company.contract} created"]
    assert run.outcomes.get().proformas == [first, second]


def test_lines_without_a_schedule_are_left_to_people():
    batch = Batch()
    batch.company.approved(8, date=date(2026, 10, 2))
    batch.company.ready()
    run = batch.morning(date(2026, 10, 5))
    assert (run.due_count, run.outcomes.count(), batch.invoiced()) == (0, 0, "")


def test_a_draft_that_is_deleted_is_not_made_again_by_the_same_date():
    batch = october()
    batch.morning(date(2026, 10, 5))
    delete_drafts(Proforma.objects.all(), actor=batch.company.manager, at=NOW)
    assert BatchOutcome.objects.filter(proforma__isnull=False).count() == 0
    batch.morning(date(2026, 10, 6))
    # The milestone is due and ready again; what was scheduled waits for its next date.
    assert batch.invoiced() == "2026-10-05 Prototype 5000.00"
    batch.morning(date(2026, 10, 19))
    assert batch.invoiced().splitlines()[1:] == ["2026-10-19 Implementation 4200.00"]


def test_confirming_what_the_batch_drafted_bills_all_of_october():
    batch = october()
    batch.morning(date(2026, 11, 16))
    confirm_proformas(Proforma.objects.all(), actor=batch.company.manager, at=NOW)
    assert batch.company.backlog() == ""
    assert sum(Proforma.objects.values_list("net_amount", flat=True)) == Decimal(22260)
