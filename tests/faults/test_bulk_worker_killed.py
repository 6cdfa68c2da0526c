"""A worker that is killed amid what a person asked for loses nothing and does nothing twice (F3)."""

import signal
import subprocess
import time

import pytest
from django.db.models import Count
from django.utils import timezone

from billing.bulk_confirming import request_confirmation
from billing.bulk_drafting import draft_in_bulk, request_drafts
from billing.models import BatchOutcome, BatchRun, Proforma
from billing.states import DueOutcome, RunStatus
from projects.models import Actual, ProjectContract
from tests.company import Company
from tests.company.contracts import contract_with_hours
from tests.company.rows import CUT_OFF, DAY
from tests.faults.test_worker_killed import PATIENCE, UNNOTICED, all_well, started

pytestmark = pytest.mark.django_db(transaction=True)

CONTRACTS = 40
ENOUGH = 4


def agreed() -> tuple[Company, list[ProjectContract]]:
    company = Company()
    return company, [contract_with_hours(company, 1) for _each in range(CONTRACTS)]


def asked(company: Company, contracts: list[ProjectContract]) -> BatchRun:
    chosen = ProjectContract.objects.filter(pk__in=[one.pk for one in contracts])
    return request_drafts(
        chosen, invoice_date=CUT_OFF, cut_off=CUT_OFF, actor=company.manager, at=timezone.now()
    )


def killed_in_the_middle(worker: subprocess.Popen[str], run: BatchRun) -> int:
    """Kill it without warning once some outcomes are there; how many it left."""
    until = time.monotonic() + PATIENCE
    while run.outcomes.count() < ENOUGH and worker.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    worker.kill()
    _said, complained = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, complained) == (-signal.SIGKILL, "")
    return run.outcomes.count()


def test_drafts_that_somebody_asked_for_are_finished_by_the_next_worker(environment: dict[str, str]):
    company, contracts = agreed()
    run = asked(company, contracts)
    done = killed_in_the_middle(started(run, 0, environment), run)
    assert ENOUGH <= done < CONTRACTS
    assert Proforma.objects.count() == done
    assert all_well()

    # Nobody knows yet that the worker is gone: the run is left alone.
    assert draft_in_bulk(run.pk, clock=timezone.now) == RunStatus.RUNNING
    second = started(run, UNNOTICED, environment)
    assert second.communicate(timeout=PATIENCE) == (RunStatus.FINISHED, "")

    drafts = Proforma.objects.values("contract").annotate(count=Count("pk"))
    assert [row["count"] for row in drafts] == [1] * CONTRACTS
    assert BatchOutcome.objects.filter(run=run, outcome=DueOutcome.CREATED).count() == CONTRACTS
    assert run.targets.waiting().count() == 0
    assert all_well()


def test_a_confirmation_that_somebody_asked_for_is_finished_by_the_next_worker(environment: dict[str, str]):
    company, contracts = agreed()
    draft_in_bulk(asked(company, contracts).pk, clock=timezone.now)
    seen = dict(Proforma.objects.values_list("number", "gross_amount"))
    run = request_confirmation(
        Proforma.objects.all(), seen_totals=seen, actor=company.manager, on=DAY, at=timezone.now()
    )
    done = killed_in_the_middle(started(run, 0, environment), run)
    assert ENOUGH <= done < CONTRACTS
    assert Proforma.objects.confirmed().count() == done
    assert all_well()

    second = started(run, UNNOTICED, environment)
    assert second.communicate(timeout=PATIENCE) == (RunStatus.FINISHED, "")
    assert Proforma.objects.confirmed().count() == CONTRACTS
    assert BatchOutcome.objects.filter(run=run, outcome=DueOutcome.CONFIRMED).count() == CONTRACTS
    assert Actual.objects.billed_sales().count() == CONTRACTS
    assert all_well()
