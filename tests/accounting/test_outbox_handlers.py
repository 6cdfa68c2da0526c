"""Each kind of outbox row has its verb, which works on the keys it is given (O1, record 0006)."""

import pytest

from accounting import outbox_handlers
from accounting.models import CustomerInvoice, IntegrationJournalLine, InvoiceDocument, InvoiceProposal
from accounting.outbox_handlers import (
    HANDLERS,
    MAILS,
    actuals_recorded,
    invoice_posted,
    proforma_confirmed,
    sweep_outbox,
)
from core.models import OutboxEntry
from core.outbox import enqueue
from projects.models import ActualEvent
from tests.company import Company
from tests.company.corrections import corrected
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


def test_only_the_given_proformas_are_proposed():
    company = Company()
    for hours in (8, 4):
        company.approved(hours)
        company.confirm(company.draft())
    first, second = OutboxEntry.objects.filter(kind="proforma-confirmed").order_by("pk")
    assert proforma_confirmed([second.payload["key"]], NOW) == {}
    assert list(InvoiceProposal.objects.values_list("proforma", flat=True)) == [second.payload["key"]]
    assert first.status == "pending"


def test_approvals_reach_the_journal_of_their_company_alone():
    one, other = Company(), Company()
    one.approved(8)
    other.approved(4)
    event = ActualEvent.objects.get(legal_entity=one.entity)
    assert actuals_recorded([event.pk], NOW) == {}
    journals = IntegrationJournalLine.objects.values_list("journal__legal_entity", flat=True)
    assert list(journals) == [one.entity.pk, one.entity.pk]


def test_posted_invoices_are_printed():
    company = Company()
    invoice = company.billed(8)
    assert not invoice_posted([invoice.pk], NOW)
    assert InvoiceDocument.objects.get().invoice == CustomerInvoice.objects.get()


def test_keys_of_rows_that_are_gone_fail_nobody():
    for handler in (actuals_recorded, proforma_confirmed, invoice_posted):
        assert not handler([0], NOW)


def test_every_kind_that_is_left_by_a_verb_has_a_handler():
    company = Company()
    company.billed(8)
    assert set(OutboxEntry.objects.values_list("kind", flat=True)) <= set(HANDLERS)
    assert set(HANDLERS) == {
        "actuals-recorded",
        "approval-by-rule",
        "batch-run",
        "budgets-changed",
        "check-books",
        "invoice-posted",
        "invoice-to-send",
        "proforma-confirmed",
    }
    assert set(MAILS) == {
        "account-statement",
        "budget-reached",
        "invoice-mail",
        "password-forgotten",
        "person-invited",
        "prepaid-statement",
        "reminder",
        "reminders-proposed",
        "retention-due",
        "review-answered",
        "review-asked",
    }


def test_a_kind_without_a_handler_waits(monkeypatch):
    enqueue("unheard-of", [1], at=NOW)
    assert sweep_outbox(now=NOW) == 0
    monkeypatch.setitem(outbox_handlers.HANDLERS, "unheard-of", lambda keys, now: None)
    assert sweep_outbox(now=NOW) == 1


def test_what_a_correction_returns_to_the_backlog_is_laid_before_the_accountant():
    """Of eight billed hours two come back: their unbilled sales are in a journal beside the proposal."""
    company = Company()
    invoice = company.billed(8)
    credit = corrected(company, invoice.proposal.proforma, quantity="6")
    before = IntegrationJournalLine.objects.count()
    assert proforma_confirmed([credit.pk], NOW) == {}
    (line,) = IntegrationJournalLine.objects.order_by("pk")[before:]
    assert (line.amount, line.status) == (400, "draft")
    assert InvoiceProposal.objects.filter(proforma=credit).count() == 1
    assert proforma_confirmed([credit.pk], NOW) == {}
    assert IntegrationJournalLine.objects.count() == before + 1
