"""A filter that cannot be read is an error at its field: no row is shown, and none is touched.

Every field of every list of billing, with values that no such field can have.
"""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from billing.models import MilestoneShare, Proforma
from core.pages import ListPage
from core.pages.active_filters import parameters
from projects.models import BacklogItem
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.company import Company, invoicing_rows, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

LISTS = (
    "backlog",
    "milestones",
    "advances",
    "retentions",
    "contracts",
    "proformas",
    "uncovered",
    "runs",
    "schedules",
    "why",
    "why-entries",
    "why-milestones",
)
GARBAGE = ("garbage", "0000-99-99", "\U0001f4a9", "x" * 3000)
SENTENCE = "No rows are shown until the filter can be read."


@pytest.fixture
def at() -> Company:
    """A company with a row in each list that sells something."""
    made = Company.bare()
    made.is_managed_by(made.manager)
    rows.approved_hours(made)
    invoicing_rows.draft_of(made, rows.approved_hours(made))
    invoicing_rows.milestone_share(made, "1000")
    return made


@pytest.fixture
def client(at: Company) -> Client:
    return signed_in(at.admit(at.manager, PROJECT_MANAGER, PROJECT_ACCOUNTANT))


def page_class(name: str) -> Any:
    return resolve(reverse(name)).func.view_class  # type: ignore[attr-defined]


def fields_of(at: Company, name: str) -> list[str]:
    request = RequestFactory().get("/")
    request.user = at.manager
    # Of an instance: a field that is asked of the class keeps its choices for every later request.
    filters = page_class(name).filterset_class(request=request).filters
    return [
        parameter for field_name, one in filters.items() for parameter in parameters(field_name, one.field)
    ]


def shows_rows(response: Any) -> bool:
    return bool(response.context["table"].page.paginator.count)


@pytest.mark.parametrize("name", LISTS)
def test_no_value_of_any_field_reads_as_everything_is_invoiced(at: Company, client: Client, name: str):
    empty = str(page_class(name).table_class.empty)
    asked = 0
    for field in fields_of(at, name):
        for value in GARBAGE:
            response = client.get(reverse(name), {field: value})
            assert response.status_code == 200, (field, value)
            text = response.content.decode()
            asked += 1
            if not response.context["filter"].is_valid():
                assert not shows_rows(response), (field, value)
                assert SENTENCE in text, (field, value)
                assert response.context["filter"].form.errors, (field, value)
            assert shows_rows(response) or empty not in text, (field, value)
    assert asked >= len(GARBAGE)


@pytest.mark.parametrize("name", LISTS)
def test_a_name_that_is_no_filter_is_an_error(at: Company, client: Client, name: str):
    response = client.get(reverse(name), {"stauts": "ready"})
    assert not shows_rows(response)
    assert "There is no filter “stauts”." in response.content.decode()
    for known in ("page", "per_page", "sort", "all", "group"):
        assert client.get(reverse(name), {known: "1"}).context["filter"].is_valid(), known


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("backlog", "backlog-ready"),
        ("backlog", "backlog-hold"),
        ("backlog", "backlog-billing-type"),
        ("backlog", "backlog-describe"),
        ("backlog", "backlog-reprice"),
        ("backlog", "backlog-draft"),
        ("milestones", "milestones-ready"),
        ("milestones", "milestones-draft"),
        ("proformas", "proformas-review"),
        ("proformas", "proformas-delete"),
    ],
)
def test_all_that_match_such_a_filter_touches_nothing(at: Company, client: Client, name: str, action: str):
    before = states()
    sent = {
        "scope": "filter",
        "expect_count": "0",
        "go": "1",
        "reason": "waiting",
        "invoice_date": "2026-03-31",
    }
    for query in ("status=garbage", "stauts=ready", "since=0000-99-99" if name != "proformas" else "x=1"):
        response = client.post(reverse(action), sent | {"filter": query})
        assert response.status_code == 422, query
        assert [one.code for one in response.context["refusals"]] == ["unreadable-filter"], query
    assert states() == before


def states() -> list[Any]:
    return [
        *BacklogItem.objects.order_by("pk").values_list("pk", "status", "hold_reason", "billing_type"),
        *MilestoneShare.objects.order_by("pk").values_list("pk", "status"),
        *Proforma.objects.order_by("pk").values_list("pk", "status"),
    ]


def test_every_list_of_billing_is_asked() -> None:
    lists = {one.url_name for one in _subclasses(ListPage) if one.__module__.startswith("billing.")}
    assert {name for name in lists if name} <= set(LISTS)


def _subclasses(of: type) -> set[Any]:
    return {one for child in of.__subclasses__() for one in (child, *_subclasses(child))}
