"""Runs of batch jobs: by the clock, by hand, and once more for what failed (B6)."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing.clock_user import clock_user
from billing.due import Due, due_of, still_due_of
from billing.models import BatchJob, BatchRun
from billing.models.batch import SILENCE
from billing.run_querysets import OutcomeQuerySet
from billing.run_rows import write_rows_ahead
from billing.run_steps import LONGEST_MESSAGE, Clock, finish, goes_on, words_of
from billing.settling import NEXT, settle
from billing.states import DueOutcome, RunKind, RunStatus, RunTrigger
from core.activity_log import log_activity, states_of
from core.answering import is_busy
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.models import LegalEntity

logger = logging.getLogger(__name__)

UNKNOWN_ZONE = (ZoneInfoNotFoundError, ValueError)


@dataclass(frozen=True)
class Asked:
    """What a run is asked for beside its job and date."""

    trigger: RunTrigger
    actor: User
    at: datetime
    uses_next_open_day: bool
    retries: tuple[int, ...] = ()
    message: str = ""


# --- Asking for a run -----------------------------------------------------------------------------


def start_due_runs(*, now: datetime) -> int:
    """Make a run for every active job whose time of day has come and that has none for today.

    Asked often and by any number of machines: a unique key makes it once. The day is the legal entity's; a
    job whose day is not known gets a run that says why it failed, and stops no other job. Takes no locks
    and refuses nothing; runs are signed by the clock. Returns how many runs were made (B6, D3, T1).
    """
    started = 0
    for job in BatchJob.objects.filter(is_active=True).select_related("legal_entity").order_by("pk"):
        try:
            started += _start_by_the_clock(job, now)
        except Exception:
            logger.exception("the run of %s could not be started", job)
    return started


def request_run(
    job: BatchJob, business_date: date, *, actor: User, at: datetime, uses_next_open_day: bool = False
) -> BatchRun:
    """Ask for a run by hand for a date up to today of the legal entity; the worker takes it up at once.

    Takes no locks: the worker decides whether another run is active. Raises Refused: run-active, date-ahead,
    time-zone-unknown (B6, Q4, decision 20).
    """
    refuse_if([*_run_active(job), *_date_ahead(job, business_date, at)])
    asked = Asked(RunTrigger.PERSON, actor, at, uses_next_open_day or job.uses_next_open_day)
    return _requested_by_hand(job, business_date, asked)


def retry_outcomes(
    outcomes: OutcomeQuerySet, *, actor: User, at: datetime, uses_next_open_day: bool = False
) -> BatchRun:
    """Ask for a run that tries failed rows of one run again, those that are still due and no others.

    `uses_next_open_day` dates proformas on the first open day where the run date lies in a closed period; the
    cut-offs stay. Takes no locks. Raises Refused: nothing-to-retry, several-jobs, run-active,
    time-zone-unknown (B6, decision 10).
    """
    due = outcomes.filter(outcome=DueOutcome.FAILED, run__kind=RunKind.DUE)
    failed = list(due.select_related("run__job__legal_entity"))
    jobs = {one.run.job_id: cast(BatchJob, one.run.job) for one in failed}
    refuse_if(_reasons_against_retry(len(jobs)))
    (job,) = jobs.values()
    refuse_if([*_run_active(job), *_date_ahead(job, None, at)])
    today = job.legal_entity.day_of(at)
    still_due = [one.pk for one in still_due_of(failed, today)]
    refuse_if(_reasons_against_retry(1 if still_due else 0))

    open_day = uses_next_open_day or job.uses_next_open_day
    asked = Asked(RunTrigger.PERSON, actor, at, open_day, retries=tuple(still_due))
    return _requested_by_hand(job, today, asked)


# --- Working through it ---------------------------------------------------------------------------


def run_batch(run_id: int, *, clock: Clock) -> str:
    """Work through a run: one transaction and one outcome per contract and run date; return its status.

    A run that finds another one of its job alive records that and ends; one that finds another without a
    sign of life closes it as interrupted and goes on. A run whose worker died is taken over where it stopped:
    what has an outcome is not done again, what is drafted is protected by its own keys, so running twice
    changes nothing. Amounts are those of `draft_due`. Locks the run while it is started and finished, and
    each contract in its turn; what refuses a contract becomes its outcome and is not raised
    (B6, Q2, Q5, decision 10).
    """
    started = _taken_over_or_started(run_id, clock)
    if started is None:
        return BatchRun.objects.get(pk=run_id).status
    run, due = started
    is_complete = True
    # One transaction each: a contract that fails does not stop the others (Q5).
    for one in due:
        now = clock()
        if not goes_on(run, now):
            break
        is_complete &= settle(run, one, actor=run.requested_by, at=now)
    return finish(run, clock(), is_complete=is_complete)


def _start_by_the_clock(job: BatchJob, now: datetime) -> bool:
    asked = Asked(RunTrigger.CLOCK, clock_user(), now, job.uses_next_open_day)
    try:
        # The legal entity's day, wherever the machine stands (T1).
        local = now.astimezone(ZoneInfo(job.legal_entity.timezone))
    except UNKNOWN_ZONE:
        failed = Asked(
            RunTrigger.CLOCK, asked.actor, now, job.uses_next_open_day, message=str(_zone_unknown(job))
        )
        return _request(job, now.astimezone(UTC).date(), failed) is not None
    return local.time() >= job.runs_at and _request(job, local.date(), asked) is not None


def _requested_by_hand(job: BatchJob, day: date, asked: Asked) -> BatchRun:
    run = _request(job, day, asked)
    if run is None:
        raise AssertionError("only the clock's runs are unique by day")
    return run


def _request(job: BatchJob, day: date, asked: Asked) -> BatchRun | None:
    # Asked first to spare the failing insert; the unique key decides (D3).
    taken = BatchRun.objects.filter(job=job, business_date=day, trigger=RunTrigger.CLOCK)
    if asked.trigger == RunTrigger.CLOCK and taken.exists():
        return None
    run = BatchRun(
        job=job,
        business_date=day,
        trigger=asked.trigger,
        requested_by=asked.actor,
        requested_at=asked.at,
        uses_next_open_day=asked.uses_next_open_day,
        message=asked.message[:LONGEST_MESSAGE],
    )
    if asked.message:
        run.fail(at=asked.at)
    try:
        with transaction.atomic(durable=True):
            run.save()
            if asked.retries:
                run.retries.set(asked.retries)
            if not asked.message:
                enqueue("batch-run", [run.pk], at=asked.at)
            log_activity("requested", [run], actor=asked.actor, at=asked.at, to_state=run.status)
    except IntegrityError:
        # Another machine asked in the same moment: its run is the one.
        return None
    return run


def _taken_over_or_started(run_id: int, clock: Clock) -> tuple[BatchRun, list[Due]] | None:
    """The run with what it has to settle; None when it is not this worker's to work through."""
    try:
        with transaction.atomic(durable=True):
            now = clock()
            run = BatchRun.objects.select_related("job__legal_entity", "requested_by").locked().get(pk=run_id)
            # Progress within the last minute: another worker is running it.
            if run.status == RunStatus.RUNNING and run.alive_at and run.alive_at > now - SILENCE:
                return None
            if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
                return None
            others = BatchRun.objects.filter(job=run.job, status=RunStatus.RUNNING).exclude(pk=run.pk)
            # Two runs of one job would only get in each other's way (Q4).
            if others.filter(alive_at__gt=now - SILENCE).exists():
                run.skip(at=now)
                run.save()
                return None
            _close_dead(run, list(others.locked()), now)
            _extend_schedules(run)
            due = due_of(run)
            run.start(at=now, due_count=run.due_count or sum(one.rows for one in due))
            run.save()
    except IntegrityError:
        return None
    except Exception as error:
        # Held rows come free: it waits in the queue. Anything else would come back at every try.
        if not is_busy(error):
            logger.exception("run %s could not be started", run_id)
            _fail(run_id, error, clock())
        return None
    return run, due


