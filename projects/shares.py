"""Split amounts between payers so that rounding differences do not add up within a month (decision 8).

Forty quarters of an hour split in thirds would give one payer twenty cents too much if each share were
rounded by itself: so each share is rounded towards the payer's exact total of the month so far.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Sum
from django.db.models.functions import TruncMonth

from core.money import HUNDRED, STORED_PLACES, ZERO, minor_places
from projects.actual_querysets import ActualQuerySet
from projects.models import Actual, Approval, ContractLine, ContractLineCustomer
from projects.states import ApprovalStatus, BillingType, TransactionType


class Side(NamedTuple):
    """What is split: cost, or unbilled sales of a billing type; `is_rest` is the part that is not billed."""

    type: int
    billing_type: int
    is_rest: bool = False


class Share(NamedTuple):
    """A quantity and its amount, or a payer's share of both."""

    quantity: Decimal
    amount: Decimal


ShareKey = tuple[int, int, date, Side]
"""What a running total is kept for: contract line, customer, first day of the month, side."""


class OwedShares:
    """What each payer is still owed in a month, positive or negative; updated by each split."""

    def __init__(self, owed: Mapping[ShareKey, Share] | None = None):
        self._owed: dict[ShareKey, Share] = dict(owed or {})

    @classmethod
    def of(
        cls, approvals: Sequence[Approval], payers: Mapping[int | None, Sequence[ContractLineCustomer]]
    ) -> "OwedShares":
        """Read what approved work of the same lines and months left over, in one statement.

        Lines of one payer owe nothing and cost no statement. Locks the other lines, so that two approvals at
        once do not both round up.
        """
        shared = [one for one in approvals if len(payers.get(one.contract_line_id, ())) > 1]
        if not shared:
            return cls()
        lines = {one.contract_line_id for one in shared}
        days = [one.entry.date for one in shared]
        list(
            ContractLine.objects.filter(pk__in=lines).order_by("pk").select_for_update(no_key=True).only("pk")
        )
        written = Actual.objects.filter(
            work_item__contract_line__in=lines,
            work_item__transaction_date__gte=min(days).replace(day=1),
            work_item__transaction_date__lte=_last_of(max(days)),
            work_item__approval__status=ApprovalStatus.APPROVED,
            # Rows of the approval itself: what was billed or edited since does not change who owes what.
            event=F("work_item__event"),
        )
        return cls(_owed(written))

    def split(
        self,
        whole: Share,
        side: Side,
        payers: Sequence[ContractLineCustomer],
        *,
        month: date,
        currency: str,
    ) -> list[Share]:
        """Each payer's part of `whole`: the amount by percentage, and the quantity to four places.

        A part's amount is never its quantity times the price. The rounding payer takes what is left of each;
        no part is more than one unit from its percentage (decision 8).
        """
        accounts = [(one.contract_line_id, one.customer_id, month, side) for one in payers]
        owed = [self._owed.get(account, Share(ZERO, ZERO)) for account in accounts]
        shares_of = ContractLineCustomer.shares_of
        quantities = shares_of(
            whole.quantity, payers, places=STORED_PLACES, owed=[one.quantity for one in owed]
        )
        amounts = shares_of(
            whole.amount, payers, places=minor_places(currency), owed=[one.amount for one in owed]
        )
        parts = [Share(*both) for both in zip(quantities, amounts, strict=True)]
        for account, payer, before, part in zip(accounts, payers, owed, parts, strict=True):
            self._owed[account] = Share(
                before.quantity + whole.quantity * payer.split_percent / HUNDRED - part.quantity,
                before.amount + whole.amount * payer.split_percent / HUNDRED - part.amount,
            )
        return parts


def _owed(written: ActualQuerySet) -> dict[ShareKey, Share]:
    owed: dict[ShareKey, Share] = defaultdict(lambda: Share(ZERO, ZERO))
    # By percentage too: a split that changed within the month owes by each of its percentages.
    groups = written.order_by().values_list(
        "work_item__contract_line",
        "work_item__customer",
        "work_item__split_percent",
        TruncMonth("work_item__transaction_date"),
        "type",
        "billing_type",
        "work_item__approval__billing_type",
    )
    summed = groups.annotate(
        *(Sum(f"work_item__approval__{name}") for name in WHOLES), Sum("quantity"), Sum("amount")
    )
    for line, customer, percent, month, kind, billing_type, approved_type, *sums in summed:
        *wholes, quantity, amount = sums
        side = side_of(kind, billing_type, approved_type)
        whole = _whole(side, dict(zip(WHOLES, wholes, strict=True)))
        account = (line, customer, month, side)
        before = owed[account]
        owed[account] = Share(
            before.quantity + whole.quantity * percent / HUNDRED - quantity,
            before.amount + whole.amount * percent / HUNDRED - amount,
        )
    return dict(owed)


WHOLES = (
    "submitted_quantity",
    "cost_amount",
    "billable_quantity",
    "sales_amount",
    "priced_quantity",
    "priced_amount",
)


def side_of(kind: int, billing_type: int, approved_type: int) -> Side:
    """The side that a row of an approval belongs to; the billing type of a cost makes no difference."""
    if kind == TransactionType.COST:
        return Side(kind, BillingType.CHARGEABLE)
    return Side(kind, billing_type, is_rest=billing_type != approved_type)


def _whole(side: Side, sums: Mapping[str, Decimal]) -> Share:
    if side.type == TransactionType.COST:
        return Share(sums["submitted_quantity"], sums["cost_amount"])
    if side.is_rest:
        return Share(
            sums["priced_quantity"] - sums["billable_quantity"],
            sums["priced_amount"] - sums["sales_amount"],
        )
    if side.billing_type == BillingType.NON_CHARGEABLE:
        return Share(sums["priced_quantity"], sums["priced_amount"])
    return Share(sums["billable_quantity"], sums["sales_amount"])


def _last_of(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
