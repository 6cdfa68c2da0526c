"""Post invoice proposals: legal number, tax, balanced voucher, both subledgers, the stamped proforma (C6).

The customer balance is debited against revenue and tax; what was accrued while the work was unbilled is
taken back by exactly the amounts that were posted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, OuterRef, Subquery

from accounting.advance_bases import advance_books
from accounting.booking import open_vouchers, seal_vouchers, write_lines
from accounting.cost_moves import costs_of_invoiced, plan_cost_move, write_cost_move
from accounting.due_dates import due_of_proposal, write_instalments
from accounting.invoice_hashes import hashes_of
from accounting.invoice_posting_lines import PreparedInvoice, prepare_invoice, sums_of
from accounting.invoice_taxes import write_taxes
from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    InvoiceProposal,
    InvoiceProposalLine,
    ProjectTransaction,
    Voucher,
)
from accounting.posting_context import posting_contexts_of
from accounting.posting_order import Earlier, earlier_of, in_order, not_posted_before
from accounting.posting_reasons import Contexts, problems_of, reasons_against_posting
from accounting.querysets import ProposalQuerySet
from accounting.snapshots import snapshot_of
from accounting.states import ProjectTransactionKind, ProposalStatus, VoucherSource
from billing.models import InvoiceLineDetail, Proforma, Retainer, Retention
from billing.numbering import take_numbers
from billing.states import SeriesKind
from core.activity_log import log_activity, states_of
from core.outbox import enqueue
from core.querysets import AnyUser, insert_from
from core.refusals import Refusal, refuse_if
from projects.broken_books import reasons_while_broken
from projects.due_days import DueDays
from projects.states import BALANCES
from projects.tax_rules import tax_rules

BATCH = 500
RELATED = (
    *("legal_entity", "proforma__customer__payment_terms", "proforma__contract__payment_terms"),
    *("proforma__legal_entity", "layout"),
)


@dataclass(frozen=True)
class Outlook:
    """What posting would make of proposals, in the order of their numbers, and the refusals."""

    prepared: tuple[PreparedInvoice, ...]
    refusals: tuple[Refusal, ...]
    contexts: Contexts
    earlier: Earlier


def posting_outlook(
    proposals: ProposalQuerySet, *, actor: AnyUser, invoice_date: date | None = None
) -> Outlook:
    """Prepare the invoices as posting would, refuse nothing and write nothing (C5).

    Amounts are in each proforma's currency. Locks nothing: posting looks again, and refuses for the reasons
    that stand here. The number of statements does not depend on how many proposals or lines.
    """
    return _outlook(list(_loaded(proposals)), actor, invoice_date)


def post_proposals(
    proposals: ProposalQuerySet, *, actor: User, at: datetime, invoice_date: date | None = None
) -> list[CustomerInvoice]:
    """Post a set of invoice proposals as customer invoices, all of them or none.

    Amounts are in each proforma's currency; tax is computed once per code and rate on the group's sum; the
    entity's currency is converted line by line at the rate agreed for the contract, else at that of the
    invoice date. The invoice date is each
    proposal's accounting date unless given. The legal numbers follow the order of the dates, without a gap;
    of one date, invoices come before those that correct them, advances before those that take them off, and
    what keeps back before what releases it. Locks the proposals, their proformas, advances and retentions,
    then the number series. Statements do not depend on how many lines.
    Raises Refused: books-broken, already-posted, own-confirmation, lines-not-posted, customer-on-hold,
    period-closed, period-missing, date-before-last-number, account-missing, profile-missing,
    sales-tax-group-missing, item-tax-group-missing, tax-rule-missing, tax-rate-missing,
    exchange-rate-missing, original-not-posted, advance-not-posted, retention-not-posted,
    characters-not-drawn, not-checked (C6, I5, decision 22).
    """
    with transaction.atomic(durable=True):
        locked = list(_loaded(proposals).locked())
        # Number, date and tax are written on them below: whoever else writes to them waits.
        list(Proforma.objects.filter(proposal__in=locked).locked())
        # What of advances and retentions is left in the books is read below: nobody takes it off meanwhile.
        details = InvoiceLineDetail.objects.filter(proposal_line__proposal__in=locked)
        list(Retainer.objects.filter(pk__in=details.values("retainer")).locked())
        list(Retention.objects.filter(pk__in=details.values("retention")).locked())
        # Looked at again under the locks: what the accountant saw may be minutes old.
        outlook = _outlook(locked, actor, invoice_date)
        refuse_if(outlook.refusals)
        prepared = list(outlook.prepared)

        # From here on nothing may be refused.
        invoices = _invoices(prepared, outlook.earlier, invoice_date, actor, at)
        _book(invoices, prepared, invoice_date, actor, at)
        _stamp_proformas(invoices)
        InvoiceProposal.objects.walk(locked, InvoiceProposal.post)
        log_activity(
            "posted",
            locked,
            actor=actor,
            at=at,
            from_states=states_of(locked),
            to_state=ProposalStatus.POSTED,
            own_facts=_hashes(invoices),
        )
        _move_costs(invoices, outlook.contexts, actor, at)
        # Printing follows the commit: a renderer that is slow or fails holds no number back (C7, O1).
        enqueue("invoice-posted", [invoice.pk for invoice in invoices], at=at)
    return invoices


def _hashes(invoices: list[CustomerInvoice]) -> dict[int, dict[str, object]]:
    """What each of them is, for the log: nobody changes it afterwards without being found (J1, S5)."""
    posted = CustomerInvoice.objects.filter(pk__in=[invoice.pk for invoice in invoices])
    return {proposal: {"hashes": hashes} for proposal, hashes in hashes_of(posted).items()}


def _loaded(proposals: ProposalQuerySet) -> ProposalQuerySet:
    """With what posting reads of each, the sections of its layout too."""
    return proposals.select_related(*RELATED).prefetch_related("layout__named_sections")


def _outlook(proposals: list[InvoiceProposal], actor: AnyUser, invoice_date: date | None) -> Outlook:
    days = {one.pk: _day(one, invoice_date) for one in proposals}
    earlier = earlier_of(proposals)
    # Numbers follow the dates (L5), so the whole set is worked in the order in which it is numbered.
    ordered = in_order(proposals, earlier, days)
    contexts = posting_contexts_of(one.legal_entity for one in ordered)
    prepared = _prepared(ordered, contexts, days, invoice_date)
    broken = reasons_while_broken(one.legal_entity for one in ordered)
    refusals = [*broken, *reasons_against_posting(ordered, contexts, actor, days), *problems_of(prepared)]
    subjects = {one.subject for one in refusals}
    refused = [one.pk for one in ordered if str(one) in subjects]
    refusals += not_posted_before(ordered, earlier, refused)
    return Outlook(tuple(prepared), tuple(refusals), contexts, earlier)


def _day(proposal: InvoiceProposal, invoice_date: date | None) -> date:
    return invoice_date or proposal.accounting_date


def _prepared(
    proposals: list[InvoiceProposal], contexts: Contexts, days: dict[int, date], invoice_date: date | None
) -> list[PreparedInvoice]:
    rules = tax_rules()
    sums = sums_of(proposals, rules, invoice_date)
    books = advance_books({key: one.advances for key, one in sums.items()})
    return [
        prepare_invoice(one, sums[one.pk], contexts[one.legal_entity_id], rules, books, days[one.pk])
        for one in proposals
    ]


def _invoices(
    prepared: list[PreparedInvoice], earlier: Earlier, invoice_date: date | None, actor: User, at: datetime
) -> list[CustomerInvoice]:
    dues = [_due(one, invoice_date) for one in prepared]
    invoices = [
        _invoice(one, _day(one.proposal, invoice_date), due, actor, at)
        for one, due in zip(prepared, dues, strict=True)
    ]
    # In order of entity and year, so that two who post lock the series in one order (D10).
    keys = sorted({(one.legal_entity_id, one.invoice_date.year) for one in invoices})
    for entity_id, year in keys:
        mine = [one for one in invoices if (one.legal_entity_id, one.invoice_date.year) == (entity_id, year)]
        numbers = take_numbers(mine[0].legal_entity, SeriesKind.CUSTOMER_INVOICE, year, len(mine))
        for offset, (invoice, number) in enumerate(zip(mine, numbers, strict=True)):
            invoice.series, invoice.series_number = numbers.series, numbers.first + offset
            invoice.number = number
    posted = {one.proposal.proforma_id: one for one in invoices}
    for invoice, one, due in zip(invoices, prepared, dues, strict=True):
        # Names, terms and rates as of now, because the row is never changed once it is written (J1).
        corrected = [_named(each, posted) for each in earlier.originals.get(one.proposal.proforma_id, ())]
        invoice.snapshot = snapshot_of(invoice, one.taxes, corrected, parts=due.parts)
    made = CustomerInvoice.objects.bulk_create(invoices, batch_size=BATCH)
    write_instalments(zip(made, dues, strict=True))
    return made


def _due(prepared: PreparedInvoice, invoice_date: date | None) -> DueDays:
    proposal = prepared.proposal
    return due_of_proposal(proposal, _day(proposal, invoice_date), prepared.gross_amount)


def _named(original: Proforma, posted: dict[int, CustomerInvoice]) -> Proforma:
    """What a credit note names, with the number that it takes in this set."""
    if (invoice := posted.get(original.pk)) is not None:
        original.customer_invoice_number = invoice.number
        original.customer_invoice_date = invoice.invoice_date
    return original


def _invoice(
    prepared: PreparedInvoice, day: date, due: DueDays, actor: User, at: datetime
) -> CustomerInvoice:
    proposal, proforma = prepared.proposal, prepared.proposal.proforma
    return CustomerInvoice(
        legal_entity=proposal.legal_entity,
        proposal=proposal,
        customer=proforma.customer,
        invoice_date=day,
        due_date=due.last,
        discount_percent=due.discount_percent,
        discount_until=due.discount_until,
        currency=proforma.currency,
        net_amount=prepared.net_amount,
        tax_amount=prepared.tax_amount,
        gross_amount=prepared.gross_amount,
        posted_by=actor,
        posted_at=at,
    )


def _book(
    invoices: list[CustomerInvoice],
    prepared: list[PreparedInvoice],
    invoice_date: date | None,
    actor: User,
    at: datetime,
) -> None:
    write_taxes(invoices, prepared, invoice_date)
    # An invoice over nothing moves no account: it has a number and a document, but no voucher.
    moving = [(invoice, one) for invoice, one in zip(invoices, prepared, strict=True) if one.lines]
    vouchers = _vouchers([invoice for invoice, _one in moving], actor, at)
    for invoice, one in moving:
        for line in one.lines:
            line.voucher = vouchers[invoice.pk]
    write_lines(line for _invoice, one in moving for line in one.lines)
    CustomerTransaction.objects.bulk_create(
        [_owed(invoice, one, vouchers[invoice.pk]) for invoice, one in moving if one.gross_amount],
        batch_size=BATCH,
    )
    _project_transactions(invoices, prepared, vouchers)
    seal_vouchers(list(vouchers.values()))


def _vouchers(invoices: list[CustomerInvoice], actor: User, at: datetime) -> dict[int, Voucher]:
    by_invoice: dict[int, Voucher] = {}
    entities = {one.legal_entity_id: one.legal_entity for one in invoices}
    for entity_id in sorted(entities):
        sources = [(one.pk, one.invoice_date) for one in invoices if one.legal_entity_id == entity_id]
        vouchers = open_vouchers(
            entities[entity_id],
            SeriesKind.INVOICE_VOUCHER,
            sources,
            source_kind=VoucherSource.CUSTOMER_INVOICE,
            actor=actor,
            at=at,
        )
        by_invoice |= {voucher.source_id: voucher for voucher in vouchers}
    return by_invoice


def _owed(invoice: CustomerInvoice, prepared: PreparedInvoice, voucher: Voucher) -> CustomerTransaction:
    return CustomerTransaction(
        legal_entity=invoice.legal_entity,
        customer=invoice.customer,
        voucher=voucher,
        invoice=invoice,
        date=invoice.invoice_date,
        due_date=invoice.due_date,
        currency=invoice.currency,
        amount=prepared.gross_amount,
        base_amount=prepared.base_amount,
    )


def _project_transactions(
    invoices: list[CustomerInvoice], prepared: list[PreparedInvoice], vouchers: Mapping[int, Voucher]
) -> None:
    """Write what was invoiced to the project subledger: in one statement; what waits with its base."""
    lines = InvoiceProposalLine.objects.filter(proposal__customer_invoice__in=invoices)
    voucher = Voucher.objects.filter(
        source_kind=VoucherSource.CUSTOMER_INVOICE, source_id=OuterRef("proposal__customer_invoice__pk")
    )
    insert_from(
        ProjectTransaction,
        lines.exclude(detail__transaction_class__in=BALANCES),
        actual=F("actual"),
        kind=ProjectTransactionKind.INVOICED,
        project=F("detail__line__contract_line__project"),
        accounting_date=F("proposal__customer_invoice__invoice_date"),
        currency=F("proposal__proforma__currency"),
        amount=F("amount"),
        voucher=Subquery(voucher.values("pk")[:1]),
    )
    ProjectTransaction.objects.bulk_create(
        [
            ProjectTransaction(
                actual_id=line.actual_id,
                kind=ProjectTransactionKind.INVOICED,
                project_id=line.project_id,
                accounting_date=invoice.invoice_date,
                currency=invoice.currency,
                amount=line.net,
                base_amount=base,
                voucher=vouchers.get(invoice.pk),
            )
            for invoice, one in zip(invoices, prepared, strict=True)
            for line, base in one.advances.of_line.items()
        ],
        batch_size=BATCH,
    )


def _move_costs(invoices: list[CustomerInvoice], contexts: Contexts, actor: User, at: datetime) -> None:
    """Cost leaves the balance on the day on which the revenue of its work is recognised (P16)."""
    if not costs_of_invoiced([one.proposal_id for one in invoices]).exists():
        return
    days = sorted({(one.legal_entity_id, one.invoice_date) for one in invoices})
    for entity_id, day in days:
        posted = [one for one in invoices if (one.legal_entity_id, one.invoice_date) == (entity_id, day)]
        costs = costs_of_invoiced([one.proposal_id for one in posted])
        plan = plan_cost_move(costs, contexts[entity_id], day)
        if isinstance(plan, list):
            refuse_if(plan)
        else:
            write_cost_move(plan, actor=actor, at=at)


def _stamp_proformas(invoices: list[CustomerInvoice]) -> None:
    """Write number, date and tax of the invoices on their proformas: billing never reads upwards (I1)."""
    proformas = []
    for invoice in invoices:
        proforma, group_id = invoice.proposal.proforma, invoice.proposal.sales_tax_group_id
        day, tax = invoice.invoice_date, invoice.tax_amount
        proforma.post(number=invoice.number, on=day, tax=tax, tax_group_id=group_id)
        proformas.append(proforma)
    names = ("number", "date", "tax", "tax_group")
    stamps = ["status", *(f"customer_invoice_{name}" for name in names)]
    Proforma.objects.bulk_update(proformas, stamps, batch_size=200)
