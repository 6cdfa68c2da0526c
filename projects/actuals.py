"""From an approval to its facts: work items per customer, cost and unbilled sales (matrix 4.1 #2-#8, #12).

Nothing is written here; approving hands the rows to the recorder.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.money import STORED_PLACES, ZERO, share_out, times
from projects.models import Actual, ActualEvent, Approval, ContractLineCustomer, WorkItem
from projects.states import BillingType, TransactionClass, TransactionType

Payers = dict[int | None, list[ContractLineCustomer]]
Facts = tuple[WorkItem, list[Actual]]


@dataclass(frozen=True)
class Side:
    """One side of an approval: a quantity at a price, and its amount in its currency."""

    quantity: Decimal
    price: Decimal
    amount: Decimal
    currency: str

    def split(self, payers: list[ContractLineCustomer]) -> list["Side"]:
        """The customers' parts: quantity by percentage, amounts after it, the rounding customer absorbs."""
        if len(payers) < 2:  # noqa: PLR2004 - one payer pays all
            return [self]
        absorber = next((index for index, payer in enumerate(payers) if payer.is_rounding), len(payers) - 1)
        # Quantities as people write them stay as they write them: two places unless the whole has more.
        places = 2 if self.quantity == self.quantity.quantize(Decimal("0.01")) else STORED_PLACES
        quantities = share_out(
            self.quantity, [payer.split_percent for payer in payers], places=places, absorber=absorber
        )
        amounts = [times(part, self.price, self.currency) for part in quantities]
        # Each amount was rounded on its own; the whole was rounded once and is what must be kept (J5).
        amounts[absorber] += self.amount - sum(amounts, ZERO)
        return [
            Side(quantity, self.price, amount, self.currency)
            for quantity, amount in zip(quantities, amounts, strict=True)
        ]


def payers_of(approvals: Iterable[Approval]) -> Payers:
    """The paying customers of each line that `approvals` resolve to; an empty list where there is none."""
    lines = {one.contract_line_id for one in approvals if one.contract_line_id is not None}
    payers: Payers = defaultdict(list)
    shares = ContractLineCustomer.objects.filter(contract_line__in=lines, split_percent__gt=0)
    for payer in shares.order_by("pk"):
        payers[payer.contract_line_id].append(payer)
    return payers


def facts_of(approval: Approval, payers: list[ContractLineCustomer], event: ActualEvent) -> list[Facts]:
    """The work items and rows of one approval, one work item per paying customer of a time-and-material line.

    Amounts are in the approval's cost and sales currencies. Shares add up to the whole (decision 8).
    """
    line = approval.contract_line
    currency = approval.sales_currency or approval.cost_currency
    rest_quantity = approval.submitted_quantity - approval.billable_quantity
    # More was made billable than was worked: nothing is left over (#4).
    if rest_quantity * approval.submitted_quantity < 0:
        rest_quantity = ZERO
    rest_amount = times(rest_quantity, approval.sales_price, currency)
    cost = Side(
        approval.submitted_quantity, approval.cost_price, approval.cost_amount, approval.cost_currency
    )
    billable = Side(approval.billable_quantity, approval.sales_price, approval.sales_amount, currency)
    rest = Side(rest_quantity, approval.sales_price, rest_amount, currency)
    # Fixed price and internal work have cost alone; their sales are milestones or nothing.
    if line is None or not line.is_time_and_material:
        customer = payers[0] if len(payers) == 1 else None
        return [_one_customer(approval, event, customer, cost, None, None)]
    shared = zip(payers, cost.split(payers), billable.split(payers), rest.split(payers), strict=True)
    return [_one_customer(approval, event, *share) for share in shared]


def _one_customer(
    approval: Approval,
    event: ActualEvent,
    payer: ContractLineCustomer | None,
    cost: Side,
    billable: Side | None,
    rest: Side | None,
) -> Facts:
    sold = [side for side in (billable, rest) if side is not None]
    work_item = _work_item(approval, event, payer, sold)
    rows = []
    # A fee is charged, not worked: it has no cost (#12).
    if approval.entry.transaction_class != TransactionClass.FEE:
        rows.append(_row(approval, work_item, TransactionType.COST, approval.billing_type, cost))
    if billable is not None and billable.quantity:
        rows.append(
            _row(approval, work_item, TransactionType.UNBILLED_SALES, approval.billing_type, billable)
        )
    if rest is not None and rest.quantity:
        rows.append(
            _row(approval, work_item, TransactionType.UNBILLED_SALES, BillingType.NON_CHARGEABLE, rest)
        )
    return work_item, rows


def _row(
    approval: Approval, work_item: WorkItem, kind: TransactionType, billing_type: int, side: Side
) -> Actual:
    return Actual(
        work_item=work_item,
        event=work_item.event,
        type=kind,
        billing_type=billing_type,
        quantity=side.quantity,
        price=side.price,
        amount=side.amount,
        accounting_date=approval.entry.date,
    )


def _work_item(
    approval: Approval, event: ActualEvent, payer: ContractLineCustomer | None, sold: list[Side]
) -> WorkItem:
    entry, line = approval.entry, approval.contract_line
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
        unit=entry.unit,
        currency=approval.sales_currency or approval.cost_currency,
        cost_currency=approval.cost_currency,
        quantity=sum((side.quantity for side in sold), ZERO),
        amount=sum((side.amount for side in sold), ZERO),
        is_priced=approval.is_priced,
        product=entry.product,
        description=entry.description,
        external_description=entry.external_description or entry.description,
    )
