"""Batch runs: the list, and one run while it works."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.filters.runs import RunFilter
from billing.models import BatchRun
from billing.tables.runs import RunTable
from billing.views.run_progress import run_context, with_outcomes
from core.pages import DetailPage, ListPage, ListTable


class Runs(ListPage):
    """Every run of the user's legal entities, newest first."""

    permission, url_name = "billing.view_batchrun", "runs"
    title, purpose = _("Batch runs"), _("Proformas created by schedule, and lines that failed")
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
    """One run: progress, counters that filter, and one outcome per due line."""

    permission, template_name = "billing.view_batchrun", "billing/run.html"

    def get_queryset(self) -> QuerySet[BatchRun]:
        runs = BatchRun.objects.visible_to(self.user)
        return runs.select_related("job__legal_entity", "requested_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Progress and outcomes as of now."""
        context = run_context(self.object, self.user, self.request.GET, timezone.now())
        return super().get_context_data(may_run=self.may("billing.run_batch"), **context, **kwargs)
