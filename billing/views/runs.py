"""Batch runs: the list, and one run while it works."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.filters.runs import RunFilter
from billing.models import BatchRun
from billing.stopping import stop_runs
from billing.tables.runs import RunTable
from billing.views.confirm_next import made_by_run
from billing.views.run_progress import again_of, run_context, with_outcomes
from billing.views.run_retries import failed_groups
from core.access import may
from core.pages import ActionPage, DetailPage, ListPage, ListTable


class Runs(ListPage):
    """Every run of the user's legal entities, newest first."""

    permission, url_name = "billing.view_batchrun", "runs"
    title, purpose = _("Batch runs"), _("Proformas created by schedule, and lines that failed")
    refuses_unknown_names = True
    filterset_class, table_class, template_name = RunFilter, RunTable, "billing/runs.html"

    def get_queryset(self) -> QuerySet[BatchRun]:
        """Runs with the number of their outcomes by kind."""
        return with_outcomes(BatchRun.objects.visible_to(self.user))

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """Which runs are interrupted, as of now."""
        table = super().get_whole_table(**kwargs)
        table.now = timezone.now()
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The list, and whether this user may start a run."""
        return super().get_context_data(**kwargs) | {"may_run": self.may("billing.run_batch")}


class RunPage(DetailPage):
    """One run: progress, counters that filter, and one outcome per due line or per contract and customer."""

    permission, template_name = "billing.view_batchrun", "billing/run.html"

    def get_queryset(self) -> QuerySet[BatchRun]:
        runs = BatchRun.objects.visible_to(self.user)
        return runs.select_related("job__legal_entity", "requested_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Progress and outcomes as of now."""
        run = self.object
        context = run_context(run, self.user, self.request.GET, timezone.now())
        rights = {
            "may_run": self.may("billing.run_batch"),
            "may_stop": run.finished_at is None and may_stop(run, self.user),
            "again": again_of(run, self.user) if context["is_over"] else None,
            "failed_groups": failed_groups(run, self.user) if context["failures"] else [],
            "to_confirm": made_by_run(run, self.request) if context["is_over"] else None,
        }
        return super().get_context_data(**rights, **context, **kwargs)


def may_stop(run: BatchRun, user: User) -> bool:
    """Whoever asked for it, and those who run batches by hand."""
    return run.requested_by_id == user.pk or may(user, "billing.run_batch")


class StopRun(ActionPage):
    """Stop a run after what it works on just now."""

    permission, title, verb = "billing.view_batchrun", _("Stop the run"), stop_runs
    success_message = _("The run is stopped; what it made stays")

    def get_queryset(self) -> QuerySet[BatchRun]:
        return BatchRun.objects.visible_to(self.user)

    def has_permission(self, obj: Model | None = None) -> bool:
        """Whoever may see it and asked for it or runs batches."""
        is_mine = not isinstance(obj, BatchRun) or may_stop(obj, self.user)
        return super().has_permission() and is_mine

    @property
    def cancel_url(self) -> str:
        """The run."""
        return reverse("run", args=[self.kwargs["pk"]])
