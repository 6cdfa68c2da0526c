"""A selection outlives a page that asks, a refusal, another page of the list, and the way back."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Proforma
from projects.models import BacklogItem
from projects.roles import PROJECT_MANAGER
from tests.company import Company, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

BACKLOG = "backlog"


@pytest.fixture
def at() -> Company:
    made = Company.bare()
    made.is_managed_by(made.manager)
    return made


@pytest.fixture
def manager(at: Company) -> Client:
    return signed_in(at.admit(at.manager, PROJECT_MANAGER))


def ticked(response: Any) -> list[int]:
    rows_ = [entry for section in response.context["table"].sections() for entry in section["rows"]]
    return [entry["row"].record.pk for entry in rows_ if entry["is_ticked"]]


def back_of(response: Any) -> str:
    return str(response.context["view"].cancel_url)


@pytest.mark.parametrize(
    "name",
    [
        "backlog-hold",
        "backlog-not-ready",
        "backlog-draft",
        "backlog-billing-type",
        "backlog-describe",
        "backlog-reprice",
    ],
)
def test_back_from_a_page_that_asks_finds_the_rows_ticked(at: Company, manager: Client, name: str):
    first, second = rows.approved_hours(at), rows.approved_hours(at)
    sent = {"row": [second.pk], "filter": "status=open", "query": "status=open&sort=-worked_on"}
    asked = manager.post(reverse(name), sent)
    page = manager.get(back_of(asked))
    assert ticked(page) == [second.pk]
    assert page.context["params"]["sort"] == "-worked_on"
    assert first.pk in [row.record.pk for row in page.context["table"].paginated_rows]


def test_all_that_match_are_selected_again(at: Company, manager: Client):
    sales = [rows.approved_hours(at) for _each in range(3)]
    sent = {
        "scope": "filter",
        "filter": "status=open",
        "query": "status=open",
        "expect_count": "3",
        "expect_sum": "EUR:2400.0000",
        "shown": [one.pk for one in sales],
        "row": [one.pk for one in sales[1:]],
    }
    asked = manager.post(reverse("backlog-hold"), sent)
    page = manager.get(back_of(asked))
    assert ticked(page) == [one.pk for one in sales[1:]]
    assert page.context["kept_totals"][0] == 2


def test_update_shows_the_sums_of_what_is_ticked_without_a_script(at: Company, manager: Client):
    first, second, _third = (rows.approved_hours(at, "8", "100") for _each in range(3))
    deal = rows.contract(at.entity, at.customer, manager=at.manager, currency="USD")
    line = rows.contract_line(deal, at.customer, project=at.project)
    dollars = rows.approved_hours(at, "4", "90", contract=deal, contract_line=line, currency="USD")
    sent = {"row": [first.pk, second.pk, dollars.pk], "filter": "", "query": "all=1"}
    page = manager.post(reverse(BACKLOG), sent, follow=True)
    assert sorted(ticked(page)) == sorted([first.pk, second.pk, dollars.pk])
    count, totals = page.context["kept_totals"]
    assert (count, [(one.currency, one.amount) for one in totals]) == (
        3,
        [("EUR", Decimal(1600)), ("USD", Decimal(360))],
    )
    text = " ".join(page.content.decode().split())
    assert "3 selected of 4" in text
    # The figures above the list are those of the list, not of the selection.
    assert [(one.currency, one.count) for one in page.context["totals"]] == [("EUR", 3), ("USD", 1)]
    assert page.context["kpis"][0]["amounts"] == [(Decimal(2400), "EUR"), (Decimal(360), "USD")]


def test_rows_of_another_page_of_the_list_are_carried_along(at: Company, manager: Client):
    sales = [rows.approved_hours(at) for _each in range(27)]
    sent = {"row": [sales[0].pk], "filter": "", "query": "all=1&per_page=25"}
    page = manager.post(reverse(BACKLOG), sent, follow=True)
    kept = page.request["QUERY_STRING"]
    second = manager.get(f"{reverse(BACKLOG)}?{kept}&page=2")
    (carried,) = second.context["carried"]
    assert (carried[0], carried[1].amount) == (sales[0].pk, 800)
    form = second.content.decode()
    assert re.search(rf'<input type="hidden" name="row" value="{sales[0].pk}" data-carried', form)
    assert "1 selected of 27" in " ".join(form.split())


def test_a_selection_of_rows_that_are_gone_has_no_sums(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    page = manager.post(reverse(BACKLOG), {"row": [sales.pk, 999_999], "query": "all=1"}, follow=True)
    assert page.status_code == 200
    assert page.context["kept_totals"] is None
    for row in ("x", "9" * 40, "-1"):
        assert manager.post(reverse(BACKLOG), {"row": [row], "query": "all=1"}, follow=True).status_code < 500


def test_the_script_forgets_a_selection_once_something_was_done_to_it(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    done = manager.post(reverse("backlog-ready"), {"row": [sales.pk], "query": "all=1"}, follow=True)
    assert "data-done" in done.content.decode()
    assert "data-done" not in manager.get(reverse(BACKLOG), {"all": "1"}).content.decode()
    refused = manager.post(reverse("backlog-ready"), {"row": [sales.pk], "query": "all=1"})
    assert refused.status_code == 422
    assert "data-done" not in manager.get(reverse(BACKLOG), {"all": "1"}).content.decode()


def test_drafting_forgets_it_too(at: Company, manager: Client):
    sales = rows.approved_hours(at)
    BacklogItem.objects.update(status="ready")
    sent = {"row": [sales.pk], "invoice_date": "2026-03-31", "go": "1"}
    manager.post(reverse("backlog-draft"), sent)
    assert Proforma.objects.count() == 1
    assert "data-done" in manager.get(reverse(BACKLOG), {"all": "1"}).content.decode()
