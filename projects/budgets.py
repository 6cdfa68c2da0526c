"""How much of a budget is used: hours and money of approved work, by project or by task (A14)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Q, Sum, When

from core.money import HUNDRED, ZERO, sum_by
from core.querysets import KEYS_PER_STATEMENT
from projects.exchange_rates import ExchangeRates
from projects.models import Actual, Entry, Project, Task
from projects.states import (
    BALANCES,
    ActualOutcome,
    BillingType,
    BudgetMeasure,
    EntryStatus,
    TransactionClass,
    TransactionType,
)

THRESHOLDS = (80, 100)
"""Percent of a budget at which a mail is sent."""

# Withdrawn and corrected entries do not count as work; all others do, approved or not.
WAITING = (EntryStatus.DRAFT, EntryStatus.SUBMITTED, EntryStatus.RETURNED, EntryStatus.RECALL_REQUESTED)


@dataclass(frozen=True)
class BudgetUse:
    """What was used: hours approved and hours that wait, and the sales value of approved chargeable work.

    `amount` is in the currency of the project's legal entity. It includes the sums of other currencies that
    were `converted`, at the rate of the day of the work, and not those without a rate, which are `left_out`;
    both are in their own currencies.
    """

    hours: Decimal = ZERO
    waiting_hours: Decimal = ZERO
    amount: Decimal = ZERO
    converted: Mapping[str, Decimal] = field(default_factory=dict)
    left_out: Mapping[str, Decimal] = field(default_factory=dict)

    def without(self, others: Iterable["BudgetUse"]) -> "BudgetUse":
        """What is left once the use of parts of it is taken off."""
        parts = list(others)
        return BudgetUse(
            self.hours - sum((one.hours for one in parts), ZERO),
            self.waiting_hours - sum((one.waiting_hours for one in parts), ZERO),
            self.amount - sum((one.amount for one in parts), ZERO),
            _less(self.converted, [one.converted for one in parts]),
            _less(self.left_out, [one.left_out for one in parts]),
        )

    @property
    def recorded_hours(self) -> Decimal:
        """All hours that were reported, approved or not."""
        return self.hours + self.waiting_hours

    def used(self, measure: str) -> Decimal:
        """What counts against a budget of this measure."""
        return self.hours if measure == BudgetMeasure.HOURS else self.amount


NOTHING_USED = BudgetUse()


@dataclass
class _Money:
    """The sales value of a project or task while it is added up."""

    amount: Decimal = ZERO
    converted: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    left_out: dict[str, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))


def budget_use_of(projects: Iterable[Project]) -> dict[int, BudgetUse]:
    """What is used of the budgets of each project, by key, in four statements whatever their number."""
    keys = [one.pk for one in projects]
    return _budget_use(keys, "project", set(keys))


def budget_use_of_tasks(tasks: Iterable[Task]) -> dict[int, BudgetUse]:
    """What is used of the budgets of each task, by key, in four statements whatever their number."""
    chosen = list(tasks)
    # Work items are found by their project: their tasks have no index of their own.
    return _budget_use([one.pk for one in chosen], "task", {one.project_id for one in chosen})


def percent_of(used: Decimal, budget: Decimal | None) -> Decimal | None:
    """Percent of a budget that is used, exact; None where there is no budget."""
    return used * HUNDRED / budget if budget else None


def budget_of(row: Project | Task, measure: str) -> Decimal | None:
    """The budget of a project or a task in hours or money; None where there is none."""
    return row.budget_hours if measure == BudgetMeasure.HOURS else row.budget_amount


def _budget_use(keys: list[int], by: str, projects: set[int]) -> dict[int, BudgetUse]:
    uses: dict[int, BudgetUse] = {}
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        some = keys[start : start + KEYS_PER_STATEMENT]
        hours, waiting, money = (
            _hours(some, by, projects),
            _waiting_hours(some, by),
            _money(some, by, projects),
        )
        for key in some:
            sums = money[key]
            uses[key] = BudgetUse(
                hours.get(key, ZERO),
                waiting.get(key, ZERO),
                sums.amount,
                dict(sums.converted),
                dict(sums.left_out),
            )
    return uses


def _hours(keys: list[int], by: str, projects: set[int]) -> dict[int, Decimal]:
    # Cost rows: the shares of several payers add up to the hours, and a reversal takes them out again.
    rows = Actual.objects.filter(
        type=TransactionType.COST,
        work_item__transaction_class=TransactionClass.TIME,
        **{"work_item__project__in": projects, f"work_item__{by}__in": keys},
    )
    return dict(rows.order_by().values_list(f"work_item__{by}").annotate(sum=Sum("quantity")))


def _waiting_hours(keys: list[int], by: str) -> dict[int, Decimal]:
    rows = Entry.objects.filter(
        transaction_class=TransactionClass.TIME, status__in=WAITING, **{f"{by}__in": keys}
    )
    return dict(rows.order_by().values_list(by).annotate(sum=Sum("quantity")))


def _money(keys: list[int], by: str, projects: set[int]) -> dict[int, _Money]:
    # The reversal that an invoice writes is left out: invoiced work still counts. Other reversals are summed.
    rows = Actual.objects.filter(
        ~Q(outcome=ActualOutcome.INVOICED),
        ~Q(work_item__transaction_class__in=BALANCES),
        type=TransactionType.UNBILLED_SALES,
        billing_type=BillingType.CHARGEABLE,
        **{"work_item__project__in": projects, f"work_item__{by}__in": keys},
    )
    # By day where a rate is needed, which is that of the day of the work; and always by task, so that the
    # rounded amounts of tasks add up to that of their project.
    own = F("work_item__legal_entity__currency")
    day = Case(When(work_item__currency=own, then=None), default=F("work_item__transaction_date"))
    sums: Any = (
        rows.order_by()
        .values_list(
            f"work_item__{by}", "work_item__task", "work_item__legal_entity", own, "work_item__currency", day
        )
        .annotate(sum=Sum("amount"))
    )
    by_day = list(sums)
    foreign = {entity: own for _key, _task, entity, own, _currency, day, _sum in by_day if day is not None}
    rates = ExchangeRates.of(foreign) if foreign else ExchangeRates()
    money: dict[int, _Money] = defaultdict(_Money)
    for key, _task, entity, _own, currency, on, total in by_day:
        amount = total if on is None else rates.in_own_currency(entity, total, currency, on)
        if amount is None:
            money[key].left_out[currency] += total
            continue
        money[key].amount += amount
        if on is not None:
            money[key].converted[currency] += total
    return money


def _less(whole: Mapping[str, Decimal], parts: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    sums = sum_by(pair for part in parts for pair in part.items())
    rest = {currency: amount - sums.get(currency, ZERO) for currency, amount in whole.items()}
    return {currency: amount for currency, amount in rest.items() if amount}
