"""Sending invoices in the admin: who gets what is shown, then sent; what became of it is shown (C14)."""

import pytest
from django.core import mail

from accounting.mailing_invoices import send_invoices
from accounting.models import CustomerInvoice, SentInvoice
from accounting.outbox_handlers import sweep_outbox
from accounting.printing import print_invoices
from core.models import OutboxEntry
from core.states import OutboxStatus
from projects.models import Customer
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company, only
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

INVOICE = "accounting_customerinvoice"
ADDRESS = "accounts@harbour.example"


@pytest.fixture
def invoice(company: Company) -> CustomerInvoice:
    Customer.objects.filter(pk=company.customer.pk).update(email=ADDRESS)
    posted = company.billed()
    print_invoices(only(posted), at=NOW)
    return CustomerInvoice.objects.get(pk=posted.pk)


def test_the_page_says_who_gets_what_and_the_button_sends_it(
    company: Company, accountant: AdminClient, invoice: CustomerInvoice
):
    preview = accountant.shown(f"{INVOICE}_action", invoice.pk, "send").context["preview"]
    assert (preview.summary, preview.submit_label) == ("1 invoice will be sent.", "Send 1 invoice")
    ((*cells,),) = [[str(cell.text) for cell in row] for row in preview.panels[0].rows]
    attached = "the document, the list of hours"
    assert cells == [invoice.number, company.customer.name, ADDRESS, "English", attached, "–"]
    data = {"confirmed": "1", "expect": preview.expect, "with_hours": "on", "with_receipts": "on"}
    answer = accountant.sent(f"{INVOICE}_action", invoice.pk, "send", data=data)
    assert messages_of(answer) == [f"On its way to {ADDRESS}."]
    sweep_outbox(now=NOW)
    assert [letter.to for letter in mail.outbox] == [[ADDRESS]]
    page = accountant.shown(f"{INVOICE}_change", invoice.pk).content.decode()
    assert ADDRESS in page
    assert "handed to the mail server" in page
    hours = accountant.shown(f"{INVOICE}_hours", invoice.pk)
    assert hours.content.startswith(b"%PDF-")


def test_the_language_shown_is_that_of_the_document(accountant: AdminClient, invoice: CustomerInvoice):
    Customer.objects.update(language="de")
    preview = accountant.shown(f"{INVOICE}_action", invoice.pk, "send").context["preview"]
    ((row,),) = [panel.rows for panel in preview.panels]
    assert str(row[3].text) == "English"


def test_what_cannot_be_sent_is_named_and_the_others_go(
    company: Company, accountant: AdminClient, invoice: CustomerInvoice
):
    unprinted = company.billed()
    answer = accountant.chosen(INVOICE, "send", invoice, unprinted)
    preview = answer.context["preview"]
    assert [(one.subject, one.code) for one in preview.refusals] == [(unprinted.number, "not-printed")]
    assert list(preview.targets) == [invoice]


def test_an_address_that_changed_meanwhile_is_shown_first(
    company: Company, accountant: AdminClient, invoice: CustomerInvoice
):
    preview = accountant.shown(f"{INVOICE}_action", invoice.pk, "send").context["preview"]
    Customer.objects.update(email="other@harbour.example")
    data = {"confirmed": "1", "expect": preview.expect, "with_hours": "on"}
    answer = accountant.sent(f"{INVOICE}_action", invoice.pk, "send", data=data)
    assert answer.status_code == 409
    assert not SentInvoice.objects.exists()


def test_a_mail_that_did_not_leave_is_seen_on_list_and_page_with_its_reason(
    company: Company, accountant: AdminClient, invoice: CustomerInvoice
):
    send_invoices(only(invoice), actor=company.accountant, at=NOW)
    OutboxEntry.objects.filter(kind="invoice-mail").update(
        status=OutboxStatus.PARKED, last_error="mailbox unknown"
    )
    assert "Did not leave" in accountant.shown(f"{INVOICE}_changelist").content.decode()
    page = accountant.shown(f"{INVOICE}_change", invoice.pk).content.decode()
    assert "(mailbox unknown)" in page


def test_what_should_have_been_sent_waits(
    company: Company, accountant: AdminClient, invoice: CustomerInvoice
):
    assert "1 customer invoice to send" not in accountant.shown("index").content.decode()
    Customer.objects.update(sends_invoices=True)
    assert "1 customer invoice to send" in accountant.shown("index").content.decode()
    listed = accountant.shown(f"{INVOICE}_changelist", sent="due").content.decode()
    assert invoice.number in listed


def test_a_controller_reads_and_does_not_send(controller: AdminClient, invoice: CustomerInvoice):
    assert controller.sent(f"{INVOICE}_action", invoice.pk, "send").status_code == 403
