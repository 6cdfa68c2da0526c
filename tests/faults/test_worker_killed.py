"""A worker that is killed in the middle of a run loses nothing and does nothing twice (F3)."""

import signal
import subprocess
import sys
import time
from datetime import date
from datetime import time as hour

import pytest
from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from accounting.proving import prove
from billing.models import (
    BatchJob,
    BatchOutcome,
    BatchRun,
    InvoiceLineDetail,
    InvoiceSchedule,
    MilestoneShare,
    Proforma,
)
from billing.scheduling import SILENCE, request_run, run_batch
from billing.states import DueOutcome, MilestoneStatus, RunStatus, ScheduleStatus
from projects.approving import approve_entries
from projects.models import BacklogItem, Entry, Project
from projects.states import BillingMethod, BillingStatus
from projects.submitting import submit_entries
from tests.company import Company, rows
from tests.company.rows import CUT_OFF, DAY, NOW, next_number

pytestmark = pytest.mark.django_db(transaction=True)

CONTRACTS, WITH_MILESTONE = 60, 20
DUE = CONTRACTS + WITH_MILESTONE
RUN_DATE = date(2026, 4, 1)
PATIENCE = 60
UNNOTICED = int(SILENCE.total_seconds()) + 1


def agreed(company: Company, nth: int) -> Entry:
    """A contract with eight hours that are due with the run; the first ones have a milestone too."""
    project = Project.objects.create(
        legal_entity=company.entity, number=f"P{next_number()}", name="Project", customer=company.customer
    )
    contract = rows.contract(company.entity, company.customer)
    line = rows.contract_line(contract, company.customer, project=project)
    InvoiceSchedule.objects.create(contract_line=line, run_date=RUN_DATE, cut_off_date=CUT_OFF)
    if nth < WITH_MILESTONE:
        fixed = Project.objects.create(
            legal_entity=company.entity, number=f"F{next_number()}", name="Fixed", customer=company.customer
        )
        columns = {"billing_method": BillingMethod.FIXED_PRICE, "project": fixed, "name": "Fixed"}
        company.milestone(
            "5000", line=rows.contract_line(contract, company.customer, **columns), due_on=RUN_DATE
        )
    return company.entry(8, project=project)


def month_end() -> BatchRun:
    """Everything is worked, approved and ready, and somebody has asked for the run."""
    company = Company()
    made = [agreed(company, nth).pk for nth in range(CONTRACTS)]
    submitted = submit_entries(Entry.objects.filter(pk__in=made), actor=company.worker, at=NOW)
    approvals = type(submitted[0]).objects.filter(pk__in=[one.pk for one in submitted])
    approve_entries(approvals, actor=company.manager, on=DAY, at=NOW)
    assert company.ready() == CONTRACTS
    job = BatchJob.objects.create(name="Create invoices", legal_entity=company.entity, runs_at=hour(6))
    return request_run(job, RUN_DATE, actor=company.manager, at=timezone.now())


def started(run: BatchRun, fast: int, environment: dict[str, str]) -> subprocess.Popen[str]:
    """A worker that has taken up the run."""
    command = [sys.executable, "-m", "tests.faults.worker", str(run.pk), str(fast)]
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def killed_in_the_middle(worker: subprocess.Popen[str]) -> int:
    """Kill it without warning once some outcomes are there; how many it left."""
    until = time.monotonic() + PATIENCE
    while BatchOutcome.objects.count() < 5 and worker.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    worker.kill()
    _said, complained = worker.communicate(timeout=PATIENCE)
    assert (worker.returncode, complained) == (-signal.SIGKILL, "")
    return BatchOutcome.objects.count()


def test_a_run_whose_worker_is_killed_is_finished_by_the_next(environment: dict[str, str]):
    run = month_end()

    done = killed_in_the_middle(started(run, 0, environment))
    assert 5 <= done < DUE
    drafted = Proforma.objects.count()
    assert 0 < drafted < CONTRACTS
    assert all_well()

    # Nobody knows yet that the worker is gone: the run is left alone.
    assert run_batch(run.pk, clock=timezone.now) == RunStatus.RUNNING
    assert (BatchOutcome.objects.count(), Proforma.objects.count()) == (done, drafted)

    second = started(run, UNNOTICED, environment)
    assert second.communicate(timeout=PATIENCE) == (RunStatus.FINISHED, "")

    run = BatchRun.objects.get(pk=run.pk)
    assert (run.status, run.due_count) == (RunStatus.FINISHED, DUE)
    outcomes = BatchOutcome.objects.filter(run=run, outcome=DueOutcome.CREATED)
    assert BatchOutcome.objects.count() == outcomes.count() == DUE
    assert set(outcomes.values_list("schedule", flat=True)) == {None, *keys(InvoiceSchedule)}
    assert set(outcomes.values_list("milestone_share", flat=True)) == {None, *keys(MilestoneShare)}
    assert set(InvoiceSchedule.objects.values_list("status", flat=True)) == {ScheduleStatus.SUCCESSFUL}

    drafts = Proforma.objects.values("contract").annotate(count=Count("pk"))
    assert [row["count"] for row in drafts] == [1] * CONTRACTS
    net = sorted(Proforma.objects.values_list("net_amount", flat=True))
    assert net == [1600] * (CONTRACTS - WITH_MILESTONE) + [6600] * WITH_MILESTONE
    assert set(BacklogItem.objects.values_list("status", flat=True)) == {BillingStatus.ON_DRAFT}
    assert set(MilestoneShare.objects.values_list("status", flat=True)) == {MilestoneStatus.ON_DRAFT}
    claimed = InvoiceLineDetail.objects.filter(actual__isnull=False).values_list("actual", flat=True)
    assert sorted(claimed) == sorted(BacklogItem.objects.values_list("actual", flat=True))
    assert InvoiceLineDetail.objects.count() == DUE
    assert all_well()


def keys(model: type) -> list[int]:
    return list(model.objects.values_list("pk", flat=True))


def all_well() -> bool:
    """Whether the books prove themselves."""
    broken = [finding for finding in prove() if finding.count]
    assert broken == []
    return True
