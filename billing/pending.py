"""What is ready of a draft's contract and customer and not on it, and what waits and is not ready (B7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum

from billing.models import MilestoneShare, Proforma
from billing.querysets import MilestoneShareQuerySet
from billing.states import MilestoneStatus
from core.money import ZERO
from projects.models import BacklogItem
from projects.querysets import BacklogQuerySet
from projects.states import BillingStatus, BillingType

CHARGEABLE = Q(billing_type=BillingType.CHARGEABLE)


@dataclass(frozen=True)
class PendingRow:
    """A ready entry or milestone; `field` and `key` are how a form names it."""

    field: str
    key: int
    day: date
    who: str
    text: str
    quantity: Decimal | None
    unit: str
    amount: Decimal


@dataclass(frozen=True)
class Pending:
    """What can be added to a draft now, and what cannot; amounts are chargeable, in the draft's currency.

    `late` is ready and dated after the cut-off; `waiting` is neither ready nor on another draft.
    """

    rows: Sequence[PendingRow]
    entries: int
    milestones: int
    amount: Decimal
    late: int
    late_amount: Decimal
    waiting: int
    waiting_amount: Decimal

    def __bool__(self) -> bool:
        return bool(self.count or self.late or self.waiting)

    @property
    def count(self) -> int:
        """How many can be added at once."""
        return self.entries + self.milestones

    @property
    def more(self) -> int:
        """Rows that can be added and are not shown one by one."""
        return self.count - len(self.rows)


def items_of(proforma: Proforma) -> BacklogQuerySet:
    """Open work that the customer of a proforma pays for under its contract, in its currency."""
    return BacklogItem.objects.filter(
        contract=proforma.contract_id, customer=proforma.customer_id, currency=proforma.currency
    )


def shares_of(proforma: Proforma) -> MilestoneShareQuerySet:
    """What the customer of a proforma owes of the milestones of its contract."""
    return MilestoneShare.objects.filter(
        milestone__contract_line__contract=proforma.contract_id, customer=proforma.customer_id
    )


def pending_of(proforma: Proforma, most: int) -> Pending:
    """Everything of the same contract and customer that no draft holds; `most` of what can be added by name.

    Milestones that are not ready count as waiting once they are due by the cut-off. Four statements; locks
    nothing (B7).
    """
    until = proforma.cut_off_date
    items = _summed(
        items_of(proforma),
        "amount",
        CHARGEABLE,
        ready=Q(status=BillingStatus.READY, transaction_date__lte=until),
        late=Q(status=BillingStatus.READY, transaction_date__gt=until),
        waiting=Q(status=BillingStatus.NOT_READY),
    )
    shares = _summed(
        shares_of(proforma),
        "due_amount",
        Q(),
        ready=Q(status=MilestoneStatus.READY, milestone__due_on__lte=until),
        late=Q(status=MilestoneStatus.READY, milestone__due_on__gt=until),
        waiting=Q(status=MilestoneStatus.NOT_READY, milestone__due_on__lte=until),
    )
    return Pending(
        rows=_rows(proforma, most),
        entries=items["ready"][0],
        milestones=shares["ready"][0],
        amount=items["ready"][1] + shares["ready"][1],
        late=items["late"][0] + shares["late"][0],
        late_amount=items["late"][1] + shares["late"][1],
        waiting=items["waiting"][0] + shares["waiting"][0],
        waiting_amount=items["waiting"][1] + shares["waiting"][1],
    )


def _summed(
    rows: BacklogQuerySet | MilestoneShareQuerySet, amount: str, charged: Q, **kinds: Q
) -> dict[str, tuple[int, Decimal]]:
    """How many rows of each kind there are, and what is charged for them; one statement."""
    columns = {f"{name}_count": Count("pk", filter=kind) for name, kind in kinds.items()}
    columns |= {
        f"{name}_sum": Sum(amount, filter=kind & charged, default=ZERO) for name, kind in kinds.items()
    }
    sums = rows.order_by().aggregate(**columns)
    return {name: (sums[f"{name}_count"], sums[f"{name}_sum"]) for name in kinds}


def _rows(proforma: Proforma, most: int) -> list[PendingRow]:
    """The earliest rows that can be added: entries and milestones together, in order of their days."""
    related = ("work_item__resource", "work_item__category", "work_item__task")
    until = proforma.cut_off_date
    items = items_of(proforma).ready().due_through(until).select_related(*related)
    shares = shares_of(proforma).ready().due_through(until).select_related("milestone")
    rows = [_of_item(item) for item in items.order_by("transaction_date", "pk")[:most]]
    rows += [_of_share(share) for share in shares.order_by("milestone__due_on", "pk")[:most]]
    return sorted(rows, key=lambda row: (row.day, row.field, row.key))[:most]


def _of_item(item: BacklogItem) -> PendingRow:
    work = item.work_item
    text = work.external_description or work.description or (work.task.name if work.task else "")
    return PendingRow(
        field="item",
        key=item.pk,
        day=item.transaction_date,
        who=str(work.resource or work.get_transaction_class_display()),
        text=text,
        quantity=item.quantity,
        unit=work.unit,
        amount=item.amount if item.billing_type == BillingType.CHARGEABLE else ZERO,
    )


def _of_share(share: MilestoneShare) -> PendingRow:
    stone = share.milestone
    return PendingRow(
        field="share",
        key=share.pk,
        day=stone.due_on,
        who=stone.name,
        text="",
        quantity=None,
        unit="",
        amount=share.open_amount,
    )
