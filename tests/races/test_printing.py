"""Several workers who print the same invoices at once: the first print is kept, and nobody fails (C7)."""

from accounting.models import CustomerInvoice, InvoiceDocument
from accounting.outbox_handlers import sweep_outbox
from accounting.printing import print_invoices
from core.models import Activity, OutboxEntry
from core.states import OutboxStatus
from tests.company import Company
from tests.company.rows import NOW
from tests.races.starting import MARKS, at_once

pytestmark = MARKS

FOUR = 4
INVOICES = 3


def billed() -> list[int]:
    company = Company()
    return [company.billed(8).pk for _each in range(INVOICES)]


def test_four_printers_keep_one_document_of_each_invoice_and_none_fails():
    keys = billed()
    chosen = CustomerInvoice.objects.filter(pk__in=keys)
    answers = at_once(*[lambda: print_invoices(chosen.all(), at=NOW)] * FOUR)
    assert all(isinstance(answer, int) for answer in answers), answers
    assert sum(answers) == INVOICES
    assert sorted(InvoiceDocument.objects.values_list("invoice", flat=True)) == keys
    printed = Activity.objects.filter(verb="printed").values_list("subject_id", flat=True)
    assert sorted(printed) == keys


def test_two_sweeps_print_the_same_invoices_and_note_no_failure():
    keys = billed()
    at_once(*[lambda: sweep_outbox(now=NOW)] * 2)
    entries = OutboxEntry.objects.filter(kind="invoice-posted")
    assert {(one.status, one.attempts) for one in entries} == {(OutboxStatus.DONE, 0)}
    assert sorted(InvoiceDocument.objects.values_list("invoice", flat=True)) == keys
