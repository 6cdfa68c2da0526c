"""What a correction of billed sales asks for, and what stays billed by it (B9, R1 to R9, decision 7)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from billing.detail_amounts import amount_of
from billing.models import InvoiceLineDetail, Proforma, Retention
from billing.payers import Payer
from billing.splitting import SalesTerms
from core.money import STORED_PLACES, ZERO, percent_of, quantise, rounded_fraction
from projects.actual_querysets import ActualQuerySet
from projects.models import Actual
from projects.states import BALANCES, BillingType, TransactionClass

WITH_WORK = (
    "event__proforma__legal_entity",
    "work_item__approval",
    "work_item__category",
    "work_item__contract_line",
    "work_item__resource",
    "work_item__task",
)


@dataclass(frozen=True)
class BilledCorrection:
    """What shall stay billed of one billed row: quantity and price, or the amount of a fee or milestone.

    What is None stays as it was billed. Nothing stays billed where the quantity or the amount is zero.
    `reason` is printed on the credit note.
    """

    billed: Actual
    quantity: Decimal | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    reason: str = ""

    @property
    def original(self) -> SalesTerms:
        """What was billed."""
        row = self.billed
        return SalesTerms(row.quantity, row.price, row.amount, row.billing_type)

    @property
    def remaining(self) -> SalesTerms:
        """What stays billed; the amount is rounded once to the currency's minor unit."""
        row, currency = self.billed, self.billed.work_item.currency
        if self.amount is not None:
            amount = quantise(self.amount, currency)
            return SalesTerms(_part_of(row, amount), _price_of(row, amount), amount, row.billing_type)
        quantity = row.quantity if self.quantity is None else self.quantity
        price = row.price if self.price is None else self.price
        return SalesTerms(quantity, price, amount_of(quantity, price, currency, row), row.billing_type)

    @property
    def takes_all(self) -> bool:
        """Whether nothing stays billed."""
        return not self.remaining.quantity

    @property
    def changes_something(self) -> bool:
        """Whether anything is billed otherwise than before."""
        return self.remaining != self.original


def _part_of(row: Actual, amount: Decimal) -> Decimal:
    """The quantity that an amount is of what was billed; more than billed is all of it, nothing is none."""
    if not amount or not row.amount or abs(amount) >= abs(row.amount):
        return row.quantity if amount else ZERO
    whole = abs(row.quantity)
    part = rounded_fraction(Fraction(whole) * Fraction(amount) / Fraction(row.amount), STORED_PLACES)
    # However little is taken back or stays, it is something: a rest of no quantity would lose its amount.
    least = Decimal(1).scaleb(-STORED_PLACES)
    return max(least, min(part, whole - least)).copy_sign(row.quantity)


def _price_of(row: Actual, amount: Decimal) -> Decimal:
    """A part keeps its price, so that what is taken back waits at the price it had; more has a new price."""
    if abs(amount) <= abs(row.amount) or not row.quantity:
        return row.price
    return rounded_fraction(Fraction(amount) / Fraction(row.quantity), STORED_PLACES)


def with_retentions(asked: Sequence[BilledCorrection]) -> list[BilledCorrection]:
    """The corrections, and of each invoice that kept something back the share of what they change (B12).

    What was corrected before belongs to the invoice that billed it first, and so does its retention. Nothing
    is added where the retention itself is among them, or is released already. Two statements, and one for
    each link of the longest chain of corrections.
    """
    named = {one.billed.pk for one in asked}
    first = first_events([one.billed for one in asked])
    invoices = Retention.objects.filter(line__proforma__event__in=set(first.values()))
    retentions = {one.work_item_id: one for one in invoices.select_related("line__proforma").with_amounts()}
    kept = (
        Actual.objects.billed_sales()
        .originals()
        .filter(
            work_item__in=[key for key in retentions if key is not None],
            amount__lt=0,
            mirror__isnull=True,
            work_item__transaction_class=TransactionClass.RETENTION,
        )
        .select_related(*WITH_WORK)
    )
    rows = [row for row in kept.order_by("pk") if row.pk not in named]
    added = []
    for row in rows:
        retention = retentions[row.work_item_id]
        of_invoice = [one for one in asked if first[one.billed.pk] == retention.line.proforma.event_id]
        share = percent_of(_work_changed(of_invoice), retention.percent, row.work_item.currency)
        # No less than what was released already, and never the other way round.
        stays = max(-row.amount + share, retention.released + retention.drafted, ZERO)
        if stays != -row.amount:
            added.append(BilledCorrection(row, amount=-stays))
    return [*asked, *added]


