"""Each step of the set-up is done where it stands in the list, and leads back to it (A13)."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.views.set_up_steps import STEP_PAGES
from projects.models import (
    Customer,
    LegalEntity,
    PriceList,
    Project,
    ProjectContract,
    Resource,
    Role,
    RolePrice,
    TeamMember,
)
from projects.roles import ADMINISTRATOR, FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

SET_UP = "/setup/"
COMPANY = {
    "name": "Nordkai Consulting GmbH",
    "short_name": "Nordkai",
    "code": "nord",
    "address": "Am Sandtorkai 48\n20457 Hamburg",
    "country": "DE",
    "currency": "EUR",
    "language": "de",
    "timezone": "Europe/Berlin",
    "first_day": "2026-01-01",
    "chart": "skr04",
    "accrues": "on",
    "taxes": "de",
    "role_names": "Consultant\nProject lead",
}


@pytest.fixture
def founder(db):
    return signed_in(User.objects.create_superuser("root", password="x"))


@pytest.fixture
def founded(founder):
    founder.post(reverse("setup-company"), COMPANY)
    return founder


def opened(client) -> str:
    """The step that stands open in the list."""
    page = client.get(SET_UP)
    return page.context["opened"].key if "opened" in page.context else ""


def step(client, key: str, **fields):
    """Send the form of a step: the address it led to, or the codes of what is wrong."""
    answer = client.post(reverse(f"setup-{key}"), fields)
    if answer.status_code == 302:
        return answer["Location"]
    refusals = [one.code for one in answer.context.get("refusals", ())]
    return refusals or sorted(answer.context["form"].errors)


def test_from_nothing_to_a_contract_without_leaving_the_list(founder):
    assert opened(founder) == "company"
    assert step(founder, "company", **COMPANY) == SET_UP
    entity, consultant = LegalEntity.objects.get(), Role.objects.get(name="Consultant")

    assert opened(founder) == "people"
    mia = {"legal_entity": entity.pk, "first_name": "Mia", "last_name": "Otte", "username": "mia"}
    mia |= {
        "roles": [TEAM_MEMBER],
        "code": "mia",
        "billed_as": consultant.pk,
        "password": "a quiet afternoon",
    }
    assert step(founder, "people", **mia) == SET_UP

    assert opened(founder) == "customers"
    customer = {"legal_entity": entity.pk, "number": "K-10001", "name": "Alster Logistik AG"}
    customer |= {
        "billing_address": "Kai 1",
        "country": "DE",
        "currency": "EUR",
        "payment_terms": rows.terms(14).pk,
    }
    assert step(founder, "customers", **customer) == SET_UP
    alster = Customer.objects.get()
    assert (alster.short_name, alster.language, alster.payment_terms.net_days) == (
        "Alster Logistik AG",
        "de",
        14,
    )

    assert opened(founder) == "prices"
    prices = {"legal_entity": entity.pk, "name": "Sales prices", "context": "sales", "currency": "EUR"}
    prices |= {"starts_on": "2026-01-01", f"price-{consultant.pk}": "142.50"}
    assert step(founder, "prices", **prices) == SET_UP
    made = PriceList.objects.get()
    assert (made.starts_on, made.role_prices.get().price) == (date(2026, 1, 1), RolePrice.objects.get().price)

    assert opened(founder) == "project"
    root, worker = User.objects.get(username="root"), Resource.objects.get(code="mia")
    project = {"legal_entity": entity.pk, "number": "PRJ-1", "name": "Build", "customer": alster.pk}
    project |= {"manager": root.pk, "task_names": "Ingest\n\n Load \n", "people": [worker.pk]}
    assert step(founder, "project", **project) == SET_UP
    build = Project.objects.get()
    assert list(build.tasks.values_list("code", "name")) == [("T1", "Ingest"), ("T2", "Load")]
    assert TeamMember.objects.get().role == consultant

    assert opened(founder) == "contract"
    contract = {"name": "Build", "project": build.pk, "billing_method": "time_and_material"}
    led_to = step(founder, "contract", **contract)
    agreed = ProjectContract.objects.get()
    assert led_to == reverse("contract-confirm", args=[agreed.number])
    assert founder.get(led_to).status_code == 200
    founder.post(led_to, {"go": ""})
    agreed = ProjectContract.objects.get()
    assert (agreed.status, agreed.customer, agreed.currency) == ("confirmed", alster, "EUR")
    assert agreed.lines.get().customers.get().split_percent == 100
    # Hours and invoice take several people, each on their own pages.
    assert opened(founder) == ""


def test_what_is_refused_stands_in_the_step_with_what_was_typed(founded):
    entity = LegalEntity.objects.get()
    customer = {"legal_entity": entity.pk, "number": "K-1", "name": "Alster AG", "vat_id": "DE81123456"}
    customer |= {
        "billing_address": "Kai 1",
        "country": "DE",
        "currency": "EUR",
        "payment_terms": rows.terms(14).pk,
    }
    answer = founded.post(reverse("setup-customers"), customer)
    text = answer.content.decode()
    # At the field itself, with the way out.
    (said,) = answer.context["form"].errors["vat_id"]
    assert "DE81123456" in said
    assert "leave it empty and add it before the first invoice" in said
    assert (answer.status_code, answer.context["refusals"]) == (422, [])
    assert 'value="DE81123456"' in text
    assert 'id="step-customers"' in text
    assert "Set up Nordkai" in text
    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("key", "fields", "wrong"),
    [
        ("company", COMPANY, ["code"]),
        ("books", {"first_day": "2026-01-01"}, ["first_day"]),
        ("people", {"username": "mia"}, ["first_name", "last_name", "legal_entity", "roles"]),
        ("prices", {"name": "Sales", "context": "sales", "currency": "EUR"}, ["legal_entity"]),
        ("contract", {"name": "Build"}, ["billing_method", "project"]),
    ],
)
def test_a_step_says_what_is_missing_or_taken(founded, key, fields, wrong):
    before = [LegalEntity.objects.count(), User.objects.count(), PriceList.objects.count()]
    assert step(founded, key, **fields) == wrong
    assert [LegalEntity.objects.count(), User.objects.count(), PriceList.objects.count()] == before


def test_a_list_without_a_price_is_asked_for_one_and_one_of_the_same_days_is_refused(founded):
    entity, role = LegalEntity.objects.get(), Role.objects.get(name="Consultant")
    fields = {"legal_entity": entity.pk, "name": "Sales", "context": "sales", "currency": "EUR"}
    assert step(founded, "prices", **fields) == [f"price-{role.pk}"]
    fields[f"price-{role.pk}"] = "142.50"
    assert step(founded, "prices", **fields) == SET_UP
    assert step(founded, "prices", **fields | {"name": "Other"}) == ["lists-overlap"]
    # Where there is a sales list, the next one says what hours cost.
    form = founded.get(reverse("setup-prices")).context["form"]
    assert form["context"].value() == "cost"


def test_a_project_is_added_with_everything_or_not_at_all(founded):
    entity, root = LegalEntity.objects.get(), User.objects.get(username="root")
    fields = {"legal_entity": entity.pk, "number": "P-1", "name": "Build", "manager": root.pk}
    assert step(founded, "project", **fields, task_names="x" * 121) == ["task_names"]
    assert not Project.objects.exists()
    assert step(founded, "project", **fields, task_names="Ingest") == SET_UP
    assert step(founded, "project", **fields, task_names="Load") == ["number"]
    assert list(Project.objects.get().tasks.values_list("name", flat=True)) == ["Ingest"]


def test_a_further_year_is_opened_in_the_list(founded):
    form = founded.get(reverse("setup-books")).context["form"]
    assert str(form["first_day"].value()) == "2027-01-01"
    assert step(founded, "books", first_day="2027-01-01") == SET_UP
    assert LegalEntity.objects.get().fiscal_periods.count() == 24


def test_a_file_chosen_in_a_step_leads_back_to_the_list(founded):
    entity, address = LegalEntity.objects.get(), reverse("import-records", args=["customers"])
    text = "number,name,billing address,country,currency\nK-1,Alster AG,Kai 1,DE,EUR\n"
    file = SimpleUploadedFile("file.csv", text.encode(), content_type="text/csv")
    page = founded.post(address, {"legal_entity": entity.pk, "file": file, "from": "setup"})
    assert '<input type="hidden" name="from" value="setup">' in page.content.decode()
    sent = {"legal_entity": entity.pk, "carried": page.context["file"], "from": "setup"}
    assert founded.post(address, sent)["Location"] == SET_UP
    assert Customer.objects.get().number == "K-1"


def test_before_there_is_a_company_every_other_step_leads_to_the_list(founder):
    for key in STEP_PAGES.keys() - {"company"}:
        assert founder.get(reverse(f"setup-{key}"))["Location"] == SET_UP
        assert founder.post(reverse(f"setup-{key}"))["Location"] == SET_UP


MAY = {
    "company": {FINANCE_CONTROLLER},
    "books": {FINANCE_CONTROLLER},
    "people": {ADMINISTRATOR},
    "customers": {PROJECT_MANAGER, PROJECT_ACCOUNTANT},
    "prices": {PROJECT_ACCOUNTANT},
    "project": {PROJECT_MANAGER, PROJECT_ACCOUNTANT},
    "contract": {PROJECT_MANAGER, PROJECT_ACCOUNTANT},
}


@pytest.mark.parametrize(
    "role", [PROJECT_MANAGER, PROJECT_ACCOUNTANT, FINANCE_CONTROLLER, ADMINISTRATOR, TEAM_MEMBER]
)
def test_each_role_opens_its_own_steps_and_no_other(role):
    at = Company()
    client = signed_in(at.person(role))
    allowed = {key for key in STEP_PAGES if client.get(reverse(f"setup-{key}")).status_code == 200}
    assert allowed == {key for key, roles in MAY.items() if role in roles}
    for key in STEP_PAGES.keys() - allowed:
        assert client.post(reverse(f"setup-{key}")).status_code == 403, key


def test_a_step_offers_what_its_reader_sees_and_nothing_of_another_company():
    at, other = Company(), Company()
    manager = at.person(PROJECT_MANAGER)
    mine = rows.project(at, manager=manager, customer=at.customer)
    rows.project(at, customer=at.customer)
    form = signed_in(manager).get(reverse("setup-contract")).context["form"]
    assert list(form.fields["project"].queryset) == [mine]
    form = signed_in(manager).get(reverse("setup-project")).context["form"]
    assert at.resource in form.fields["people"].queryset
    assert other.resource not in form.fields["people"].queryset
