"""Fixed-price milestones and what can be done to a selection of them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from billing.drafting import draft_selection
from billing.filters.milestones import MilestoneFilter
from billing.marking_ready import mark_milestones_not_ready, mark_milestones_ready
from billing.models import MilestoneShare
from billing.tables.milestones import MilestoneTable
from billing.views.backlog_figures import Sums, amounts, with_status
from billing.views.drafts import DraftAction
from billing.views.money_list import MoneyList
from core.pages import Button, ListTable, SavedView, SelectionAction, Total
from projects.models import BacklogItem

MARK = "billing.mark_ready"
SOON = dt.timedelta(days=14)


class Milestones(MoneyList):
    """Milestones of the user's contracts; their sums are read once per page."""

    permission, url_name = "billing.view_milestone", "milestones"
    title, purpose = _("Fixed-price milestones"), _("Fixed amounts that become billable on a day")
    filterset_class, table_class = MilestoneFilter, MilestoneTable
    buttons = [
        Button(_("Not ready"), "milestones-not-ready", MARK, key="n"),
        Button(_("Ready"), "milestones-ready", MARK, key="r"),
        Button(_("Create proforma"), "milestones-draft", "billing.draft_proforma", key="c", primary=True),
    ]
    sums: Sums = ()

    def get_queryset(self) -> QuerySet[MilestoneShare]:
        return MilestoneShare.objects.visible_to(self.user)

    def with_details(self, rows: Any) -> QuerySet[MilestoneShare]:
        """Rows with all their names, and the draft that holds them."""
        named = rows.select_related("milestone__contract_line__contract", "customer")
        return named.with_proforma()

    @property
    def default_filter(self) -> str:  # type: ignore[override]
        """The first of the saved views."""
        return self.get_saved_views()[0].query

    def get_saved_views(self) -> Sequence[SavedView]:
        return milestone_views(self.today)

    def get_totals(self, rows: Any) -> Sequence[Total]:
        """Per currency; the sums are kept for the figures above the list."""
        self.sums = list(rows.summed(today=self.today))
        return [Total(row["currency"], row["shares"], row["total"]) for row in self.sums]

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """Ages up to today."""
        table = super().get_whole_table(**kwargs)
        table.today = self.today
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"kpis": milestone_kpis(self.sums, self.params)}


class MilestonesReady(SelectionAction):
    permission, title, list_page = MARK, _("Mark ready"), Milestones
    verb, inverse = mark_milestones_ready, "milestones-not-ready"
    success_message = _("%(count)s marked ready")


class MilestonesNotReady(SelectionAction):
    permission, title, list_page = MARK, _("Mark not ready"), Milestones
    verb, inverse = mark_milestones_not_ready, "milestones-ready"
    success_message = _("%(count)s marked not ready")


class DraftMilestones(DraftAction, SelectionAction):
    list_page = Milestones

    def get_billable(self) -> tuple[Any, Any]:
        return BacklogItem.objects.none(), self.targets

    def call_verb(self, form: Any) -> Any:
        return draft_selection(*self.get_billable(), **self.get_verb_kwargs(form))


def milestone_views(today: dt.date) -> list[SavedView]:
    """Due soon first, because it is what a month-end is about."""
    return [
        SavedView(_("Due within 14 days"), f"status=open&to={today + SOON}"),
        SavedView(_("Ready"), "status=ready"),
        SavedView(_("Overdue"), f"status=not_ready&to={today - dt.timedelta(days=1)}"),
        SavedView(_("My contracts"), "manager=me&status=open"),
        SavedView(_("Invoiced"), "status=posted"),
    ]


def milestone_kpis(sums: Sums, params: QueryDict) -> list[dict[str, Any]]:
    """Four figures of this view."""
    ready = {"url": with_status(params, "ready"), "current": params.get("status") == "ready"}
    on_draft = {"url": with_status(params, "on_draft")}
    return [
        {"label": _("In this view"), "amounts": amounts(sums, "total")},
        {"label": _("Ready to invoice"), "amounts": amounts(sums, "ready"), **ready},
        {"label": _("Overdue, not ready"), "amounts": amounts(sums, "overdue")},
        {"label": _("On drafts"), "amounts": amounts(sums, "on_draft"), **on_draft},
    ]
