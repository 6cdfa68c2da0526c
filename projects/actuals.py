"""From an approval to its facts: work items per customer, cost and unbilled sales (matrix 4.1 #2-#8, #12).

Nothing is written here: `replacing` passes the rows to `recording`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.money import HUNDRED, ZERO
from projects.models import Actual, ActualEvent, Approval, ContractLineCustomer, WorkItem
from projects.shares import OwedShares, Share, Side, side_of
from projects.states import BillingType, TransactionClass, TransactionType
from projects.steps import steps_of

Payers = dict[int | None, list[ContractLineCustomer]]
Facts = tuple[WorkItem, list[Actual]]


@dataclass(frozen=True)
class Priced:
    """One side of an approval, or a payer's share of it: a quantity at a price, and its amount."""

    side: Side
    quantity: Decimal
    price: Decimal
    amount: Decimal
    currency: str

    @property
    def is_something(self) -> bool:
        """Whether there is a quantity or an amount; a small share may be zero hours and still an amount."""
        return bool(self.quantity or self.amount)


def payers_of(approvals: Iterable[Approval]) -> Payers:
    """The paying customers of each line that `approvals` resolve to; an empty list where there is none."""
    lines = {one.contract_line_id for one in approvals if one.contract_line_id is not None}
    payers: Payers = defaultdict(list)
    shares = ContractLineCustomer.objects.filter(contract_line__in=lines, split_percent__gt=0)
    for payer in shares.order_by("pk"):
        payers[payer.contract_line_id].append(payer)
    return payers


def facts_of(
    approval: Approval, payers: list[ContractLineCustomer], event: ActualEvent, owed: OwedShares
) -> list[Facts]:
    """The work items and rows of one approval, one work item per paying customer of a time-and-material line.

    Amounts are in the approval's cost and sales currencies. Shares add up to the whole; `owed` says what
    earlier roundings left each payer short by, and is updated (decision 8).
    """
    line = approval.contract_line
    cost = _cost(approval)
    # Fixed price and internal work have cost alone; their sales are milestones or nothing.
    if line is None or not line.is_time_and_material:
        customer = payers[0] if len(payers) == 1 else None
        return [_one_customer(approval, event, customer, [cost])]
    sides = [cost, *_sales(approval)]
    month = approval.entry.date.replace(day=1)
    shares = zip(*(_shares(one, payers, month, owed) for one in sides), strict=True)
    return [
        _one_customer(approval, event, payer, list(of_payer))
        for payer, of_payer in zip(payers, shares, strict=True)
    ]


def _cost(approval: Approval) -> Priced:
    kind = TransactionType.COST
    side = side_of(kind, approval.billing_type, approval.billing_type)
    return Priced(
        side,
        approval.submitted_quantity,
        approval.cost_price,
        approval.cost_amount,
        approval.cost_currency,
    )


def _sales(approval: Approval) -> list[Priced]:
    """The billed part, and a non-chargeable rest if the approver made less billable (#3)."""
    kind, billing_type, price = TransactionType.UNBILLED_SALES, approval.billing_type, approval.sales_price
    currency = approval.sales_currency or approval.cost_currency
    side = side_of(kind, billing_type, billing_type)
    # All of it is non-chargeable, so there is no separate rest.
    if billing_type == BillingType.NON_CHARGEABLE:
        return [Priced(side, approval.priced_quantity, price, approval.priced_amount, currency)]
    billed = Priced(side, approval.billable_quantity, price, approval.sales_amount, currency)
    rest = approval.priced_quantity - approval.billable_quantity
    # As much as was worked is billable, or more: no rest (#4).
    if rest * approval.priced_quantity <= 0:
        return [billed]
    not_billed = side_of(kind, BillingType.NON_CHARGEABLE, billing_type)
    # A subtraction, so that no cent appears or disappears (J5).
    amount = approval.priced_amount - approval.sales_amount
    return [billed, Priced(not_billed, rest, price, amount, currency)]


def _shares(whole: Priced, payers: list[ContractLineCustomer], month: date, owed: OwedShares) -> list[Priced]:
    if len(payers) < 2:  # noqa: PLR2004 - one payer pays all
        return [whole]
    parts = owed.split(
        Share(whole.quantity, whole.amount), whole.side, payers, month=month, currency=whole.currency
    )
    return [replace(whole, quantity=part.quantity, amount=part.amount) for part in parts]


def _one_customer(
    approval: Approval, event: ActualEvent, payer: ContractLineCustomer | None, sides: list[Priced]
) -> Facts:
    cost, *sold = sides
    work_item = _work_item(approval, event, payer, sides)
    # A fee is charged, not worked: it has no cost (#12).
    costs = [] if approval.entry.transaction_class == TransactionClass.FEE else [cost]
    # A cost row has the billing type of its approval.
    rows = [_row(approval, work_item, approval.billing_type, one) for one in costs]
    # Time whose increment was billed with another entry gets a row of zero, so that the invoice shows it.
    is_covered = approval.submitted_quantity and not approval.priced_quantity
    rows += [
        _row(approval, work_item, one.side.billing_type, one)
        for one in sold
        if one.is_something or is_covered
    ]
    return work_item, rows


def _row(approval: Approval, work_item: WorkItem, billing_type: int, priced: Priced) -> Actual:
    return Actual(
        work_item=work_item,
        event=work_item.event,
        type=priced.side.type,
        billing_type=billing_type,
        quantity=priced.quantity,
        price=priced.price,
        amount=priced.amount,
        accounting_date=_open_day(approval.entry.date, work_item.event),
    )


def _open_day(day: date, event: ActualEvent) -> date:
    """The day of the work, or that of the event where the period of the work is closed."""
    return event.happened_on if event.legal_entity.is_locked_on(day) else day


def _work_item(
    approval: Approval, event: ActualEvent, payer: ContractLineCustomer | None, sides: list[Priced]
) -> WorkItem:
    entry, line = approval.entry, approval.contract_line
    cost, *sold = sides
    is_time = entry.transaction_class == TransactionClass.TIME
    return WorkItem(
        legal_entity=entry.legal_entity,
        event=event,
        approval=approval,
        contract=line.contract if line else None,
        contract_line=line,
        customer_id=payer.customer_id if payer else None,
        project=entry.project,
        task_id=entry.task_id,
        role_id=entry.role_id,
        resource_id=entry.resource_id,
        category_id=entry.category_id,
        transaction_class=entry.transaction_class,
        transaction_date=entry.date,
        unit=approval.unit,
        currency=approval.sales_currency or approval.cost_currency,
        cost_currency=approval.cost_currency,
        split_percent=payer.split_percent if payer else HUNDRED,
        recorded_hours=cost.quantity if is_time and steps_of(line).is_stepped else None,
        quantity=sum((one.quantity for one in sold), ZERO),
        amount=sum((one.amount for one in sold), ZERO),
        is_priced=approval.is_priced,
        is_cost_priced=approval.is_cost_priced,
        product=entry.product,
        description=entry.description,
        external_description=entry.external_description,
    )
