"""The same work in a browser that runs no script: every step is a link or a form."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from billing.models import Proforma
from tests.browser.people import Visitor
from tests.company import Company

pytestmark = pytest.mark.django_db(transaction=True)


def test_filter_select_mark_create_and_confirm(company: Company, open_page: Callable[..., Page]):
    company.approved(8, external_description="Survey")
    company.approved(2, external_description="Workshop")
    manager = Visitor(open_page(java_script_enabled=False), company.manager)
    page, listed = manager.page, manager.page.locator("#list")

    manager.visits("/billing/time-material/?all=1")
    expect(listed).to_contain_text("1–2 of 2")
    page.get_by_label("Search entries").fill("survey")
    page.get_by_label("Search entries").press("Enter")
    expect(listed).to_contain_text("1–1 of 1")
    manager.follows("Select all 1 that match")
    manager.sees("All 1 that match are selected")
    page.get_by_role("button", name="Ready", exact=True).click()
    manager.sees("1 marked ready")

    listed.locator("input[type=checkbox][name=row]").check()
    manager.presses("Create proforma")
    page.get_by_label("Invoice date").fill("2026-03-31")
    manager.presses("Preview with this date")
    manager.presses("Create 1 proforma")
    manager.sees("1 proforma created")

    draft = Proforma.objects.get()
    manager.follows(draft.number)
    manager.follows("Confirm")
    manager.presses(f"Confirm {draft.number} for €1,920.00")
    manager.sees("Confirmed. It is read-only now and goes to accounting.")
    assert Proforma.objects.get().status == "confirmed"
