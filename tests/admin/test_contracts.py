"""Contracts in the admin: created and changed by the same verbs as on the pages (A2, A13)."""

from typing import Any

import pytest
from django.urls import reverse

from core.models import Activity
from projects.models import ProjectContract
from projects.states import ContractStatus
from tests.admin.admin_client import AdminClient, formset, messages_of
from tests.company import Company, rows

pytestmark = pytest.mark.django_db

ADD, CHANGE = "projects_projectcontract_add", "projects_projectcontract_change"


def fields(at: Company, **changes: Any) -> dict[str, Any]:
    return {
        "legal_entity": at.entity.pk,
        "number": "",
        "name": "Yard management",
        "customer": at.customer.pk,
        "currency": "EUR",
        "purchase_order": "PO-1",
        **formset("customers"),
    } | changes


def test_an_accountant_creates_a_contract_with_the_next_number(company: Company, accountant: AdminClient):
    assert accountant.sent(ADD, data=fields(company)).status_code == 302
    made = ProjectContract.objects.latest("pk")
    assert (made.name, made.status) == ("Yard management", ContractStatus.DRAFT)
    assert made.number.startswith("C-")
    assert Activity.objects.about(made).get().verb == "drafted"


def test_what_the_verb_refuses_is_said_and_nothing_is_written(company: Company, accountant: AdminClient):
    answer = accountant.sent(ADD, data=fields(company, currency="eur"))
    assert answer.status_code == 422
    assert "“eur” is not a currency code." in answer.content.decode()
    taken = accountant.sent(ADD, data=fields(company, number=company.contract.number))
    assert "already exists" in str(taken.context["errors"])
    assert ProjectContract.objects.count() == 1


def test_a_contract_is_changed_and_what_is_fixed_stays(company: Company, accountant: AdminClient):
    draft = rows.draft_contract(company)
    data = fields(company, number=draft.number, name="Renamed")
    assert accountant.sent(CHANGE, draft.pk, data=data).status_code == 302
    assert ProjectContract.objects.get(pk=draft.pk).name == "Renamed"
    assert Activity.objects.about(draft).get().changes["name"] == [draft.name, "Renamed"]
    company.approved(1)
    offered = accountant.shown(CHANGE, company.contract.pk).context["adminform"].form.fields
    assert not {"number", "customer", "currency", "legal_entity"} & set(offered)
    used = fields(company, number="C-1", currency="USD", name="Renamed too")
    assert accountant.sent(CHANGE, company.contract.pk, data=used).status_code == 302
    contract = ProjectContract.objects.get(pk=company.contract.pk)
    assert (contract.name, contract.currency) == ("Renamed too", "EUR")
    assert contract.number == company.contract.number


def test_its_lines_are_one_click_away_until_it_has_ended(company: Company, accountant: AdminClient):
    edit = reverse("contract-edit", args=[company.contract.number])
    assert edit in accountant.shown(CHANGE, company.contract.pk).content.decode()
    assert accountant.get(edit).status_code == 200
    ProjectContract.objects.filter(pk=company.contract.pk).update(status=ContractStatus.LOST)
    assert edit not in accountant.shown(CHANGE, company.contract.pk).content.decode()


def test_others_see_contracts_and_create_none(company: Company, controller: AdminClient):
    assert controller.shown(CHANGE, company.contract.pk).status_code == 200
    assert controller.sent(ADD, data=fields(company)).status_code == 403


def test_a_rate_is_agreed_for_a_contract_in_a_foreign_currency(company: Company, accountant: AdminClient):
    name = "projects_projectcontract"
    ProjectContract.objects.filter(pk=company.contract.pk).update(currency="GBP")
    page = accountant.chosen(name, "agree-rate", company.contract)
    answer = accountant.confirms(page, rate="1.25", starts_on="2026-01-01", ends_on="")
    assert messages_of(answer) == ["The rate is agreed for 1 contract."]
    shown = accountant.shown(CHANGE, company.contract.pk).content.decode()
    assert "Agreed exchange rates" in shown and "1.25" in shown
    assert Activity.objects.about(company.contract).latest("pk").verb == "rate agreed"
