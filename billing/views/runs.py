"""Batch runs: the list, and one run while it works (UX 5.11)."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.filters.runs import RunFilter
from billing.models import BatchRun
from billing.tables.runs import RunTable
from billing.views.page_defaults import Housed
from billing.views.run_progress import run_sheet, with_outcomes
from core.pages import DetailPage, ListPage


class Runs(Housed, ListPage):
    """Every run of the reader's legal entities, newest first."""

    permission, url_name = "billing.view_batchrun", "runs"
    title, purpose = _("Batch runs"), _("What the clock created, and what it could not")
    filterset_class, table_class, template_name = RunFilter, RunTable, "billing/runs.html"

    def rows(self) -> QuerySet:
        """Runs with the number of their outcomes by kind."""
        return with_outcomes(BatchRun.objects.visible_to(self.request.user))

    def context(self) -> dict[str, Any]:
        """The list, and whether this reader may start a run."""
        context = super().context()
        context["table"].now = timezone.now()
        return {**context, "may_run": self.admits(self.request.user, "billing.run_batch")}


class RunPage(Housed, DetailPage):
    """One run: progress, counters that filter, and one outcome per due line."""

    permission, template_name = "billing.view_batchrun", "billing/run.html"

    def rows(self) -> QuerySet:
        """Runs of the reader's legal entities."""
        return BatchRun.objects.visible_to(self.request.user).select_related(
            "job__legal_entity", "requested_by"
        )

    def context(self) -> dict[str, Any]:
        """Progress and outcomes as of now."""
        may_run = self.admits(self.request.user, "billing.run_batch")
        return {"may_run": may_run, **run_sheet(self.found(), self.request, timezone.now())}
