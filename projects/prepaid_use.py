"""What approved work uses of prepaid hours: read for any number of agreements in three statements (A12)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from django.db.models import Exists, OuterRef, Q, Sum

from core.days import first_of_month
from core.money import ZERO
from projects.models import Actual, Approval, BacklogItem, PrepaidExpiry, PrepaidHours, PrepaidMonth
from projects.prepaid_plans import BoughtMonth, HoursPlan, WorkedRow, plan_hours
from projects.states import BillingStatus, BillingType, TransactionClass, TransactionType


@dataclass(frozen=True)
class UsedRow:
    """A row of sales that uses hours, as it stands; the price is in the contract's currency."""

    pk: int
    line: int | None
    work_item: int
    day: date
    quantity: Decimal
    price: Decimal
    amount: Decimal
    is_open: bool
    is_billed: bool


@dataclass(frozen=True)
class PrepaidUse:
    """An agreement, its months in order, the rows that use its hours, and the plan that follows from them."""

    agreement: PrepaidHours
    months: Sequence[PrepaidMonth]
    rows: Sequence[UsedRow]
    plan: HoursPlan

    @cached_property
    def terms(self) -> Mapping[date, PrepaidMonth]:
        """What was agreed for each month, by its first day."""
        return {one.month: one for one in self.months}

    def terms_of(self, row: UsedRow) -> PrepaidMonth:
        """What was agreed for the month of a row."""
        return self.terms[first_of_month(row.day)]

    def is_over(self, row: UsedRow) -> bool:
        """Whether a row lies beyond the block: it has the overage rate of its month."""
        return row.price == self.terms_of(row).overage_rate

    @cached_property
    def rolled_rates(self) -> Mapping[date, Decimal]:
        """By month the rate at which hours that rolled in were bought, where it is not that of the month."""
        return rolled_rates(self.months)


def use_of(agreements: Iterable[PrepaidHours]) -> list[PrepaidUse]:
    """The use of agreements, in their order; three statements for any number, none for none.

    Counted is approved, chargeable time of their months, billed or not. Work that was typed into a journal or
    added to a draft by hand uses no hours. Locks nothing (A12).
    """
    chosen = list(agreements)
    if not chosen:
        return []
    months: dict[int, list[PrepaidMonth]] = defaultdict(list)
    for month in PrepaidMonth.objects.filter(prepaid_hours__in=chosen).order_by("month"):
        months[month.prepaid_hours_id].append(month)
    expired = _expired(chosen)
    rows: dict[int | None, list[UsedRow]] = defaultdict(list)
    for row in _rows(chosen):
        rows[row.line].append(row)
    return [_use(one, months[one.pk], expired, rows[one.contract_line_id]) for one in chosen]


def rows_of_month(use: PrepaidUse, month: date) -> list[UsedRow]:
    """The rows that used hours of a month, named by its first day, by day, then by work item."""
    return [row for row in use.rows if row.quantity and first_of_month(row.day) == month]


def hours_left(approvals: Iterable[Approval]) -> dict[int, Decimal]:
    """Hours left of the block of its month, by the key of each submission of chargeable time that uses some.

    What waits is not counted, so that each says what is left before it. One statement where no line has
    prepaid hours, four otherwise. Entries are loaded. Locks nothing (A12).
    """
    asking = [
        one
        for one in approvals
        if one.contract_line_id is not None
        and one.billing_type == BillingType.CHARGEABLE
        and one.entry.transaction_class == TransactionClass.TIME
    ]
    lines = {one.contract_line_id for one in asking}
    agreements = PrepaidHours.objects.filter(contract_line__in=lines) if lines else ()
    uses = {use.agreement.contract_line_id: use for use in use_of(agreements)}
    months = {
        one.pk: uses[one.contract_line_id].plan.of(one.entry.date)
        for one in asking
        if one.contract_line_id in uses
    }
    return {key: month.left for key, month in months.items() if month is not None}


def rolled_rates(months: Sequence[PrepaidMonth]) -> dict[date, Decimal]:
    """By month, given in their order, the rate of the month before where hours of it rolled in at another."""
    return {
        one.month: before.block_rate
        for before, one in pairwise(months)
        if before.roll_over_hours and before.block_rate != one.block_rate
    }


def _use(
    agreement: PrepaidHours,
    months: Sequence[PrepaidMonth],
    expired: Mapping[int, Mapping[Decimal, Decimal]],
    rows: Sequence[UsedRow],
) -> PrepaidUse:
    rolled = rolled_rates(months)
    terms = {one.month: one for one in months}
    mine = [row for row in rows if first_of_month(row.day) in terms]
    worked = [
        WorkedRow(
            row.pk,
            row.day,
            row.work_item,
            row.quantity,
            is_fixed=not row.is_open,
            is_over=row.price == terms[first_of_month(row.day)].overage_rate,
            is_rolled=row.price == rolled.get(first_of_month(row.day)),
        )
        for row in mine
    ]
    bought = [_bought(one, expired.get(one.pk, {}), rolled.get(one.month)) for one in months]
    return PrepaidUse(agreement, months, mine, plan_hours(bought, worked))


def _bought(
    month: PrepaidMonth, expired: Mapping[Decimal, Decimal], rolled_rate: Decimal | None
) -> BoughtMonth:
    """The month as the plan takes it; `expired` are its expired hours by their rate."""
    return BoughtMonth(
        month.month,
        month.hours,
        month.roll_over_hours,
        expired=sum(expired.values(), ZERO),
        rolls_apart=rolled_rate is not None,
        expired_rolled=expired.get(rolled_rate, ZERO) if rolled_rate is not None else ZERO,
    )


def _expired(agreements: Sequence[PrepaidHours]) -> dict[int, dict[Decimal, Decimal]]:
    rows = PrepaidExpiry.objects.filter(prepaid_month__prepaid_hours__in=agreements).order_by()
    expired: dict[int, dict[Decimal, Decimal]] = defaultdict(dict)
    for month, rate, hours in rows.values_list("prepaid_month", "rate").annotate(sum=Sum("hours")):
        expired[month][rate] = hours
    return expired


def _rows(agreements: Sequence[PrepaidHours]) -> Iterable[UsedRow]:
    drafted = BacklogItem.objects.filter(actual=OuterRef("pk"), status=BillingStatus.ON_DRAFT)
    rows = (
        Actual.objects.filter(
            Q(type=TransactionType.UNBILLED_SALES) | Q(type=TransactionType.BILLED_SALES),
            work_item__contract_line__in=[one.contract_line_id for one in agreements],
            work_item__transaction_date__gte=min(one.first_month for one in agreements),
            work_item__transaction_date__lte=max(one.last_day for one in agreements),
            work_item__transaction_class=TransactionClass.TIME,
            work_item__approval__isnull=False,
            billing_type=BillingType.CHARGEABLE,
        )
        .unreversed()
        .annotate(is_drafted=Exists(drafted))
        .order_by("work_item__transaction_date", "work_item", "pk")
    )
    for row in rows.select_related("work_item"):
        item = row.work_item
        is_open = row.type == TransactionType.UNBILLED_SALES and not row.is_drafted
        yield UsedRow(
            row.pk,
            item.contract_line_id,
            item.pk,
            item.transaction_date,
            row.quantity,
            row.price,
            row.amount,
            is_open,
            is_billed=row.type == TransactionType.BILLED_SALES,
        )
