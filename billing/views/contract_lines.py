"""The lines of a contract with what each of them has unbilled by class, billed, and left of its limit."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q, Sum

from billing.contract_positions import billed_work, percent_used
from billing.models import MilestoneShare
from core.money import ZERO
from projects.models import BacklogItem, ContractLine, PriceList, ProjectContract, RolePrice
from projects.states import BillingStatus, PriceContext, TransactionClass

CLASSES = ("time", "material", "expense", "fee", "milestone")


@dataclass
class Line:
    """Figures of one contract line, or of all together, in the contract's currency."""

    line: ContractLine | None = None
    unbilled_by: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(CLASSES, ZERO))
    ready: Decimal = ZERO
    billed: Decimal = ZERO
    agreed: Decimal | None = ZERO

    @property
    def unbilled(self) -> Decimal:
        """Sum over the classes, exact."""
        return sum(self.unbilled_by.values(), ZERO)

    @property
    def cells(self) -> list[tuple[str, Decimal]]:
        """Class and what is unbilled of it, in the order of the columns."""
        return list(self.unbilled_by.items())

    @property
    def cap(self) -> Decimal | None:
        """The limit of the line, else what it is worth."""
        limit = self.line.not_to_exceed_amount if self.line else None
        return limit or self.agreed

    @property
    def used(self) -> Decimal | None:
        """Percent of the cap that is billed, drafted or waiting."""
        return percent_used(self.billed + self.unbilled, self.cap)

    @property
    def over(self) -> Decimal:
        """By how much the line is over its limit; zero while it is not, or has none."""
        if self.line is None or not self.line.not_to_exceed_amount:
            return ZERO
        return max(self.billed + self.unbilled - self.line.not_to_exceed_amount, ZERO)


def lines_of(contract: ProjectContract, today: dt.date) -> list[Line]:
    """Every line in order, and the sum of all as the last one; four statements for any number of lines."""
    by_line = {
        line.pk: Line(line, agreed=line.contracted_amount or line.not_to_exceed_amount)
        for line in contract.lines.select_related("project").order_by("number")
    }
    _add_backlog(by_line, contract)
    _add_milestones(by_line, contract, today)
    billed = billed_work().filter(line__proforma__contract=contract).order_by()
    for line_id, amount in billed.values_list("line__contract_line").annotate(sum=Sum("amount")):
        by_line[line_id].billed += amount
    return [*by_line.values(), _together(by_line.values())]


def over_limits(lines: Iterable[Line]) -> list[Line]:
    """Lines beyond their limit."""
    return [line for line in lines if line.over]


def rates_of(contract: ProjectContract, today: dt.date) -> list[RolePrice]:
    """Today's sales prices of each role that works on the contract's projects or that its own list names.

    A list of the contract goes before a general one, for each unit by itself (A7).
    """
    lists = PriceList.objects.holding_on(today).filter(
        Q(contract=contract) | Q(contract=None),
        legal_entity=contract.legal_entity,
        context=PriceContext.SALES,
        currency=contract.currency,
    )
    holding = Q(ends_on=None) | Q(ends_on__gte=today)
    prices = RolePrice.objects.filter(holding, price_list__in=lists.values("pk"))
    working = Q(role__teammember__project__contract_lines__contract=contract)
    named = prices.filter(Q(price_list__contract=contract) | working).values("pk")
    decisive: dict[tuple[int, str], RolePrice] = {}
    for price in prices.filter(pk__in=named).select_related("role", "price_list"):
        known = decisive.get((price.role_id, price.unit))
        # Of one kind only one list holds today, so nothing but a list of the contract can go before it.
        if known is None or known.price_list.contract_id is None:
            decisive[price.role_id, price.unit] = price
    return sorted(decisive.values(), key=lambda price: (price.role.name, price.unit))


def _add_backlog(by_line: dict[int, Line], contract: ProjectContract) -> None:
    items = BacklogItem.objects.filter(contract=contract).chargeable().off_draft().order_by()
    rows = items.values_list("contract_line", "work_item__transaction_class", "status").annotate(
        sum=Sum("amount")
    )
    for line_id, kind, status, amount in rows:
        line = by_line[line_id]
        line.unbilled_by[kind] += amount
        line.ready += amount if status == BillingStatus.READY else ZERO


def _add_milestones(by_line: dict[int, Line], contract: ProjectContract, today: dt.date) -> None:
    shares = MilestoneShare.objects.filter(milestone__contract_line__contract=contract).unbilled(today)
    rows = (
        shares.order_by().values_list("milestone__contract_line", "status").annotate(sum=Sum("open_amount"))
    )
    for line_id, status, amount in rows:
        line = by_line[line_id]
        line.unbilled_by[TransactionClass.MILESTONE.value] += amount
        line.ready += amount if status == BillingStatus.READY else ZERO


def _sum(total: Decimal | None, agreed: Decimal | None) -> Decimal | None:
    """Nothing is agreed in total where nothing is agreed for a line."""
    return None if total is None or agreed is None else total + agreed


def _together(lines: Iterable[Line]) -> Line:
    total = Line()
    by_class: dict[str, Decimal] = defaultdict(lambda: ZERO, total.unbilled_by)
    for line in lines:
        for kind, amount in line.unbilled_by.items():
            by_class[kind] += amount
        total.ready += line.ready
        total.billed += line.billed
        total.agreed = _sum(total.agreed, line.agreed)
    total.unbilled_by = dict(by_class)
    return total
