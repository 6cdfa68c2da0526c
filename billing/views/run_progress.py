"""How far a run is, and what it did about each due line."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.models import BatchOutcome, BatchRun, Proforma
from billing.run_querysets import OutcomeQuerySet
from billing.states import DueOutcome, RunKind
from billing.tables.runs import is_interrupted
from core.access import may
from core.money import sum_by
from core.templatetags.display import money, number
from projects.models import ProjectContract

OUTCOMES_PER_PAGE = 50
ETA_FROM_PERCENT = 10
MADE = (DueOutcome.CREATED, DueOutcome.CONFIRMED)
OF_KIND: dict[str, list[DueOutcome]] = {
    RunKind.DUE: [DueOutcome.CREATED, DueOutcome.NOTHING_TO_BILL, DueOutcome.FAILED],
    RunKind.CONTRACTS: [
        DueOutcome.CREATED,
        DueOutcome.NOTHING_TO_BILL,
        DueOutcome.LEFT_OUT,
        DueOutcome.FAILED,
    ],
    RunKind.CONFIRMATION: [DueOutcome.CONFIRMED, DueOutcome.LEFT_OUT, DueOutcome.FAILED],
}
FAILED_DETAIL: dict[str, str | Promise] = {
    RunKind.DUE: gettext_lazy("nothing was created, safe to retry"),
    RunKind.CONTRACTS: gettext_lazy("nothing was created, safe to retry"),
    RunKind.CONFIRMATION: gettext_lazy("still drafts, safe to retry"),
}
PAGE_OF_KIND: dict[str, str] = {
    RunKind.CONTRACTS: "contracts-draft",
    RunKind.CONFIRMATION: "proformas-confirm",
}
PERMISSION_OF_KIND: dict[str, str] = {
    RunKind.CONTRACTS: "billing.draft_proforma",
    RunKind.CONFIRMATION: "billing.confirm_proforma",
}


def with_outcomes(runs: QuerySet) -> QuerySet:
    """Runs with people, job and the count of each outcome."""
    counts = {
        "created": [DueOutcome.CREATED],
        "confirmed": [DueOutcome.CONFIRMED],
        "skipped": [DueOutcome.NOTHING_TO_BILL, DueOutcome.LEFT_OUT],
        "failed": [DueOutcome.FAILED],
    }
    return runs.select_related("job", "requested_by").annotate(
        **{name: Coalesce(_outcomes(outcomes), 0) for name, outcomes in counts.items()}
    )


def _outcomes(outcomes: Sequence[DueOutcome]) -> Subquery:
    mine = BatchOutcome.objects.filter(run=OuterRef("pk"), outcome__in=outcomes).order_by()
    return Subquery(mine.values("run").annotate(count=Count("pk")).values("count"))


def run_context(run: BatchRun, user: User, params: QueryDict, now: datetime) -> dict[str, Any]:
    """What the page of a run shows; outcomes of contracts the user may not see are counted, not listed."""
    outcomes = BatchOutcome.objects.filter(run=run)
    # A contract may have several outcomes, one for each customer: what people chose is counted itself.
    settled = outcomes.count()
    done = settled if run.kind == RunKind.DUE else run.targets.exclude(settled_at=None).count()
    visible = outcomes.filter(contract__in=ProjectContract.objects.visible_to(user).values("pk"))
    shown_outcome = params.get("outcome", "")
    shown_outcome = shown_outcome if shown_outcome in DueOutcome.values else ""
    counts = dict(outcomes.order_by().values_list("outcome").annotate(count=Count("pk")))
    shown = visible.filter(outcome=shown_outcome) if shown_outcome else visible
    listed = page_of_outcomes(shown, params)
    counted = counts.get(shown_outcome, 0) if shown_outcome else settled
    progress = progress_of(run, done, now)
    made = made_words(_made_sums(visible), is_partial=counted > listed.paginator.count)
    return {
        "title": _("Run %(number)s, %(job)s") % {"number": run.pk, "job": run.name},
        "done_words": done_words(run.kind, progress["done"], progress["due"]),
        "now": now,
        "progress": progress,
        "is_interrupted": is_interrupted(run, now),
        "is_over": run.finished_at is not None,
        "kpis": counters(run.kind, counts, made, shown_outcome),
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


def made_words(sums: Sequence[tuple[str, Decimal]], *, is_partial: bool) -> str:
    """`€24,902.27 net`; of the contracts that the user sees, where the run was over others too."""
    if not sums:
        return ""
    words = ", ".join(money(amount, currency) for currency, amount in sums)
    return (_("%(sums)s net, of yours") if is_partial else _("%(sums)s net")) % {"sums": words}


def _made_sums(outcomes: QuerySet) -> list[tuple[str, Decimal]]:
    """Net of what a run created or confirmed, per currency; each proforma once, however many lines it has."""
    keys = outcomes.filter(outcome__in=MADE).order_by().values("pk")
    created = Proforma.objects.filter(Q(batch_outcomes__in=keys) | Q(more_batch_outcomes__in=keys)).order_by()
    proformas = created.with_net().values_list("pk", "currency", "net").distinct()
    return sorted(sum_by((currency, net) for _key, currency, net in proformas).items())


def done_words(kind: str, done: int, due: int) -> str:
    """`37 of 64 contracts`: how much of what a run is about is settled."""
    words = {
        RunKind.DUE: ngettext("%(done)s of %(due)s due line", "%(done)s of %(due)s due lines", due),
        RunKind.CONTRACTS: ngettext("%(done)s of %(due)s contract", "%(done)s of %(due)s contracts", due),
        RunKind.CONFIRMATION: ngettext("%(done)s of %(due)s proforma", "%(done)s of %(due)s proformas", due),
    }
    return words[RunKind(kind)] % {"done": number(done), "due": number(due)}


def counters(kind: str, counts: dict[str, int], made: str, shown_outcome: str) -> list[dict[str, Any]]:
    """Counters that filter the table below: what such a run may come to; `made` are its sums in words."""
    named: dict[str, tuple[str, str | Promise]] = {
        DueOutcome.CREATED: (_("Created"), _("proformas to review")),
        DueOutcome.CONFIRMED: (_("Confirmed"), _("they go to accounting")),
        DueOutcome.NOTHING_TO_BILL: (_("Nothing to bill"), _("nothing was ready up to the cut-off")),
        DueOutcome.LEFT_OUT: (_("Left out"), _("each says why")),
        DueOutcome.FAILED: (_("Failed"), FAILED_DETAIL[RunKind(kind)]),
    }
    rows: list[tuple[str, str, int, str | Promise]] = [("", _("All settled"), sum(counts.values()), "")]
    rows += [
        (outcome, named[outcome][0], counts.get(outcome, 0), named[outcome][1]) for outcome in OF_KIND[kind]
    ]
    return [
        {
            "label": label,
            "value": number(count),
            "detail": [one for one in (made if outcome in MADE else "", detail) if one and count],
            "url": f"?outcome={outcome}" if outcome else "?",
            "current": outcome == shown_outcome,
            "tone": "bad" if outcome == DueOutcome.FAILED and count else "",
        }
        for outcome, label, count, detail in rows
    ]


def again_of(run: BatchRun, user: User) -> dict[str, Any] | None:
    """What a finished run of a choice left, to be tried again: where it is posted, and which rows.

    What failed, what was left out, and what a stopped run did not begin, as far as the user sees it.
    """
    if run.kind == RunKind.DUE or not may(user, PERMISSION_OF_KIND[run.kind]):
        return None
    left = run.outcomes.filter(outcome__in=[DueOutcome.FAILED, DueOutcome.LEFT_OUT])
    what, rows = (
        ("contract", ProjectContract.objects.visible_to(user))
        if run.kind == RunKind.CONTRACTS
        else ("proforma", Proforma.objects.visible_to(user).open())
    )
    chosen = rows.filter(Q(pk__in=left.values(what)) | Q(pk__in=run.targets.waiting().values(what)))
    keys = list(chosen.order_by("pk").values_list("pk", flat=True))
    return {"keys": keys, "count": len(keys), "url": reverse(PAGE_OF_KIND[run.kind])} if keys else None


def page_of_outcomes(rows: OutcomeQuerySet, params: QueryDict) -> Page:
    """One page of outcomes, newest first, with all their names."""
    related = (
        "contract__customer",
        "customer",
        "schedule__contract_line",
        "milestone_share__milestone",
        "milestone_share__customer",
        "retainer__customer",
    )
    named = rows.select_related(*related).with_proformas().order_by("-pk")
    return Paginator(named, OUTCOMES_PER_PAGE).get_page(params.get("page"))
