"""What confirming writes about retainers: billed sales, and unbilled sales of what is left (N11 to N14).

A retainer has one work item for life, of no quantity and no amount. What was invoiced of it and is not used
stands as one unbilled row with a negative sign: it is reversed and written anew whenever the balance changes,
so that billed and unbilled rows of an event always add up to nothing. A correction is the exact opposite
(R10).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from billing.models import InvoiceLineDetail, Proforma, Retainer
from billing.querysets import DetailQuerySet
from billing.retainer_querysets import RetainerQuerySet
from billing.states import RetainerStatus
from core.money import ONE, ZERO
from projects.models import Actual, ActualEvent, WorkItem
from projects.recording import mirror, record_actuals, record_work_items
from projects.states import BALANCES, ActualOutcome, BillingType, TransactionClass, TransactionType


@dataclass(frozen=True)
class BalanceChange:
    """By how much a confirmed proforma changes the balance of a retainer, by its work item."""

    work_item_id: int
    event: ActualEvent
    proforma: Proforma
    amount: Decimal
    is_correction: bool


def record_retainers(drafts: Sequence[Proforma], events: Sequence[ActualEvent]) -> None:
    """Give the details of retainers their work item, which the first confirmation writes.

    To be called before the drafts are frozen. Locks the retainers; one statement where the drafts have none,
    otherwise at most five.
    """
    event_of = {draft.pk: event for draft, event in zip(drafts, events, strict=True)}
    details = list(
        _of_retainers(drafts)
        .filter(corrects__isnull=True)
        .select_related("line__proforma__legal_entity", "line__contract_line")
    )
    if not details:
        return
    retainers = {one.pk: one for one in _touched(drafts).locked()}
    new = [one for one in details if retainers[one.retainer_id].work_item_id is None]
    items = record_work_items(_work_item(detail, event_of[detail.line.proforma_id]) for detail in new)
    for detail, item in zip(new, items, strict=True):
        retainers[detail.retainer_id].work_item = item
    Retainer.objects.bulk_update(
        [retainers[detail.retainer_id] for detail in new], ["work_item"], batch_size=200
    )
    for detail in details:
        detail.work_item_id = retainers[detail.retainer_id].work_item_id
    InvoiceLineDetail.objects.bulk_update(details, ["work_item"], batch_size=200)


def write_balances(drafts: Sequence[Proforma], events: Sequence[ActualEvent]) -> None:
    """Take billed rows of retainers and retentions back where drafts correct them, and write the balances.

    The billed rows of the other details are written with those of the proforma. To be called when the drafts
    are frozen; statements do not depend on how many retainers.
    """
    changes = _changes(drafts, events)
    if not changes:
        return
    mirror(
        Actual.objects.filter(
            correction_details__line__proforma__in=drafts, work_item__transaction_class__in=BALANCES
        ),
        event=F("correction_details__line__proforma__event"),
        accounting_date=F("correction_details__line__proforma__invoice_date"),
        outcome=ActualOutcome.ADJUSTED,
    )
    left = _open_rows({change.work_item_id for change in changes})
    written, reversed_by = [], []
    for change in changes:
        rows = left[change.work_item_id]
        balance = change.amount - sum((row.amount for row in rows), ZERO)
        reversed_by += [(row, change) for row in rows]
        left[change.work_item_id] = [_unbilled(change, -balance)] if balance else []
        written += left[change.work_item_id]
    # The rows first: a later proforma of the set may reverse what an earlier one left.
    record_actuals(written)
    record_actuals(_reversal(row, change) for row, change in reversed_by)


def settle_retainers(drafts: Sequence[Proforma]) -> None:
    """Move retainers on the confirmed drafts to where their balance has brought them.

    The database has added up the balances when the drafts were frozen. One statement where there are none.
    """
    touched = list(_touched(drafts).locked())
    if not touched:
        return
    moves = Retainer.objects
    moves.walk([one for one in touched if one.status == RetainerStatus.ON_DRAFT], Retainer.bill)
    invoiced = [one for one in touched if one.status != RetainerStatus.ON_DRAFT]
    gone = [one for one in invoiced if not one.invoiced_amount]
    moves.walk(gone, Retainer.reopen, claim_number=F("claim_number") + 1)
    empty = [one for one in invoiced if one.invoiced_amount and one.used_amount == one.invoiced_amount]
    moves.walk([one for one in empty if one.status == RetainerStatus.AVAILABLE], Retainer.use_up)
    moves.walk([one for one in empty if one.status == RetainerStatus.TO_REFUND], Retainer.refund)
    ended = (RetainerStatus.USED_UP, RetainerStatus.REFUNDED)
    restored = [one for one in invoiced if one.status in ended and one.used_amount < one.invoiced_amount]
    moves.walk(restored, Retainer.restore)


def _of_retainers(drafts: Sequence[Proforma]) -> DetailQuerySet:
    return InvoiceLineDetail.objects.filter(line__proforma__in=drafts, retainer__isnull=False)


def _touched(drafts: Sequence[Proforma]) -> RetainerQuerySet:
    return Retainer.objects.filter(pk__in=_of_retainers(drafts).values("retainer"))


def _changes(drafts: Sequence[Proforma], events: Sequence[ActualEvent]) -> list[BalanceChange]:
    """In the order in which the drafts are confirmed; what changes nothing in sum is left out."""
    sums: dict[int, list[tuple[int, bool, Decimal]]] = defaultdict(list)
    of_balances = InvoiceLineDetail.objects.filter(line__proforma__in=drafts, transaction_class__in=BALANCES)
    rows = of_balances.order_by("line__proforma", "work_item")
    for proforma_id, item, amount, corrects in rows.values_list(
        "line__proforma", "work_item", "amount", "corrects"
    ):
        sums[proforma_id].append((item, corrects is not None, amount))
    changes = []
    for draft, event in zip(drafts, events, strict=True):
        by_item: dict[int, tuple[bool, Decimal]] = {}
        for item, is_correction, amount in sums[draft.pk]:
            before = by_item.get(item, (False, ZERO))
            by_item[item] = (before[0] or is_correction, before[1] + amount)
        changes += [
            BalanceChange(item, event, draft, amount, is_correction)
            for item, (is_correction, amount) in by_item.items()
            if amount
        ]
    return changes


def _open_rows(work_items: Iterable[int]) -> dict[int, list[Actual]]:
    rows: dict[int, list[Actual]] = defaultdict(list)
    for row in Actual.objects.unbilled_sales().unreversed().filter(work_item__in=work_items).order_by("pk"):
        rows[row.work_item_id].append(row)
    return rows


def _unbilled(change: BalanceChange, amount: Decimal) -> Actual:
    return Actual(
        work_item_id=change.work_item_id,
        event=change.event,
        type=TransactionType.UNBILLED_SALES,
        billing_type=BillingType.CHARGEABLE,
        quantity=amount,
        price=ONE,
        amount=amount,
        accounting_date=change.proforma.invoice_date,
    )


def _reversal(row: Actual, change: BalanceChange) -> Actual:
    return Actual(
        work_item_id=row.work_item_id,
        event=change.event,
        type=row.type,
        billing_type=row.billing_type,
        quantity=-row.quantity,
        price=row.price,
        amount=-row.amount,
        accounting_date=change.proforma.invoice_date,
        reverses=row,
        outcome=ActualOutcome.ADJUSTED if change.is_correction else ActualOutcome.INVOICED,
    )


def _work_item(detail: InvoiceLineDetail, event: ActualEvent) -> WorkItem:
    proforma, contract_line = detail.line.proforma, detail.line.contract_line
    return WorkItem(
        legal_entity=proforma.legal_entity,
        event=event,
        contract_id=proforma.contract_id,
        contract_line=contract_line,
        customer_id=proforma.customer_id,
        project_id=contract_line.project_id,
        transaction_class=TransactionClass.RETAINER,
        transaction_date=detail.transaction_date,
        unit="",
        currency=proforma.currency,
        cost_currency=proforma.legal_entity.currency,
        quantity=ZERO,
        amount=ZERO,
        description=detail.description,
        external_description=detail.description,
    )