def _extend_schedules(run: BatchRun) -> None:
    """Rows follow contracts that were extended; where that fails, what is due already is not held up."""
    entity = cast(BatchJob, run.job).legal_entity
    try:
        with transaction.atomic():
            write_rows_ahead(entity, on=run.business_date)
    except Exception:
        logger.exception("the schedules of %s could not be extended", entity)


def _close_dead(run: BatchRun, dead: list[BatchRun], now: datetime) -> None:
    """End runs of the job whose worker is gone: this run takes up what they left."""
    if not dead:
        return
    # They keep what they settled; their other rows are still due.
    message = _("Its worker stopped. Run %(run)s went on with what was left.") % {"run": run.pk}
    BatchRun.objects.walk(dead, BatchRun.interrupt, finished_at=now, message=message)
    log_activity(
        "interrupted",
        dead,
        actor=run.requested_by,
        at=now,
        from_states=states_of(dead),
        to_state=RunStatus.INTERRUPTED,
    )


def _fail(run_id: int, error: Exception, now: datetime) -> None:
    with transaction.atomic(durable=True):
        run = BatchRun.objects.locked().get(pk=run_id)
        if run.status == RunStatus.QUEUED:
            run.fail(at=now)
            run.message = words_of(error, str(NEXT))[:LONGEST_MESSAGE]
            run.save()


# --- Refusals -------------------------------------------------------------------------------------


def _run_active(job: BatchJob) -> Iterable[Refusal]:
    active = BatchRun.objects.unfinished().filter(job=job).first()
    if active:
        message = _("Run %(run)s of this job is still active.") % {"run": active.pk}
        yield Refusal("run-active", message, str(job), _("Wait until it has finished."))


def _date_ahead(job: BatchJob, business_date: date | None, at: datetime) -> Iterable[Refusal]:
    try:
        today = job.legal_entity.day_of(at)
    except UNKNOWN_ZONE:
        yield _zone_unknown(job)
        return
    # A run that looks ahead would use up rows whose work is not done yet.
    if business_date and business_date > today:
        message = _("%(day)s has not come yet.") % {"day": written(business_date)}
        way_out = _("Choose a date up to %(today)s; the preview may look ahead.") % {"today": written(today)}
        yield Refusal("date-ahead", message, str(job), way_out)


def _zone_unknown(job: BatchJob) -> Refusal:
    entity: LegalEntity = job.legal_entity
    message = _("The time zone %(zone)s is not known.") % {"zone": entity.timezone}
    way_out = _("Correct it in the set-up of the company; the next run catches up.")
    return Refusal("time-zone-unknown", message, str(entity), way_out)


def _reasons_against_retry(jobs: int) -> Iterable[Refusal]:
    if not jobs:
        message = _("Nothing of it has failed and is still due.")
        yield Refusal("nothing-to-retry", message, "", _("Reload the page of the run."))
    elif jobs > 1:
        message = _("The rows are of several jobs.")
        yield Refusal("several-jobs", message, "", _("Try the rows of one run again."))
