"""Approved work that cannot be given other values, each with its reason; nothing changes (matrix 4.1 #10)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.ending import complete_contracts, lose_contracts
from projects.correcting import correct_entries
from projects.correction_plans import NewValues
from projects.models import (
    Approval,
    Entry,
    FiscalSpan,
    Resource,
    Role,
    Task,
)
from projects.states import ApprovalStatus, BillingType, ContractStatus
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused
from tests.company.rows import DAY, NOW
from tests.projects.correcting_work import WHY, another_project, correct, lock

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return Company()


# --- Refusals -----------------------------------------------------------------------------------------


def test_reason_must_be_given(company: Company) -> None:
    approval = company.approved(8)
    values = NewValues(date=date(2026, 3, 3))
    with refused("reason-missing"):
        correct_entries(only(approval.entry), values, reason=" ", actor=company.accountant, on=DAY, at=NOW)


def test_nothing_selected(company: Company) -> None:
    nothing, values = Entry.objects.none(), NewValues(date=DAY)
    with refused("nothing-selected"):
        correct_entries(nothing, values, reason=WHY, actor=company.accountant, on=DAY, at=NOW)


def test_only_approved_entries_are_corrected(company: Company) -> None:
    approval = company.submitted(8)
    with refused("not-approved"):
        correct(company, approval, date=date(2026, 3, 3))


def test_entries_of_several_companies_are_corrected_one_by_one(company: Company) -> None:
    other = Company()
    approvals = [company.approved(8), other.approved(8)]
    with refused("several-companies"):
        correct(company, *approvals, date=date(2026, 3, 3))


@pytest.mark.parametrize("who", ["worker", "submitter", "new worker"])
def test_nobody_corrects_own_work(company: Company, who: str) -> None:
    approval = company.approved(8)
    colleague = Resource.objects.create(
        legal_entity=company.entity, code="new", name="New", role=company.role, user=company.accountant
    )
    actor, values = company.worker, {"date": date(2026, 3, 3)}
    if who == "submitter":
        actor = approval.submitted_by
    if who == "new worker":
        actor, values = company.accountant, {"resource": colleague}
    with refused("own-work"):
        correct(company, approval, actor=actor, **values)


def test_values_that_are_there_already_change_nothing(company: Company) -> None:
    approval = company.approved(8)
    with refused("nothing-changes"):
        correct(company, approval, project=company.project)


def test_closed_project_takes_no_work(company: Company) -> None:
    closed = another_project(company, is_closed=True)
    approval = company.approved(8)
    with refused("project-closed"):
        correct(company, approval, project=closed)


@pytest.mark.parametrize("ended", [ContractStatus.LOST, ContractStatus.COMPLETED])
def test_work_of_a_contract_that_ended_stays_on_it_or_leaves_its_project(
    company: Company, ended: ContractStatus
) -> None:
    old = company.approved(8, billing_type=BillingType.NON_CHARGEABLE)
    ended_contract(company, ended)
    senior = Role.objects.create(name="Senior")
    with refused("contract-ended") as caught:
        correct(company, old, role=senior)
    (reason,) = caught.value.refusals
    assert reason.message == f"Contract {company.contract} is “{ended.label}”."
    assert reason.way_out == ("Move it to another project, or cancel its approval.")
    other = another_project(company)
    line = rows.contract_line(
        rows.contract(company.entity, company.customer), company.customer, project=other
    )
    correct(company, old, project=other)
    assert Approval.objects.get(status=ApprovalStatus.APPROVED).contract_line == line
    assert_proven()


@pytest.mark.parametrize("ended", [ContractStatus.LOST, ContractStatus.COMPLETED])
def test_work_moves_to_no_contract_that_ended(company: Company, ended: ContractStatus) -> None:
    old, other = company.approved(8), another_project(company)
    rows.contract_line(
        rows.contract(company.entity, company.customer, status=ended), company.customer, project=other
    )
    correct(company, old, project=other)
    assert Approval.objects.get(status=ApprovalStatus.APPROVED).contract_line is None
    assert company.backlog() == ""


def ended_contract(company: Company, status: ContractStatus) -> None:
    """End the contract of the company by its verbs."""
    contract = only(company.contract)
    if status == ContractStatus.LOST:
        lose_contracts(contract, actor=company.manager, on=DAY, at=NOW)
    else:
        complete_contracts(contract, actor=company.manager, at=NOW)


def test_project_of_another_company_takes_no_work(company: Company) -> None:
    elsewhere = Company()
    approval = company.approved(8)
    with refused("other-entity"):
        correct(company, approval, project=elsewhere.project)


def test_task_must_be_one_of_the_project(company: Company) -> None:
    task = Task.objects.create(project=another_project(company), name="Design")
    approval = company.approved(8)
    with refused("task-not-of-project"):
        correct(company, approval, task=task)


def test_category_must_be_of_the_class(company: Company) -> None:
    category = company.categories["expense"]
    approval = company.approved(8)
    with refused("category-of-other-class"):
        correct(company, approval, category=category)


def test_new_day_must_be_open_and_so_must_today(company: Company) -> None:
    approval = company.approved(8, date=date(2026, 3, 20))
    lock(company, date(2026, 3, 10))
    with refused("period-locked"):
        correct(company, approval, date=date(2026, 3, 9), on=date(2026, 3, 20))
    with refused("period-locked"):
        correct(company, approval, date=date(2026, 3, 21), on=date(2026, 3, 9))


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 4, 20), "too-far-ahead"),
        (date(2025, 1, 2), "too-far-back"),
    ],
)
def test_new_day_must_be_near(company: Company, day: date, code: str) -> None:
    approval = company.approved(8)
    if day.year == 2025:
        rows.fiscal_days(company.entity, date(2025, 1, 1), date(2025, 12, 31))
    with refused(code):
        correct(company, approval, date=day)


def test_new_day_must_lie_in_a_fiscal_period(company: Company) -> None:
    approval = company.approved(8)
    FiscalSpan.objects.filter(legal_entity=company.entity, starts_on__gt=DAY).delete()
    FiscalSpan.objects.filter(legal_entity=company.entity).update(ends_on=DAY)
    with refused("period-missing"):
        correct(company, approval, date=date(2026, 3, 3))


def test_day_does_not_become_longer_than_it_may(company: Company) -> None:
    company.approved(20, date=date(2026, 3, 3))
    approval = company.approved(8)
    with refused("daily-maximum"):
        correct(company, approval, date=date(2026, 3, 3))


def test_fee_moves_only_to_a_project_where_it_can_be_billed(company: Company) -> None:
    approval = company.approved(1, "fee", price=Decimal(500))
    other = another_project(company)
    with refused("fee-not-billable"):
        correct(company, approval, project=other)


def test_split_of_the_new_line_must_be_whole(company: Company) -> None:
    other = another_project(company)
    line = rows.contract_line(company.contract, company.customer, project=other)
    line.customers.update(split_percent=Decimal(60))
    approval = company.approved(8)
    with refused("split-not-whole"):
        correct(company, approval, project=other)


def test_work_on_a_draft_or_an_invoice_stays(company: Company) -> None:
    approval = company.approved(8)
    draft = company.draft()
    with refused("on-draft"):
        correct(company, approval, date=date(2026, 3, 3))
    company.confirm(draft)
    with refused("invoiced"):
        correct(company, approval, date=date(2026, 3, 3))
