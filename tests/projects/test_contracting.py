"""Confirm, hold and resume contracts (A2, A3, A5, decision 11)."""

from decimal import Decimal

import pytest

from core.models import Activity
from projects.contracting import (
    confirm_contracts,
    hold_contracts,
    open_time_and_material,
    resume_contracts,
)
from projects.models import ContractLine, ContractLineCustomer, Customer, Project, ProjectContract, Task
from projects.states import BillingMethod, ContractStatus
from tests.company import Company, only, rows
from tests.company.checking import refused
from tests.company.rows import NOW, next_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company.bare()


@pytest.fixture
def deal(at: Company) -> ProjectContract:
    """A draft with one line over the project."""
    made = rows.contract(at.entity, at.customer, status=ContractStatus.DRAFT, confirmed_at=None)
    rows.contract_line(made, at.customer, project=at.project)
    return made


def confirm(at: Company, *contracts: ProjectContract) -> int:
    return confirm_contracts(only(*contracts), actor=at.manager, at=NOW)


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
    assert "The split percentages add up to 99.99." in str(caught.value)
    share.delete()
    with refused("split-not-whole", "no-rounding-customer"):
        confirm(at, deal)


def test_a_fixed_price_names_its_project(at, deal):
    rows.contract_line(deal, at.customer, billing_method=BillingMethod.FIXED_PRICE)
    with refused("project-missing"):
        confirm(at, deal)


def test_two_lines_never_claim_the_same_work(at, deal):
    second = rows.contract_line(deal, at.customer, project=at.project)
    with refused("lines-overlap"):
        confirm(at, deal)

    first = deal.lines.exclude(pk=second.pk).get()
    one, other = (Task.objects.create(project=at.project, code=code, name=code) for code in "AB")
    first.tasks.add(one)
    with refused("lines-overlap"):
        confirm(at, deal)
    second.tasks.add(one, other)
    with refused("lines-overlap"):
        confirm(at, deal)
    second.tasks.remove(one)
    assert confirm(at, deal) == 1


def test_lines_of_one_project_may_share_it_by_class(at, deal):
    rows.contract_line(
        deal,
        at.customer,
        project=at.project,
        includes_time=False,
        includes_material=False,
        includes_fee=False,
    )
    ContractLine.objects.filter(contract=deal, number=1).update(includes_expense=False)
    assert confirm(at, deal) == 1


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
    deal = open_time_and_material(at.project, manager=at.manager, actor=at.manager, at=NOW)
    assert (deal.status, deal.currency, deal.customer, deal.manager) == (
        ContractStatus.DRAFT,
        "EUR",
        at.customer,
        at.manager,
    )
    (line,) = deal.lines.all()
    assert (line.project, line.billing_method) == (at.project, BillingMethod.TIME_AND_MATERIAL)
    (share,) = line.customers.all()
    assert (share.customer, share.split_percent, share.is_rounding) == (at.customer, 100, True)
    assert confirm(at, deal) == 1


def test_a_project_without_a_customer_gets_one_of_its_own_name(at):
    project = Project.objects.create(legal_entity=at.entity, number=f"X{next_number()}", name="Harbour")
    deal = open_time_and_material(project, manager=at.manager, actor=at.manager, at=NOW)
    customer = Customer.objects.get(pk=deal.customer_id)
    assert (customer.number, customer.name) == (f"K-{project.number}", "Customer of Harbour")
    assert customer.currency == "EUR"
