"""Schedules on the page of a contract's form: as they stand, as they are chosen, the next runs of both."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils.dates import WEEKDAYS

from billing.forms.contract import ContractForm, LineForm
from billing.forms.contract_rows import ContractRows
from billing.forms.schedules import row_of
from billing.models import InvoiceSchedule, SchedulePlan
from billing.recurring import LONGEST, cut_off_of, next_occurrences
from billing.schedule_plans import PlannedRuns
from billing.schedule_words import words_of_schedule
from billing.states import ScheduleStatus
from projects.models import ProjectContract
from projects.states import BillingMethod

NEXT_RUNS = 6
FRIDAY = 4


@dataclass(frozen=True)
class NextRun:
    """A run that is to come: its row where it is written already, and the weekday where nobody works."""

    run_date: date
    cut_off_date: date
    weekend: str = ""
    row: InvoiceSchedule | None = None


@dataclass(frozen=True)
class ScheduleBlock:
    """The schedule of a line in words, with its next runs; `is_saved` says whether they are written."""

    words: str
    runs: list[NextRun]
    is_saved: bool
    missed: int = 0


class Schedules:
    """The schedules of a contract's lines, read once for the page."""

    def __init__(self, contract: ProjectContract | None, today: date):
        lines = contract.lines.values("pk") if contract else []
        plans = SchedulePlan.objects.filter(contract_line__in=lines) if contract else ()
        self.plans = {plan.contract_line_id: plan for plan in plans}
        self._contract, self._today = contract, today

    def fill(self, rows: ContractRows) -> ContractRows:
        """Add the schedules that stand to the rows of the form."""
        for line in rows.lines:
            key = (line.own.get("line") or [""])[0]
            if key.isdecimal() and int(key) in self.plans:
                line.own |= row_of(self.plans[int(key)])
        return rows

    def blocks(self, form: ContractForm) -> dict[int, ScheduleBlock]:
        """By the place of the line in the form; lines without a readable schedule have none."""
        waiting = self._waiting()
        blocks = {}
        for nth, line in enumerate(form.lines):
            plan = line.schedule.plan
            if plan is not None and not line.is_fixed_price:
                blocks[nth] = self._block(line, plan, waiting)
        return blocks

    def _block(
        self, line: LineForm, plan: PlannedRuns, waiting: Mapping[int, list[InvoiceSchedule]]
    ) -> ScheduleBlock:
        key = int(line.key) if line.key.isdecimal() else 0
        counted = _counted(plan, self.plans.get(key))
        words = words_of_schedule(counted.recurrence, counted.cut_off_rule)
        if key in self.plans and _as_planned(self.plans[key]) == counted:
            rows = waiting[key][:NEXT_RUNS]
            return ScheduleBlock(
                words, [_run(row.run_date, row.cut_off_date, row) for row in rows], is_saved=True
            )
        last = (
            plan.ends_on or (self._contract.ends_on if self._contract else None) or plan.starts_on + LONGEST
        )
        days = next_occurrences(counted.recurrence, plan.starts_on, NEXT_RUNS, last=last)
        runs = [_run(day, cut_off_of(day, plan.cut_off_rule)) for day in days]
        missed = sum(day < self._today for day in days)
        return ScheduleBlock(words, runs, is_saved=False, missed=missed)

    def _waiting(self) -> dict[int, list[InvoiceSchedule]]:
        by_line: dict[int, list[InvoiceSchedule]] = defaultdict(list)
        rows = InvoiceSchedule.objects.filter(contract_line__in=list(self.plans)).exclude(
            status=ScheduleStatus.SUCCESSFUL
        )
        for row in rows.order_by("run_date") if self.plans else ():
            by_line[row.contract_line_id].append(row)
        return by_line


def plans_to_write(form: ContractForm, contract: ProjectContract) -> dict[int, PlannedRuns | None]:
    """What the form wants of each line of the contract as it is written now, by key.

    Lines that the form added have no key in it; they were written in the order of the form.
    """
    known = {int(line.key) for line in form.lines if line.key.isdecimal()}
    added = iter(contract.lines.exclude(pk__in=known).order_by("pk").values_list("pk", flat=True))
    plans: dict[int, PlannedRuns | None] = {}
    for line in form.lines:
        key = int(line.key) if line.key.isdecimal() else next(added, None)
        if key is None:
            continue
        has_work = line.cleaned_data["billing_method"] == BillingMethod.TIME_AND_MATERIAL
        plans[key] = line.schedule.plan if has_work else None
    standing = set(
        SchedulePlan.objects.filter(contract_line__in=list(plans)).values_list("contract_line", flat=True)
    )
    return {key: plan for key, plan in plans.items() if plan is not None or key in standing}


def _as_planned(plan: SchedulePlan) -> PlannedRuns:
    return PlannedRuns(plan.recurrence, plan.starts_on, plan.ends_on, plan.cut_off_rule)


def _counted(plan: PlannedRuns, standing: SchedulePlan | None) -> PlannedRuns:
    """The plan with the day it is counted from: that of the one that stands, or its own start."""
    same = standing and replace(standing.recurrence, counted_from=None) == plan.recurrence
    keeps = standing is not None and same and standing.starts_on == plan.starts_on
    counted_from = standing.counted_from if keeps and standing else plan.starts_on
    return replace(plan, recurrence=replace(plan.recurrence, counted_from=counted_from))


def _run(day: date, cut_off: date, row: InvoiceSchedule | None = None) -> NextRun:
    weekend = str(WEEKDAYS[day.weekday()]) if day.weekday() > FRIDAY else ""
    return NextRun(day, cut_off, weekend, row)
