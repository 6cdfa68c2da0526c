"""How much of a budget is used: hours and money of approved work, by project or by task (A14)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from core.money import HUNDRED, ZERO
from core.querysets import KEYS_PER_STATEMENT
from projects.models import Actual, Entry, Project, Task
from projects.states import (
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

    `amount` is in the currency of the project's legal entity; `other_amounts` are sums in other currencies,
    which no budget counts because money of different currencies is never added up.
    """

    hours: Decimal = ZERO
    waiting_hours: Decimal = ZERO
    amount: Decimal = ZERO
    other_amounts: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def recorded_hours(self) -> Decimal:
        """All hours that were reported, approved or not."""
        return self.hours + self.waiting_hours

    def used(self, measure: str) -> Decimal:
        """What counts against a budget of this measure."""
        return self.hours if measure == BudgetMeasure.HOURS else self.amount


NOTHING_USED = BudgetUse()


def budget_use_of(projects: Iterable[Project]) -> dict[int, BudgetUse]:
    """What is used of the budgets of each project, by key, in three statements whatever their number."""
    keys = [one.pk for one in projects]
    return _budget_use(keys, "project", set(keys))


def budget_use_of_tasks(tasks: Iterable[Task]) -> dict[int, BudgetUse]:
    """What is used of the budgets of each task, by key, in three statements whatever their number."""
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
            own, others = money.get(key, (ZERO, {}))
            uses[key] = BudgetUse(hours.get(key, ZERO), waiting.get(key, ZERO), own, others)
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


def _money(keys: list[int], by: str, projects: set[int]) -> dict[int, tuple[Decimal, dict[str, Decimal]]]:
    # The reversal that an invoice writes is left out: invoiced work still counts. Other reversals are summed.
    rows = Actual.objects.filter(
        ~Q(outcome=ActualOutcome.INVOICED),
        type=TransactionType.UNBILLED_SALES,
        billing_type=BillingType.CHARGEABLE,
        **{"work_item__project__in": projects, f"work_item__{by}__in": keys},
    )
    sums: Any = (
        rows.order_by()
        .values_list(f"work_item__{by}", "work_item__currency", "work_item__legal_entity__currency")
        .annotate(sum=Sum("amount"))
    )
    money: dict[int, tuple[Decimal, dict[str, Decimal]]] = {}
    for key, currency, own, total in sums:
        amount, others = money.get(key, (ZERO, {}))
        if currency == own:
            money[key] = (amount + total, others)
        else:
            money[key] = (amount, {**others, currency: total})
    return money
