"""The pages of batch runs and schedules: progress, outcomes, a run by hand, its preview."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing.models import BatchOutcome, BatchRun, InvoiceSchedule, Proforma
from billing.previewing import preview_run
from billing.scheduling import SILENCE, request_run, run_batch
from billing.states import RunStatus
from billing.tables.runs import is_interrupted
from billing.views.run_progress import progress_of
from projects.models import Customer
from projects.roles import TEAM_MEMBER
from tests.company import Company
from tests.company.batch import Batch
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
RUN_QUERIES = 15
PREVIEW_QUERIES = 20


@pytest.fixture(autouse=True)
def november() -> Iterator[None]:
    """Runs take a date up to today, so today must not depend on when the tests run."""
    with time_machine.travel(datetime(2026, 11, 5, 9, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def batch() -> Batch:
    """A contract with eight ready hours at 200, due on the first of October and of November."""
    return Batch.monthly()


@pytest.fixture
def at(batch: Batch) -> Company:
    return batch.company


def running(batch: Batch, *, alive_at: datetime, due: int = 4) -> BatchRun:
    """A run that was taken up and is not over."""
    run = BatchRun(
        job=batch.job, business_date=NOVEMBER, trigger="person", requested_by=batch.company.manager
    )
    run.requested_at = timezone.now()
    run.start(at=NOW, due_count=due)
    run.alive_at = alive_at
    run.save()
    return run


# --- Runs -------------------------------------------------------------------------------


def test_pages_ask_for_their_permission(batch, manager):
    run = batch.by_hand(NOVEMBER)
    team_member = signed_in(batch.company.admit(batch.company.worker, TEAM_MEMBER))
    for name, arguments in (("runs", []), ("run", [run.pk]), ("run-request", []), ("schedules", [])):
        assert team_member.get(reverse(name, args=arguments)).status_code == 403
    assert manager.get(reverse("run-request")).status_code == 403
    assert "Run by hand" not in manager.get(reverse("runs")).content.decode()


def test_a_run_of_another_entity_is_not_found(batch, accountant):
    run = Batch().by_hand(NOVEMBER)
    assert accountant.get(reverse("run", args=[run.pk])).status_code == 404
    assert accountant.get(f"/runs/{'9' * 30}/").status_code == 404


@pytest.mark.parametrize("query", ["outcome=x", "page=x", f"page={'9' * 5000}", "outcome=%00", "page=-1"])
def test_hostile_queries_show_a_page(batch, accountant, query):
    run = batch.by_hand(NOVEMBER)
    assert accountant.get(f"{reverse('run', args=[run.pk])}?{query}").status_code == 200
    assert accountant.get(f"{reverse('runs')}?{query}").status_code == 200


def test_a_finished_run_says_what_became_of_every_due_line(batch, accountant):
    held = batch.another_contract()
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    run = batch.by_hand(NOVEMBER)
    shown = accountant.get(reverse("run", args=[run.pk]))
    figures = [(kpi["label"], kpi["value"], kpi["detail"], kpi["tone"]) for kpi in shown.context["kpis"]]
    assert figures == [
        ("All settled", "4", [], ""),
        ("Created", "1", ["€1,600.00 net", "proformas to review"], ""),
        ("Nothing to bill", "1", ["nothing was ready up to the cut-off"], ""),
        ("Failed", "2", ["nothing was created, safe to retry"], "bad"),
    ]
    page = shown.content.decode()
    assert ('data-poll="done"' in page, "js/poll.js" in page) == (True, False)
    assert f"Customer {held.customer} is on hold." in page
    assert Proforma.objects.get().number in page
    retry = reverse("run-retry", args=[run.pk])
    assert ("4 of 4 due lines" in page, retry in page) == (True, True)
    failed = accountant.get(reverse("run", args=[run.pk]), {"outcome": "failed"})
    assert {one.contract for one in failed.context["outcomes"]} == {held}


def test_a_manager_reads_the_lines_of_own_contracts_only(batch, manager):
    batch.another_contract()
    run = batch.by_hand(NOVEMBER)
    shown = manager.get(reverse("run", args=[run.pk]))
    assert {one.contract for one in shown.context["outcomes"]} == {batch.company.contract}
    page = shown.content.decode()
    assert "4 of 4 due lines" in page
    assert "2 more are of contracts that others manage" in page


def test_a_running_run_is_polled_and_estimates_what_is_left(batch, accountant):
    run = running(batch, alive_at=timezone.now())
    row = InvoiceSchedule.objects.first()
    BatchOutcome.objects.create(
        run=run, schedule=row, contract=batch.company.contract, outcome="nothing_to_bill", happened_at=NOW
    )
    page = accountant.get(reverse("run", args=[run.pk])).content.decode()
    assert ('data-poll=""' in page, 'data-percent="25"' in page, "js/poll.js" in page) == (True, True, True)
    assert ("with 3 still queued" in page, "Interrupted" in page) == (True, False)
    progress = progress_of(run, 1, NOW + timedelta(seconds=10))
    assert (progress["percent"], progress["left"]) == (25, timedelta(seconds=30))
    assert progress_of(run, 0, NOW)["left"] is None


def test_a_silent_run_is_interrupted_and_says_so(batch, accountant):
    run = running(batch, alive_at=NOW)
    edge = NOW + SILENCE
    assert [is_interrupted(run, edge - timedelta(seconds=1)), is_interrupted(run, edge)] == [False, True]
    assert "No progress since" in accountant.get(reverse("run", args=[run.pk])).content.decode()
    assert "Interrupted" in accountant.get(reverse("runs")).content.decode()


def test_a_run_asks_as_often_for_many_lines_as_for_one(batch, accountant):
    few_run = batch.by_hand(date(2026, 10, 1))
    for _each in range(3):
        batch.another_contract()
    many_run = batch.by_hand(NOVEMBER)
    accountant.get(reverse("run", args=[few_run.pk]))
    counts = []
    for run in (few_run, many_run):
        with CaptureQueriesContext(connection) as asked:
            accountant.get(reverse("run", args=[run.pk]))
        counts.append(len(asked))
    assert (counts, few_run.outcomes.count(), many_run.outcomes.count()) == ([RUN_QUERIES, RUN_QUERIES], 1, 7)


# --- By hand ----------------------------------------------------------------------------


def preview(client: Client, batch: Batch, day: date = NOVEMBER) -> Any:
    return client.get(reverse("run-request"), {"job": batch.job.pk, "business_date": day.isoformat()})


def test_the_preview_says_what_is_due_per_contract(batch, accountant):
    held = batch.another_contract()
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    shown = preview(accountant, batch).context["preview"]
    rows = [(row.contract, row.run_date, row.outcome, row.entries, row.amount) for row in shown["rows"]]
    october, november = date(2026, 10, 1), NOVEMBER
    assert rows == [
        (batch.company.contract, october, "create", 1, 1600),
        (held, october, "blocked", 1, 400),
        (batch.company.contract, november, "nothing", 0, 0),
        (held, november, "blocked", 1, 400),
    ]
    assert (shown["creating"], shown["nothing"], shown["blocked"]) == (1, 1, 2)
    assert shown["sums"] == [("EUR", 1600)]
    assert [reason.code for reason in shown["rows"][1].reasons] == ["customer-on-hold"]
    assert not BatchRun.objects.exists()


def test_work_after_the_cut_off_is_not_foreseen(batch):
    batch.company.approved(1, date=date(2026, 10, 1))
    batch.company.ready()
    amounts = [row.amount for row in preview_run(batch.job, NOVEMBER)]
    assert amounts == [1600, 200]
    assert preview_run(batch.job, date(2026, 9, 30)) == []


def test_milestones_are_foreseen_on_their_day(batch):
    batch.company.milestone("1000", due_on=DAY)
    (milestone, *_rest) = preview_run(batch.job, NOVEMBER)
    assert (milestone.run_date, milestone.milestones, milestone.amount, milestone.outcome) == (
        DAY,
        1,
        1000,
        "create",
    )


def test_what_the_preview_foresees_is_what_the_run_does(batch):
    batch.another_contract()
    foreseen = sum(row.amount for row in preview_run(batch.job, NOVEMBER))
    batch.by_hand(NOVEMBER)
    assert foreseen == sum(Proforma.objects.values_list("net_amount", flat=True)) == 2000


def test_the_preview_asks_as_often_for_many_contracts(batch, accountant):
    preview(accountant, batch)
    counts = []
    for _each in range(2):
        with CaptureQueriesContext(connection) as asked:
            preview(accountant, batch)
        counts.append(len(asked))
        batch.another_contract()
    assert counts == [PREVIEW_QUERIES, PREVIEW_QUERIES]


def test_a_run_by_hand_is_requested_once(batch, accountant):
    sent = {"job": batch.job.pk, "business_date": "2026-11-01", "token": "run1"}
    first = accountant.post(reverse("run-request"), sent)
    run = BatchRun.objects.get()
    assert (first.status_code, first["Location"]) == (302, reverse("run", args=[run.pk]))
    assert (run.status, run.trigger, run.business_date) == (RunStatus.QUEUED, "person", NOVEMBER)
    assert (run.requested_by, run.job) == (batch.company.accountant, batch.job)
    assert accountant.post(reverse("run-request"), sent)["Location"] == first["Location"]
    assert BatchRun.objects.count() == 1
    page = accountant.get(first["Location"]).content.decode()
    assert "It waits for a worker." in page


def test_while_a_run_is_active_another_is_refused(batch, accountant):
    request_run(batch.job, NOVEMBER, actor=batch.company.manager, at=timezone.now())
    sent = {"job": batch.job.pk, "business_date": "2026-11-02"}
    answer = accountant.post(reverse("run-request"), sent)
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (422, ["run-active"])


def test_a_retry_takes_what_failed(batch, accountant):
    Customer.objects.update(is_on_hold=True)
    assert batch.by_hand(NOVEMBER).status == RunStatus.WITH_FAILURES
    Customer.objects.update(is_on_hold=False)
    accountant.post(reverse("run-request"), {"job": batch.job.pk, "business_date": "2026-11-01"})
    again = BatchRun.objects.first()
    assert run_batch(again.pk, clock=timezone.now) == RunStatus.FINISHED
    assert Proforma.objects.get().net_amount == 1600


@pytest.mark.parametrize(
    "wrong",
    [{"job": "x"}, {"job": "9" * 30}, {"business_date": "31.11.2026"}, {"business_date": "0001-01-01"}],
)
def test_what_cannot_be_read_is_said(batch, accountant, wrong):
    sent = {"job": batch.job.pk, "business_date": "2026-11-01"} | wrong
    shown = accountant.get(reverse("run-request"), sent)
    assert (shown.status_code, shown.context["preview"], len(shown.context["form"].errors)) == (200, None, 1)
    assert accountant.post(reverse("run-request"), sent).status_code == 422


def test_a_job_of_another_entity_cannot_be_run(batch, accountant):
    other = Batch()
    answer = accountant.post(reverse("run-request"), {"job": other.job.pk, "business_date": "2026-11-01"})
    assert (answer.status_code, BatchRun.objects.count()) == (422, 0)


# --- Schedules --------------------------------------------------------------------------


def test_schedules_show_what_is_still_to_run(batch, manager):
    batch.by_hand(date(2026, 10, 1))
    shown = manager.get(reverse("schedules"))
    assert [row.record.run_date for row in shown.context["table"].rows] == [NOVEMBER]
    everything = manager.get(reverse("schedules"), {"all": "1", "q": batch.company.contract.number})
    assert len(everything.context["table"].rows) == 2


def test_a_preview_looks_ahead_and_a_run_does_not(batch, accountant):
    sent = {"job": batch.job.pk, "business_date": "2026-12-01"}
    page = accountant.get(reverse("run-request"), sent)
    assert ("Start the run" in page.content.decode(), "This is a look ahead" in page.content.decode()) == (
        False,
        True,
    )
    answer = accountant.post(reverse("run-request"), sent)
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (422, ["date-ahead"])
    assert not BatchRun.objects.exists()
