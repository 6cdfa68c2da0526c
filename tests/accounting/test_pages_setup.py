"""From an empty installation by a superuser's own hands: company, people, customers, projects (A13)."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from projects.models import (
    Customer,
    LegalEntity,
    PaymentTerms,
    PriceList,
    Project,
    Resource,
    Role,
    Task,
    TeamMember,
)
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.states import PriceContext
from tests.company import Company
from tests.company.people import person, signed_in

pytestmark = pytest.mark.django_db

COMPANY = {
    "name": "Nordkai Consulting GmbH",
    "short_name": "Nordkai",
    "code": "nord",
    "address": "Am Sandtorkai 48\n20457 Hamburg",
    "country": "DE",
    "currency": "EUR",
    "language": "en-gb",
    "timezone": "Europe/Berlin",
    "vat_id": "DE327118450",
    "first_day": "2026-01-01",
    "chart": "skr04",
    "accrues": "on",
    "taxes": "de",
    "role_names": "Consultant\nProject lead",
}


@pytest.fixture
def founder(db):
    return signed_in(User.objects.create_superuser("root", password="x"))


def states(client) -> dict[str, str]:
    page = client.get(reverse("setup"))
    assert page.status_code == 200
    return {one.step.key: one.state for part in page.context["parts"] for one in part["steps"]}


def test_an_empty_installation_begins_with_the_company(founder):
    assert states(founder) == {
        "company": "next",
        "books": "later",
        "people": "later",
        "customers": "later",
        "prices": "later",
        "project": "later",
        "contract": "later",
        "hours": "later",
        "invoice": "later",
    }


def test_a_superuser_founds_a_company_and_goes_on_step_by_step(founder):
    answer = founder.post(reverse("found-company"), COMPANY)
    assert answer["Location"] == reverse("setup"), answer.context["form"].errors
    entity = LegalEntity.objects.get(code="nord")
    assert entity.fiscal_periods.count() == 12
    after = states(founder)
    assert founder.session["time_zone"] == entity.timezone
    assert (after["company"], after["people"], after["customers"]) == ("done", "next", "can")

    role = Role.objects.get(name="Consultant")
    mia = {"legal_entity": entity.pk, "first_name": "Mia", "last_name": "Otte", "username": "mia"}
    mia |= {"roles": [TEAM_MEMBER], "code": "mia", "billed_as": role.pk, "password": "a quiet afternoon"}
    assert founder.post(reverse("add-person"), mia).status_code == 302
    assert Resource.objects.get(code="mia").user.username == "mia"
    assert states(founder)["people"] == "gap"

    customer = {"legal_entity": entity.pk, "number": "K-10001", "name": "Alster Logistik AG"}
    customer |= {"billing_address": "Kai 1\n20457 Hamburg", "country": "DE", "currency": "EUR"}
    customer |= {"language": "de", "payment_terms": PaymentTerms.objects.get(net_days=30).pk}
    answer = founder.post(reverse("add-customer"), customer)
    made = Customer.objects.get(number="K-10001")
    assert answer["Location"] == reverse("customer", args=[made.pk])
    assert made.short_name == "Alster Logistik AG"
    assert founder.get(answer["Location"]).status_code == 200

    manager = User.objects.get(username="root")
    project = {"legal_entity": entity.pk, "number": "PRJ-1", "name": "Build", "customer": made.pk}
    answer = founder.post(reverse("add-project"), project | {"manager": manager.pk, "budget_hours": "40"})
    build = Project.objects.get(number="PRJ-1")
    assert answer["Location"] == reverse("project", args=[build.pk])
    founder.post(reverse("add-task", args=[build.pk]), {"code": "T1", "name": "Ingest"})
    team = {"resource": Resource.objects.get(code="mia").pk, "role": role.pk, "starts_on": "2026-01-05"}
    founder.post(reverse("add-team-member", args=[build.pk]), team)
    assert (Task.objects.get().name, TeamMember.objects.get().resource.code) == ("Ingest", "mia")
    page = founder.get(reverse("project", args=[build.pk]))
    assert page.status_code == 200
    assert states(founder)["project"] == "done"


def test_suggested_numbers_count_on(founder):
    founder.post(reverse("found-company"), COMPANY)
    entity = LegalEntity.objects.get()
    Customer.objects.create(
        legal_entity=entity, number="K-0099", name="A", short_name="A", billing_address="x", currency="EUR"
    )
    assert founder.get(reverse("add-customer")).context["form"].initial["number"] == "K-0100"


def test_what_is_refused_comes_back_with_the_form_filled(founder):
    founder.post(reverse("found-company"), COMPANY)
    answer = founder.post(reverse("found-company"), COMPANY | {"iban": "DE00", "vat_id": "DE1"})
    assert answer.status_code == 422
    assert [one.code for one in answer.context["refusals"]] == [
        "code-taken",
        "vat-id-malformed",
        "iban-malformed",
    ]
    assert 'value="Nordkai Consulting GmbH"' in answer.content.decode()


def test_a_company_is_changed_and_a_year_is_added(founder):
    founder.post(reverse("found-company"), COMPANY)
    entity = LegalEntity.objects.get()
    fields = {name: value for name, value in COMPANY.items() if name not in ("code", "currency")}
    answer = founder.post(reverse("change-company", args=[entity.pk]), fields | {"bank_name": "Hansebank"})
    assert answer.status_code == 302
    assert LegalEntity.objects.get().bank_name == "Hansebank"
    page = founder.get(reverse("add-fiscal-year", args=[entity.pk]))
    assert str(page.context["form"].initial["first_day"]) == "2027-01-01"
    founder.post(reverse("add-fiscal-year", args=[entity.pk]), {"first_day": "2027-01-01"})
    assert entity.fiscal_periods.count() == 24


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (PROJECT_MANAGER, {"customers", "project", "contract", "hours", "invoice"}),
        (PROJECT_ACCOUNTANT, {"customers", "project", "prices", "invoice"}),
        (ADMINISTRATOR, {"people"}),
    ],
)
def test_each_role_sees_what_it_can_do_and_who_does_the_rest(role, may):
    at = Company.bare()
    client = signed_in(at.person(role))
    page = client.get(reverse("setup"))
    shown = [one for part in page.context["parts"] for one in part["steps"]]
    assert {one.step.key for one in shown if one.may_do} == may


def address_of(key: str, client) -> str:
    page = client.get(reverse("setup"))
    address = next(one.url for part in page.context["parts"] for one in part["steps"] if one.step.key == key)
    assert not address or client.get(address).status_code == 200
    return address


def test_first_hours_are_where_the_reader_can_bring_them_on():
    at = Company()
    accountant, manager = at.person(PROJECT_ACCOUNTANT), at.person(PROJECT_MANAGER)
    at.is_managed_by(manager)
    founder = User.objects.create_superuser("root", password="x")
    at.admit(founder)
    assert address_of("hours", signed_in(founder)) == reverse("import-hours")
    assert address_of("hours", signed_in(accountant)) == reverse("import-hours")
    assert address_of("hours", signed_in(manager)) == ""
    at.submitted(8)
    assert address_of("hours", signed_in(founder)) == reverse("approvals")
    assert address_of("hours", signed_in(manager)) == reverse("approvals")
    assert address_of("hours", signed_in(accountant)) == reverse("import-hours")


def test_the_first_invoice_is_where_its_next_step_is():
    at = Company()
    accountant, manager = signed_in(at.person(PROJECT_ACCOUNTANT)), signed_in(at.person(PROJECT_MANAGER))
    assert address_of("invoice", manager) == f"{reverse('backlog')}?status=open&type=1"
    at.approved(8)
    at.confirm(at.draft())
    assert address_of("invoice", manager) == f"{reverse('proformas')}?all=1"
    assert address_of("invoice", accountant) == reverse("admin:index")
    page = accountant.get(reverse("setup")).content.decode()
    assert "1 proforma. What is confirmed is posted by somebody else, in Accounting." in page


def test_hours_without_a_cost_are_a_gap_of_the_prices():
    at = Company()
    manager = signed_in(at.person(PROJECT_MANAGER))
    assert states(manager)["prices"] == "done"
    PriceList.objects.filter(context=PriceContext.COST).delete()
    assert states(manager)["prices"] == "gap"
    assert "No cost price list yet" in manager.get(reverse("setup")).content.decode()


def test_the_list_is_closed_to_those_who_set_up_nothing_and_leaves_the_sidebar_when_done():
    at = Company()
    assert signed_in(at.person(TEAM_MEMBER)).get(reverse("setup")).status_code == 403
    manager = signed_in(at.person(PROJECT_MANAGER))
    address = f'href="{reverse("setup")}"'
    assert address in manager.get(reverse("customers")).content.decode()
    controller = signed_in(at.person(FINANCE_CONTROLLER))
    assert ">Company" not in controller.get(reverse("customers")).content.decode()
    at.billed()
    assert address not in manager.get(reverse("customers")).content.decode()
    # Who opens the fiscal years still finds the page, under another name.
    later = controller.get(reverse("customers")).content.decode()
    assert (later.count(address), "Set-up" in later.partition("<main")[0]) == (1, False)
    assert "Fiscal year and books: Add" in controller.get(reverse("setup")).content.decode()


def test_strangers_are_not_led_anywhere(db):
    assert signed_in(person()).get(reverse("found-company")).status_code == 403


def test_an_administrator_begins_with_the_people(db):
    page = signed_in(Company().person(ADMINISTRATOR)).get(reverse("overview")).content.decode()
    assert f'href="{reverse("people")}"' in page.partition("<main")[2]
