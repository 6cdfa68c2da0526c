"""What edited details write at confirm: the row that is billed, and the rest written off or kept (N2-N5)."""

from collections import defaultdict
from decimal import Decimal

from django.db.models import F

from billing.models import InvoiceLineDetail
from billing.splitting import Edit, SalesTerms, edit_of
from billing.states import Remainder
from core.money import ZERO
from projects.models import Actual, Adjustment
from projects.recording import mirror, record_actuals, record_adjustments
from projects.states import ActualOutcome, TransactionType


def write_edits(edited: list[InvoiceLineDetail]) -> None:
    """Write the unbilled rows that edits imply, mirror all but what stays open, bill what is written off.

    The billed row of each detail itself is written with the others; here come the replacement it stands
    for, the rest, and by how much the edit changed the approved quantity and amount (J3). Number of
    statements independent of the number of edits.
    """
    edits = [(detail, _edit_of(detail)) for detail in edited]
    # The row that is billed stands for what the original was turned into (N2 to N5).
    replacements = [_row(detail, edit.billed) for detail, edit in edits]
    rests = [(_row(detail, edit.rest), edit.keeps_rest) for detail, edit in edits if edit.rest is not None]
    record_actuals([*replacements, *(row for row, _keeps in rests)])
    # What is kept stays open: the database puts its row into the backlog.
    written_off = [row for row, keeps in rests if not keeps]
    mirror(
        Actual.objects.filter(pk__in=[row.pk for row in [*replacements, *written_off]]),
        event=F("event"),
        accounting_date=F("accounting_date"),
        outcome=ActualOutcome.INVOICED,
    )
    record_actuals(_billed(row) for row in written_off)
    # The seal expects the approved quantity; what an edit adds or takes away must be declared (J3).
    record_adjustments(_adjustments(edits))


def _edit_of(detail: InvoiceLineDetail) -> Edit:
    actual = detail.actual
    return edit_of(
        SalesTerms(actual.quantity, actual.price, actual.amount, actual.billing_type),
        SalesTerms(detail.quantity, detail.price, detail.amount, detail.billing_type),
        keep_rest=detail.remainder == Remainder.KEEP,
        currency=detail.line.proforma.currency,
    )


def _row(detail: InvoiceLineDetail, terms: SalesTerms) -> Actual:
    return Actual(
        work_item_id=detail.actual.work_item_id,
        event_id=detail.line.proforma.event_id,
        type=TransactionType.UNBILLED_SALES,
        billing_type=terms.billing_type,
        quantity=terms.quantity,
        price=terms.price,
        amount=terms.amount,
        accounting_date=detail.line.proforma.invoice_date,
    )


def _billed(unbilled: Actual) -> Actual:
    return Actual(
        work_item_id=unbilled.work_item_id,
        event_id=unbilled.event_id,
        type=TransactionType.BILLED_SALES,
        billing_type=unbilled.billing_type,
        quantity=unbilled.quantity,
        price=unbilled.price,
        amount=unbilled.amount,
        accounting_date=unbilled.accounting_date,
        bills=unbilled,
    )


def _adjustments(edits: list[tuple[InvoiceLineDetail, Edit]]) -> list[Adjustment]:
    changes: dict[tuple[int | None, int], tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    for detail, edit in edits:
        actual = detail.actual
        quantity, amount = edit.change_of(
            SalesTerms(actual.quantity, actual.price, actual.amount, actual.billing_type)
        )
        key = (detail.line.proforma.event_id, actual.work_item_id)
        changes[key] = (changes[key][0] + quantity, changes[key][1] + amount)
    return [
        Adjustment(event_id=event_id, work_item_id=work_item_id, quantity=quantity, amount=amount)
        for (event_id, work_item_id), (quantity, amount) in changes.items()
        # A pure split changes nothing in sum and needs no adjustment.
        if quantity or amount
    ]
