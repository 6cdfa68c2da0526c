"""The first page after signing in: what must be done today, how much waits, whether the worker is well."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounting.views.attention import notices
from accounting.views.chart_pictures import (
    age_chart,
    currencies_of,
    invoiced_by_month,
    month_chart,
    unbilled_by_age,
)
from accounting.views.figures import figures
from billing.models import BatchRun
from billing.states import RunKind
from billing.views.run_progress import with_outcomes
from billing.views.why_figures import reasons_of_user
from core.access import may
from core.pages import Page
from projects.views.page_defaults import PageDefaults, today_of
from projects.views.start import OwnStart


class Overview(PageDefaults, Page):
    """Of those who bill and those who keep the books."""

    permission, title, template_name = "projects.view_backlogitem", _("Overview"), "accounting/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**overview_of(self.request), **kwargs)


def overview(request: HttpRequest) -> HttpResponseBase:
    """The overview, or their own start for those who only record hours or only look after people."""
    page: type[Page] = Overview if may(request.user, Overview.permission) else OwnStart
    return page.as_view()(request)


def overview_of(request: HttpRequest) -> dict[str, Any]:
    """Everything the page shows, in a fixed number of questions whatever the number of rows."""
    user, now, today = cast(User, request.user), timezone.now(), today_of(request)
    runs = with_outcomes(BatchRun.objects.visible_to(user)) if may(user, "billing.view_batchrun") else None
    # The clock's: what somebody started, they look at themselves.
    run = runs.filter(kind=RunKind.DUE).first() if runs is not None else None
    unbilled = unbilled_by_age(user, today)
    invoiced: Sequence[Any] = ()
    if may(user, "accounting.view_customerinvoice"):
        invoiced = invoiced_by_month(user, today)
    currencies = currencies_of(unbilled, invoiced)
    named = request.GET.get("currency", "")
    currency = named if named in currencies else next(iter(currencies), "")
    return {
        "today": today,
        "kpis": figures(user, today),
        "notices": notices(user, run, today, now),
        "run": run,
        "reasons": reasons_of_user(user, today),
        "currencies": currencies if len(currencies) > 1 else [],
        "currency": currency,
        "charts": [age_chart(unbilled, currency), month_chart(invoiced, currency, today)] if currency else [],
    }
