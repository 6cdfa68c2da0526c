"""Advances: the list with its tabs, what became of one, and marking them ready (B3)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.filters.advances import AdvanceFilter
from billing.models import InvoiceLineDetail, Retainer, Retention
from billing.retaining import mark_retainers_not_ready, mark_retainers_ready
from billing.tables.advances import AdvanceTable, steps_of
from billing.views.advance_tabs import ALL, INVOICED, SCHEDULED, VIEW, advance_tabs
from billing.views.backlog_figures import Sums, amounts
from billing.views.money_list import MoneyList
from billing.views.overage import prepaid_kpi
from billing.views.retention_figures import retention_kpi
from core.pages import Button, DetailPage, Group, ListTable, SelectionAction, Total
from core.templatetags.display import day, number
from projects.models import PrepaidHours
from projects.views.page_defaults import PageDefaults

MARK, PLAN, DRAFT = "billing.mark_ready", "billing.plan_retainer", "billing.draft_proforma"
VIEW_RETENTION = "billing.view_retention"


class AdvanceRights:
    """What this person may do with advances."""

    @property
    def rights(self) -> dict[str, bool]:
        """Planning and refunding, and changing drafts."""
        return {"plan": self.may(PLAN), "draft": self.may(DRAFT)}  # type: ignore[attr-defined]


class Advances(AdvanceRights, MoneyList):
    """Advances of the user's contracts; their sums are read once per page."""

    permission, url_name = VIEW, "advances"
    title, purpose = _("Advances"), _("Money invoiced before the work")
    template_name = "billing/advances.html"
    filterset_class, table_class = AdvanceFilter, AdvanceTable
    buttons = [
        Button(_("Not ready"), "advances-not-ready", MARK, key="n"),
        Button(_("Ready"), "advances-ready", MARK, key="r", primary=True),
    ]
    sums: Sums = ()

    def get_queryset(self) -> QuerySet[Retainer]:
        return Retainer.objects.visible_to(self.user)

    def with_details(self, rows: Any) -> QuerySet[Retainer]:
        """Rows with their names."""
        named: QuerySet[Retainer] = rows.select_related("contract", "customer").marked_mine(self.user)
        return named

    def get_totals(self, rows: Any) -> Sequence[Total]:
        """Per currency; the sums are kept for the heads of the groups."""
        self.sums = list(rows.summed())
        return [Total(row["currency"], row["retainers"], row["total"]) for row in self.sums]

    def get_groups(self, rows: QuerySet[Any]) -> dict[Any, Group]:
        """Per currency, over the whole filter."""
        return {row["currency"]: _group(row) for row in self.sums}

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """With what this person may do to its rows."""
        table = super().get_whole_table(**kwargs)
        table.rights = self.rights
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = self.params.get("kind", "")
        current = kind if kind in (INVOICED, SCHEDULED) else ALL
        context = super().get_context_data(**kwargs)
        return context | {
            "tabs": advance_tabs(self.user, current),
            "kpis": [
                *advance_kpis(self.get_queryset(), self.today),
                *self._hours_over(),
                *self.kept_back(),
            ],
            "may_plan": self.rights["plan"],
        }

    def kept_back(self) -> list[dict[str, Any]]:
        """What customers keep back, for those who may see it."""
        if not self.may(VIEW_RETENTION):
            return []
        return [retention_kpi(Retention.objects.visible_to(self.user).confirmed().with_amounts(), self.today)]

    def _hours_over(self) -> list[dict[str, Any]]:
        """Hours over of the month, for those who have prepaid hours at all."""
        agreements = PrepaidHours.objects.visible_to(self.user).living()
        return [prepaid_kpi(agreements, self.today)] if agreements.exists() else []


class AdvancesReady(SelectionAction):
    permission, title, list_page = MARK, _("Mark ready"), Advances
    verb, inverse = mark_retainers_ready, "advances-not-ready"
    success_message = _("%(count)s marked ready")


class AdvancesNotReady(SelectionAction):
    permission, title, list_page = MARK, _("Mark not ready"), Advances
    verb, inverse = mark_retainers_not_ready, "advances-ready"
    success_message = _("%(count)s marked not ready")


class Advance(AdvanceRights, PageDefaults, DetailPage):
    """One advance: how much of it is left, and every proforma that invoices, applies or refunds it."""

    permission, template_name = VIEW, "billing/advance.html"

    def get_queryset(self) -> QuerySet[Retainer]:
        rows = Retainer.objects.visible_to(self.user).marked_mine(self.user)
        return rows.select_related("contract", "customer", "contract_line")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With its use, in the order of the proformas."""
        retainer = self.object
        details = InvoiceLineDetail.objects.filter(retainer=retainer)
        crumbs = [(Advances.title, reverse_lazy("advances")), (retainer.name, "")]
        return super().get_context_data(
            title=retainer.name,
            crumbs=crumbs,
            uses=details.select_related("line__proforma").order_by("line__proforma", "pk"),
            steps=steps_of(retainer, self.rights),
            **kwargs,
        )


def advance_kpis(rows: Any, today: dt.date) -> list[dict[str, Any]]:
    """What can be applied, what drafts hold, and what will be invoiced by the end of next month."""
    until = end_of_next_month(today)
    invoiced = list(rows.with_balance().summed())
    scheduled = list(rows.scheduled().due_through(until).summed())
    label = _("Scheduled up to %(day)s") % {"day": day(until)}
    return [
        {"label": _("Available to apply"), "amounts": amounts(invoiced, "available"), "url": "?kind=left"},
        {"label": _("On drafts"), "amounts": amounts(invoiced, "drafted"), "url": "?kind=left"},
        {"label": label, "amounts": amounts(scheduled, "total"), "url": f"?kind=scheduled&to={until}"},
    ]


def end_of_next_month(today: dt.date) -> dt.date:
    """The last day of the month after this one."""
    first = today.replace(day=1)
    third = (first + dt.timedelta(days=62)).replace(day=1)
    return third - dt.timedelta(days=1)


def _group(row: Any) -> Group:
    count = ngettext("%(count)s advance", "%(count)s advances", row["retainers"])
    return Group(
        row["currency"],
        count % {"count": number(row["retainers"])},
        row["available"],
        row["currency"],
    )
