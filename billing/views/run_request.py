"""A run by hand, after a preview of what it would do."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.forms.runs import RunForm
from billing.models import BatchJob
from billing.previewing import Expected, preview_run
from billing.scheduling import request_run
from core.money import sum_by
from core.pages import FormPage
from projects.views.page_defaults import PageDefaults


class RunRequest(PageDefaults, FormPage):
    """Start a run by hand, after seeing what it would do."""

    permission, title, form_class = "billing.run_batch", _("Run by hand"), RunForm
    template_name, cancel_url = "billing/run_request.html", reverse_lazy("runs")
    success_message = _("The run is queued and starts at once")

    def get_initial(self) -> dict[str, Any]:
        return {"business_date": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The user's jobs, and what the address asks to preview."""
        kwargs = super().get_form_kwargs() | {"user": self.user}
        if self.request.method == "GET" and "job" in self.request.GET:
            kwargs["data"] = self.request.GET
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the preview once a job and a date are chosen."""
        context = super().get_context_data(**kwargs)
        form = context["form"]
        is_asked = self.request.method == "GET" and not self.kept_form
        has_preview = is_asked and form.is_bound and form.is_valid()
        return {"preview": run_preview(**form.cleaned_data) if has_preview else None, **context}

    def form_valid(self, form: RunForm) -> HttpResponse:
        """Ask for the run; the worker takes it up."""
        user = self.user
        return self.answer(lambda: request_run(**form.cleaned_data, actor=user, at=timezone.now()), form)

    def get_success_url(self) -> str:
        """The run's own page."""
        return reverse("run", args=[self.result.pk])


def run_preview(job: BatchJob, business_date: date) -> dict[str, Any]:
    """What a run would do, with counts by outcome and sums per currency."""
    rows = preview_run(job, business_date)
    creating = [row for row in rows if row.outcome == "create"]
    return {
        "rows": rows,
        "job": job,
        # A preview may look ahead, a run may not (decision 20).
        "may_start": business_date <= job.legal_entity.day_of(timezone.now()),
        "business_date": business_date,
        "creating": len(creating),
        "nothing": sum(row.outcome == "nothing" for row in rows),
        "blocked": sum(row.outcome == "blocked" for row in rows),
        "sums": _expected_sums(creating),
    }


def _expected_sums(rows: Sequence[Expected]) -> list[tuple[str, Decimal]]:
    return sorted(sum_by((row.contract.currency, row.net) for row in rows).items())
