"""When the invoice of a proposal is to be paid, and its instalments as they are stored (C11)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from accounting.models import CustomerInvoice, InvoiceInstalment, InvoiceProposal
from core.money import ZERO
from projects.due_days import DueDays, due_of
from projects.payment_terms import agreed_terms

BATCH = 500


def due_of_proposal(proposal: InvoiceProposal, day: date, gross: Decimal) -> DueDays:
    """The due days of an invoice over `gross`, dated on a day; what accounting has entered comes first.

    Contract and customer of the proforma are loaded with their terms.
    """
    proforma = proposal.proforma
    terms = agreed_terms(proforma.contract, proforma.customer)
    return due_of(terms, day, gross, proforma.currency, agreed=proposal.due_date)


def instalments_of(invoice: CustomerInvoice, due: DueDays) -> list[InvoiceInstalment]:
    """The instalments of an invoice, unsaved; none where it is due as a whole."""
    rows, through = [], ZERO
    for number, (day, amount) in enumerate(due.parts, 1):
        through += amount
        rows.append(
            InvoiceInstalment(invoice=invoice, number=number, due_date=day, amount=amount, through=through)
        )
    return rows


def write_instalments(dues: Iterable[tuple[CustomerInvoice, DueDays]]) -> None:
    """Store the instalments of invoices; no statement where none has any."""
    rows = [row for invoice, due in dues for row in instalments_of(invoice, due)]
    if rows:
        InvoiceInstalment.objects.bulk_create(rows, batch_size=BATCH)
