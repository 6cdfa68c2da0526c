"""Invoice schedules: when which line is invoiced, and runs that are skipped, taken up again or moved (B4)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.filters.runs import ScheduleFilter
from billing.forms.schedules import MoveRunForm, SkipRunForm
from billing.models import InvoiceSchedule
from billing.planning_runs import move_runs, skip_runs, take_up_runs
from billing.schedule_words import words_of_schedule
from billing.states import ScheduleStatus
from billing.tables.runs import ScheduleTable
from billing.views.contract_rights import CHANGE, is_managed
from core.pages import ActionPage, DetailPage, ListPage, ObjectMixin, PageMixin, SavedView
from core.templatetags.display import day
from projects.models import ProjectContract


class Schedules(ListPage):
    """When which line is invoiced next; written by the set-up of a contract."""

    permission, url_name = "billing.view_invoiceschedule", "schedules"
    title = _("Invoice schedules")
    purpose = _("When time and material is invoiced, and up to which day")
    refuses_unknown_names = True
    filterset_class, table_class = ScheduleFilter, ScheduleTable
    default_filter = "status=not_run&status=run_failed"
    saved_views = [
        SavedView(_("Not run yet"), "status=not_run&status=run_failed"),
        SavedView(_("Run failed"), "status=run_failed"),
        SavedView(_("Skipped"), "status=skipped"),
        SavedView(_("Run successful"), "status=run_successful"),
        SavedView(_("All"), "all=1"),
    ]

    def get_queryset(self) -> QuerySet[InvoiceSchedule]:
        """Schedule rows of the user's contracts."""
        return InvoiceSchedule.objects.visible_to(self.user).select_related(
            "contract_line__contract__customer", "contract_line__schedule_plan"
        )


class OfRun(ObjectMixin, PageMixin):
    """One run of a line, among those the user may see."""

    def get_queryset(self) -> QuerySet[InvoiceSchedule]:
        rows = InvoiceSchedule.objects.visible_to(self.user)
        return rows.select_related("contract_line__contract__customer", "contract_line__schedule_plan")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The run with its contract and its schedule in words."""
        row: InvoiceSchedule = self.object
        plan = getattr(row.contract_line, "schedule_plan", None)
        words = words_of_schedule(plan.recurrence, plan.cut_off_rule) if plan else ""
        context = {"row": row, "contract": row.contract_line.contract, "words": words}
        return super().get_context_data(**context | {"crumbs": self.get_crumbs()} | kwargs)

    def get_crumbs(self) -> list[tuple[Any, str]]:
        """The list and the run."""
        row: InvoiceSchedule = self.object
        return [
            (_("Invoice schedules"), reverse("schedules")),
            (name_of(row), reverse("schedule", args=[row.pk])),
        ]


def name_of(row: InvoiceSchedule) -> str:
    """A run by its day."""
    return gettext("Run of %(day)s") % {"day": day(row.run_date)}


class ScheduleRow(OfRun, DetailPage):
    """A run that is to come or has taken place: what it was for, what came of it, what may be done to it."""

    permission, template_name = "billing.view_invoiceschedule", "billing/schedule.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        may_change = self.may(CHANGE) and is_managed(row.contract_line.contract, self.user)
        outcomes = row.outcomes.select_related("run").with_proformas().order_by("-pk")
        is_open = row.status in (ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED)
        return super().get_context_data(
            title=name_of(row),
            outcomes=outcomes,
            may_move=may_change and is_open,
            may_take_up=may_change and row.status == ScheduleStatus.SKIPPED,
            **kwargs,
        )


class RunAction(OfRun, ActionPage):
    """What the manager of a contract does to one of its runs."""

    permission, template_name = CHANGE, "billing/schedule_step.html"

    def get_queryset(self) -> QuerySet[InvoiceSchedule]:
        """Runs of contracts that the user manages; to see one is not enough."""
        managed = ProjectContract.objects.managed_by(self.user).values("pk")
        return super().get_queryset().filter(contract_line__contract__in=managed)

    def get_targets(self) -> QuerySet[InvoiceSchedule]:
        """The run of the address, without what the page shows beside it."""
        return InvoiceSchedule.objects.filter(pk=self.object.pk)

    @property
    def cancel_url(self) -> str:
        """The run."""
        return reverse("schedule", args=[self.kwargs["pk"]])

    def get_crumbs(self) -> list[tuple[Any, str]]:
        return [*super().get_crumbs(), (self.title, "")]


class SkipRun(RunAction):
    title, verb, form_class = _("Skip this run"), skip_runs, SkipRunForm
    success_message = _("Run skipped: the next one takes its work")

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | form.cleaned_data


class MoveRun(RunAction):
    title, verb, form_class = _("Move this run"), move_runs, MoveRunForm
    success_message = _("Run moved")

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | form.cleaned_data


class TakeUpRun(RunAction):
    title, verb = _("Let this run take place"), take_up_runs
    success_message = _("The run takes place after all")
