"""What the page of one project shows: budgets by task, team, contract lines, mails that were sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from core.money import ZERO
from core.templatetags.display import money, number, percent, quantity
from projects.budgets import NOTHING_USED, BudgetUse, burn_of, burn_of_tasks, percent_of
from projects.models import ContractLine, Entry, Project, ProjectContract, Task
from projects.states import ApprovalStatus, EntryStatus

MAILS_SHOWN = 3
TASKS_SHOWN = 200


@dataclass(frozen=True)
class BudgetRow:
    """A task with what is used of its budgets; the row without a task is work on the project as a whole."""

    task: Task | None
    burn: BudgetUse
    budget_hours: Decimal | None
    budget_amount: Decimal | None

    @property
    def hours_percent(self) -> Decimal | None:
        """Percent of the hours that are used."""
        return percent_of(self.burn.hours, self.budget_hours)

    @property
    def amount_percent(self) -> Decimal | None:
        """Percent of the money that is used."""
        return percent_of(self.burn.amount, self.budget_amount)


def parts_of(project: Project, user: User) -> dict[str, Any]:
    """Everything on the page, in a fixed number of statements."""
    tasks = list(project.tasks.order_by("is_closed", "code")[:TASKS_SHOWN])
    burn, by_task = burn_of([project])[project.pk], burn_of_tasks(tasks)
    team = list(project.team.select_related("resource", "role").order_by("resource__name"))
    days = last_days(project, [one.resource_id for one in team])
    for one in team:
        one.last_day = days.get(one.resource_id)  # type: ignore[attr-defined]
    notices = list(project.budget_notices.select_related("task")[: MAILS_SHOWN + 1])
    return {
        "total": BudgetRow(None, burn, project.budget_hours, project.budget_amount),
        "rows": [BudgetRow(task, by_task[task.pk], task.budget_hours, task.budget_amount) for task in tasks],
        "without_task": without_task(burn, by_task.values()),
        "currency": project.legal_entity.currency,
        "kpis": kpis_of(project, burn, len(team)),
        "team": team,
        "lines": lines_of(project, user),
        "notices": notices[:MAILS_SHOWN],
        "readers": [one.get_full_name() or one.get_username() for one in project.budget_readers.all()],
        "waiting": waiting_of(project),
    }


def without_task(burn: BudgetUse, of_tasks: Iterable[BudgetUse]) -> BudgetRow | None:
    """What was done on the project and on none of its tasks; none where that is nothing."""
    used = list(of_tasks)
    rest = BudgetUse(
        burn.hours - sum((one.hours for one in used), ZERO),
        burn.waiting_hours - sum((one.waiting_hours for one in used), ZERO),
        burn.amount - sum((one.amount for one in used), ZERO),
    )
    return None if rest == NOTHING_USED else BudgetRow(None, rest, None, None)


def kpis_of(project: Project, burn: BudgetUse, people: int) -> list[dict[str, Any]]:
    """Hours, money, what waits, the team."""
    currency = project.legal_entity.currency
    hours, value = (
        percent_of(burn.hours, project.budget_hours),
        percent_of(burn.amount, project.budget_amount),
    )
    others = [money(amount, code) for code, amount in sorted(burn.other_amounts.items())]
    return [
        {
            "label": gettext("Hours approved"),
            "value": quantity(burn.hours, "h"),
            "detail": [_budget(quantity(project.budget_hours, "h"), hours)] if hours is not None else [],
            "url": "#budget",
        },
        {
            "label": gettext("Sales value approved"),
            "value": money(burn.amount, currency),
            "others": others,
            "detail": [
                *([_budget(money(project.budget_amount, currency), value)] if value is not None else []),
                *([gettext("Other currencies count against no budget")] if others else []),
            ],
            "url": "#budget",
        },
        {
            "label": gettext("Hours waiting"),
            "value": quantity(burn.waiting_hours, "h"),
            "detail": [gettext("recorded, not approved")],
        },
        {
            "label": gettext("Team"),
            "value": number(people),
            "detail": [ngettext("person", "people", people)],
            "url": "#team",
        },
    ]


def _budget(budget: str, used: Decimal) -> str:
    return gettext("%(budget)s budget, %(percent)s used") % {"budget": budget, "percent": percent(used)}


def last_days(project: Project, people: list[int]) -> Mapping[int, Any]:
    """The day of the last entry of each person on this project."""
    rows = Entry.objects.filter(project=project, resource__in=people).order_by().values_list("resource")
    return dict(rows.annotate(last=Max("date")))


def lines_of(project: Project, user: User) -> list[ContractLine]:
    """The contract lines that name the project, of the contracts that the user sees."""
    contracts = ProjectContract.objects.visible_to(user)
    lines = ContractLine.objects.filter(project=project, contract__in=contracts.values("pk"))
    counted = lines.annotate(task_count=Count("tasks")).select_related("contract")
    return list(counted.order_by("contract__number", "number"))


def waiting_of(project: Project) -> dict[str, Any]:
    """Entries that wait for a decision, and drafts, of this project."""
    waiting = Q(approvals__status=ApprovalStatus.SUBMITTED)
    counts = Entry.objects.filter(project=project).aggregate(
        submitted=Count("pk", filter=waiting, distinct=True),
        drafts=Count("pk", filter=Q(status=EntryStatus.DRAFT), distinct=True),
    )
    return counts | {"url": reverse("approvals")}
