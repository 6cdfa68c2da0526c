"""A confirmed proforma is corrected in the browser: eight hours to six, figures follow what is typed."""

import pytest
from playwright.sync_api import expect

from accounting.proving import prove
from billing.models import Proforma
from tests.browser.people import Visitor
from tests.company import Company
from tests.company.text import table

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_hours_become_six_and_two_wait(company: Company, manager: Visitor):
    company.approved(8, external_description="Survey of the north wing")
    (first,) = company.confirm(company.draft())
    page = manager.page
    manager.visits(f"/proformas/{first.number}/")
    page.get_by_role("main").get_by_role("link", name="Correct", exact=True).click()
    manager.is_at(f"Correct {first.number}")

    # The figures follow when a field is left, and the field that somebody is in keeps what is typed there.
    quantity = page.get_by_label("New quantity")
    quantity.fill("6")
    quantity.press("Tab")
    expect(page.locator("#draft-says")).to_contain_text("−€400.00")
    expect(page.locator("#sums")).to_contain_text("1,200.00")
    expect(page.get_by_role("button", name="Draft the correction of")).to_contain_text("−€400.00")
    expect(quantity).to_have_value("6")
    assert Proforma.objects.count() == 1

    manager.presses("Draft the correction of")
    manager.sees("Correction drafted: check it, then confirm it like any proforma")
    credit = Proforma.objects.open().get()
    manager.is_at(credit.number)
    manager.follows("Confirm")
    for box in page.get_by_role("checkbox", name="I have checked").all():
        box.check()
    manager.presses(f"Confirm {credit.number} for")
    manager.sees("Confirmed. It is read-only now and goes to accounting.")

    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  invoiced
        unbilled  chargeable  -8  -1600.00  mirror
        billed    chargeable  +8  +1600.00  adjusted
        unbilled  chargeable  +6  +1200.00  invoiced
        unbilled  chargeable  +2   +400.00  not_ready
        unbilled  chargeable  -6  -1200.00  mirror
        billed    chargeable  +6  +1200.00
        billed    chargeable  -8  -1600.00  mirror
    """)
    assert [finding.proof.code for finding in prove() if finding.count] == []
