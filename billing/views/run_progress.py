"""How far a run is, and what it did about each due line."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import gettext as _

from billing.models import BatchOutcome, BatchRun
from billing.states import DueOutcome
from billing.tables.runs import is_interrupted
from core.money import sum_by
from core.templatetags.display import money, number
from projects.models import ProjectContract

OUTCOMES_PER_PAGE = 50
ETA_FROM_PERCENT = 10


def with_outcomes(runs: QuerySet) -> QuerySet:
    """Runs with people, job and the count of each outcome."""
    counts = {
        "created": DueOutcome.CREATED,
        "skipped": DueOutcome.NOTHING_TO_BILL,
        "failed": DueOutcome.FAILED,
    }
    return runs.select_related("job", "requested_by").annotate(
        **{name: Coalesce(_outcomes(outcome), 0) for name, outcome in counts.items()}
    )


def _outcomes(outcome: str) -> Subquery:
    mine = BatchOutcome.objects.filter(run=OuterRef("pk"), outcome=outcome).order_by()
    return Subquery(mine.values("run").annotate(count=Count("pk")).values("count"))


def run_context(run: BatchRun, user: User, params: QueryDict, now: datetime) -> dict[str, Any]:
    """What the page of a run shows; outcomes of contracts the user may not see are counted, not listed."""
    outcomes = BatchOutcome.objects.filter(run=run)
    done = outcomes.count()
    visible = outcomes.filter(contract__in=ProjectContract.objects.visible_to(user).values("pk"))
    shown_outcome = params.get("outcome", "")
    shown_outcome = shown_outcome if shown_outcome in DueOutcome.values else ""
    counts = dict(outcomes.order_by().values_list("outcome").annotate(count=Count("pk")))
    shown = visible.filter(outcome=shown_outcome) if shown_outcome else visible
    listed = page_of_outcomes(shown, params)
    counted = counts.get(shown_outcome, 0) if shown_outcome else done
    return {
        "title": _("Run %(number)s, %(job)s") % {"number": run.pk, "job": run.job},
        "now": now,
        "progress": progress_of(run, done, now),
        "is_interrupted": is_interrupted(run, now),
        "is_over": run.finished_at is not None,
        "kpis": counters(counts, _created_sums(visible), shown_outcome),
        "failures": counts.get(DueOutcome.FAILED, 0),
        "outcomes": listed,
        "elsewhere": counted - listed.paginator.count,
        "queued": 0 if run.finished_at else max(run.due_count - done, 0),
        "shown_outcome": shown_outcome,
    }


def progress_of(run: BatchRun, done: int, now: datetime) -> dict[str, Any]:
    """Done and due, percent, time taken, and what is left once a tenth is done."""
    percent = 100 if run.finished_at else min(done * 100 // run.due_count, 100) if run.due_count else 0
    elapsed = (run.finished_at or now) - run.started_at if run.started_at else None
    left: timedelta | None = None
    if elapsed and not run.finished_at and percent >= ETA_FROM_PERCENT and done:
        left = elapsed * (run.due_count - done) / done
    due = max(run.due_count, done)
    return {"done": done, "due": due, "percent": percent, "elapsed": elapsed, "left": left}


def _created_sums(outcomes: QuerySet) -> list[tuple[str, Decimal]]:
    """Net of the proformas a run created, per currency; each proforma once, however many lines it has."""
    created = outcomes.filter(proforma__isnull=False).order_by()
    proformas = created.values_list("proforma", "proforma__currency", "proforma__net_amount").distinct()
    return sorted(sum_by((currency, net) for _key, currency, net in proformas).items())


def counters(
    counts: dict[str, int], sums: Sequence[tuple[str, Decimal]], shown_outcome: str
) -> list[dict[str, Any]]:
    """Counters that filter the table below."""
    settled = sum(counts.values())
    drafted = ", ".join(money(amount, currency) for currency, amount in sums)
    rows = [
        ("", _("All settled"), settled, drafted),
        (DueOutcome.CREATED, _("Created"), counts.get(DueOutcome.CREATED, 0), _("proformas to review")),
        (
            DueOutcome.NOTHING_TO_BILL,
            _("Nothing to bill"),
            counts.get(DueOutcome.NOTHING_TO_BILL, 0),
            _("nothing was ready up to the cut-off"),
        ),
        (
            DueOutcome.FAILED,
            _("Failed"),
            counts.get(DueOutcome.FAILED, 0),
            _("nothing was created, safe to retry"),
        ),
    ]
    return [
        {
            "label": label,
            "value": number(count),
            "detail": [detail] if detail and count else [],
            "url": f"?outcome={outcome}" if outcome else "?",
            "current": outcome == shown_outcome,
            "tone": "bad" if outcome == DueOutcome.FAILED and count else "",
        }
        for outcome, label, count, detail in rows
    ]


def page_of_outcomes(rows: QuerySet, params: QueryDict) -> Page:
    """One page of outcomes, newest first, with all their names."""
    related = ("contract__customer", "proforma", "schedule__contract_line", "milestone_share__milestone")
    named = rows.select_related(*related, "milestone_share__customer").order_by("-pk")
    return Paginator(named, OUTCOMES_PER_PAGE).get_page(params.get("page"))
