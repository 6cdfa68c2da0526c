"""An accountant's month by hand: from the bank file to the closed month, every figure to the cent."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounting.models import BankAccount, CustomerInvoice, FiscalPeriod
from accounting.outbox_handlers import sweep_outbox
from accounting.states import PeriodStatus
from billing.models import Proforma
from projects.roles import FINANCE_CONTROLLER
from tests.browser.people import PASSWORD, Visitor
from tests.company import Company
from tests.company.bank_statements import Booked, camt
from tests.company.checking import assert_proven
from tests.company.text import table

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def controller(company: Company, open_page: Any) -> Visitor:
    """The finance controller, signed in: who posts does not close."""
    user = company.person(FINANCE_CONTROLLER)
    user.set_password(PASSWORD)
    user.save()
    return Visitor(open_page(), user)


def imports_and_settles(accountant: Visitor, paid: CustomerInvoice) -> None:
    """A file of the bank with one payment of 1,920.00 and a fee: settled by one click, beside its reasons."""
    page = accountant.page
    accountant.visits("/admin/")
    accountant.is_at("What waits")
    accountant.follows("Import a bank file")
    bank = BankAccount.objects.get(legal_entity=paid.legal_entity)
    page.get_by_label("Bank account").select_option(str(bank.pk))
    content = camt(Booked("1920.00", f"Re {paid.number}", "Alster"), Booked("-9.90", "Account fee"))
    page.get_by_label("File").set_input_files(
        {"name": "april.xml", "mimeType": "application/xml", "buffer": content}
    )
    accountant.presses("Import")
    accountant.sees("2 new bank bookings imported.")
    accountant.is_at("Bank payments")
    accountant.sees("€1,910.10", f"{paid.number} in the text", "The payment settles exactly what is chosen.")
    accountant.presses("Settle €1,920.00")
    accountant.sees(f"€1,920.00 of {paid.customer} entered.")


def posts_the_journal(accountant: Visitor, sales: str, said: str) -> None:
    """Look into the journal, then post all after the page that says what will happen."""
    accountant.follows("Integration journals")
    accountant.follows("IJ-")
    accountant.sees("Totals", sales)
    accountant.follows("What waits")
    accountant.sees("Unbilled sales:", sales)
    accountant.follows("Look at them and post all")
    accountant.presses("Post 1 journal")
    accountant.sees(said)


def posts_the_proposal(accountant: Visitor, gross: str, said: str) -> None:
    """From the first page: what is ready is chosen and posted."""
    page = accountant.page
    accountant.visits("/admin/")
    accountant.sees("Can be posted")
    accountant.follows("Choose and post")
    page.locator("#result_list tbody input[type=checkbox]").check()
    page.get_by_label("Action:").select_option("post")
    page.get_by_title("Run the selected action").click()
    accountant.sees(gross)
    page.locator(".submit-row input[type=submit]").click()
    accountant.sees(said)


def corrects(manager: Visitor, proforma: Proforma) -> None:
    """Eight hours of the invoice become six; what is credited is confirmed by the manager."""
    page = manager.page
    manager.visits(f"/proformas/{proforma.number}/")
    page.get_by_role("main").get_by_role("link", name="Correct", exact=True).click()
    quantity = page.get_by_label("New quantity")
    quantity.fill("6")
    quantity.press("Tab")
    page.get_by_label("Date of a new draft").fill("2026-03-31")
    expect(page.get_by_role("button", name="Draft the correction of")).to_contain_text("−€400.00")
    manager.presses("Draft the correction of")
    credit = Proforma.objects.open().get()
    manager.is_at(credit.number)
    manager.follows("Confirm")
    for box in page.get_by_role("checkbox", name="I have checked").all():
        box.check()
    manager.presses(f"Confirm {credit.number} for")
    manager.sees("Confirmed. It is read-only now and goes to accounting.")


def closes(controller: Visitor, count: int) -> None:
    """January to March, each named with what stops it; then nothing does."""
    page = controller.page
    controller.visits("/admin/")
    controller.follows("Periods and closing")
    for name in ("January 2026", "February 2026", "March 2026"):
        page.locator("#result_list tbody tr", has_text=name).locator("input[type=checkbox]").check()
    page.get_by_label("Action:").select_option("close")
    page.get_by_title("Run the selected action").click()
    controller.sees("Nothing stops it.")
    page.locator(".submit-row input[type=submit]").click()
    controller.sees(f"{count} periods closed.")


def test_a_month_from_the_bank_file_to_the_closing(
    company: Company, manager: Visitor, accountant: Visitor, controller: Visitor
):
    first = company.billed(8)
    company.approved(3, external_description="Survey of the south wing")
    company.confirm(company.draft())
    sweep_outbox(now=timezone.now())

    imports_and_settles(accountant, first)
    posts_the_journal(accountant, "€600.00", "2 lines posted, 0 moved to an error journal.")
    posts_the_proposal(accountant, "€720.00", "1 invoice posted: RE-2026-00002.")
    corrects(manager, first.proposal.proforma)
    sweep_outbox(now=timezone.now())
    posts_the_proposal(accountant, "−€480.00", "1 invoice posted: RE-2026-00003.")
    sweep_outbox(now=timezone.now())
    accountant.visits("/admin/")
    posts_the_journal(accountant, "€400.00", "1 line posted, 0 moved to an error journal.")

    accountant.visits("/admin/")
    accountant.follows("Tax report")
    report = accountant.page.get_by_role("main")
    expect(report).to_contain_text("March 2026")
    # 1,600.00 and 600.00 invoiced, 400.00 credited, at 20 %.
    expect(report.locator("tfoot").first).to_contain_text("1,800.00")
    expect(report.locator("tfoot").first).to_contain_text("360.00")
    accountant.sees("Equal", "RE-2026-00003", "Credit note")

    closes(controller, 3)
    period = FiscalPeriod.objects.get(legal_entity=company.entity, starts_on="2026-03-01")
    assert period.status == PeriodStatus.CLOSED
    assert company.ledger() == table("""
        1200 Bank +1920.00
        1400 Trade receivables +240.00
        1450 Work in progress, sales value +400.00
        1776 Sales tax payable -360.00
        4100 Project cost +1100.00
        4199 Payroll allocation -1100.00
        8400 Invoiced revenue -1800.00
        8450 Accrued revenue, sales value -400.00
    """)
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"
    assert_proven()
