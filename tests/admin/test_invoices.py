"""Customer invoices in the admin: read, downloaded, printed once, copied, never changed."""

import hashlib
from decimal import Decimal

import pytest

from accounting.admin import ledger
from accounting.models import CustomerInvoice, InvoiceDocument
from projects.models import ProjectContract
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company

pytestmark = pytest.mark.django_db

INVOICE = "accounting_customerinvoice"


def test_an_invoice_is_printed_once_and_downloaded_as_it_was_printed(
    company: Company, accountant: AdminClient
):
    invoice = company.billed()
    assert accountant.shown(f"{INVOICE}_document", invoice.pk).status_code == 404
    answer = accountant.sent(f"{INVOICE}_action", invoice.pk, "print")
    assert messages_of(answer) == ["1 document printed."]
    again = accountant.chosen(INVOICE, "print", invoice)
    assert messages_of(again)[-1] == "0 documents printed."

    kept = InvoiceDocument.objects.get()
    answer = accountant.shown(f"{INVOICE}_document", invoice.pk)
    assert hashlib.sha256(answer.content).hexdigest() == kept.sha256
    assert answer["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert kept.sha256 in accountant.shown(f"{INVOICE}_change", invoice.pk).content.decode()


def test_a_copy_is_other_bytes_and_is_not_kept(company: Company, accountant: AdminClient):
    invoice = company.billed()
    accountant.sent(f"{INVOICE}_action", invoice.pk, "print")
    original = accountant.shown(f"{INVOICE}_document", invoice.pk).content
    copy = accountant.shown(f"{INVOICE}_copy", invoice.pk).content
    assert (copy[:5], copy != original) == (b"%PDF-", True)
    assert InvoiceDocument.objects.count() == 1


def test_nothing_of_a_posted_invoice_can_be_changed_or_deleted(
    company: Company, accountant: AdminClient, controller: AdminClient
):
    invoice = company.billed()
    for admin_client in (accountant, controller):
        assert admin_client.sent(f"{INVOICE}_change", invoice.pk, data={"number": "RE-1"}).status_code == 403
        assert admin_client.sent(f"{INVOICE}_delete", invoice.pk, data={"post": "yes"}).status_code == 403
        assert admin_client.sent(f"{INVOICE}_add", data={"number": "RE-1"}).status_code == 403
        data = {"action": "delete_selected", "_selected_action": invoice.pk, "index": 0, "post": "yes"}
        assert admin_client.sent(f"{INVOICE}_changelist", data=data).status_code in (200, 302)
    kept = CustomerInvoice.objects.get()
    assert (kept.pk, kept.number) == (invoice.pk, invoice.number)


def test_controllers_read_documents_and_do_not_print(company: Company, controller: AdminClient):
    invoice = company.billed()
    assert controller.shown(f"{INVOICE}_change", invoice.pk).status_code == 200
    assert controller.sent(f"{INVOICE}_action", invoice.pk, "print").status_code == 403
    assert not InvoiceDocument.objects.exists()


def test_the_voucher_shows_both_sides_and_leads_to_its_source(company: Company, accountant: AdminClient):
    invoice = company.billed()
    voucher = invoice.customer_transaction.voucher
    page = accountant.shown("accounting_voucher_change", voucher.pk)
    lines, source = page.context["panels"]
    booked = [(str(row[0].text), row[4].text, row[5].text) for row in lines.rows]
    assert booked == [
        ("1400 Trade receivables", "€1,920.00", ""),
        ("8400 Invoiced revenue", "", "€1,600.00"),
        ("1776 Sales tax payable", "", "€320.00"),
        ("8450 Accrued revenue, sales value", "€1,600.00", ""),
        ("1450 Work in progress, sales value", "", "€1,600.00"),
    ]
    assert source.rows[0][1].url == f"/admin/accounting/customerinvoice/{invoice.pk}/change/"


def test_amounts_say_net_tax_and_total_before_what_is_kept_back(company: Company, accountant: AdminClient):
    terms = {"retention_percent": Decimal(10), "retention_months": 3}
    ProjectContract.objects.filter(pk=company.contract.pk).update(**terms)
    invoice = company.billed()
    for name, key in ((INVOICE, invoice.pk), ("billing_proforma", invoice.proposal.proforma_id)):
        panels = {str(one.title): one for one in accountant.shown(f"{name}_change", key).context["panels"]}
        assert [(str(row[0].text), row[1].text) for row in panels["Amounts"].rows] == [
            ("Net", "€1,600.00"),
            ("Tax", "€320.00"),
            ("Total", "€1,920.00"),
            ("Kept back", "\u2212€160.00"),
            ("To pay now", "€1,760.00"),
        ]


def test_net_is_before_what_is_kept_back_in_lists_and_before_posting(
    company: Company, accountant: AdminClient
):
    ProjectContract.objects.filter(pk=company.contract.pk).update(retention_percent=Decimal(10))
    company.approved(8)
    company.journalise()
    company.confirm(company.draft())
    proposal = company.proposals().get()
    panels = (
        accountant.shown("accounting_invoiceproposal_action", proposal.pk, "post").context["preview"].panels
    )
    invoices, taxes, totals = ([[str(cell.text) for cell in row] for row in one.rows] for one in panels)
    assert invoices[0][-3:] == totals[0][-3:] == ["€1,600.00", "€320.00", "€1,760.00"]
    assert taxes == [["VAT", "20%", "€1,600.00", "€320.00"]]
    assert [str(one) for one in panels[2].heads][-3:] == ["Net", "Tax", "To pay"]
    for name, count in (("accounting_invoiceproposal", 1), ("billing_proforma", 1)):
        page = accountant.shown(f"{name}_changelist").content.decode()
        assert (page.count("€1,600.00"), page.count("€1,440.00")) == (count, 0)


def test_a_proposal_shows_rates_with_their_unit_and_what_is_kept_back_as_an_amount(
    company: Company, accountant: AdminClient
):
    ProjectContract.objects.filter(pk=company.contract.pk).update(retention_percent=Decimal(10))
    proposal = company.billed().proposal
    (lines,) = (
        one
        for one in accountant.shown("accounting_invoiceproposal_change", proposal.pk).context["panels"]
        if str(one.title) == "Lines"
    )
    assert [(row[4].text, row[5].text, row[6].text) for row in lines.rows] == [
        ("8.00\xa0h", "200.00/h", "€1,600.00"),
        ("–", "–", "\u2212€160.00"),
    ]


def test_a_panel_that_stops_says_how_many_rows_there_are(
    company: Company, accountant: AdminClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ledger, "LINES_SHOWN", 2)
    voucher = company.billed().customer_transaction.voucher
    lines, _source = accountant.shown("accounting_voucher_change", voucher.pk).context["panels"]
    assert (len(lines.rows), lines.lines) == (2, ("Rows shown: 2 of 5.",))
    monkeypatch.setattr(ledger, "LINES_SHOWN", 5)
    lines, _source = accountant.shown("accounting_voucher_change", voucher.pk).context["panels"]
    assert (len(lines.rows), lines.lines) == (5, ())
