"""The time-and-material backlog and what can be done to a selection of it (UX 5.4)."""

from typing import Any, ClassVar

from django.db.models import F
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from billing.drafting import draft_selection
from billing.filters.backlog import BacklogFilter
from billing.forms.backlog import HoldForm, NotReadyForm
from billing.marking_ready import hold, mark_not_ready, mark_ready
from billing.models import MilestoneShare
from billing.tables.backlog import BacklogTable, backlog_groups
from billing.views.backlog_figures import (
    backlog_kpis,
    backlog_totals,
    backlog_views,
    by_currency,
    grouped_sums,
    reasons_of,
)
from billing.views.drafts import Drafting
from billing.views.page_defaults import Asking, Chosen, MoneyList, today_of
from core.pages import Button
from projects.access import sees_whole_entity
from projects.models import BacklogItem

DRAFT_OF = F("actual__invoice_detail__line__proforma__number")
MARK = "billing.mark_ready"

BUTTONS = [
    Button(_("Hold"), "backlog-hold", MARK, key="h"),
    Button(_("Not ready"), "backlog-not-ready", MARK, key="n"),
    Button(_("Ready"), "backlog-ready", MARK, key="r"),
    Button(_("Create proforma"), "backlog-draft", "billing.draft_proforma", key="c", primary=True),
]


class BacklogSums(MoneyList):
    """Sums of the backlog, read once per page for totals and figures alike."""

    grouped: Any = ()
    sums: Any = ()

    def rows(self) -> Any:
        """Backlog of the contracts the reader may see."""
        return BacklogItem.objects.visible_to(self.request.user)

    def displayed(self, rows: Any) -> Any:
        """Rows with all their names, and the draft that holds them."""
        return rows.with_everything().annotate(draft_number=DRAFT_OF)

    def totals(self, rows: Any) -> Any:
        """Per currency; the sums are kept for the figures above the list and the heads of its groups."""
        self.grouped = grouped_sums(rows, today_of(self.request))
        self.sums = by_currency(self.grouped)
        return backlog_totals(self.sums)

    def groups(self, rows: Any) -> Any:
        """Per contract and customer."""
        return backlog_groups(self.grouped)

    def saved_views(self) -> Any:
        """The six views of this reader."""
        everything = sees_whole_entity(self.request.user)
        return backlog_views(today_of(self.request), sees_all=everything)


class Backlog(BacklogSums):
    permission, url_name = "projects.view_backlogitem", "backlog"
    title, purpose = _("Time and material backlog"), _("Approved work that is not on an invoice yet")
    filterset_class, table_class = BacklogFilter, BacklogTable
    buttons = BUTTONS

    @property
    def defaults(self) -> str:
        return self.saved_views()[0].query

    def context(self) -> dict[str, Any]:
        context = super().context()
        asked, table = context["page_query"], context["table"]
        table.today = today_of(self.request)
        return {**context, "kpis": backlog_kpis(self.sums, asked)}


class MarkReady(Chosen):
    permission, title, list_page = MARK, _("Mark ready"), Backlog
    verb, inverse = mark_ready, "backlog-take-back"

    def picked(self, chosen: Any) -> Any:
        """What nothing keeps back; where that is nothing, all of it, so that the verb says why."""
        self.sums = list(chosen.summed("currency", today=today_of(self.request)))
        markable = chosen.markable()
        return markable if markable.exists() else chosen

    def sentence(self, result: int) -> str:
        return readied(result, self.sums)


class TakeBack(Chosen):
    permission, title, list_page = MARK, _("Mark not ready"), Backlog
    verb, success, inverse = mark_not_ready, _("%(count)s marked not ready"), "backlog-ready"


class MarkNotReady(Asking, TakeBack):
    form_class, template_name = NotReadyForm, "billing/backlog_reason.html"
    submit_label = _("Mark not ready")

    def act(self, targets: Any, form: Any) -> int:
        return mark_not_ready(targets, reason=form.cleaned_data["reason"], **self.arguments())

    def context(self) -> dict[str, Any]:
        return {**super().context(), **chosen_sums(self)}


class Hold(Asking):
    permission, title, list_page = MARK, _("Put on hold"), Backlog
    form_class, template_name = HoldForm, "billing/backlog_reason.html"
    submit_label, success = _("Apply"), _("%(count)s changed")

    def act(self, targets: Any, form: Any) -> int:
        return hold(targets, reason=form.cleaned_data["reason"], **self.arguments())

    def context(self) -> dict[str, Any]:
        return {**super().context(), **chosen_sums(self)}


class DraftBacklog(Drafting, Asking):
    list_page: ClassVar[Any] = Backlog

    def wanted(self) -> Any:
        return self.targets(), MilestoneShare.objects.none()

    def act(self, targets: Any, form: Any) -> Any:
        day = form.cleaned_data["invoice_date"]
        return draft_selection(*self.wanted(), invoice_date=day, **self.arguments())


def chosen_sums(page: Any) -> dict[str, Any]:
    """How many and how much the reader is about to change."""
    sums = by_currency(grouped_sums(page.targets(), today_of(page.request)))
    return {"count": sum(row["entries"] for row in sums), "totals": backlog_totals(sums)}


def readied(marked: int, sums: Any) -> str:
    """Both numbers: what was marked, and what was left, with what keeps it back."""
    said = ngettext("%(count)s marked ready", "%(count)s marked ready", marked) % {"count": marked}
    skipped = sum(row["entries"] for row in sums) - marked
    if not skipped:
        return said
    why = reasons_of(sums) or gettext("ready before, or on a draft")
    left = ngettext("%(count)s skipped", "%(count)s skipped", skipped) % {"count": skipped}
    return f"{said}, {left}: {why}"
