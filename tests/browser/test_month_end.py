"""The end of a month as its people live it: from approved hours to the printed invoice, in the browser."""

from datetime import date
from hashlib import sha256

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounting.models import CustomerInvoice, InvoiceDocument
from accounting.outbox_handlers import sweep_outbox
from accounting.proving import prove
from billing.models import Proforma
from tests.browser.people import Visitor
from tests.company import Company
from tests.company.text import table

pytestmark = pytest.mark.django_db(transaction=True)

JOURNALS, PROPOSALS = "/admin/accounting/integrationjournal/", "/admin/accounting/invoiceproposal/"


def bills(manager: Visitor) -> Proforma:
    """Filter, tick, mark ready, draft through the preview, bill 6 of 8 hours, confirm."""
    page = manager.page
    manager.visits("/billing/time-material/?all=1")
    expect(page.locator("#list")).to_contain_text("1–3 of 3")
    page.get_by_label("Search entries").fill("survey")
    page.get_by_label("Search entries").press("Enter")
    expect(page.locator("#list")).to_contain_text("1–2 of 2")

    page.get_by_role("checkbox", name="Select all rows of this page").check()
    manager.sees("2 selected of 2", "11.00 h, €2,200.00")
    page.get_by_role("button", name="Ready", exact=True).click()
    manager.sees("2 marked ready")

    page.get_by_role("checkbox", name="Select all rows of this page").check()
    manager.presses("Create 1 proforma, €2,200.00")
    manager.is_at("Create proformas")
    page.get_by_label("Invoice date").fill("2026-03-31")
    manager.presses("Preview with this date")
    expect(page.get_by_role("region", name="Proformas to be created")).to_contain_text("€2,200.00")
    assert not Proforma.objects.exists()
    manager.presses("Create 1 proforma")
    manager.sees("1 proforma created")

    draft = Proforma.objects.get()
    manager.follows(draft.number)
    manager.is_at(draft.number)
    manager.follows("Survey of the north wing")
    page.get_by_label("Quantity", exact=True).fill("6")
    manager.presses("Save")
    manager.sees("1–2 of 2 details, 1 edited", "Net €1,800.00")

    manager.follows("Confirm")
    manager.is_at(f"Confirm {draft.number}")
    manager.sees("The proforma becomes read-only for ever.")
    manager.presses(f"Confirm {draft.number} for €2,160.00")
    manager.sees("Confirmed. It is read-only now and goes to accounting.")
    return draft


def posts(accountant: Visitor, draft: Proforma) -> None:
    """Post the journal, then the proposal, each after a page that says what will happen."""
    page = accountant.page
    accountant.visits(JOURNALS)
    accountant.follows("Post all")
    accountant.sees("Each line gets a voucher, as its cost and revenue profile says; this cannot be undone.")
    accountant.presses("Post 1 journal")
    accountant.sees("6 lines posted, 0 moved to an error journal.")

    accountant.visits(PROPOSALS)
    page.locator("#result_list tbody input[type=checkbox]").check()
    page.get_by_label("Action:").select_option("post")
    page.get_by_title("Run the selected action").click()
    accountant.sees("1 customer invoice over €2,160.00 will be posted.", "RE-2026-00001 (expected)")
    assert not CustomerInvoice.objects.exists()
    accountant.presses("Post 1 invoice and allocate its number")
    accountant.sees("1 invoice posted: RE-2026-00001.")


def test_hours_become_an_invoice_and_the_books_agree(company: Company, manager: Visitor, accountant: Visitor):
    company.approved(8, external_description="Survey of the north wing")
    company.approved(3, external_description="Survey of the south wing", date=date(2026, 3, 3))
    company.approved(2, external_description="Workshop", date=date(2026, 3, 4))

    draft = bills(manager)
    sweep_outbox(now=timezone.now())
    posts(accountant, draft)
    sweep_outbox(now=timezone.now())

    accountant.visits("/invoices/")
    accountant.sees("RE-2026-00001", "2,160.00")
    answer = accountant.page.request.get("/invoices/RE-2026-00001.pdf")
    document = InvoiceDocument.objects.get()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body() == bytes(document.pdf)
    assert sha256(answer.body()).hexdigest() == document.sha256

    assert company.ledger() == table("""
        1400 Trade receivables +2160.00
        1450 Work in progress, sales value +400.00
        1776 Sales tax payable -360.00
        4100 Project cost +1300.00
        4199 Payroll allocation -1300.00
        8400 Invoiced revenue -1800.00
        8450 Accrued revenue, sales value -400.00
    """)
    assert company.backlog() == "2026-03-04 chargeable +2 +400.00 not_ready"
    assert [finding for finding in prove() if finding.count] == []
