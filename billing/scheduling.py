"""The daily invoice batch: what is due, contract by contract, one outcome each (B6)."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from billing.drafting import draft_due
from billing.limits_ahead import kept_among
from billing.models import (
    BatchJob,
    BatchOutcome,
    BatchRun,
    InvoiceFrequency,
    InvoiceSchedule,
    MilestoneShare,
    Proforma,
)
from billing.models.batch import SILENCE
from billing.payers import PAYER_IS_FREE, on_hold
from billing.recurring import Recurrence, occurrences
from billing.run_steps import Clock, finish, goes_on, words_of
from billing.states import DueOutcome, RunStatus, RunTrigger
from core.activity_log import log_activity
from core.outbox import enqueue
from core.refusals import Refusal, Refused, refuse_if
from projects.models import BacklogItem, ContractLine, Customer, ProjectContract
from projects.querysets import BacklogQuerySet
from projects.states import ContractStatus

logger = logging.getLogger(__name__)


def generate_schedule(
    line: ContractLine,
    frequency: InvoiceFrequency,
    *,
    starts_on: date,
    ends_on: date,
    actor: User,
    at: datetime,
) -> int:
    """Write a line's schedule rows from start to end; rows that exist already stay as they are.

    Both days are included; the cut-off is the day before the run. Takes no locks: a line has a date once by
    its unique key. Raises Refused: not-time-and-material, ends-before-start (B4).
    """
    with transaction.atomic(durable=True):
        refuse_if(_schedule_reasons(line, starts_on, ends_on))

        recurrence = Recurrence(
            frequency.period, frequency.day_of_month, frequency.weekday, frequency.occurrence
        )
        days = occurrences(recurrence, starts_on, ends_on)
        InvoiceSchedule.objects.bulk_create(
            [
                InvoiceSchedule(contract_line=line, run_date=day, cut_off_date=day - timedelta(days=1))
                for day in days
            ],
            # A date the line has already keeps its row and what became of it.
            ignore_conflicts=True,
        )
        log_activity("scheduled", [line], actor=actor, at=at, facts={"runs": len(days)})
    return len(days)


def start_due_runs(*, now: datetime) -> int:
    """Make a run for every active job whose time of day has come and that has none for today.

    Asked often and by any number of machines: a unique key makes it once. The day is the legal entity's.
    Takes no locks and refuses nothing; each run is logged under the job's own user. Returns how many runs
    were made (B6, D3, T1).
    """
    started = 0
    for job in BatchJob.objects.filter(is_active=True).select_related("legal_entity", "acts_as"):
        # The legal entity's day, wherever the machine stands (T1).
        local = now.astimezone(ZoneInfo(job.legal_entity.timezone))
        if local.time() < job.runs_at:
            continue
        run = _request(job, local.date(), RunTrigger.CLOCK, job.acts_as, now)
        started += run is not None
    return started


def request_run(job: BatchJob, business_date: date, *, actor: User, at: datetime) -> BatchRun:
    """Ask for a run by hand for a date of the legal entity; the worker takes it up at once.

    Takes no locks: the worker decides whether another run is active. Raises Refused: run-active (B6, Q4).
    """
    active = BatchRun.objects.unfinished().filter(job=job).first()
    refuse_if([_run_active(active)] if active else [])
    run = _request(job, business_date, RunTrigger.PERSON, actor, at)
    if run is None:
        raise AssertionError("only the clock's runs are unique by day")
    return run


def run_batch(run_id: int, *, clock: Clock) -> str:
    """Work through a run: one transaction and one outcome per contract and run date; return its status.

    A run that finds another one of its job alive records that and ends. A run whose worker died is taken
    over where it stopped: what has an outcome is not done again, what is drafted is protected by its own
    keys, so running twice changes nothing. Amounts are those of `draft_due`. Locks the run while it is
    started and finished, and each contract in its turn; what refuses a contract becomes its outcome and is
    not raised (B6, Q2, Q5, decision 10).
    """
    run = _taken_over_or_started(run_id, clock)
    if run is None or run.status != RunStatus.RUNNING:
        return BatchRun.objects.get(pk=run_id).status
    # One transaction each: a contract that fails does not stop the others (Q5).
    for due in _due_of(run):
        now = clock()
        if not goes_on(run, now):
            break
        _settle(run, due, now)
    return finish(run, clock())


@dataclass
class Due:
    """What is due for one contract on one run date."""

    contract: ProjectContract
    run_date: date
    schedules: list[InvoiceSchedule] = field(default_factory=list)
    shares: list[MilestoneShare] = field(default_factory=list)


def due_for(job: BatchJob, business_date: date) -> list[Due]:
    """Everything due by a date, missed days included, oldest run date first.

    Two statements, whatever is due; locks nothing, so a run looks again for what is left (decision 10, Q3).
    """
    due_by_key: dict[tuple[date, int], Due] = {}

    def due(contract: ProjectContract, run_date: date) -> Due:
        return due_by_key.setdefault((run_date, contract.pk), Due(contract, run_date))

    rows = InvoiceSchedule.objects.due_on(business_date).filter(
        contract_line__contract__legal_entity=job.legal_entity
    )
    for row in rows.select_related("contract_line__contract").order_by("run_date", "pk"):
        due(row.contract_line.contract, row.run_date).schedules.append(row)
    # Milestones are due on their own day and need no schedule.
    shares = (
        MilestoneShare.objects.ready()
        .due_through(business_date)
        .filter(
            milestone__contract_line__contract__legal_entity=job.legal_entity,
            milestone__contract_line__contract__status__in=[ContractStatus.CONFIRMED, ContractStatus.ON_HOLD],
        )
    )
    for share in shares.select_related("milestone__contract_line__contract", "customer"):
        due(share.milestone.contract_line.contract, share.milestone.due_on).shares.append(share)
    return [due_by_key[key] for key in sorted(due_by_key)]


def _schedule_reasons(line: ContractLine, starts_on: date, ends_on: date) -> Iterable[Refusal]:
    if not line.is_time_and_material:
        message = _("Fixed-price lines are invoiced by their milestones.")
        yield Refusal("not-time-and-material", message, str(line), _("Add milestones instead."))
    if ends_on < starts_on:
        message = _("The schedule ends before it starts.")
        yield Refusal("ends-before-start", message, str(line), _("Choose a later end."))


def _run_active(run: BatchRun) -> Refusal:
    message = _("Run %(run)s of this job is still active.") % {"run": run.pk}
    return Refusal("run-active", message, str(run.job), _("Wait until it has finished."))


def _request(job: BatchJob, day: date, trigger: str, actor: User, at: datetime) -> BatchRun | None:
    # Asked first to spare the failing insert; the unique key decides (D3).
    taken = BatchRun.objects.filter(job=job, business_date=day, trigger=RunTrigger.CLOCK)
    if trigger == RunTrigger.CLOCK and taken.exists():
        return None
    try:
        with transaction.atomic(durable=True):
            run = BatchRun.objects.create(
                job=job, business_date=day, trigger=trigger, requested_by=actor, requested_at=at
            )
            enqueue("batch-run", [run.pk], at=at)
            log_activity("requested", [run], actor=actor, at=at, to_state=run.status)
    except IntegrityError:
        # Another machine asked in the same moment: its run is the one.
        return None
    return run


def _taken_over_or_started(run_id: int, clock: Clock) -> BatchRun | None:
    try:
        with transaction.atomic(durable=True):
            now = clock()
            run = BatchRun.objects.select_related("job__legal_entity", "requested_by").locked().get(pk=run_id)
            # Progress within the last minute: another worker is running it.
            if run.status == RunStatus.RUNNING and run.alive_at and run.alive_at > now - SILENCE:
                return None
            if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
                return run
            others = BatchRun.objects.filter(job=run.job, status=RunStatus.RUNNING).exclude(pk=run.pk)
            # Two runs of one job would only get in each other's way (Q4).
            if others.filter(alive_at__gt=now - SILENCE).exists():
                run.skip(at=now)
            else:
                due_count = sum(len(due.schedules) + len(due.shares) for due in _due_of(run))
                run.start(at=now, due_count=run.due_count or due_count)
            run.save()
    except IntegrityError:
        return None
    return run


def _due_of(run: BatchRun) -> list[Due]:
    """What this run still has to settle: due, and without an outcome of this run."""
    settled: set[tuple[int | None, int | None]] = set(run.outcomes.values_list("schedule", "milestone_share"))
    left = []
    for due in due_for(cast(BatchJob, run.job), run.business_date):
        due.schedules = [row for row in due.schedules if (row.pk, None) not in settled]
        due.shares = [share for share in due.shares if (None, share.pk) not in settled]
        if due.schedules or due.shares:
            left.append(due)
    return left


def _settle(run: BatchRun, due: Due, now: datetime) -> None:
    try:
        with transaction.atomic(durable=True):
            proformas = draft_due(
                due.contract,
                {row.contract_line_id: row.cut_off_date for row in due.schedules},
                [share.pk for share in due.shares],
                run_date=due.run_date,
                actor=run.requested_by,
                at=now,
            )
            # Written with the proforma or not at all: running again finds either nothing or everything done.
            held, free, reasons = _apart(due)
            InvoiceSchedule.objects.walk(free.schedules, InvoiceSchedule.succeed)
            outcome = DueOutcome.CREATED if proformas else DueOutcome.NOTHING_TO_BILL
            first = proformas[0] if proformas else None
            said = [_others_of(proformas), _kept_back(due)]
            _record_outcomes(run, free, outcome, first, " ".join(filter(None, said)), now)
            # Nobody else waits for a customer on hold; the next run asks for this one again.
            InvoiceSchedule.objects.walk(held.schedules, InvoiceSchedule.fail)
            _record_outcomes(run, held, DueOutcome.FAILED, first, reasons, now)
    except Exception as error:  # noqa: BLE001 - whatever stops one contract must not stop the others (decision 19)
        if _is_settled(run, due):
            # Another worker took the run over while this one was slow: its outcome is the one.
            return
        if not isinstance(error, Refused):
            logger.exception("invoicing %s failed", due.contract)
        with transaction.atomic(durable=True):
            InvoiceSchedule.objects.walk(due.schedules, InvoiceSchedule.fail)
            _record_outcomes(
                run, due, DueOutcome.FAILED, None, words_of(error, _("The next run tries again.")), now
            )


def _others_of(proformas: Sequence[Proforma]) -> str:
    """An outcome leads to one proforma; those of the other customers are named."""
    numbers = ", ".join(one.number for one in proformas[1:])
    return _("Also created: %(numbers)s.") % {"numbers": numbers} if numbers else ""


def _up_to_cut_offs(due: Due) -> BacklogQuerySet:
    up_to = Q(pk__in=[])
    for row in due.schedules:
        up_to |= Q(contract_line=row.contract_line_id, transaction_date__lte=row.cut_off_date)
    return BacklogItem.objects.filter(up_to)


def _apart(due: Due) -> tuple[Due, Due, str]:
    """What waits for customers on hold, what does not, and who they are in words."""
    waiting = _up_to_cut_offs(due).ready().exclude(PAYER_IS_FREE)
    shares = [share for share in due.shares if share.customer.is_on_hold]
    lines = set(waiting.order_by().values_list("contract_line", flat=True).distinct())
    held = Due(
        due.contract, due.run_date, [row for row in due.schedules if row.contract_line_id in lines], shares
    )
    free = Due(
        due.contract,
        due.run_date,
        [row for row in due.schedules if row.contract_line_id not in lines],
        [share for share in due.shares if not share.customer.is_on_hold],
    )
    customers = {share.customer_id for share in shares} | set(
        waiting.order_by().values_list("customer", flat=True).distinct()
    )
    by_name = Customer.objects.filter(pk__in=customers).order_by("name")
    return held, free, str(Refused(on_hold(one, str(due.contract)) for one in by_name))


def _kept_back(due: Due) -> str:
    """What limits keep back of the lines that are due, up to their cut-offs, by the limit (A6)."""
    return ". ".join(map(str, kept_among(_up_to_cut_offs(due))))


def _is_settled(run: BatchRun, due: Due) -> bool:
    """Whether this run has an outcome for what was due; all of it is settled in one transaction."""
    of_due = Q(schedule__in=due.schedules) | Q(milestone_share__in=due.shares)
    return run.outcomes.filter(of_due).exists()


def _record_outcomes(
    run: BatchRun, due: Due, outcome: str, proforma: Proforma | None, message: str, now: datetime
) -> None:
    common = {
        "run": run,
        "contract": due.contract,
        "outcome": outcome,
        "proforma": proforma,
        "message": message[:400],
        "happened_at": now,
    }
    BatchOutcome.objects.bulk_create(
        [
            *(BatchOutcome(schedule=row, **common) for row in due.schedules),
            *(BatchOutcome(milestone_share=share, **common) for share in due.shares),
        ]
    )
    BatchRun.objects.filter(pk=run.pk).update(alive_at=now)
