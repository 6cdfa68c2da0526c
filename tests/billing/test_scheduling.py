"""Schedules and what is due by them (B4, B6; the runs themselves stand in the scenarios)."""

from datetime import date

import pytest

from billing.due import due_for
from billing.models import InvoiceFrequency, InvoiceSchedule
from billing.planning_runs import generate_schedule
from core.models import Activity
from projects.states import ContractStatus
from tests.company import Company, rows
from tests.company.batch import Batch, october
from tests.company.checking import refused
from tests.company.rows import NOW, next_number

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 10, 1), date(2026, 11, 16)


def monthly() -> InvoiceFrequency:
    return InvoiceFrequency.objects.create(name=f"Monthly {next_number()}", period="monthly", day_of_month=31)


def test_a_schedule_is_cut_off_the_day_before_each_run():
    company = Company()
    made = generate_schedule(
        company.line,
        monthly(),
        starts_on=date(2028, 1, 1),
        ends_on=date(2028, 3, 1),
        actor=company.manager,
        at=NOW,
    )
    assert made == 2
    rows = InvoiceSchedule.objects.order_by("pk").values_list("run_date", "cut_off_date", "status")
    assert list(rows) == [
        (date(2028, 1, 31), date(2028, 1, 30), "not_run"),
        (date(2028, 2, 29), date(2028, 2, 28), "not_run"),
    ]
    assert Activity.objects.get(verb="scheduled").facts == {
        "runs": 2,
        "changes": {
            "invoice schedule": ["", "Monthly, last day; work up to the day before the run"],
            "first run from": ["", "1 Jan 2028"],
            "last run up to": ["", "1 Mar 2028"],
        },
    }


def test_generating_again_keeps_what_has_run():
    batch = october()
    batch.morning(date(2026, 10, 5))
    before = list(InvoiceSchedule.objects.order_by("pk").values_list("pk", "run_date", "status"))
    batch.schedule(batch.company.line, period="biweekly", weekday=0)
    assert list(InvoiceSchedule.objects.order_by("pk").values_list("pk", "run_date", "status")) == before


def test_what_cannot_be_scheduled():
    company = Company()
    fixed, often = company.fixed_price_line(), monthly()
    with refused("not-time-and-material"):
        generate_schedule(fixed, often, starts_on=FIRST, ends_on=LAST, actor=company.manager, at=NOW)
    with refused("ends-before-start"):
        generate_schedule(company.line, often, starts_on=LAST, ends_on=FIRST, actor=company.manager, at=NOW)


def test_what_is_due_is_oldest_first_and_grouped_by_contract_and_run_date():
    batch = october()
    due = due_for(batch.job, date(2026, 11, 3))
    assert [(one.run_date, len(one.schedules), len(one.shares)) for one in due] == [
        (date(2026, 10, 5), 2, 1),
        (date(2026, 10, 19), 1, 0),
        (date(2026, 11, 2), 2, 0),
        (date(2026, 11, 3), 0, 1),
    ]
    assert due_for(batch.job, date(2026, 10, 4)) == []


@pytest.mark.parametrize(
    ("status", "count"),
    [
        (ContractStatus.CONFIRMED, 1),
        (ContractStatus.ON_HOLD, 1),
        (ContractStatus.DRAFT, 0),
        (ContractStatus.COMPLETED, 0),
        (ContractStatus.LOST, 0),
    ],
)
def test_contracts_that_live_are_due_those_on_hold_to_say_so(status, count):
    batch = Batch()
    company = batch.company
    contract = rows.contract(company.entity, company.customer, status=status)
    line = rows.contract_line(contract, company.customer, project=rows.project(company))
    batch.schedule(line, period="monthly", day_of_month=5)
    company.milestone("5000", line=line, due_on=date(2026, 10, 5))
    assert len(due_for(batch.job, date(2026, 10, 5))) == count


def test_another_entitys_work_is_not_due():
    october()
    assert due_for(Batch().job, LAST) == []