def first_events(rows: Sequence[Actual]) -> dict[int, int]:
    """The event that billed each row first, before any correction, by the key of the row.

    One statement for each link of the longest chain of corrections.
    """
    return {key: row.event_id for key, row in first_rows(rows).items()}


def first_rows(rows: Sequence[Actual]) -> dict[int, Actual]:
    """What was billed first of each row, before any correction, by the key of the row; as `first_events`."""
    current = {row.pk: row for row in rows}
    while True:
        details = InvoiceLineDetail.objects.filter(
            Q(actual__in=[row.bills_id for row in current.values() if row.bills_id is not None])
            | Q(
                actual__isnull=True,
                work_item__in=[row.work_item_id for row in current.values()],
                line__proforma__event__in=[row.event_id for row in current.values()],
            ),
            replaces__isnull=False,
        ).select_related("replaces__corrects__work_item", "line__proforma")
        corrected = {
            one.actual_id or (one.work_item_id, one.line.proforma.event_id): one.replaces.corrects
            for one in details
            if one.replaces is not None
        }
        before = {
            key: corrected.get(row.bills_id or (row.work_item_id, row.event_id))
            for key, row in current.items()
        }
        earlier = {key: row for key, row in before.items() if row is not None}
        if not earlier:
            return current
        current |= earlier


def _work_changed(asked: Sequence[BilledCorrection]) -> Decimal:
    """By how much corrections change what an invoice charged for work, in its currency."""
    return sum(
        (
            one.remaining.amount - one.original.amount
            for one in asked
            if one.billed.billing_type == BillingType.CHARGEABLE
            and one.billed.work_item.transaction_class not in BALANCES
        ),
        ZERO,
    )


def payer_of(one: BilledCorrection) -> Payer:
    """Who is asked for the row."""
    item = one.billed.work_item
    if item.contract_id is None or item.customer_id is None:
        raise ValueError(f"billed to nobody: {one.billed}")
    return item.contract_id, item.customer_id


def billed_rows(proforma: Proforma) -> list[Actual]:
    """The billed sales of a confirmed proforma that stand, in the order of their dates.

    What a correction took back is followed to what it bills instead, however long the chain is: the latest
    row is the one to correct (decision 7). Three statements for each link; locks nothing.
    """
    billed = Actual.objects.billed_sales().originals()
    standing: list[int] = []
    asked = set(billed.filter(event=proforma.event).values_list("pk", flat=True))
    while asked:
        taken = set(billed.filter(pk__in=asked, mirror__isnull=False).values_list("pk", flat=True))
        standing += asked - taken
        asked = set(_replacing(taken).values_list("pk", flat=True)) if taken else set()
    rows = Actual.objects.filter(pk__in=standing).select_related(*WITH_WORK)
    return list(rows.order_by("work_item__transaction_date", "pk"))


def _replacing(taken: set[int]) -> ActualQuerySet:
    """What is billed in the place of rows that confirmed corrections took back."""
    details = InvoiceLineDetail.objects.filter(
        replaces__corrects__in=taken, line__proforma__event__isnull=False
    )
    wanted = Q(bills__in=details.filter(actual__isnull=False).values("actual"))
    # At a fixed price nothing was unbilled: what is billed hangs on the work item and the event.
    for work_item, event in details.filter(actual__isnull=True).values_list(
        "work_item", "line__proforma__event"
    ):
        wanted |= Q(work_item=work_item, event=event)
    return Actual.objects.billed_sales().originals().filter(wanted)


def originals_of(proformas: Iterable[Proforma]) -> dict[int, list[Proforma]]:
    """The proformas that each of these corrects, by key, oldest first; two statements."""
    details = InvoiceLineDetail.objects.corrections().filter(line__proforma__in=list(proformas)).order_by()
    pairs = set(details.values_list("line__proforma", "corrects__event__proforma"))
    originals = Proforma.objects.in_bulk({original for _correction, original in pairs}) if pairs else {}
    by_correction: dict[int, list[Proforma]] = defaultdict(list)
    for correction, original in sorted(pairs):
        by_correction[correction].append(originals[original])
    return dict(by_correction)
