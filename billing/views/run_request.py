"""A run by hand, after a preview of what it would do (UX 5.10)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.forms.runs import RunForm
from billing.models import BatchRun
from billing.previewing import Expected, preview_run
from billing.scheduling import request_run
from billing.views.page_defaults import Housed, today_of
from core.money import sum_by
from core.pages import FormPage


class RunRequest(Housed, FormPage):
    """Start a run by hand, after seeing what it would do."""

    permission, title, form_class = "billing.run_batch", _("Run by hand"), RunForm
    template_name, success = "billing/run_request.html", _("The run is queued and starts at once")

    def form_arguments(self) -> dict[str, Any]:
        """The reader's jobs, today, and what the address asks to preview."""
        asked = {"data": self.request.GET} if is_preview(self.request) else {}
        return {"user": self.request.user, "initial": {"business_date": today_of(self.request)}, **asked}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, and the preview once a job and a date are chosen."""
        form = self.form()
        return self.shown(form=form, back=self.back(), preview=preview_in(form) if form.is_bound else None)

    def act(self, form: RunForm) -> Any:
        """Ask for the run; the worker takes it up."""
        return request_run(**form.cleaned_data, actor=self.request.user, at=timezone.now())

    def back(self) -> str:
        """The list of runs."""
        return reverse("runs")

    def destination(self, result: BatchRun) -> str:
        """The run's own page."""
        return reverse("run", args=[result.pk])


def is_preview(request: HttpRequest) -> bool:
    """Whether the address itself names a job and a date."""
    return request.method == "GET" and "job" in request.GET


def preview_in(form: RunForm) -> dict[str, Any] | None:
    """What a run would do, with counts by outcome and sums per currency; None while the form has errors."""
    if not form.is_valid():
        return None
    rows = preview_run(form.cleaned_data["job"], form.cleaned_data["business_date"])
    creating = [row for row in rows if row.outcome == "create"]
    return {
        "rows": rows,
        "job": form.cleaned_data["job"],
        "business_date": form.cleaned_data["business_date"],
        "creating": len(creating),
        "nothing": sum(row.outcome == "nothing" for row in rows),
        "blocked": sum(row.outcome == "blocked" for row in rows),
        "sums": _expected_sums(creating),
    }


def _expected_sums(rows: Sequence[Expected]) -> list[tuple[str, Decimal]]:
    return sorted(sum_by((row.contract.currency, row.amount) for row in rows).items())
