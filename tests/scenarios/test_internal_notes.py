"""A note stays inside: no document says what was written for colleagues, however it was recorded (B10)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.proforma_facts import facts_of
from projects.entering import TimeReport, enter_time
from projects.models import Entry
from projects.roles import PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

NOTE = "They never pay on time"


@pytest.fixture
def at() -> Company:
    made = Company()
    made.is_managed_by(made.person(PROJECT_MANAGER))
    return made


def printed(at: Company, **columns) -> list[str]:
    at.approved(8, description=NOTE, **columns)
    return [line.text for section in facts_of(at.draft(), []).sections for line in section.lines]


def test_a_description_is_printed_and_the_note_beside_it_is_not(at: Company):
    assert printed(at, external_description="Load test") == ["Load test"]


def test_work_without_a_description_is_called_by_its_task(at: Company):
    assert printed(at, external_description="", task=at.task("Ingest")) == ["Ingest"]


def test_an_expense_without_a_description_is_called_by_its_category(at: Company):
    at.sells_expenses_at_cost_plus("0")
    category = at.categories["expense"]
    assert printed(at, kind="expense", price=Decimal(500), external_description="") == [category.name]


def test_what_is_about_nothing_bears_the_name_of_the_line(at: Company):
    assert printed(at, external_description="", category=None) == [at.line.name]


def test_the_page_of_the_draft_shows_what_will_be_printed(at: Company):
    at.approved(8, description=NOTE, external_description="", task=at.task("Ingest"))
    page = signed_in(at.manager).get(reverse("proforma", args=[at.draft().number])).content.decode()
    assert NOTE not in page.partition("<main")[2]
    assert ">Ingest</a>" in page


def test_a_note_alone_is_recorded_as_a_note_alone(at: Company):
    at.admit(at.worker, TEAM_MEMBER)
    report = TimeReport(at.project, at.task("Ingest"), at.role, DAY, Decimal(4), description=NOTE)
    enter_time(at.resource, report, actor=at.worker, at=NOW)
    enter_time(at.resource, replace(report, external_description="Load test"), actor=at.worker, at=NOW)
    said = Entry.objects.order_by("pk").values_list("description", "external_description")
    assert list(said) == [(NOTE, ""), (NOTE, "Load test")]
