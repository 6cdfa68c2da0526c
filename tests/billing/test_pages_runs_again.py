"""The pages of batch runs: what failed is tried again, together or alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from billing.models import BatchRun, Proforma
from billing.scheduling import run_batch
from billing.states import RunStatus
from projects.models import Customer, LegalEntity
from tests.company import Company
from tests.company.batch import Batch

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


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


@pytest.fixture
def failed(batch: Batch) -> BatchRun:
    """A run in which the contract of one customer on hold failed twice; the other was invoiced."""
    held = batch.another_contract()
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    run = batch.by_hand(NOVEMBER)
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=False)
    return run


def worked_through() -> BatchRun:
    run = BatchRun.objects.latest("pk")
    run_batch(run.pk, clock=timezone.now)
    return BatchRun.objects.get(pk=run.pk)


def test_reasons_are_counted_with_their_way_out_and_tried_again_together(batch, failed, accountant):
    page = accountant.get(reverse("run", args=[failed.pk]))
    (group,) = page.context["failed_groups"]
    assert (group.reason, str(group.words), group.rows, group.contracts, group.way_out) == (
        "customer-on-hold",
        "The customer is on hold",
        2,
        1,
        "Release the customer first.",
    )
    assert "Try 2 again" in page.content.decode()
    answer = accountant.post(reverse("run-retry", args=[failed.pk]), {"reason": "customer-on-hold"})
    again = worked_through()
    assert answer["Location"] == reverse("run", args=[again.pk])
    assert (again.due_count, again.status, again.requested_by) == (
        2,
        RunStatus.FINISHED,
        batch.company.accountant,
    )
    page = accountant.get(reverse("run", args=[failed.pk])).content.decode()
    assert ("Try 2 again" in page, "Try this one again" in page) == (False, False)


def test_one_row_is_tried_again_alone(batch, failed, accountant):
    first = failed.outcomes.filter(outcome="failed").earliest("pk")
    page = accountant.get(reverse("run", args=[failed.pk])).content.decode()
    assert page.count("Try this one again") == 2
    accountant.post(reverse("run-retry", args=[failed.pk]), {"outcome": first.pk})
    again = worked_through()
    assert [one.schedule for one in again.outcomes.all()] == [first.schedule]


def test_a_closed_period_is_offered_the_first_open_day(batch, accountant):
    LegalEntity.objects.filter(pk=batch.company.entity.pk).update(locked_through=date(2026, 10, 31))
    run = batch.by_hand(date(2026, 10, 15))
    page = accountant.get(reverse("run", args=[run.pk])).content.decode()
    assert "Date 1 on the first open day" in page
    accountant.post(reverse("run-retry", args=[run.pk]), {"reason": "period-locked", "open_day": "on"})
    assert worked_through().status == RunStatus.FINISHED
    draft = Proforma.objects.get()
    assert (draft.invoice_date, draft.scheduled_for) == (NOVEMBER, date(2026, 10, 1))


def test_what_has_run_since_is_not_tried_again(batch, failed, accountant):
    batch.by_hand(date(2026, 11, 5))
    answer = accountant.post(reverse("run-retry", args=[failed.pk]), {})
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (
        422,
        ["nothing-to-retry"],
    )


def test_managers_see_what_failed_and_do_not_try_it_again(batch, manager):
    Customer.objects.update(is_on_hold=True)
    run = batch.by_hand(NOVEMBER)
    page = manager.get(reverse("run", args=[run.pk])).content.decode()
    assert ("The customer is on hold" in page, "Try 2 again" in page) == (True, False)
    assert manager.post(reverse("run-retry", args=[run.pk]), {}).status_code == 403
