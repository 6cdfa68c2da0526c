"""Drafting from a selection or a contract: pages that ask first, and the drafts that were made."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from billing.forms.backlog import DraftForm
from billing.models import Proforma
from billing.tables.drafts import DraftTable
from billing.views.page_defaults import Housed, today_of
from billing.views.previews import previews, totals_of
from core.pages import Page


class Drafting:
    """Share of the pages that draft: the date, the preview, and the way to the drafts that were made."""

    permission = "billing.draft_proforma"
    title = gettext_lazy("Create proformas")
    form_class = DraftForm
    template_name = "billing/draft.html"

    def form_arguments(self) -> dict[str, Any]:
        """Today, where the legal entity is, unless the reader says otherwise."""
        return {"initial": {"invoice_date": today_of(self.request)}}

    def wanted(self) -> tuple[Any, Any]:
        """Backlog items and milestone shares that were chosen."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """One row per proforma to be."""
        return {**super().context(), **preview_of(self), "crumbs": self.crumbs()}

    def crumbs(self) -> Any:
        """The way back, where the page hangs below a thing."""
        return ()

    def destination(self, result: list[Proforma]) -> str:
        """The drafts that were made; back where there were none."""
        if not result:
            return self.back()
        made = {"at": result[0].created_at.isoformat()}
        return f"{reverse('drafted')}?{urlencode(made)}"

    def sentence(self, result: list[Proforma]) -> str:
        """How many, or that nothing was ready."""
        return said_of(len(result))


def preview_of(page: Any) -> dict[str, Any]:
    """What would be drafted with the date of the form, and its totals; nothing for a date that is none."""
    day = page.form().chosen_date()
    found = previews(*page.wanted(), day) if day else []
    return {
        "previews": found,
        "drafted": sum(one.is_drafted for one in found),
        "totals": totals_of(found),
    }


def said_of(count: int) -> str:
    """How many proformas there are now, or why there is none."""
    if not count:
        return _("Nothing of it is ready up to this date, so no proforma was created.")
    return ngettext("%(count)s proforma created", "%(count)s proformas created", count) % {"count": count}


class Drafted(Housed, Page):
    """The drafts that one click made: those of this reader, created at one moment."""

    permission, template_name = "billing.view_proforma", "billing/drafted.html"
    title = gettext_lazy("Proformas created")

    def context(self) -> dict[str, Any]:
        """The drafts as a table, with totals per currency."""
        return drafted_context(self.request)


def drafted_context(request: Any) -> dict[str, Any]:
    """Drafts of the moment the address names; none where it names no moment."""
    moment = moment_of(request.GET)
    mine = Proforma.objects.visible_to(request.user).filter(created_by=request.user, created_at=moment)
    rows = mine.select_related("contract", "customer").order_by("pk") if moment else mine.none()
    table = DraftTable(rows[:200], orderable=False, exclude=["customer_invoice_number"])
    return {"table": table, "totals": table.totals()}


def moment_of(asked: QueryDict) -> dt.datetime | None:
    """The moment an address names, to the microsecond; None where it cannot be read."""
    try:
        moment = dt.datetime.fromisoformat(asked.get("at", ""))
    except ValueError:
        return None
    return moment if timezone.is_aware(moment) else None
