"""The order of lines and details by page: typed, by buttons, and when two people are at it (B7)."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.adding import refresh_drafts
from billing.forms.order import OFFERED
from billing.models import InvoiceLine, Proforma
from billing.states import DetailOrder
from billing.views.ordering import ORDERED
from projects.roles import PROJECT_ACCOUNTANT
from tests.billing.proforma_pages import form_of
from tests.company import Company, details_of, only
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


@pytest.fixture
def colleague(company: Company) -> Client:
    """Another person who may edit the same draft."""
    user = company.person(PROJECT_ACCOUNTANT)
    user.first_name, user.last_name = "Jonas", "Weber"
    user.save()
    return signed_in(user)


@pytest.fixture
def three(company: Company) -> Proforma:
    """Analysis, Build and Check, on three days."""
    for nth, text in enumerate(("Analysis", "Build", "Check")):
        company.approved(1, external_description=text, date=date(2026, 3, 2 + nth))
    return company.draft()


def address(draft: Proforma) -> str:
    return reverse("proforma-line-order", args=[draft.number, draft.lines.get().pk])


def texts(draft: Proforma) -> list[str]:
    return [one.external_description for one in details_of(draft).in_order()]


def key(draft: Proforma, text: str) -> int:
    return details_of(draft).get(external_description=text).pk


def send(client: Client, at: str, **sent: Any) -> Any:
    return client.post(at, form_of(client.get(at)) | sent)


def test_a_detail_is_moved_by_one_button(manager, three):
    page = manager.get(reverse("proforma", args=[three.number])).content.decode()
    assert address(three) in page
    check = key(three, "Check")
    shown = manager.get(address(three)).content.decode()
    assert 'aria-label="Move Check up"' in shown
    # For a mouse; without the script the handles stay hidden.
    assert shown.count("data-handle hidden") == 3
    assert re.search(r"js/order[.\w]*\.js", shown)
    assert f'value="{check}:2"' in shown
    answer = send(manager, address(three), move=f"{check}:2")
    assert (answer.status_code, answer["Location"]) == (302, f"{address(three)}?moved={check}#r{check}")
    assert texts(three) == ["Analysis", "Check", "Build"]
    # The row that was moved has the focus, so that it goes on by the keyboard.
    again = manager.get(f"{address(three)}?moved={check}").content.decode()
    assert f'name="place-{check}" value="2"' in again
    assert again.count("autofocus") == 1
    manager.get(f"{address(three)}?moved=9999999999999999999999")


def test_the_activity_says_each_move_once(manager, three):
    send(manager, address(three), move=f"{key(three, 'Check')}:2")
    page = manager.get(reverse("proforma", args=[three.number])).content.decode()
    assert page.count("Position: 3 → 2") == 1


def test_places_are_typed_and_several_go_at_once(manager, three):
    places = {f"place-{key(three, 'Check')}": "1", f"place-{key(three, 'Analysis')}": "3"}
    send(manager, address(three), **places)
    assert texts(three) == ["Check", "Build", "Analysis"]
    history = manager.get(reverse("proforma", args=[three.number])).content.decode()
    assert "Position: 3 → 1" in history


@pytest.mark.parametrize("typed", ["0", "4", "-1", "first", "", "99999999999999999999"])
def test_what_is_no_place_is_said_at_its_field(manager, three, typed):
    check = key(three, "Check")
    answer = send(manager, address(three), **{f"place-{check}": typed})
    assert answer.status_code == 422
    assert f"place-{check}" in answer.context["form"].errors
    assert texts(three) == ["Analysis", "Build", "Check"]


@pytest.mark.parametrize(
    "sent", [{"move": "x"}, {"move": "1:1:1"}, {"by": "colour"}, {"seen": "{"}, {"seen": '{"1": "x"}'}]
)
def test_what_no_button_sends_moves_nothing(manager, three, sent):
    assert send(manager, address(three), **sent).status_code in (409, 422)
    assert texts(three) == ["Analysis", "Build", "Check"]


def test_a_whole_line_is_ordered_by_one_button(manager, three):
    send(manager, address(three), **{f"place-{key(three, 'Check')}": "1"})
    assert "By hand" in manager.get(address(three)).content.decode()
    answer = manager.post(address(three), form_of(manager.get(address(three))) | {"by": "date"}, follow=True)
    assert "Ordered by date: documents print it so." in answer.content.decode()
    assert texts(three) == ["Analysis", "Build", "Check"]
    assert InvoiceLine.objects.get().detail_order == DetailOrder.DATE


def test_every_button_that_orders_a_line_has_a_sentence_of_its_own():
    assert [str(ORDERED[by]) for by in OFFERED] == [
        "Ordered by date: documents print it so.",
        "Ordered by person: documents print it so.",
        "Ordered by task: documents print it so.",
    ]


def test_the_second_one_sees_both_orders_and_keeps_the_own_one(manager, colleague, three):
    mine, theirs = form_of(manager.get(address(three))), form_of(colleague.get(address(three)))
    check, build = key(three, "Check"), key(three, "Build")
    colleague.post(address(three), theirs | {"move": f"{check}:1"})
    asked = manager.post(address(three), mine | {f"place-{build}": "1"})
    assert asked.status_code == 409
    assert texts(three) == ["Check", "Analysis", "Build"]
    versions = asked.context["versions"]
    assert [(one.label, one.theirs, one.mine) for one in versions.fields] == [("Build", "3", "1")]
    page = asked.content.decode()
    assert ("Jonas Weber saved this, " in page, "Keep mine" in page, "Take theirs" in page) == (True,) * 3
    assert manager.post(address(three), form_of(asked)).status_code == 302
    assert texts(three) == ["Build", "Check", "Analysis"]


def test_a_line_is_moved_before_the_others(manager, company, three):
    company.milestone("500")
    refresh_drafts(only(three), actor=company.manager, at=NOW)
    order = reverse("proforma-order", args=[three.number])
    assert order in manager.get(reverse("proforma", args=[three.number])).content.decode()
    fixed = three.lines.get(name="Fixed").pk
    send(manager, order, move=f"{fixed}:1")
    assert [line.name for line in InvoiceLine.objects.filter(proforma=three).in_order()] == ["Fixed", "Hours"]
    shown = manager.get(reverse("proforma", args=[three.number]))
    assert [section.title for section in shown.context["sections"]] == ["Fixed", "Hours"]


def test_a_hundred_rows_a_page_go_anywhere(manager, company, three):
    for _each in range(100):
        company.add_by_hand(three, company.line)
    first = key(three, "Analysis")
    shown = manager.get(address(three))
    assert (shown.context["page"].paginator.count, len(shown.context["rows"])) == (103, 100)
    send(manager, address(three), **{f"place-{first}": "103"})
    assert list(details_of(three).in_order().values_list("pk", flat=True))[-1] == first


def test_nobody_orders_what_is_confirmed_or_without_the_right(manager, company, three):
    order = reverse("proforma-order", args=[three.number])
    worker = signed_in(company.person("Team member"))
    assert (worker.get(order).status_code, worker.get(address(three)).status_code) == (403, 403)
    company.confirm(three)
    assert (manager.get(order).status_code, manager.get(address(three)).status_code) == (404, 404)
    assert order not in manager.get(reverse("proforma", args=[three.number])).content.decode()
