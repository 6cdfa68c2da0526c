"""Note which budgets reached a threshold, once each, and leave the mail to the outbox (A14)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from core.money import HUNDRED
from core.outbox import enqueue
from projects.budgets import THRESHOLDS, BudgetUse, budget_of, budget_use_of, budget_use_of_tasks
from projects.models import BudgetNotice, Project, Task
from projects.querysets import ProjectQuerySet
from projects.states import BudgetMeasure

REACHED = "budget-reached"
"""The kind of outbox row that becomes a mail to the people named on the project."""

Key = tuple[int | None, int | None, str, int, Decimal]


def watch_budgets(projects: ProjectQuerySet, *, at: datetime) -> int:
    """Note every budget of these projects and of their tasks that has reached 80 or 100 percent.

    Each threshold of a budget is noted once; a budget that was raised reaches its thresholds anew. The mail
    leaves after the commit, so that one that cannot be sent never holds up an approval. Hours, and money in
    the currency of the legal entity. Returns how many are new. Locks the projects; refuses nothing (A14).
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
