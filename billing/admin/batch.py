"""Batch jobs that accountants switch on, their runs, and one outcome for each due line (B6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.db.models import Count, Max, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.due import due_for
from billing.models import BatchJob, BatchOutcome, BatchRun
from billing.scheduling import request_run
from billing.states import DueOutcome
from core.admin_kit import (
    ActionPreview,
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    change_url,
    changelist_url,
    columns,
    link_to,
    shown_of,
)
from core.day_inputs import DayField
from core.templatetags import display

OUTCOMES_SHOWN = 50


class BatchRunForm(forms.Form):
    business_date = DayField(label=_("For the date"))


class RunNow(AdminAction):
    name, label, permission = "run", _("Run now"), "billing.run_batch"
    confirms = is_primary = True
    on_many = False
    form_class = BatchRunForm
    preview_again_label = _("Show for this date")

    def get_initial(self, request: HttpRequest, targets: QuerySet[BatchJob]) -> dict[str, Any]:
        """Today, by the clock of the legal entity."""
        job = targets.select_related("legal_entity").get()
        return {"business_date": job.legal_entity.day_of(timezone.now())}

    def preview(
        self, request: HttpRequest, targets: QuerySet[BatchJob], cleaned_data: dict[str, Any]
    ) -> ActionPreview:
        """What is due by that day, missed days included."""
        job = targets.select_related("legal_entity").get()
        day = cleaned_data.get("business_date") or job.legal_entity.day_of(timezone.now())
        due = due_for(job, day)
        rows = [
            (
                Cell(display.day(one.run_date)),
                link_to(one.contract),
                Cell(display.number(len(one.schedules)), is_figure=True),
                Cell(display.number(len(one.shares)), is_figure=True),
            )
            for one in due[:OUTCOMES_SHOWN]
        ]
        heads = (_("Run date"), _("Contract"), _("Lines"), _("Milestones"))
        title = gettext("Due by %(day)s") % {"day": display.day(day)}
        return ActionPreview(
            targets,
            str(job.pk),
            summary=gettext("%(job)s for %(entity)s") % {"job": job, "entity": job.legal_entity},
            effects=(
                _("Drafts are created for what is due and ready; nothing is confirmed or posted."),
                _("Running again changes nothing: what has its draft is not drafted again."),
            ),
            panels=(
                Panel(title, heads, rows, _("Nothing is due."), lines=shown_of(OUTCOMES_SHOWN, len(due))),
            ),
            submit_label=self.label,
        )

    def run(
        self, targets: QuerySet[BatchJob], *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> BatchRun:
        """Call the verb."""
        return request_run(targets.get(), cleaned_data["business_date"], actor=actor, at=at)

    def get_success_message(self, result: BatchRun) -> str:
        """The worker takes it up."""
        return gettext("Run %(run)s is queued.") % {"run": result.pk}

    def get_success_url(self, result: BatchRun, cancel_url: str) -> str:
        """To the run."""
        return change_url(BatchRun, result.pk)


@admin.register(BatchJob)
class JobAdmin(ReadOnlyAdmin):
    """Create the proformas that are due, every day at a time of the legal entity's clock."""

    adds = changes = True
    editable_fields = ("name", "is_active", "runs_at", "uses_next_open_day")
    list_display = ("name", "legal_entity", "is_active", "runs_at", "time_zone", "last_run")
    list_filter = ("is_active", ("legal_entity", RelatedOnlyFieldListFilter))
    list_select_related = ("legal_entity",)
    search_fields = ("name",)
    fields = ("name", "legal_entity", "is_active", "runs_at", "uses_next_open_day")
    action_classes: ClassVar = (RunNow,)

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """The last run of every job of the page."""
        jobs = BatchJob.objects.filter(pk__in=[row.pk for row in rows]).order_by()
        newest = jobs.annotate(newest=Max("runs__pk")).values("newest")
        last = {run.job_id: run for run in BatchRun.objects.filter(pk__in=newest)}
        for row in rows:
            row.last = last.get(row.pk)

    @admin.display(description=_("time zone"))
    def time_zone(self, row: BatchJob) -> str:
        """By whose clock it runs: that of the legal entity."""
        return row.legal_entity.timezone

    @admin.display(description=_("last run"))
    def last_run(self, row: Any) -> str:
        return display.state(row.last) if row.last else display.NOTHING

    def get_panels(self, request: HttpRequest, obj: BatchJob) -> Iterable[Panel]:
        """The last runs."""
        rows = [
            (
                link_to(run, run.pk),
                Cell(display.day(run.business_date)),
                Cell(display.state(run)),
                Cell(run.requested_by),
            )
            for run in obj.runs.select_related("requested_by").order_by("-pk")[:20]
        ]
        heads = (_("Run"), _("For the date"), _("Status"), _("Requested by"))
        yield Panel(_("Last runs"), heads, rows, _("It has not run yet."))


