"""Fixed-price milestones and what can be done to a selection of them (UX 5.5)."""

import datetime as dt
from typing import Any, ClassVar

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from billing.drafting import draft_selection
from billing.filters.milestones import MilestoneFilter
from billing.marking_ready import mark_milestones_not_ready, mark_milestones_ready
from billing.models import MilestoneShare
from billing.tables.milestones import MilestoneTable
from billing.views.backlog_figures import amounts, narrowed
from billing.views.drafts import Drafting
from billing.views.page_defaults import Asking, Chosen, MoneyList, today_of
from core.pages import Button, SavedView, Total
from projects.models import BacklogItem

MARK = "billing.mark_ready"
BUTTONS = [
    Button(_("Not ready"), "milestones-not-ready", MARK, key="n"),
    Button(_("Ready"), "milestones-ready", MARK, key="r"),
    Button(_("Create proforma"), "milestones-draft", "billing.draft_proforma", key="c", primary=True),
]
SOON = dt.timedelta(days=14)


class MilestoneSums(MoneyList):
    """Sums of the milestones, read once per page for totals and figures alike."""

    sums: Any = ()

    def rows(self) -> Any:
        """Milestones of the contracts the reader may see."""
        return MilestoneShare.objects.visible_to(self.request.user)

    def displayed(self, rows: Any) -> Any:
        """Rows with all their names, and the draft that holds them."""
        return rows.select_related("milestone__contract_line__contract", "customer").annotate(
            draft_number=F("invoice_details__line__proforma__number")
        )

    def totals(self, rows: Any) -> Any:
        """Per currency; the sums are kept for the figures above the list."""
        self.sums = list(rows.summed(today=today_of(self.request)))
        return [Total(row["currency"], row["shares"], row["total"]) for row in self.sums]

    def saved_views(self) -> Any:
        """The views of this reader, with dates as they are today."""
        return milestone_views(today_of(self.request))


class Milestones(MilestoneSums):
    permission, url_name = "billing.view_milestone", "milestones"
    title, purpose = _("Fixed-price milestones"), _("Fixed amounts that become billable on a day")
    filterset_class, table_class, buttons = MilestoneFilter, MilestoneTable, BUTTONS

    @property
    def defaults(self) -> str:
        return self.saved_views()[0].query

    def context(self) -> dict[str, Any]:
        context = super().context()
        context["table"].today = today_of(self.request)
        return {**context, "kpis": milestone_kpis(self.sums, context["page_query"])}


class MilestonesReady(Chosen):
    permission, title, list_page = MARK, _("Mark ready"), Milestones
    verb, success, inverse = mark_milestones_ready, _("%(count)s marked ready"), "milestones-not-ready"


class MilestonesNotReady(Chosen):
    permission, title, list_page = MARK, _("Mark not ready"), Milestones
    verb, success, inverse = mark_milestones_not_ready, _("%(count)s marked not ready"), "milestones-ready"


class DraftMilestones(Drafting, Asking):
    list_page: ClassVar[Any] = Milestones

    def wanted(self) -> Any:
        return BacklogItem.objects.none(), self.targets()

    def act(self, targets: Any, form: Any) -> Any:
        day = form.cleaned_data["invoice_date"]
        return draft_selection(*self.wanted(), invoice_date=day, **self.arguments())


def milestone_views(today: dt.date) -> list[SavedView]:
    """Due soon first, because it is what a month-end is about."""
    return [
        SavedView(_("Due within 14 days"), f"status=open&to={today + SOON}"),
        SavedView(_("Ready"), "status=ready"),
        SavedView(_("Overdue"), f"status=not_ready&to={today - dt.timedelta(days=1)}"),
        SavedView(_("My contracts"), "manager=me&status=open"),
        SavedView(_("Invoiced"), "status=posted"),
    ]


def milestone_kpis(sums: Any, asked: Any) -> list[dict[str, Any]]:
    """Four figures of this view."""
    ready = {"url": narrowed(asked, "ready"), "current": asked.get("status") == "ready"}
    return [
        {"label": _("In this view"), "amounts": amounts(sums, "total")},
        {"label": _("Ready to invoice"), "amounts": amounts(sums, "ready"), **ready},
        {"label": _("Overdue, not ready"), "amounts": amounts(sums, "overdue")},
        {"label": _("On drafts"), "amounts": amounts(sums, "on_draft"), "url": narrowed(asked, "on_draft")},
    ]
