"""The document of a proposal before it is posted: no legal number, marked as a proforma (C5)."""

from dataclasses import replace

from django.contrib.auth.models import User

from accounting.due_dates import due_of_proposal
from accounting.invoice_posting_lines import PreparedInvoice
from accounting.invoicing import posting_outlook
from accounting.models import CustomerInvoice, InvoiceProposal
from accounting.posting_reasons import problems_of
from accounting.snapshots import invoice_facts, snapshot_of
from accounting.undrawn_texts import reasons_against_texts
from billing.correction_rows import originals_of
from billing.proforma_facts import kind_of, named_originals
from core.documents.document_data import document_data
from core.documents.layouts import layout_from
from core.documents.rendering import render_document
from core.refusals import refuse_if


def preview_document(proposal: InvoiceProposal, *, actor: User) -> bytes:
    """The invoice as it would be printed if it were posted now, as a proforma under the proforma's number.

    Amounts are in the proforma's currency, with the signs of the books also where posting makes a credit
    note of it. Writes nothing and locks nothing. Raises Refused when it cannot be drawn up:
    account-missing, profile-missing, sales-tax-group-missing, item-tax-group-missing, tax-rule-missing,
    tax-rate-missing, exchange-rate-missing, characters-not-drawn (C5).
    """
    proposals = InvoiceProposal.objects.filter(pk=proposal.pk)
    (draft,) = posting_outlook(proposals, actor=actor).prepared
    # Only what leaves the document without a figure: a closed period does not change what it says.
    refuse_if([*problems_of([draft]), *reasons_against_texts([draft.proposal])])
    unposted = _unposted(draft)
    # Never a legal number: it is taken when the invoice is posted, and a preview uses none up (L3).
    proforma = draft.proposal.proforma
    originals = originals_of([proforma]).get(proforma.pk, [])
    facts = replace(
        invoice_facts(unposted),
        kind="proforma",
        number=proforma.number,
        originals=named_originals(originals),
        original_kind=kind_of(originals),
    )
    return render_document(document_data(facts, layout=layout_from(unposted.snapshot["layout"])))


def _unposted(draft: PreparedInvoice) -> CustomerInvoice:
    """The invoice in memory: what posting would store, without series, number and poster."""
    proposal = draft.proposal
    customer = proposal.proforma.customer
    due = due_of_proposal(proposal, proposal.accounting_date, draft.gross_amount)
    invoice = CustomerInvoice(
        legal_entity=proposal.legal_entity,
        proposal=proposal,
        customer=customer,
        number=proposal.proforma.number,
        invoice_date=proposal.accounting_date,
        due_date=due.last,
        discount_percent=due.discount_percent,
        discount_until=due.discount_until,
        currency=proposal.proforma.currency,
        net_amount=draft.net_amount,
        tax_amount=draft.tax_amount,
        gross_amount=draft.gross_amount,
    )
    invoice.snapshot = snapshot_of(invoice, draft.taxes, parts=due.parts)
    return invoice
