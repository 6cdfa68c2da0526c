"""Confirm, hold and resume contracts (A2, A3, A5, decision 11)."""

from datetime import date
from decimal import Decimal

import pytest

from core.models import Activity
from projects.contracting import (
    confirm_contracts,
    hold_contracts,
    open_time_and_material,
    resume_contracts,
)
from projects.models import ContractLine, ContractLineCustomer, Customer, Project, ProjectContract
from projects.states import BillingMethod, ContractStatus
from tests.company import Company, only, rows
from tests.company.checking import refused
from tests.company.rows import DAY, NOW, next_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company.bare()


@pytest.fixture
def deal(at: Company) -> ProjectContract:
    """A draft with one line over a project of its own."""
    return rows.draft_contract(at)


def confirm(at: Company, *contracts: ProjectContract) -> int:
    return confirm_contracts(only(*contracts), actor=at.manager, on=DAY, at=NOW)


def status(of: ProjectContract) -> str:
    return ProjectContract.objects.get(pk=of.pk).status


def test_a_whole_contract_is_confirmed(at, deal):
    assert confirm(at, deal) == 1
    confirmed = ProjectContract.objects.get(pk=deal.pk)
    assert (confirmed.status, confirmed.confirmed_at) == (ContractStatus.CONFIRMED, NOW)
    log = Activity.objects.get()
    assert (log.verb, log.from_state, log.to_state) == ("confirmed", "draft", "confirmed")


def test_one_that_is_not_whole_keeps_all_of_them_back(at, deal):
    empty = rows.contract(at.entity, at.customer, status=ContractStatus.DRAFT, confirmed_at=None)
    with refused("no-lines"):
        confirm(at, deal, empty)
    with refused("not-a-draft", "no-lines"):
        confirm(at, at.contract, empty)


def test_the_split_is_a_whole_and_somebody_takes_the_rounding(at, deal):
    (share,) = ContractLineCustomer.objects.filter(contract_line__contract=deal)
    ContractLineCustomer.objects.filter(pk=share.pk).update(split_percent=Decimal("99.99"), is_rounding=False)
    with refused("split-not-whole", "no-rounding-customer") as caught:
        confirm(at, deal)
    assert "The shares add up to 99.99 percent." in str(caught.value)
    share.delete()
    with refused("split-not-whole", "no-rounding-customer"):
        confirm(at, deal)


@pytest.mark.parametrize("method", BillingMethod.values)
def test_a_line_names_its_project(at, deal, method):
    rows.contract_line(deal, at.customer, billing_method=method)
    with refused("project-missing"):
        confirm(at, deal)


def test_two_lines_never_claim_the_same_work(at, deal):
    first = deal.lines.get()
    second = rows.contract_line(deal, at.customer, project=first.project, name="Support")
    with refused("lines-overlap") as caught:
        confirm(at, deal)
    assert f"{deal.number} Support: It covers the same work as line Hours." in str(caught.value)

    one, other = (rows.task(first.project, code) for code in "AB")
    first.tasks.add(one)
    with refused("lines-overlap"):
        confirm(at, deal)
    second.tasks.add(one, other)
    with refused("lines-overlap"):
        confirm(at, deal)
    second.tasks.remove(one)
    assert confirm(at, deal) == 1


def test_a_line_never_claims_the_work_of_another_contract(at, deal):
    ProjectContract.objects.filter(pk=at.contract.pk).update(ends_on=date(2026, 6, 30))
    rival = rows.draft_contract(at, at.project)
    with refused("lines-overlap") as caught:
        confirm(at, rival)
    assert str(caught.value) == (
        f"{rival.number} Hours: It covers the same work as line Hours of contract {at.contract.number}, "
        "until 30 Jun 2026. Give the two lines different tasks, classes or days."
    )
    # Days that follow one another do not overlap, and a draft claims nothing yet.
    ProjectContract.objects.filter(pk=rival.pk).update(starts_on=date(2026, 7, 1))
    rows.draft_contract(at, at.project)
    assert confirm(at, rival) == 1


