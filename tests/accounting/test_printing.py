"""Print once and keep the bytes; a reprint is those facts marked as a copy (C7, I6)."""

import hashlib
from datetime import date

import pytest

from accounting.models import CustomerInvoice, InvoiceDocument
from accounting.printing import print_invoices, reprint
from accounting.snapshots import facts_of
from core.models import Activity
from projects.models import Customer, LegalEntity, Resource
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def test_a_posted_invoice_is_printed_once_and_kept():
    company = Company()
    invoice = company.billed(8)
    assert print_invoices(CustomerInvoice.objects.all(), at=NOW) == 1
    document = InvoiceDocument.objects.get()
    pdf = bytes(document.pdf)
    assert pdf.startswith(b"%PDF-")
    assert (document.invoice, document.rendered_at) == (invoice, NOW)
    assert document.sha256 == hashlib.sha256(pdf).hexdigest()
    log = Activity.objects.get(verb="printed")
    assert (log.subject_id, log.actor) == (invoice.pk, company.accountant)

    assert print_invoices(CustomerInvoice.objects.all(), at=NOW) == 0
    assert bytes(InvoiceDocument.objects.get().pdf) == pdf


def test_a_copy_says_what_the_original_said_whatever_people_are_called_today():
    company = Company()
    invoice = company.billed(8)
    before = reprint(invoice, on=date(2026, 5, 1))
    print_invoices(CustomerInvoice.objects.all(), at=NOW)
    Resource.objects.filter(pk=company.resource.pk).update(name="Renamed")
    assert reprint(invoice, on=date(2026, 5, 1)) == before
    assert facts_of(invoice).sections[0].lines[0].person == "Renamed"


def test_what_changes_later_does_not_change_the_document():
    company = Company()
    invoice = company.billed(8)
    before = reprint(invoice, on=date(2026, 5, 1))
    Customer.objects.filter(pk=company.customer.pk).update(name="Renamed", billing_address="Elsewhere")
    LegalEntity.objects.filter(pk=company.entity.pk).update(name="Renamed", iban="DE00")
    invoice = CustomerInvoice.objects.get()
    assert reprint(invoice, on=date(2026, 5, 1)) == before
    assert reprint(invoice, on=date(2026, 5, 2)) != before
    assert not InvoiceDocument.objects.exists()
