"""Plan when contract lines are invoiced: schedules in words, rows skipped and moved (B4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from billing.models import InvoiceFrequency, InvoiceSchedule, SchedulePlan
from billing.querysets import ScheduleQuerySet
from billing.recurring import LONGEST, Recurrence, cut_off_of, occurrences
from billing.run_rows import write_rows
from billing.schedule_plans import PlannedRuns
from billing.schedule_words import reasons_against_runs, words_of_schedule
from billing.states import CutOffRule, ScheduleStatus
from core.activity_log import Changes, changes_of, log_activity, states_of
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.models import ContractLine, ProjectContract


def plan_runs(plans: Mapping[int, PlannedRuns | None], *, on: date, actor: User, at: datetime) -> int:
    """Give contract lines, by key, their schedules, or end them with None; return how many rows wait.

    Rows are written ahead up to the end of the schedule, which is the contract's where it has none of its
    own. What has run stays, rows that were skipped or moved stay, and the others follow the new schedule. One
    that only begins or ends otherwise keeps its weeks and months. `on` is today by the legal entity's clock.
    Locks the contracts. Raises Refused: not-time-and-material, ends-before-start, longer-than-ten-years,
    weekday-missing, day-of-a-week, day-missing, day-and-weekday, day-out-of-month, day-repeated,
    occurrence-missing, occurrence-out-of-month, periods-overlap (B4, Q6).
    """
    with transaction.atomic(durable=True):
        lines = _held(plans)
        asked = [(line, plan) for line in lines if (plan := plans[line.pk]) is not None]
        refuse_if(reason for line, plan in asked for reason in _reasons_against_plan(line, plan))

        old = {one.contract_line_id: one for one in SchedulePlan.objects.filter(contract_line__in=lines)}
        before = {key: _agreed(one) for key, one in old.items()}
        _end([line for line in lines if plans[line.pk] is None])
        written_plans = [_as_planned(line, plan, old.get(line.pk)) for line, plan in asked]
        _write([plan for plan in written_plans if plan.pk is None], written_plans)
        waiting = write_rows(written_plans, on=on)
        after = {one.contract_line_id: _agreed(one) for one in written_plans}
        changed = [line for line in lines if before.get(line.pk, {}) != after.get(line.pk, {})]
        changes = {line.pk: _changes(before.get(line.pk, {}), after.get(line.pk, {})) for line in changed}
        log_activity("scheduled", changed, actor=actor, at=at, changes=changes, facts={"runs": waiting})
    return waiting


def generate_schedule(
    line: ContractLine,
    frequency: InvoiceFrequency,
    *,
    starts_on: date,
    ends_on: date,
    actor: User,
    at: datetime,
) -> int:
    """Schedule a line by a named frequency from start to end; return how many runs fall into that span.

    Both days are included; the cut-off is the day before the run. A line that has this schedule already is
    extended: it keeps its start and its weeks. Locks the contract. Raises Refused as `plan_runs` (B4).
    """
    own = SchedulePlan.objects.filter(contract_line=line).first()
    recurrence, first = frequency.recurrence, starts_on
    if own is not None and replace(own.recurrence, counted_from=None) == recurrence:
        recurrence, first = own.recurrence, min(own.starts_on, starts_on)
    plan = PlannedRuns(recurrence, first, ends_on)
    plan_runs({line.pk: plan}, on=starts_on, actor=actor, at=at)
    counted = recurrence if recurrence.counted_from else replace(recurrence, counted_from=first)
    return len(occurrences(counted, starts_on, ends_on))


def skip_runs(rows: ScheduleQuerySet, *, reason: str, actor: User, at: datetime) -> int:
    """Decide that runs do not take place; the next run of the line takes their work. Return how many.

    Locks the rows. Raises Refused: reason-missing, run-already, nothing-chosen (B4).
    """
    with transaction.atomic(durable=True):
        chosen = list(rows.select_related("contract_line__contract").locked())
        refuse_if([*_nothing(chosen), *_reason_missing(reason), *_has_run(chosen)])

        InvoiceSchedule.objects.walk(chosen, InvoiceSchedule.skip, reason=reason.strip())
        _log_rows("run skipped", chosen, actor, at, reason, ScheduleStatus.SKIPPED)
    return len(chosen)


def take_up_runs(rows: ScheduleQuerySet, *, actor: User, at: datetime) -> int:
    """Let runs that were skipped take place after all; return how many.

    Locks the rows. Raises Refused: nothing-chosen, not-skipped, before-what-has-run (B4).
    """
    with transaction.atomic(durable=True):
        chosen = list(rows.select_related("contract_line__contract").locked())
        last = _last_runs(chosen)
        refuse_if(
            [
                *_nothing(chosen),
                *_not_skipped(chosen),
                *(reason for row in chosen for reason in _too_early(row, row.run_date, last)),
            ]
        )

        InvoiceSchedule.objects.walk(chosen, InvoiceSchedule.take_up, reason="")
        _log_rows("run taken up", chosen, actor, at, "", ScheduleStatus.NOT_RUN)
    return len(chosen)


def move_runs(rows: ScheduleQuerySet, *, to: date, reason: str, actor: User, at: datetime) -> int:
    """Move the run of each line to another day; the cut-off follows as the schedule says. Return how many.

    Locks the rows. Raises Refused: nothing-chosen, reason-missing, run-already, same-day, day-taken,
    before-what-has-run, periods-overlap, too-far (B4, Q6).
    """
    with transaction.atomic(durable=True):
        related = ("contract_line__contract", "contract_line__schedule_plan")
        chosen = list(rows.select_related(*related).locked())
        last, others = _last_runs(chosen), _others_of(chosen)
        refuse_if(
            [
                *_nothing(chosen),
                *_reason_missing(reason),
                *_has_run(chosen),
                *(one for row in chosen for one in _against_moving(row, to, others)),
                *(one for row in chosen for one in _too_early(row, to, last)),
            ]
        )

        changes = changes_of(chosen, {"run_date": to})
        for row in chosen:
            row.moved_from = row.moved_from or row.run_date
            row.run_date, row.cut_off_date = to, cut_off_of(to, _rule_of(row))
            row.reason = reason.strip()
        InvoiceSchedule.objects.bulk_update(chosen, ["moved_from", "run_date", "cut_off_date", "reason"])
        facts = {"reason": reason.strip()}
        log_activity("run moved", chosen, actor=actor, at=at, changes=changes, facts=facts)
    return len(chosen)


def _reasons_against_plan(line: ContractLine, plan: PlannedRuns) -> Iterable[Refusal]:
    if not line.is_time_and_material:
        message = _("Fixed-price lines are invoiced by their milestones.")
        yield Refusal("not-time-and-material", message, str(line), _("Add milestones instead."))
    yield from reasons_against_runs(plan, str(line))


# --- Writing --------------------------------------------------------------------------------------


def _held(plans: Mapping[int, PlannedRuns | None]) -> list[ContractLine]:
    """The lines with their contracts, which are locked: two plans of a line at once do not mix."""
    contracts = ProjectContract.objects.filter(lines__in=list(plans)).values("pk").distinct()
    list(ProjectContract.objects.filter(pk__in=contracts).locked())
    lines = ContractLine.objects.filter(pk__in=list(plans)).select_related("contract")
    return list(lines.order_by("pk"))


def _end(lines: Sequence[ContractLine]) -> None:
    """Schedules end: rows to which nothing happened go, what has run or was decided about stays."""
    rows = InvoiceSchedule.objects.filter(contract_line__in=lines, status=ScheduleStatus.NOT_RUN)
    rows.filter(contract_line__schedule_plan__isnull=False).delete()
    SchedulePlan.objects.filter(contract_line__in=lines).delete()


def _as_planned(line: ContractLine, plan: PlannedRuns, old: SchedulePlan | None) -> SchedulePlan:
    one = old or SchedulePlan(contract_line=line)
    counted_from = plan.recurrence.counted_from or plan.starts_on
    is_extended = old is not None and old.starts_on == plan.starts_on
    # One that only ends later keeps its weeks, whichever day they are counted from.
    if old is not None and is_extended and _same(old.recurrence, plan.recurrence):
        counted_from = old.counted_from
    one.contract_line = line
    one.repeat_as(plan.recurrence)
    one.starts_on, one.ends_on, one.counted_from = plan.starts_on, plan.ends_on, counted_from
    one.cut_off_rule = plan.cut_off_rule
    return one


def _write(new: Sequence[SchedulePlan], plans: Sequence[SchedulePlan]) -> None:
    known = [plan for plan in plans if plan.pk is not None]
    SchedulePlan.objects.bulk_create(new)
    fields = [field.name for field in SchedulePlan._meta.concrete_fields if not field.primary_key]
    SchedulePlan.objects.bulk_update(known, fields)


def _same(one: Recurrence, other: Recurrence) -> bool:
    return replace(one, counted_from=None) == replace(other, counted_from=None)


def _agreed(plan: SchedulePlan) -> dict[str, str]:
    """What a schedule says, for the log."""
    return {
        "invoice schedule": words_of_schedule(plan.recurrence, plan.cut_off_rule),
        "first run from": written(plan.starts_on),
        "last run up to": written(plan.ends_on) if plan.ends_on else "",
    }


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Changes:
    names = [*after, *(name for name in before if name not in after)]
    pairs = {name: [before.get(name, ""), after.get(name, "")] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _log_rows(
    verb: str, rows: Sequence[InvoiceSchedule], actor: User, at: datetime, reason: str, to_state: str
) -> None:
    facts = {"reason": reason.strip()} if reason else None
    log_activity(verb, rows, actor=actor, at=at, from_states=states_of(rows), to_state=to_state, facts=facts)


def _rule_of(row: InvoiceSchedule) -> str:
    plan = getattr(row.contract_line, "schedule_plan", None)
    return plan.cut_off_rule if plan else CutOffRule.DAY_BEFORE


def _last_runs(rows: Sequence[InvoiceSchedule]) -> dict[int, date]:
    """The last run date of each line that has been invoiced."""
    run = InvoiceSchedule.objects.filter(
        contract_line__in={row.contract_line_id for row in rows}, status=ScheduleStatus.SUCCESSFUL
    )
    return dict(run.order_by().values_list("contract_line").annotate(last=Max("run_date")))


def _others_of(rows: Sequence[InvoiceSchedule]) -> dict[int, dict[date, date]]:
    """The cut-offs of the other rows of each line, by run date."""
    lines = {row.contract_line_id for row in rows}
    others: dict[int, dict[date, date]] = {line: {} for line in lines}
    left = InvoiceSchedule.objects.filter(contract_line__in=lines).exclude(pk__in=[row.pk for row in rows])
    for line, run_date, cut_off in left.values_list("contract_line", "run_date", "cut_off_date"):
        others[line][run_date] = cut_off
    return others


# --- Refusals -------------------------------------------------------------------------------------


def _nothing(rows: Sequence[InvoiceSchedule]) -> Iterable[Refusal]:
    if not rows:
        yield Refusal("nothing-chosen", _("No run is chosen."), "", _("Choose at least one."))


def _reason_missing(reason: str) -> Iterable[Refusal]:
    if not reason.strip():
        message = _("It has no reason.")
        yield Refusal("reason-missing", message, "", _("Say why, in a few words: the log keeps it."))


def _has_run(rows: Sequence[InvoiceSchedule]) -> Iterable[Refusal]:
    for row in rows:
        if row.status not in (ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED):
            message = _("The run of %(day)s is “%(status)s”.") % {
                "day": written(row.run_date),
                "status": row.get_status_display(),
            }
            yield Refusal(
                "run-already", message, str(row.contract_line), _("Choose one that is still to come.")
            )


def _not_skipped(rows: Sequence[InvoiceSchedule]) -> Iterable[Refusal]:
    for row in rows:
        if row.status != ScheduleStatus.SKIPPED:
            message = _("The run of %(day)s was not skipped.") % {"day": written(row.run_date)}
            yield Refusal("not-skipped", message, str(row.contract_line), _("Reload the page."))


def _too_early(row: InvoiceSchedule, to: date, last: Mapping[int, date]) -> Iterable[Refusal]:
    last_run = last.get(row.contract_line_id)
    if last_run is not None and to <= last_run:
        message = _("The line was invoiced on %(day)s already; nothing would be left for a run before that.")
        way_out = _("Choose a later day.")
        facts = {"day": written(last_run)}
        yield Refusal("before-what-has-run", message % facts, str(row.contract_line), way_out)


def _against_moving(
    row: InvoiceSchedule, to: date, others: Mapping[int, Mapping[date, date]]
) -> Iterable[Refusal]:
    taken, cut_off = others[row.contract_line_id], cut_off_of(to, _rule_of(row))
    subject, another = str(row.contract_line), _("Choose another day.")
    if to == row.run_date:
        yield Refusal("same-day", _("It runs on that day already."), subject, another)
    elif to in taken:
        message = _("The line has a run on %(day)s.") % {"day": written(to)}
        yield Refusal("day-taken", message, subject, another)
    elif cut_off in taken.values():
        message = _("Another run takes work up to %(day)s.") % {"day": written(cut_off)}
        yield Refusal("periods-overlap", message, subject, another)
    if abs(to - row.run_date) > LONGEST:
        yield Refusal("too-far", _("That is more than ten years away."), subject, another)