def test_contracts_that_are_confirmed_together_do_not_overlap_either(at, deal):
    rival = rows.draft_contract(at, deal.lines.get().project)
    with refused("lines-overlap") as caught:
        confirm(at, deal, rival)
    (reason,) = caught.value.refusals
    assert (reason.subject, deal.number in reason.message) == (f"{rival.number} Hours", True)
    # A contract on hold still claims its work.
    confirm(at, deal)
    hold_contracts(only(deal), actor=at.manager, at=NOW)
    with refused("lines-overlap"):
        confirm(at, rival)


def test_a_line_over_other_lines_of_any_length_is_seen(at, deal):
    """The line that ends last hides no other one: neither an earlier one nor one of other tasks."""
    project = rows.project(at)
    one, other = (rows.task(project, code) for code in "AB")
    long, short = rows.contract_line(deal, at.customer), rows.contract_line(deal, at.customer)
    for line, task, begin in ((long, one, 1), (short, other, 2)):
        ContractLine.objects.filter(pk=line.pk).update(
            project=project, billing_starts_on=date(2026, 1, begin), name=task.code
        )
        line.tasks.add(task)
    rival = rows.draft_contract(at, project, starts_on=date(2026, 1, 3))
    rival.lines.get().tasks.add(other)
    confirm(at, deal)
    with refused("lines-overlap") as caught:
        confirm(at, rival)
    assert "as line B of contract" in str(caught.value)


def test_lines_of_one_project_may_share_it_by_class(at, deal):
    first = deal.lines.get()
    rows.contract_line(
        deal,
        at.customer,
        project=first.project,
        includes_time=False,
        includes_material=False,
        includes_fee=False,
    )
    ContractLine.objects.filter(pk=first.pk).update(includes_expense=False)
    assert confirm(at, deal) == 1


def test_a_line_includes_something(at, deal):
    nothing = {f"includes_{one}": False for one in ("time", "expense", "material", "fee")}
    ContractLine.objects.filter(contract=deal).update(**nothing)
    with refused("class-missing"):
        confirm(at, deal)


def test_whoever_takes_no_new_work_keeps_the_contract_back(at, deal):
    project = deal.lines.get().project
    Customer.objects.filter(pk=at.customer.pk).update(is_on_hold=True)
    Project.objects.filter(pk=project.pk).update(is_closed=True)
    with refused("customer-on-hold", "project-closed"):
        confirm(at, deal)
    Customer.objects.filter(pk=at.customer.pk).update(is_on_hold=False, is_closed=True)
    with refused("customer-closed", "project-closed"):
        confirm(at, deal)


def test_hold_and_resume(at):
    assert hold_contracts(only(at.contract), actor=at.manager, at=NOW) == 1
    assert status(at.contract) == ContractStatus.ON_HOLD
    with refused("not-confirmed"):
        hold_contracts(only(at.contract), actor=at.manager, at=NOW)
    assert resume_contracts(only(at.contract), actor=at.manager, at=NOW) == 1
    assert status(at.contract) == ContractStatus.CONFIRMED
    with refused("not-on-hold"):
        resume_contracts(only(at.contract), actor=at.manager, at=NOW)


def test_a_contract_over_a_whole_project_is_opened_in_one_step(at):
    project = rows.project(at)
    deal = open_time_and_material(project, manager=at.manager, actor=at.manager, at=NOW)
    assert (deal.status, deal.currency, deal.customer, deal.manager) == (
        ContractStatus.DRAFT,
        "EUR",
        at.customer,
        at.manager,
    )
    (line,) = deal.lines.all()
    assert (line.project, line.billing_method) == (project, BillingMethod.TIME_AND_MATERIAL)
    (share,) = line.customers.all()
    assert (share.customer, share.split_percent, share.is_rounding) == (at.customer, 100, True)
    assert confirm(at, deal) == 1


def test_a_project_without_a_customer_gets_one_of_its_own_name(at):
    project = Project.objects.create(legal_entity=at.entity, number=f"X{next_number()}", name="Harbour")
    deal = open_time_and_material(project, manager=at.manager, actor=at.manager, at=NOW)
    customer = Customer.objects.get(pk=deal.customer_id)
    assert (customer.number, customer.name) == (f"K-{project.number}", "Customer of Harbour")
    assert customer.currency == "EUR"
