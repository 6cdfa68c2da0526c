"""Write the rows of schedules some time ahead, and keep what has run (B4, Q6)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from billing.models import InvoiceSchedule, SchedulePlan
from billing.recurring import LONGEST, cut_off_of, next_occurrences, occurrences
from billing.states import ScheduleStatus
from projects.models import LegalEntity, ProjectContract
from projects.states import ENDED_CONTRACTS

AHEAD = timedelta(days=400)
"""How far rows are written where neither the plan nor the contract has an end."""
BATCH = 500

DatedRow = tuple[date, date]
"""Run date and cut-off."""


def write_rows(plans: Sequence[SchedulePlan], *, on: date) -> int:
    """Write the rows of plans up to their ends, and take back those that no longer belong; return how many
    rows still wait.

    What has run, failed, or was skipped or moved by hand stays as it is, and no row is written for a day
    that has one or came before what has run, so a schedule can be extended and changed as often as one likes.
    The plans are loaded with their contracts and locked by the caller. The number of statements does not
    depend on the number of plans (B4, Q6).
    """
    existing: dict[int, list[InvoiceSchedule]] = defaultdict(list)
    for row in InvoiceSchedule.objects.filter(contract_line__schedule_plan__in=plans).order_by("run_date"):
        existing[row.contract_line_id].append(row)
    new: list[InvoiceSchedule] = []
    gone: list[int] = []
    waiting = 0
    for plan in plans:
        rows, through = existing[plan.contract_line_id], last_day_of(plan, on=on)
        wanted = set(_wanted(plan, rows, through))
        standing = {(row.run_date, row.cut_off_date) for row in rows if _may_go(row)}
        gone += [row.pk for row in rows if _may_go(row) and (row.run_date, row.cut_off_date) not in wanted]
        new += [
            InvoiceSchedule(contract_line_id=plan.contract_line_id, run_date=day, cut_off_date=cut_off)
            for day, cut_off in sorted(wanted - standing)
        ]
        waiting += len(wanted)
        plan.written_through = through
    for start in range(0, len(gone), BATCH):
        InvoiceSchedule.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    InvoiceSchedule.objects.bulk_create(new, batch_size=BATCH)
    SchedulePlan.objects.bulk_update(plans, ["written_through"], batch_size=BATCH)
    return waiting


def write_rows_ahead(legal_entity: LegalEntity, *, on: date) -> None:
    """Extend the schedules of a company that follow their contracts: those extended since, and time itself.

    Runs inside the caller's transaction. Locks the plans that change; three statements when none does.
    """
    plans = SchedulePlan.objects.filter(
        contract_line__contract__legal_entity=legal_entity, ends_on__isnull=True
    ).exclude(contract_line__contract__status__in=ENDED_CONTRACTS)
    late = [plan.pk for plan in plans.select_related("contract_line__contract") if _is_late(plan, on)]
    if late:
        chosen = SchedulePlan.objects.filter(pk__in=late).select_related("contract_line__contract")
        write_rows(list(chosen.locked()), on=on)


def last_day_of(plan: SchedulePlan, *, on: date) -> date:
    """Up to which day rows are written: the end of the plan, or the run that takes the contract's last work.

    A contract that ends on the last day of a month is invoiced a last time after it, because a run takes the
    work up to the day before. Without any end it is a good year ahead.
    """
    if plan.ends_on is not None:
        return plan.ends_on
    contract: ProjectContract = plan.contract_line.contract
    furthest = on + LONGEST
    if contract.ends_on is None or contract.ends_on >= furthest:
        return on + AHEAD if contract.ends_on is None else furthest
    after = next_occurrences(plan.recurrence, max(contract.ends_on, plan.starts_on), 4, last=furthest)
    covering = (day for day in after if cut_off_of(day, plan.cut_off_rule) >= contract.ends_on)
    return next(covering, contract.ends_on)


def _is_late(plan: SchedulePlan, on: date) -> bool:
    if plan.written_through is None:
        return True
    if plan.contract_line.contract.ends_on is None:
        # Not every day a few rows: only when a month of them is missing.
        return plan.written_through < on + AHEAD - timedelta(days=31)
    return plan.written_through != last_day_of(plan, on=on)


def _may_go(row: InvoiceSchedule) -> bool:
    """Whether nothing has happened to a row: it is as the schedule wrote it."""
    return row.status == ScheduleStatus.NOT_RUN and row.moved_from is None


def _wanted(plan: SchedulePlan, rows: Iterable[InvoiceSchedule], through: date) -> Iterable[DatedRow]:
    kept = [row for row in rows if not _may_go(row)]
    taken = {row.run_date for row in kept} | {row.moved_from for row in kept}
    cut_offs = {row.cut_off_date for row in kept}
    has_run = [row for row in kept if row.status == ScheduleStatus.SUCCESSFUL]
    last_run = max((row.run_date for row in has_run), default=date.min)
    last_cut_off = max((row.cut_off_date for row in has_run), default=date.min)
    for day in occurrences(plan.recurrence, plan.starts_on, through):
        cut_off = cut_off_of(day, plan.cut_off_rule)
        # What was invoiced up to a day is not invoiced up to an earlier one.
        is_later = day > last_run and cut_off > last_cut_off
        if is_later and day not in taken and cut_off not in cut_offs:
            yield day, cut_off
