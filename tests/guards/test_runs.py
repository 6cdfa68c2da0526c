"""B4, B6, Q1, decision 20: what runs and the rows of schedules keep."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.models import BatchJob, BatchRun, InvoiceFrequency, InvoiceSchedule
from billing.states import RunTrigger
from tests.company import rows
from tests.guards.attacks import Attack, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows

AHEAD = "a run takes a date up to today"
DAY = "a run keeps its job and its date"
HAS_RUN = "a run that has taken place is never changed"


def _run(guarded: GuardedRows, *, days: int = 0) -> BatchRun:
    company = guarded.company
    job = BatchJob.objects.create(
        name=f"Job {rows.next_number()}", legal_entity=company.entity, runs_at=time(6)
    )
    return BatchRun(
        job=job,
        business_date=rows.NOW.date() + timedelta(days=days),
        trigger=RunTrigger.PERSON,
        requested_by=company.manager,
        requested_at=rows.NOW,
    )


def _made(guarded: GuardedRows) -> Any:
    run = _run(guarded)
    run.save()
    return row(run)


def _row(guarded: GuardedRows, status: str) -> Any:
    line = guarded.company.line
    one = InvoiceSchedule.objects.create(contract_line=line, run_date=rows.DAY, cut_off_date=rows.DAY)
    row(one).update(status=status)
    return row(one)


@each(
    insert("two-days-ahead", AHEAD, lambda s: _run(s, days=2)),
    update("another-day", DAY, lambda s: (_made(s), {"business_date": rows.DAY})),
    update("asked-later", DAY, lambda s: (_made(s), {"requested_at": rows.NOW + timedelta(days=3)})),
    update("row-again", HAS_RUN, lambda s: (_row(s, "run_successful"), {"status": "not_run"})),
    update("row-moved", HAS_RUN, lambda s: (_row(s, "run_successful"), {"run_date": rows.NOW.date()})),
)
def test_the_database_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


@pytest.mark.parametrize("status", ["not_run", "run_failed", "skipped"])
def test_a_row_that_has_not_run_is_moved(guarded: GuardedRows, status: str):
    assert _row(guarded, status).update(run_date=rows.DAY + timedelta(days=1)) == 1


def test_a_run_for_today_is_asked_for(guarded: GuardedRows):
    _run(guarded).save()
    assert BatchRun.objects.count() == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"period": "monthly"},
        {"period": "monthly", "day_of_month": 0},
        {"period": "monthly", "day_of_month": 32},
        {"period": "monthly", "second_day_of_month": 3},
        {"period": "monthly", "weekday": 0},
        {"period": "monthly", "weekday": 0, "occurrence": 0},
        {"period": "monthly", "weekday": 4, "occurrence": 5},
        {"period": "monthly", "weekday": 4, "occurrence": -2},
        {"period": "monthly", "weekday": 4, "occurrence": 1, "second_occurrence": 5},
        {"period": "weekly"},
        {"period": "weekly", "weekday": 7},
        {"period": "biweekly", "weekday": 1, "day_of_month": 5},
    ],
)
@pytest.mark.django_db
def test_a_frequency_says_on_which_day_it_falls(columns: dict[str, Any]):
    with pytest.raises(IntegrityError), transaction.atomic():
        InvoiceFrequency.objects.create(name="Wrong", **columns)
