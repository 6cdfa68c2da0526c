"""Running totals of time that four decimal places of hours cannot express, so that its parts add up (M2).

Twenty minutes are a third of an hour. Their quantities and amounts are rounded so that those of one contract
line, price and calendar month add up to the exact sum: three times twenty minutes at 200 are 66.67 + 66.66 +
66.67.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Q, Sum
from django.db.models.functions import Mod, TruncMonth

from core.money import ZERO, running_part
from projects.models import Actual, Approval
from projects.states import ApprovalStatus
from projects.steps import HOUR_SECONDS, hours_of_entry, is_odd

LIVE = [ApprovalStatus.SUBMITTED, ApprovalStatus.APPROVED]
EXACT_SECONDS = 9
"""A number of seconds that nine divides is a number of hours with four places: 0.0025 h are nine seconds."""


class TimeGroup(NamedTuple):
    """What a total is kept for: project, line, month, and a price with its currency."""

    project: int
    line: int | None
    month: date
    price: Decimal
    currency: str
    unit: str = ""
    billing_type: int = 0


class Running:
    """The exact sum of some parts, and what was given for them so far."""

    def __init__(self, exact: Fraction = Fraction(0), given: Decimal = ZERO):
        self.exact, self.given = exact, given

    def add(self, exact: Fraction, given: Decimal) -> None:
        """Count parts that were given before."""
        self.exact, self.given = self.exact + exact, self.given + given

    def next(self, exact: Fraction, places: int) -> Decimal:
        """The next part, rounded towards the exact sum."""
        part = running_part(exact, self.exact - Fraction(self.given), places)
        self.add(exact, part)
        return part


class TimeTotals:
    """Running totals of hours, cost and sales of such time, by project, line, month and price."""

    def __init__(self) -> None:
        self.hours: dict[TimeGroup, Running] = defaultdict(Running)
        self.costs: dict[TimeGroup, Running] = defaultdict(Running)
        self.quantities: dict[TimeGroup, Running] = defaultdict(Running)
        self.sales: dict[TimeGroup, Running] = defaultdict(Running)

    @classmethod
    def of(cls, approvals: Sequence[Approval], instead_of: Sequence[Approval] = ()) -> "TimeTotals":
        """What submitted and approved time of the same projects and months adds up to, in one statement.

        `instead_of` are submissions that do not count any more. The caller holds the projects.
        """
        totals = cls()
        if not approvals:
            return totals
        for project, line, month, price, currency, unit, billing_type, *rest in _sums(approvals):
            cost_price, cost_currency, *sums = rest
            sold = TimeGroup(project, line, month, price, currency, unit, billing_type)
            spent = TimeGroup(project, line, month, cost_price, cost_currency)
            seconds, hours, cost, billed_seconds, quantity, amount = (one or ZERO for one in sums)
            recorded = Fraction(seconds) / HOUR_SECONDS
            billed = Fraction(billed_seconds) / HOUR_SECONDS
            totals.hours[sold].add(recorded, hours)
            totals.costs[spent].add(recorded * Fraction(cost_price), cost)
            totals.quantities[sold].add(billed, quantity)
            totals.sales[sold].add(billed * Fraction(price), amount)
        for old in instead_of:
            totals._leave_out(old)
        return totals

    def _leave_out(self, old: Approval) -> None:
        sold, spent = groups_of(old)
        hours, billed = hours_of_entry(old.entry), proposed_of(old)
        if is_odd(hours):
            self.hours[sold].add(-hours, -old.submitted_quantity)
            self.costs[spent].add(-hours * Fraction(old.cost_price), -old.cost_amount)
        if is_odd(billed):
            self.quantities[sold].add(-billed, -old.proposed_quantity)
            self.sales[sold].add(-billed * Fraction(old.sales_price), -old.proposed_amount)


def _sums(approvals: Sequence[Approval]) -> Iterable[tuple[Any, ...]]:
    """By project, line, month, prices and currencies: seconds, quantities and amounts of odd time."""
    days = [one.entry.date for one in approvals]
    # What four places say exactly needs no other entry to be right, and is not in the sums.
    odd, stepped = Q(odd__gt=0), Q(proposed_seconds__isnull=False)
    live = (
        Approval.objects.filter(
            status__in=LIVE,
            entry__project__in={one.entry.project_id for one in approvals},
            entry__date__gte=min(days).replace(day=1),
            entry__date__lte=max(days).replace(day=monthrange(max(days).year, max(days).month)[1]),
        )
        .annotate(odd=Mod("entry__seconds", EXACT_SECONDS))
        .filter(odd | stepped)
    )
    groups = live.order_by().values_list(
        "entry__project",
        "contract_line",
        TruncMonth("entry__date"),
        "sales_price",
        "sales_currency",
        "unit",
        "billing_type",
        "cost_price",
        "cost_currency",
    )
    return groups.annotate(
        recorded=Sum("entry__seconds", filter=odd),
        hours=Sum("submitted_quantity", filter=odd),
        cost=Sum("cost_amount", filter=odd),
        billed=Sum("proposed_seconds"),
        quantity=Sum("proposed_quantity", filter=stepped),
        amount=Sum("proposed_amount", filter=stepped),
    )


def proposed_of(approval: Approval) -> Fraction:
    """What was proposed to be billed of a submission, exactly."""
    if approval.proposed_seconds is not None:
        return Fraction(approval.proposed_seconds, HOUR_SECONDS)
    return Fraction(approval.proposed_quantity)


def billed_hours_of(actual: Actual) -> Fraction | None:
    """The exact hours, or days, of a payer's share that no four places say; None where they say it.

    Work item and approval are loaded. What an approver changed is its quantity, and so is a rest.
    """
    approval, percent = actual.work_item.approval, actual.work_item.split_percent
    is_billed = approval is not None and actual.billing_type == approval.billing_type
    if approval is None or not is_billed or approval.proposed_seconds is None:
        return None
    if approval.billable_quantity != approval.proposed_quantity:
        return None
    return proposed_of(approval) * Fraction(percent) / 100


def groups_of(approval: Approval) -> tuple[TimeGroup, TimeGroup]:
    """What sales and cost of a submission are added up with."""
    place = approval.entry.project_id, approval.contract_line_id, approval.entry.date.replace(day=1)
    return (
        TimeGroup(
            *place, approval.sales_price, approval.sales_currency, approval.unit, approval.billing_type
        ),
        TimeGroup(*place, approval.cost_price, approval.cost_currency),
    )