@admin.register(BatchRun)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "job",
        columns.day("business_date", _("for the date")),
        "trigger",
        columns.state(_("status")),
        "due_count",
        columns.moment("started_at", _("started at")),
        columns.moment("finished_at", _("finished at")),
    )
    list_filter = ("status", "trigger", ("job", RelatedOnlyFieldListFilter))
    list_select_related = ("job",)
    date_hierarchy = "business_date"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "job",
                    "business_date",
                    "trigger",
                    "status",
                    "due_count",
                    "uses_next_open_day",
                    "message",
                )
            },
        ),
        (_("When"), {"fields": ("requested_by", "requested_at", "started_at", "alive_at", "finished_at")}),
    )

    def get_panels(self, request: HttpRequest, obj: BatchRun) -> Iterable[Panel]:
        """How many of each outcome, and the first of them, failures before the others."""
        counts = obj.outcomes.order_by().values_list("outcome").annotate(count=Count("pk"))
        named = dict(DueOutcome.choices)
        rows = [(Cell(named[one]), Cell(display.number(count), is_figure=True)) for one, count in counts]
        yield Panel(_("Outcomes"), (_("Outcome"), _("Lines")), rows, _("No outcome yet."))
        outcomes = obj.outcomes.select_related("contract").with_proformas().order_by("-message", "pk")
        shown = [
            (
                link_to(one.contract),
                Cell(display.state(one, "outcome", "due")),
                Cell(numbers_of(one)),
                Cell(one.message or display.NOTHING),
            )
            for one in outcomes[:OUTCOMES_SHOWN]
        ]
        heads = (_("Contract"), _("Outcome"), _("Proforma"), _("Message"))
        url = changelist_url(BatchOutcome, run__id__exact=obj.pk)
        yield Panel(
            _("Line by line"), heads, shown, _("No outcome yet."), more=_("All outcomes"), more_url=url
        )


@admin.register(BatchOutcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = (
        "run",
        "contract",
        columns.state(_("outcome"), "outcome", "due"),
        "proforma_numbers",
        "message",
        columns.moment("happened_at", _("at")),
    )
    list_filter = ("outcome", ("contract", RelatedOnlyFieldListFilter))
    list_select_related = ("run__job", "contract", "proforma")
    extra_lookups = ("run",)
    search_fields = ("contract__number", "proforma__number", "message")
    fields = (
        "run",
        "schedule",
        "milestone_share",
        "contract",
        "outcome",
        "proforma_numbers",
        "reason",
        "message",
        "way_out",
        "happened_at",
    )

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """The proformas of every outcome of the page."""
        prefetch_related_objects(rows, "more_proformas")

    @admin.display(description=_("proformas"))
    def proforma_numbers(self, row: BatchOutcome) -> str:
        """The proforma of each customer."""
        return numbers_of(row)


def numbers_of(outcome: BatchOutcome) -> str:
    """The numbers of the proformas that an outcome led to, in one cell."""
    return ", ".join(one.number for one in outcome.proformas) or display.NOTHING
