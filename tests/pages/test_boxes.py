"""The boxes of lists: where nothing can be done to a row, its box is disabled and says why."""

import re

import pytest
from django.urls import reverse

from projects.models import BacklogItem, Customer, ProjectContract
from projects.roles import PROJECT_MANAGER
from projects.states import ContractStatus
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

DISABLED = re.compile(r'<input type="checkbox" disabled\s+aria-label="([^"]*)"')
DOCUMENT = re.compile(r'name="row" value="(\d+)"[^>]*?data-document="([^"]*)"')


@pytest.fixture
def company() -> Company:
    made = Company()
    made.is_managed_by(made.manager)
    made.admit(made.manager, PROJECT_MANAGER)
    return made


@pytest.fixture
def manager(company):
    return signed_in(company.manager)


def reasons(manager, name: str) -> list[str]:
    page = manager.get(reverse(name), {"all": "1"}).content.decode()
    return [" ".join(label.split()) for label in DISABLED.findall(page)]


def test_what_is_on_a_draft_says_on_which(manager, company):
    company.approved(8)
    draft = company.draft()
    (label,) = reasons(manager, "backlog")
    assert label.endswith(f"cannot be selected: it is on {draft.number}")


def test_what_a_contract_or_a_customer_stops_says_so(manager, company):
    company.approved(8)
    assert reasons(manager, "backlog") == []
    Customer.objects.update(is_on_hold=True, hold_reason="Insolvent")
    assert "Customer on hold: Insolvent" in reasons(manager, "backlog")[0]
    ProjectContract.objects.update(status=ContractStatus.ON_HOLD)
    assert "Contract on hold" in reasons(manager, "backlog")[0]
    assert "On hold, so nothing of it can be invoiced." in reasons(manager, "contracts")[0]


def test_work_on_hold_keeps_its_box_because_it_can_be_released(manager, company):
    company.approved(8)
    BacklogItem.objects.update(hold_reason="disputed")
    assert reasons(manager, "backlog") == []


def test_a_confirmed_proforma_can_only_be_corrected(manager, company):
    company.approved(8)
    company.confirm(company.draft())
    (label,) = reasons(manager, "proformas")
    assert label.endswith("cannot be selected: it is confirmed, and only a correction changes it")


def test_a_button_knows_what_becomes_one_document(manager, company):
    company.approved(8)
    draft = company.draft()
    page = manager.get(reverse("proformas"), {"all": "1"}).content.decode()
    assert DOCUMENT.findall(page) == [(str(draft.pk), draft.number)]


def test_a_milestone_on_a_draft_says_on_which_and_an_open_one_has_its_box(manager, company):
    company.milestone("1000")
    assert reasons(manager, "milestones") == []
    draft = company.draft()
    (label,) = reasons(manager, "milestones")
    assert label == f"Milestone 1000, {company.customer.name} cannot be selected: it is on {draft.number}"
    company.confirm(draft)
    (label,) = reasons(manager, "milestones")
    assert label.endswith("cannot be selected: it is invoiced")
