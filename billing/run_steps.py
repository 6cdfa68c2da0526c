"""What all runs have in common: being taken up once, signs of life, failures in words, the end (B6)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.models import BatchOutcome, BatchRun, Proforma, RunTarget
from billing.models.batch import SILENCE
from billing.states import DueOutcome, RunStatus
from core.activity_log import log_activity, states_of
from core.answering import is_busy
from core.querysets import ChangedMeanwhile
from core.refusals import Refusal, Refused
from core.sweeping import isolate

Clock = Callable[[], datetime]

STEPS = 20
"""In so many steps at least a run of a choice makes progress that somebody sees."""
LONGEST_MESSAGE, LONGEST_WAY_OUT = 400, 200
MOST_AT_ONCE = 10
"""So many at most are settled in one transaction, which nobody should have to wait for."""


def work_through(
    run_id: int,
    settle: Callable[[BatchRun, datetime, Sequence[int]], None],
    fail: Callable[[BatchRun, datetime, int, Exception], None],
    *,
    clock: Clock,
) -> str:
    """Settle what a person chose, some targets at a time and each exactly once; return the run's status.

    `settle` takes keys of targets and works in one transaction of its own: all of it, or nothing. Where it
    fails, each target is tried alone, and `fail` records why one cannot be done: none stops the others.
    A worker that dies leaves a run that the next one takes up where it stopped. Locks the run while it is
    taken up and finished (decision 19, Q5, F3).
    """
    run = _taken_up(run_id, clock())
    if run is None:
        return BatchRun.objects.get(pk=run_id).status
    keys = list(run.targets.waiting().order_by("pk").values_list("pk", flat=True))
    size = min(max(run.due_count // STEPS, 1), MOST_AT_ONCE)
    for start in range(0, len(keys), size):
        now = clock()
        if not goes_on(run, now):
            break
        _done, failures = isolate(keys[start : start + size], partial(settle, run, now), though_busy=True)
        for key, error in failures.items():
            fail(run, now, key, error)
    return finish(run, clock())


def _taken_up(run_id: int, now: datetime) -> BatchRun | None:
    with transaction.atomic(durable=True):
        run = BatchRun.objects.select_related("requested_by").locked().get(pk=run_id)
        is_taken = run.status == RunStatus.RUNNING and run.alive_at and run.alive_at > now - SILENCE
        if is_taken or run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
            return None
        run.start(at=now, due_count=run.due_count)
        run.save()
    return run


def goes_on(run: BatchRun, now: datetime) -> bool:
    """Give a sign of life; False where somebody stopped the run: the rest is then not begun."""
    return bool(BatchRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(alive_at=now))


def unsettled(run: BatchRun, keys: Sequence[int], now: datetime) -> list[RunTarget]:
    """The targets that nobody has settled yet, locked and marked as settled in the caller's transaction.

    A worker that was only slow finds here that another one has done its work.
    """
    waiting = list(RunTarget.objects.filter(run=run, pk__in=keys).waiting().locked())
    RunTarget.objects.filter(pk__in=[one.pk for one in waiting]).update(settled_at=now)
    return waiting


def refused_outcome(
    reasons: Sequence[Refusal],
    *,
    contract_id: int,
    customer_id: int | None = None,
    proforma: Proforma | None = None,
) -> BatchOutcome:
    """What was left out, in the words of all its reasons, with the ways out."""
    ways = dict.fromkeys(str(one.way_out) for one in reasons if one.way_out)
    return BatchOutcome(
        outcome=DueOutcome.LEFT_OUT,
        message=" ".join(str(one.message) for one in reasons),
        way_out=" ".join(ways),
        contract_id=contract_id,
        customer_id=customer_id,
        proforma=proforma,
    )


def record_outcomes(run: BatchRun, outcomes: Iterable[BatchOutcome], now: datetime) -> None:
    """Write what became of some targets, in the transaction that did it; one statement."""
    rows = list(outcomes)
    for row in rows:
        row.run, row.happened_at = run, now
        row.message, row.way_out = row.message[:LONGEST_MESSAGE], row.way_out[:LONGEST_WAY_OUT]
    BatchOutcome.objects.bulk_create(rows)


def finish(run: BatchRun, now: datetime, *, is_complete: bool = True) -> str:
    """Close a run that is through, with failures where there was one; return its status.

    One that could not even record what failed is not complete, and says so by its status.
    """
    with transaction.atomic(durable=True):
        run = BatchRun.objects.locked().get(pk=run.pk)
        if run.status != RunStatus.RUNNING:
            return run.status
        failed = not is_complete or run.outcomes.filter(outcome=DueOutcome.FAILED).exists()
        before = states_of([run])
        step = run.finish_with_failures if failed else run.finish
        step(at=now)
        run.save()
        log_activity(
            "finished", [run], actor=run.requested_by, at=now, from_states=before, to_state=run.status
        )
    return run.status


def words_of(error: Exception, retry: str) -> str:
    """Why something was not done, for whoever reads the run; what only developers know is logged.

    `retry` says when it is tried again.
    """
    return str(reason_of(error, retry))


def reason_of(error: Exception, retry: str) -> Refusal:
    """Why something was not done, as a code, a sentence and the way out; `retry` says when it is tried again.

    Several reasons become one sentence after the other, under the code of the first.
    """
    if isinstance(error, Refused):
        first = error.refusals[0]
        words = " ".join(str(Refusal(one.code, one.message, one.subject)) for one in error.refusals)
        return Refusal(first.code, words, "", first.way_out)
    if isinstance(error, ChangedMeanwhile | IntegrityError):
        return Refusal("changed-meanwhile", _("Somebody changed it in the same moment."), "", retry)
    if is_busy(error):
        return Refusal("rows-are-busy", _("Somebody else worked on it for too long."), "", retry)
    words = _("An unexpected error stopped it (%(error)s); it is in the log.")
    return Refusal("unforeseen-error", words % {"error": type(error).__name__}, "", retry)
