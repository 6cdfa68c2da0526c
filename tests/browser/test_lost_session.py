"""A session that ends while somebody works: signing in again leads back to what was entered."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from billing.models import Proforma
from tests.billing.proforma_pages import only_detail
from tests.browser.people import PASSWORD, Visitor
from tests.browser.test_accessibility import WIDE, faults_of
from tests.company import Company

pytestmark = pytest.mark.django_db(transaction=True)


def signs_in_again(page: Page, user: Any) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sign in")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def draft_of(company: Company) -> Proforma:
    company.approved(8)
    return company.draft()


def test_a_form_stands_filled_after_signing_in_again(company: Company, open_page: Any):
    detail = only_detail(draft_of(company))
    page = open_page(java_script_enabled=False)
    visitor = Visitor(page, company.manager)
    visitor.visits(reverse("proforma-detail-edit", args=[detail.line.proforma.number, detail.pk]))
    page.get_by_label("Description on the invoice").fill("Workshop with Mia")
    page.context.clear_cookies()
    visitor.presses("Save")
    signs_in_again(page, company.manager)
    visitor.sees("Your session had ended. What you entered was kept: look at it, then send it again.")
    expect(page.get_by_label("Description on the invoice")).to_have_value("Workshop with Mia")
    visitor.presses("Save")
    visitor.sees("Saved. The totals are added up again.", "Workshop with Mia")


def test_an_action_waits_for_a_click_after_signing_in_again(company: Company, open_page: Any):
    draft = draft_of(company)
    company.edit(draft, quantity="6")
    page = open_page(viewport=WIDE)
    visitor = Visitor(page, company.manager)
    visitor.visits(reverse("proforma", args=[draft.number]))
    page.context.clear_cookies()
    visitor.presses("Revert")
    signs_in_again(page, company.manager)
    visitor.is_at("Your session had ended")
    assert list(faults_of(page, "kept form")) == []
    assert only_detail(draft).quantity == 6  # noqa: PLR2004 - the hours of the edit
    visitor.presses("Send it again")
    visitor.is_at(draft.number)
    assert only_detail(draft).quantity == 8  # noqa: PLR2004 - what was approved
