"""What corrections write at confirm: billed sales taken back, what stays billed, the rest (R1 to R9).

Work by time and material waits in the backlog again, chargeable as it was; so does the rest of a fee. A
milestone is ready again for what was taken back of it (decision 7).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, OuterRef, Subquery

from billing.models import InvoiceLineDetail, MilestoneShare, Proforma
from billing.splitting import SalesTerms, edit_of
from billing.states import MilestoneStatus
from core.money import STORED_PLACES, ZERO
from projects.models import Actual, ActualEvent, Adjustment
from projects.recording import mirror, record_actuals, record_adjustments
from projects.states import ActualOutcome, TransactionClass, TransactionType

LEAST = Decimal(1).scaleb(-STORED_PLACES)
"""The smallest quantity that can be stored."""
RELATED = ("corrects__work_item__contract_line", "line__proforma")
EVENT = "correction_details__line__proforma__event"
INVOICE_DATE = "correction_details__line__proforma__invoice_date"


@dataclass(frozen=True)
class TakenBack:
    """A detail that takes a billed row back, what stays billed instead if anything does, and their event."""

    detail: InvoiceLineDetail
    replacement: InvoiceLineDetail | None
    event: ActualEvent

    @property
    def billed(self) -> Actual:
        """The billed row that is taken back."""
        if self.detail.corrects is None:
            raise ValueError(f"corrects nothing: {self.detail}")
        return self.detail.corrects

    @property
    def original(self) -> SalesTerms:
        """What was billed."""
        row = self.billed
        return SalesTerms(row.quantity, row.price, row.amount, row.billing_type)

    @property
    def remaining(self) -> SalesTerms | None:
        """What stays billed; None where nothing does."""
        kept = self.replacement
        return SalesTerms(kept.quantity, kept.price, kept.amount, kept.billing_type) if kept else None

    @property
    def is_recorded(self) -> bool:
        """Whether the work was unbilled once; a fixed price bills what never was, and so does a discount."""
        item = self.billed.work_item
        if item.contract_line is None or item.transaction_class == TransactionClass.DISCOUNT:
            return False
        return item.contract_line.is_time_and_material

    @property
    def rest(self) -> SalesTerms | None:
        """What can be billed again: all, or what was taken off the quantity; a new price leaves no rest."""
        if self.remaining is None:
            return self.original
        before, after = self.original, self.remaining
        currency = self.detail.line.proforma.currency
        rest = edit_of(before, after, keep_rest=True, currency=currency).rest
        amount = before.amount - after.amount
        # A part of a fee that is too small to be divided keeps its quantity; its amount is not lost.
        if rest is None and (before.quantity, before.price) == (after.quantity, after.price) and amount:
            quantity = LEAST.copy_sign(before.quantity)
            return SalesTerms(quantity, before.price, amount, before.billing_type)
        return rest


def taken_back_by(drafts: Sequence[Proforma], events: Sequence[ActualEvent]) -> list[TakenBack]:
    """The corrections of work on locked drafts, by the events that confirm them; two statements."""
    event_of = {draft.pk: event for draft, event in zip(drafts, events, strict=True)}
    details = InvoiceLineDetail.objects.filter(line__proforma__in=drafts)
    kept = {one.replaces_id: one for one in details.filter(replaces__isnull=False)}
    corrections = (
        details.corrections()
        .filter(retainer__isnull=True, retention__isnull=True)
        .select_related(*RELATED)
        .order_by("pk")
    )
    return [TakenBack(one, kept.get(one.pk), event_of[one.line.proforma_id]) for one in corrections]


def record_replacements(corrections: Sequence[TakenBack]) -> None:
    """Write the unbilled row of what stays billed by time and material, and let its detail claim it.

    So every billed hour has been unbilled, and confirming reverses and bills it like any other (R2, R3). To
    be called before the drafts are frozen; two statements for any number.
    """
    recorded = [one for one in corrections if one.replacement is not None and one.is_recorded]
    rows = record_actuals(_unbilled(one, terms) for one in recorded for terms in [one.remaining] if terms)
    details = []
    for one, row in zip(recorded, rows, strict=True):
        if one.replacement is not None:
            one.replacement.actual = row
            details.append(one.replacement)
    InvoiceLineDetail.objects.bulk_update(details, ["actual"], batch_size=200)


def take_back(corrections: Sequence[TakenBack]) -> list[Actual]:
    """Reverse the billed rows, open the rests again, and declare what a correction adds or takes away.

    Returns the unbilled rows that it opened. To be called when the drafts are frozen; the number of
    statements does not depend on how many corrections there are.
    """
    if not corrections:
        return []
    mirror(
        Actual.objects.filter(correction_details__in=[one.detail.pk for one in corrections]),
        event=F(EVENT),
        accounting_date=F(INVOICE_DATE),
        outcome=ActualOutcome.ADJUSTED,
    )
    opened = record_actuals(
        _unbilled(one, one.rest) for one in corrections if one.is_recorded and one.rest is not None
    )
    record_adjustments(_adjustments(corrections))
    return opened


def _unbilled(one: TakenBack, terms: SalesTerms) -> Actual:
    return Actual(
        work_item_id=one.billed.work_item_id,
        event=one.event,
        type=TransactionType.UNBILLED_SALES,
        billing_type=terms.billing_type,
        quantity=terms.quantity,
        price=terms.price,
        amount=terms.amount,
        accounting_date=one.detail.line.proforma.invoice_date,
    )


def _adjustments(corrections: Sequence[TakenBack]) -> list[Adjustment]:
    """By how much corrections change what may be billed of their work items in sum (J3)."""
    changes: dict[tuple[int, int], tuple[Decimal, Decimal]] = defaultdict(lambda: (ZERO, ZERO))
    for one in corrections:
        kept, rest = one.remaining, one.rest if one.is_recorded else None
        quantity = sum((terms.quantity for terms in (kept, rest) if terms), -one.original.quantity)
        amount = sum((terms.amount for terms in (kept, rest) if terms), -one.original.amount)
        key = (one.event.pk, one.billed.work_item_id)
        changes[key] = (changes[key][0] + quantity, changes[key][1] + amount)
    return [
        Adjustment(event_id=event_id, work_item_id=work_item_id, quantity=quantity, amount=amount)
        for (event_id, work_item_id), (quantity, amount) in changes.items()
        if quantity or amount
    ]


def settle_milestones(drafts: Sequence[Proforma], corrections: Sequence[TakenBack]) -> None:
    """Shares of milestones that the drafts bill are billed; what corrections took back is ready again.

    A share may be claimed once more for what is open of it, even where a draft held the rest of it while
    more was taken back. Where only a part was to be billed, the rest waits and is not ready. Statements do
    not depend on how many shares (B2, R8, R9, decision 7).
    """
    on_drafts = InvoiceLineDetail.objects.filter(line__proforma__in=drafts, milestone_share=OuterRef("pk"))
    billed = list(MilestoneShare.objects.filter(invoice_details__line__proforma__in=drafts))
    MilestoneShare.objects.walk(
        billed,
        MilestoneShare.bill,
        billed_amount=F("billed_amount") + Subquery(on_drafts.values("amount")[:1]),
        next_amount=None,
    )
    credited: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in corrections:
        if not one.is_recorded:
            left = one.remaining.amount if one.remaining else ZERO
            credited[one.billed.work_item_id] += one.original.amount - left
    of_work = MilestoneShare.objects.filter(invoice_details__work_item__in=credited)
    shares: dict[int, MilestoneShare] = {}
    for share in of_work.annotate(work_item=F("invoice_details__work_item")).order_by("pk"):
        # Two parts of one share may be taken back at once.
        shares.setdefault(share.pk, share).billed_amount -= credited[share.work_item]
    MilestoneShare.objects.bulk_update(shares.values(), ["billed_amount"], batch_size=200)
    touched = {share.pk for share in billed} | set(shares)
    still_open = MilestoneShare.objects.filter(
        pk__in=touched, status=MilestoneStatus.POSTED, open_amount__gt=0
    )
    # What was read before it was billed says whether it was a part.
    parts = {share.pk for share in billed if share.next_amount is not None}
    again = {"claim_number": F("claim_number") + 1}
    open_shares = list(still_open)
    waiting = [share for share in open_shares if share.pk in parts]
    MilestoneShare.objects.walk(waiting, MilestoneShare.wait_for_rest, **again)
    reopened = [share for share in open_shares if share.pk not in parts]
    MilestoneShare.objects.walk(reopened, MilestoneShare.reopen, **again)
