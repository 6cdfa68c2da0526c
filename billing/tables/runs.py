"""Batch runs and invoice schedules."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from billing.models import BatchRun, InvoiceSchedule
from billing.models.batch import SILENCE
from billing.schedule_words import words_of_recurrence
from billing.states import RunStatus
from core.pages import CountColumn, DayColumn, ListTable, MomentColumn, StateColumn, TextColumn
from core.people import person_name
from core.templatetags.display import NOTHING, badge, day, number


def is_interrupted(run: BatchRun, now: datetime) -> bool:
    """Whether a running run made no progress for so long that its worker must have stopped."""
    return run.status == RunStatus.RUNNING and (run.alive_at is None or run.alive_at <= now - SILENCE)


class RunTable(ListTable):
    """One row per run, with what became of what was due."""

    caption, identity = _("Batch runs, newest first"), "pk"
    empty = _("No job has run yet. Start one by hand, or wait for the schedule.")
    now: datetime

    pk = TextColumn(verbose_name=_("Run"), slot="title", linkify=("run", {"pk": tables.A("pk")}))
    name = TextColumn(verbose_name=_("What"), slot="line", order_by=("kind", "job__name"))
    business_date = DayColumn(slot="subtitle")
    trigger = TextColumn()
    requested_by = TextColumn(verbose_name=_("By"), orderable=False)
    requested_at = MomentColumn()
    due_count = CountColumn(verbose_name=_("To do"))
    created = CountColumn(verbose_name=_("Created"), orderable=False)
    confirmed = CountColumn(verbose_name=_("Confirmed"), orderable=False)
    skipped = CountColumn(verbose_name=_("Nothing to bill, left out"), orderable=False)
    failed = CountColumn(verbose_name=_("Failed"), orderable=False)
    status = StateColumn(slot="status")

    def render_requested_by(self, value: Any) -> str:
        """Name of the person."""
        return person_name(value)

    def render_failed(self, value: int) -> str:
        """Grouped, and alarming when there is any."""
        return format_html('<span class="text-bad">{}</span>', number(value)) if value else number(value)

    def render_status(self, value: Any, record: BatchRun) -> str:
        """The state; a run that lost its worker says so."""
        if is_interrupted(record, self.now):
            return badge("on_hold", word=_("Interrupted"))
        return badge(record.status, word=value)

    class Meta:
        order_by = ("-pk",)


class ScheduleTable(ListTable):
    """When which line is invoiced, up to which day."""

    caption, identity = _("Invoice schedules by run date"), "contract"
    empty = _("No line has an invoice schedule yet.")

    contract = TextColumn(
        accessor="contract_line__contract",
        verbose_name=_("Contract"),
        slot="title",
        order_by="contract_line__contract__number",
        linkify=("contract", {"number": tables.A("contract_line__contract__number")}),
    )
    customer = TextColumn(
        accessor="contract_line__contract__customer",
        verbose_name=_("Customer"),
        slot="line",
        order_by="contract_line__contract__customer__name",
    )
    contract_line = TextColumn(verbose_name=_("Line"), slot="subtitle", order_by="contract_line__name")
    run_date = DayColumn(slot="value", linkify=("schedule", {"pk": tables.A("pk")}))
    cut_off_date = DayColumn(verbose_name=_("Work up to"))
    words = TextColumn(empty_values=(), verbose_name=_("Schedule"), orderable=False, wide=True)
    status = StateColumn(slot="status", kind="schedule")

    def render_words(self, record: InvoiceSchedule) -> str:
        """The schedule of the line in words; that a run was moved."""
        plan = getattr(record.contract_line, "schedule_plan", None)
        words = words_of_recurrence(plan.recurrence) if plan else ""
        moved = _("moved from %(day)s") % {"day": day(record.moved_from)} if record.moved_from else ""
        return "; ".join(filter(None, [words, str(moved)])) or NOTHING

    class Meta:
        order_by = ("run_date",)
