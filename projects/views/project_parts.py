"""What the page of one project shows: budgets by task, work on no contract line, team, lines, mails sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from core.money import ZERO
from core.people import person_name
from core.templatetags.display import money, number, percent, quantity
from projects.budgets import NOTHING_USED, BudgetUse, budget_use_of, budget_use_of_tasks, percent_of
from projects.models import Entry, Project, Task, TeamMember
from projects.states import ApprovalStatus, EntryStatus
from projects.views.project_coverage import (
    ProjectCoverage,
    TaskBilling,
    strangers_of,
    unbilled_of,
)

MAILS_SHOWN = 3
TASKS_SHOWN = 200


@dataclass(frozen=True)
class BudgetRow:
    """A task with what is used of its budgets; the row without a task is work on the project as a whole."""

    task: Task | None
    burn: BudgetUse
    budget_hours: Decimal | None
    budget_amount: Decimal | None
    billing: TaskBilling | None = None

    @property
    def hours_percent(self) -> Decimal | None:
        """Percent of the hours that are used."""
        return percent_of(self.burn.hours, self.budget_hours)

    @property
    def amount_percent(self) -> Decimal | None:
        """Percent of the money that is used."""
        return percent_of(self.burn.amount, self.budget_amount)

    @property
    def converted(self) -> str:
        """What of the money was converted from other currencies, written in them."""
        return _listed(self.burn.converted)

    @property
    def left_out(self) -> str:
        """What no budget counts for want of an exchange rate, written in its currencies."""
        return _listed(self.burn.left_out)


def _listed(sums: Mapping[str, Decimal]) -> str:
    return ", ".join(money(amount, currency) for currency, amount in sorted(sums.items()))


@dataclass(frozen=True)
class TeamRow:
    """A team member, the day of the last entry, and what an hour sells for today with its currency."""

    member: TeamMember
    last_day: date | None
    price: tuple[Decimal, str] | None


def parts_of(project: Project, today: date) -> dict[str, Any]:
    """Everything on the page, in a fixed number of statements."""
    tasks = list(project.tasks.order_by("is_closed", "code")[:TASKS_SHOWN])
    burn, by_task = budget_use_of([project])[project.pk], budget_use_of_tasks(tasks)
    team = list(project.team.select_related("resource", "role").order_by("resource__name"))
    coverage = ProjectCoverage(project, tasks, team, today)
    days = last_days(project, [one.resource_id for one in team])
    notices = list(project.budget_notices.select_related("task")[: MAILS_SHOWN + 1])
    strangers = strangers_of(project, team)
    return {
        "total": BudgetRow(None, burn, project.budget_hours, project.budget_amount),
        "rows": [
            BudgetRow(
                task, by_task[task.pk], task.budget_hours, task.budget_amount, coverage.billing_of(task)
            )
            for task in tasks
        ],
        "without_task": without_task(burn, by_task.values()),
        "currency": project.legal_entity.currency,
        "kpis": kpis_of(project, burn, coverage, len(strangers)),
        "uncovered": coverage.uncovered_sums,
        "uncovered_rows": coverage.uncovered_rows(),
        "uncovered_worth": worth_of(coverage),
        "team": [TeamRow(one, days.get(one.resource_id), coverage.price_of(one)) for one in team],
        "strangers": strangers,
        "notices": notices[:MAILS_SHOWN],
        "readers": [person_name(one) for one in project.budget_readers.all()],
        "waiting": waiting_of(project),
    }


def worth_of(coverage: ProjectCoverage) -> str:
    """What the work on no contract line would sell for, written; empty where that is not known."""
    customer, worth = coverage.project.customer, coverage.uncovered_worth
    return money(worth, customer.currency) if customer is not None and worth is not None else ""


def without_task(burn: BudgetUse, of_tasks: Iterable[BudgetUse]) -> BudgetRow | None:
    """What was done on the project and on none of its tasks; none where that is nothing."""
    rest = burn.without(of_tasks)
    return None if rest == NOTHING_USED else BudgetRow(None, rest, None, None)


def currency_words(burn: BudgetUse) -> list[str]:
    """What was converted, and what was left out because its day has no exchange rate."""
    words = []
    if burn.converted:
        words.append(
            gettext("with %(amounts)s at the rate of each day") % {"amounts": _listed(burn.converted)}
        )
    if burn.left_out:
        words.append(gettext("without %(amounts)s: no exchange rate") % {"amounts": _listed(burn.left_out)})
    return words


def kpis_of(
    project: Project, burn: BudgetUse, coverage: ProjectCoverage, strangers: int
) -> list[dict[str, Any]]:
    """Hours, money, what is not billed yet, what no contract covers, the team."""
    currency = project.legal_entity.currency
    hours, value = (
        percent_of(burn.hours, project.budget_hours),
        percent_of(burn.amount, project.budget_amount),
    )
    waiting = gettext("%(hours)s recorded, not approved") % {"hours": quantity(burn.waiting_hours, "h")}
    return [
        {
            "label": gettext("Hours approved"),
            "value": quantity(burn.hours, "h"),
            "detail": [_budget(quantity(project.budget_hours, "h"), hours) if hours is not None else waiting],
            "url": "#budget",
        },
        {
            "label": gettext("Sales value approved"),
            "value": money(burn.amount, currency),
            "detail": [
                *([_budget(money(project.budget_amount, currency), value)] if value is not None else []),
                *currency_words(burn),
            ],
            "url": "#budget",
        },
        _unbilled(project),
        _uncovered(coverage),
        {
            "label": gettext("Team"),
            "value": ngettext("%(count)s person", "%(count)s people", len(coverage.team))
            % {"count": number(len(coverage.team))},
            "detail": [_others(strangers)] if strangers else [],
            "url": "#team",
        },
    ]


def _unbilled(project: Project) -> dict[str, Any]:
    first, *others = unbilled_of(project) or [(ZERO, project.legal_entity.currency)]
    return {
        "label": gettext("Unbilled"),
        "value": money(*first),
        "others": [money(amount, currency) for amount, currency in others],
        "detail": [gettext("approved and chargeable, drafts included")],
    }


def _uncovered(coverage: ProjectCoverage) -> dict[str, Any]:
    sums, worth = coverage.uncovered_sums, worth_of(coverage)
    hours = quantity(sums["hours"], "h")
    if not sums["entries"]:
        detail = gettext("all approved work is on a contract line")
    else:
        words = ngettext("%(hours)s in %(count)s entry", "%(hours)s in %(count)s entries", sums["entries"])
        detail = words % {"hours": hours, "count": number(sums["entries"])}
    is_lost = sums["entries"] and coverage.project.customer_id
    return {
        "label": gettext("No contract covers"),
        "value": worth or hours,
        "detail": [detail, *([gettext("at list price")] if worth and sums["entries"] else [])],
        "tone": "bad" if is_lost else "",
        "url": "#uncovered" if sums["entries"] else "",
    }


def _others(count: int) -> str:
    words = ngettext(
        "%(count)s recorded without being on it", "%(count)s recorded without being on it", count
    )
    return words % {"count": number(count)}


def _budget(budget: str, used: Decimal) -> str:
    return gettext("%(budget)s budget, %(percent)s used") % {"budget": budget, "percent": percent(used)}


def last_days(project: Project, people: list[int]) -> Mapping[int, Any]:
    """The day of the last entry of each person on this project."""
    rows = Entry.objects.filter(project=project, resource__in=people).order_by().values_list("resource")
    return dict(rows.annotate(last=Max("date")))


def waiting_of(project: Project) -> dict[str, Any]:
    """Entries that wait for a decision, and drafts, of this project."""
    waiting = Q(approvals__status=ApprovalStatus.SUBMITTED)
    counts = Entry.objects.filter(project=project).aggregate(
        submitted=Count("pk", filter=waiting, distinct=True),
        drafts=Count("pk", filter=Q(status=EntryStatus.DRAFT), distinct=True),
    )
    return counts | {"url": reverse("approvals")}
