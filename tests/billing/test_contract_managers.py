"""Who may change a contract: its manager, and where none is named those of its projects (A2, A7)."""

from typing import Any

import pytest
from django.urls import reverse

from projects.models import Approval, PriceList, ProjectContract
from projects.rerating_scope import rerateable_by
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.states import ContractStatus
from tests.company import Company, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    """A draft contract that nobody manages, for a project that its manager does."""
    made = Company.bare()
    made.admit(made.manager, PROJECT_MANAGER)
    site = rows.project(made, manager=made.manager)
    made.contract = rows.contract(made.entity, made.customer, status=ContractStatus.DRAFT, confirmed_at=None)
    made.line = rows.contract_line(made.contract, made.customer, project=site)
    return made


def managed_by(at: Company, user: Any) -> set[ProjectContract]:
    return set(ProjectContract.objects.managed_by(user))


def answers(at: Company, user: Any) -> tuple[int, int, int]:
    """What the page, the form and the confirmation of the contract answer this person."""
    client = signed_in(user)
    pages = ("contract", "contract-edit", "contract-confirm")
    first, *rest = (client.get(reverse(name, args=[at.contract.number])).status_code for name in pages)
    return (first, *rest)


def test_the_manager_of_a_project_stands_in_where_a_contract_has_no_manager(at):
    assert managed_by(at, at.manager) == {at.contract}
    assert answers(at, at.manager) == (200, 200, 200)


def test_once_a_manager_is_named_the_manager_of_a_project_sees_and_changes_nothing(at):
    owner = at.person(PROJECT_MANAGER)
    ProjectContract.objects.filter(pk=at.contract.pk).update(manager=owner)
    assert managed_by(at, owner) == {at.contract}
    assert answers(at, owner) == (200, 200, 200)
    assert managed_by(at, at.manager) == set()
    assert answers(at, at.manager) == (200, 404, 404)
    assert ProjectContract.objects.get(pk=at.contract.pk).status == ContractStatus.DRAFT


def test_each_manager_of_a_project_stands_in_for_the_whole_contract(at):
    second = at.person(PROJECT_MANAGER)
    rows.contract_line(at.contract, at.customer, project=rows.project(at, manager=second))
    assert managed_by(at, second) == managed_by(at, at.manager) == {at.contract}


def test_a_contract_of_nobodys_project_is_invisible_to_managers_and_open_to_accountants(at):
    stranger = at.person(PROJECT_MANAGER)
    assert managed_by(at, stranger) == set()
    assert answers(at, stranger) == (404, 404, 404)
    accountant = at.person(PROJECT_ACCOUNTANT)
    assert at.contract in managed_by(at, accountant)
    # Accountants write contracts; confirming them is not theirs.
    assert answers(at, accountant) == (200, 200, 403)
    assert answers(at, at.person(TEAM_MEMBER)) == (403, 403, 403)
    elsewhere = Company.bare().person(PROJECT_ACCOUNTANT)
    assert at.contract not in managed_by(at, elsewhere)
    assert answers(at, elsewhere) == (404, 404, 403)


def test_prices_and_rerating_of_such_a_contract_follow_the_same_people(at):
    own = PriceList.objects.create(
        legal_entity=at.entity, name="Agreed", context="sales", currency="EUR", contract=at.contract
    )
    assert set(PriceList.objects.changeable_by(at.manager)) == {own}
    rows.approval(at)
    work = Approval.objects.filter(contract_line=at.line)
    assert rerateable_by(work, at.manager).count() == 1
    owner = at.person(PROJECT_MANAGER)
    ProjectContract.objects.filter(pk=at.contract.pk).update(manager=owner)
    assert set(PriceList.objects.changeable_by(at.manager)) == set()
    assert set(PriceList.objects.changeable_by(owner)) == {own}
    assert (rerateable_by(work, at.manager).count(), rerateable_by(work, owner).count()) == (0, 1)
