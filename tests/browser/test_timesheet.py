"""A week of hours, by keyboard alone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from projects.models import Entry, Task, TeamMember
from projects.roles import TEAM_MEMBER
from projects.states import EntryStatus
from tests.browser.people import PASSWORD, Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def worker(company: Any, open_page: Any) -> Visitor:
    """The worker of the company, on the team, with one entry of this Monday."""
    user = company.person(TEAM_MEMBER)
    user.set_password(PASSWORD)
    user.save()
    company.resource.user = user
    company.resource.save()
    TeamMember.objects.create(project=company.project, resource=company.resource, role=company.role)
    today = company.entity.day_of(timezone.now())
    monday = today - timedelta(days=today.weekday())
    company.entry(2, date=monday, external_description="Kick-off")
    return Visitor(open_page(), user)


def test_a_week_is_typed_described_saved_and_submitted_without_a_mouse(worker):
    page = worker.page
    worker.visits(reverse("my-time"))
    cells = page.locator(".timesheet .cell input")
    cells.first.focus()
    keys = page.keyboard
    keys.press("ControlOrMeta+A")
    keys.type("7:30")
    keys.press("Tab")
    keys.type("4")
    keys.press("Escape")
    keys.type("90m")
    keys.press("Control+s")
    worker.sees("Saved")
    assert list(Entry.objects.order_by("date").values_list("quantity", flat=True)) == [
        Decimal("7.5"),
        Decimal("1.5"),
    ]
    cells.first.focus()
    keys.press("F2")
    expect(page.get_by_label("Description, printed on the invoice")).to_be_focused()
    expect(page.get_by_label("Description, printed on the invoice")).to_have_value("Kick-off")
    keys.press("ControlOrMeta+A")
    keys.type("Planning")
    keys.press("Enter")
    worker.sees("Saved")
    assert Entry.objects.order_by("date")[0].external_description == "Planning"
    page.locator(".timesheet .cell input").first.focus()
    keys.press("Control+Enter")
    worker.sees("Submitted")
    today = Entry.objects.first().legal_entity.day_of(timezone.now())
    waiting = Entry.objects.filter(date__lte=today).values_list("status", flat=True)
    assert set(waiting) == {EntryStatus.SUBMITTED}


def test_enter_and_the_arrows_go_from_row_to_row(worker, company):
    task = Task.objects.create(project=company.project, code="T", name="Tests")
    first = Entry.objects.get()
    company.entry(1, date=first.date, task=task)
    page = worker.page
    worker.visits(reverse("my-time"))
    cells = page.locator(".timesheet .cell input")
    cells.nth(0).focus()
    page.keyboard.press("Enter")
    expect(cells.nth(7)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cells.nth(0)).to_be_focused()
