"""Post invoice proposals: legal number, tax, balanced voucher, both subledgers, the stamped proforma (C6).

The customer balance is debited against revenue and tax; what was accrued while the work was unbilled is
taken back by exactly the amounts that were posted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounting.blocking import blocking_counts
from accounting.booking import open_vouchers, seal_vouchers, write_lines
from accounting.invoice_posting_lines import PreparedInvoice, names_of, prepare_invoice, sums_of
from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    InvoiceProposal,
    InvoiceProposalLine,
    InvoiceTax,
    ProjectTransaction,
    Voucher,
)
from accounting.posting_context import PostingContext, posting_contexts_of
from accounting.querysets import ProposalQuerySet
from accounting.snapshots import snapshot_of
from accounting.states import ProjectTransactionKind, ProposalStatus, VoucherSource
from billing.correction_rows import originals_of
from billing.models import Proforma
from billing.numbering import take_numbers
from billing.states import SeriesKind
from core.activity_log import log_activity, states_of
from core.outbox import enqueue
from core.querysets import AnyUser, insert_from
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.tax_rules import tax_rules

BATCH = 500
Contexts = dict[int, PostingContext]
"""Posting contexts by the key of their legal entity."""
RELATED = ("legal_entity", "proforma__customer", "proforma__contract", "proforma__legal_entity")


@dataclass(frozen=True)
class Outlook:
    """What posting would make of proposals, in the order of their numbers, and the refusals."""

    prepared: tuple[PreparedInvoice, ...]
    refusals: tuple[Refusal, ...]
    contexts: Contexts


def posting_outlook(
    proposals: ProposalQuerySet, *, actor: AnyUser, invoice_date: date | None = None
) -> Outlook:
    """Prepare the invoices as posting would, refuse nothing and write nothing (C5).

    Amounts are in each proforma's currency. Locks nothing: posting looks again, and refuses for the reasons
    that stand here. The number of statements does not depend on how many proposals or lines.
    """
    return _outlook(list(proposals.select_related(*RELATED)), actor, invoice_date)


def post_proposals(
    proposals: ProposalQuerySet, *, actor: User, at: datetime, invoice_date: date | None = None
) -> list[CustomerInvoice]:
    """Post a set of invoice proposals as customer invoices, all of them or none.

    Amounts are in each proforma's currency; tax is computed once per code and rate on the group's sum; the
    entity's currency is converted line by line at the invoice date's rate. The invoice date is each
    proposal's accounting date unless given. The legal numbers follow the order of the dates, without a gap.
    Locks the proposals, their proformas, then the number series. Statements do not depend on how many
    lines. Raises Refused: already-posted, own-confirmation, lines-not-posted, period-closed, date-before-
    last-number, account-missing, profile-missing, tax-rate-missing, exchange-rate-missing,
    original-not-posted (C6, I5).
    """
    with transaction.atomic(durable=True):
        locked = list(proposals.select_related(*RELATED).locked())
        # Number, date and tax are written on them below: whoever else writes to them waits.
        list(Proforma.objects.filter(proposal__in=locked).locked())
        # Looked at again under the locks: what the accountant saw may be minutes old.
        outlook = _outlook(locked, actor, invoice_date)
        refuse_if(outlook.refusals)
        prepared = list(outlook.prepared)

        # From here on nothing may be refused.
        invoices = _invoices(prepared, invoice_date, actor, at)
        _book(invoices, prepared, actor, at)
        _stamp_proformas(invoices)
        InvoiceProposal.objects.walk(locked, InvoiceProposal.post)
        log_activity(
            "posted",
            locked,
            actor=actor,
            at=at,
            from_states=states_of(locked),
            to_state=ProposalStatus.POSTED,
        )
        # Printing follows the commit: a renderer that is slow or fails holds no number back (C7, O1).
        enqueue("invoice-posted", [invoice.pk for invoice in invoices], at=at)
    return invoices


def _outlook(proposals: list[InvoiceProposal], actor: AnyUser, invoice_date: date | None) -> Outlook:
    # Numbers follow the dates (L5), so the whole set is worked in the order in which it is numbered.
    proposals.sort(key=lambda one: (_day(one, invoice_date), one.pk))
    contexts = posting_contexts_of(one.legal_entity for one in proposals)
    prepared = _prepared(proposals, contexts, invoice_date)
    refusals = (*_reasons_against(proposals, contexts, actor, invoice_date), *_problems(prepared))
    return Outlook(tuple(prepared), refusals, contexts)


def _day(proposal: InvoiceProposal, invoice_date: date | None) -> date:
    return invoice_date or proposal.accounting_date


def _prepared(
    proposals: list[InvoiceProposal], contexts: Contexts, invoice_date: date | None
) -> list[PreparedInvoice]:
    rules = tax_rules()
    sums = sums_of(proposals, rules, invoice_date)
    return [
        prepare_invoice(one, sums[one.pk], contexts[one.legal_entity_id], rules, _day(one, invoice_date))
        for one in proposals
    ]


def _reasons_against(
    proposals: list[InvoiceProposal],
    contexts: Contexts,
    actor: AnyUser,
    invoice_date: date | None,
) -> Iterable[Refusal]:
    blocking = blocking_counts(proposals)
    originals = originals_of(proposal.proforma for proposal in proposals)
    last_days = _last_days(proposals)
    for proposal in proposals:
        subject, day = str(proposal), _day(proposal, invoice_date)
        if proposal.status != ProposalStatus.DRAFT:
            message = _("It is posted already.")
            yield Refusal(
                "already-posted", message, subject, _("To change it, open its proforma and choose “Correct”.")
            )
        # The database refuses this too; here it is said in words and for the whole set (S2).
        if proposal.proforma.confirmed_by_id == actor.pk:
            message = _("Whoever confirmed a proforma does not post its invoice.")
            yield Refusal("own-confirmation", message, subject, _("Ask another accountant."))
        # Their accrual is not in the books yet, so posting could not take it back (decision 14).
        if proposal.pk in blocking:
            message = ngettext(
                "%(count)s of its lines is not posted in the integration journal.",
                "%(count)s of its lines are not posted in the integration journal.",
                blocking[proposal.pk],
            )
            way_out = _("Post the journals that hold them first.")
            yield Refusal("lines-not-posted", message % {"count": blocking[proposal.pk]}, subject, way_out)
        yield from _originals_not_posted(originals.get(proposal.proforma_id, ()), subject)
        if not contexts[proposal.legal_entity_id].is_open_on(day):
            message = _("%(day)s lies in a closed period.") % {"day": written(day)}
            yield Refusal("period-closed", message, subject, _("Choose a date in an open period."))
        # The database refuses it as well, for a number that was taken since this was looked at (L5).
        last = last_days.get((proposal.legal_entity_id, day.year))
        if last is not None and day < last:
            message = _("The last invoice of this series is dated %(last)s.") % {"last": written(last)}
            yield Refusal("date-before-last-number", message, subject, _("Choose that date or a later one."))


def _originals_not_posted(originals: Iterable[Proforma], subject: str) -> Iterable[Refusal]:
    """A credit note names the invoice it corrects, which has no number before it is posted (I5)."""
    for original in originals:
        if not original.customer_invoice_number:
            message = _("It corrects %(number)s, which is not posted yet.") % {"number": original.number}
            way_out = _("Post the invoice of %(number)s first.") % {"number": original.number}
            yield Refusal("original-not-posted", message, subject, way_out)


PROBLEMS = {
    "account": ("account-missing", gettext_lazy("No account is set for the posting type %(name)s.")),
    "profile": ("profile-missing", gettext_lazy("No cost and revenue profile applies to %(name)s lines.")),
    "tax-rate": ("tax-rate-missing", gettext_lazy("Tax code %(name)s has no rate on the invoice date.")),
    "exchange-rate": (
        "exchange-rate-missing",
        gettext_lazy("There is no exchange rate of %(name)s on the invoice date."),
    ),
}


def _problems(prepared: list[PreparedInvoice]) -> Iterable[Refusal]:
    for one in prepared:
        for kind, name in names_of(one.problems):
            code, message = PROBLEMS[kind]
            way_out = _("Enter it in the set-up of the legal entity.")
            yield Refusal(code, str(message) % {"name": name}, str(one.proposal), way_out)


def _last_days(proposals: list[InvoiceProposal]) -> dict[tuple[int, int], date]:
    entities = {one.legal_entity_id for one in proposals}
    last = (
        CustomerInvoice.objects.filter(legal_entity__in=entities)
        .order_by()
        .values_list("legal_entity", "series__year")
        .annotate(last=Max("invoice_date"))
    )
    return {(entity_id, year): day for entity_id, year, day in last}


def _invoices(
    prepared: list[PreparedInvoice], invoice_date: date | None, actor: User, at: datetime
) -> list[CustomerInvoice]:
    invoices = [_invoice(one, _day(one.proposal, invoice_date), actor, at) for one in prepared]
    # In order of entity and year, so that two who post lock the series in one order (D10).
    keys = sorted({(one.legal_entity_id, one.invoice_date.year) for one in invoices})
    for entity_id, year in keys:
        mine = [one for one in invoices if (one.legal_entity_id, one.invoice_date.year) == (entity_id, year)]
        numbers = take_numbers(mine[0].legal_entity, SeriesKind.CUSTOMER_INVOICE, year, len(mine))
        for offset, (invoice, number) in enumerate(zip(mine, numbers, strict=True)):
            invoice.series, invoice.series_number = numbers.series, numbers.first + offset
            invoice.number = number
    originals = originals_of(one.proposal.proforma for one in prepared)
    for invoice, one in zip(invoices, prepared, strict=True):
        # Names, terms and rates as of now, because the row is never changed once it is written (J1).
        corrected = originals.get(one.proposal.proforma_id, ())
        invoice.snapshot = snapshot_of(invoice, one.taxes, corrected)
    return CustomerInvoice.objects.bulk_create(invoices, batch_size=BATCH)


def _invoice(prepared: PreparedInvoice, day: date, actor: User, at: datetime) -> CustomerInvoice:
    proposal, proforma = prepared.proposal, prepared.proposal.proforma
    return CustomerInvoice(
        legal_entity=proposal.legal_entity,
        proposal=proposal,
        customer=proforma.customer,
        invoice_date=day,
        due_date=proposal.due_date or day + timedelta(days=proforma.customer.payment_days),
        currency=proforma.currency,
        net_amount=prepared.net_amount,
        tax_amount=prepared.tax_amount,
        gross_amount=prepared.gross_amount,
        posted_by=actor,
        posted_at=at,
    )


def _book(
    invoices: list[CustomerInvoice], prepared: list[PreparedInvoice], actor: User, at: datetime
) -> None:
    InvoiceTax.objects.bulk_create(
        [
            InvoiceTax(
                invoice=invoice,
                tax_code_id=group.code_id,
                percent=group.percent,
                base_amount=group.base_amount,
                tax_amount=group.tax_amount,
            )
            for invoice, one in zip(invoices, prepared, strict=True)
            for group in one.taxes
        ],
        batch_size=BATCH,
    )
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
    _project_transactions(invoices)
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


def _project_transactions(invoices: list[CustomerInvoice]) -> None:
    """Write what was invoiced to the project subledger, line by line, in one statement."""
    lines = InvoiceProposalLine.objects.filter(proposal__customer_invoice__in=invoices)
    voucher = Voucher.objects.filter(
        source_kind=VoucherSource.CUSTOMER_INVOICE, source_id=OuterRef("proposal__customer_invoice__pk")
    )
    insert_from(
        ProjectTransaction,
        lines,
        actual=F("actual"),
        kind=ProjectTransactionKind.INVOICED,
        project=F("detail__line__contract_line__project"),
        accounting_date=F("proposal__customer_invoice__invoice_date"),
        currency=F("proposal__proforma__currency"),
        amount=F("amount"),
        voucher=Subquery(voucher.values("pk")[:1]),
    )


def _stamp_proformas(invoices: list[CustomerInvoice]) -> None:
    """Write number, date and tax of the invoices on their proformas: billing never reads upwards (I1)."""
    proformas = []
    for invoice in invoices:
        proforma = invoice.proposal.proforma
        proforma.post(number=invoice.number, on=invoice.invoice_date, tax=invoice.tax_amount)
        proformas.append(proforma)
    stamps = ["status", "customer_invoice_number", "customer_invoice_date", "customer_invoice_tax"]
    Proforma.objects.bulk_update(proformas, stamps, batch_size=200)
