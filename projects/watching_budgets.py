"""Store which budgets reached a threshold, once each; the outbox sends the mail (A14)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from core.money import HUNDRED
from core.outbox import enqueue
from projects.budgets import THRESHOLDS, BudgetUse, budget_of, budget_use_of, budget_use_of_tasks
from projects.models import BudgetNotice, LegalEntity, Project, Task
from projects.querysets import ProjectQuerySet
from projects.states import BudgetMeasure

REACHED = "budget-reached"
"""The kind of outbox row that becomes a mail to the people named on the project."""

CHANGED = "budgets-changed"
"""The kind of outbox row that looks at the budgets of a project again."""

Key = tuple[int | None, int | None, str, int, Decimal]


def watch_budgets(projects: ProjectQuerySet, *, at: datetime) -> int:
    """Note every budget of these projects and of their tasks that has reached 80 or 100 percent.

    Each threshold of a budget is noted once; a budget that was raised can reach its thresholds again. The
    mail leaves after the commit, so that a failing mail never holds up an approval. Hours, and money in the
    currency of the legal entity, other currencies at the rate of the day of the work. Returns how many are
    new. Locks the projects; refuses nothing (A14).
    """
    with transaction.atomic(durable=True):
        # Held, so that two sweepers do not note the same threshold.
        chosen = list(projects.select_related(None).locked())
        tasks = list(Task.objects.filter(project__in=chosen))
        reached = [
            *_reached(chosen, budget_use_of(chosen), at),
            *_reached(tasks, budget_use_of_tasks(tasks), at),
        ]
        known = {_key_of(one) for one in BudgetNotice.objects.filter(project__in=chosen)}
        new = [one for one in reached if _key_of(one) not in known]
        BudgetNotice.objects.bulk_create(new)
        enqueue(REACHED, [one.pk for one in new], at=at)
    return len(new)


def look_again(legal_entity: LegalEntity, *, at: datetime) -> None:
    """Have the budgets in money of a legal entity looked at again, as after a new exchange rate (A14).

    Called inside the transaction that wrote the rate; the outbox does the work after it.
    """
    budgeted = Q(budget_amount__isnull=False) | Q(tasks__budget_amount__isnull=False)
    projects = Project.objects.filter(budgeted, legal_entity=legal_entity).order_by("pk")
    keys = projects.values_list("pk", flat=True).distinct()
    enqueue(CHANGED, keys, at=at, again=f"@{at.isoformat()}")


def _reached(
    rows: Iterable[Project] | Iterable[Task], burns: dict[int, BudgetUse], at: datetime
) -> Iterator[BudgetNotice]:
    for row in rows:
        for measure in BudgetMeasure:
            budget, used = budget_of(row, measure), burns[row.pk].used(measure)
            for threshold in THRESHOLDS:
                if budget and used * HUNDRED >= budget * threshold:
                    task = row if isinstance(row, Task) else None
                    yield BudgetNotice(
                        project_id=row.project_id if isinstance(row, Task) else row.pk,
                        task=task,
                        measure=measure,
                        threshold=threshold,
                        budget=budget,
                        used=used,
                        reached_at=at,
                    )


def _key_of(notice: BudgetNotice) -> Key:
    return (notice.project_id, notice.task_id, notice.measure, notice.threshold, notice.budget)
