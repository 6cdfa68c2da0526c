"""The time-and-material backlog and what can be done to a selection of it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from billing.drafting import draft_selection
from billing.filters.backlog import BacklogFilter
from billing.forms.backlog import HoldForm, NotReadyForm
from billing.marking_ready import hold, mark_not_ready, mark_ready, release
from billing.models import MilestoneShare
from billing.tables.backlog import BacklogTable
from billing.tables.backlog_groups import GROUPINGS, USUAL, Grouping, backlog_groups, groups_by
from billing.views.backlog_figures import (
    Sums,
    backlog_kpis,
    backlog_totals,
    backlog_views,
    by_currency,
    grouped_sums,
    skipped_words,
)
from billing.views.drafts import DraftAction, create_button
from billing.views.money_list import MoneyList
from core.kept_forms import PARAMETER
from core.pages import Button, ConfirmedAction, Group, ListTable, SavedView, SelectionAction, Total
from core.pages.active_filters import canonical
from core.templatetags.display import number
from projects.access import sees_whole_entity
from projects.limiting import check_limits, reset_limits
from projects.models import BacklogItem
from projects.states import BillingStatus
from projects.views.page_defaults import PageDefaults

MARK, CHANGE, RERATE = "billing.mark_ready", "projects.change_backlogitem", "projects.rerate_work"


class Backlog(MoneyList):
    """Approved work of the user's contracts that is not billed; its sums are read once per page."""

    permission, url_name = "projects.view_backlogitem", "backlog"
    title, purpose = _("Time and material backlog"), _("Approved work that is not on an invoice yet")
    filterset_class, table_class = BacklogFilter, BacklogTable
    template_name = "billing/backlog.html"
    buttons = [
        Button(_("Check limits"), "backlog-check-limits", MARK, rare=True),
        Button(_("Reset limits"), "backlog-reset-limits", MARK, rare=True),
        Button(_("Price again"), "backlog-reprice", RERATE, rare=True),
        Button(_("Describe"), "backlog-describe", CHANGE, rare=True),
        Button(_("Billing type"), "backlog-billing-type", CHANGE, key="b"),
        Button(_("Release"), "backlog-release", MARK, rare=True),
        Button(_("Hold"), "backlog-hold", MARK, key="h"),
        Button(_("Not ready"), "backlog-not-ready", MARK, key="n"),
        Button(_("Ready"), "backlog-ready", MARK, key="r"),
        Button(_("Add to draft"), "backlog-add", "billing.draft_proforma", key="d"),
        create_button("backlog-draft"),
    ]
    grouped: Sums = ()
    sums: Sums = ()

    def get_queryset(self) -> QuerySet[BacklogItem]:
        return BacklogItem.objects.visible_to(self.user)

    def with_details(self, rows: Any) -> QuerySet[BacklogItem]:
        """Rows with all their names."""
        return rows.with_everything()

    @cached_property
    def grouping(self) -> Grouping:
        """What the address asks for; usually contract and customer."""
        return GROUPINGS.get(self.request.GET.get("group", ""), USUAL)

    def get_group_order(self) -> Sequence[str]:
        """Groups stand together."""
        return self.grouping.order

    @property
    def default_filter(self) -> str:  # type: ignore[override]
        """The first of the saved views."""
        return self.views[0].query

    @cached_property
    def views(self) -> Sequence[SavedView]:
        """The saved views with their counts, asked for once."""
        sees_all = sees_whole_entity(self.user)
        return backlog_views(self.get_queryset(), self.today, sees_all=sees_all, me=self.user.pk)

    def get_saved_views(self) -> Sequence[SavedView]:
        return self.views

    def get_totals(self, rows: Any) -> Sequence[Total]:
        """Per currency; the sums are kept for the figures above the list and the heads of its groups."""
        self.grouped = grouped_sums(rows, self.today)
        self.sums = by_currency(self.grouped)
        return backlog_totals(self.sums)

    def get_groups(self, rows: Any) -> dict[Any, Group]:
        """Over the whole filter; usually from the sums that the figures above the list are made of."""
        if self.grouping is USUAL:
            return backlog_groups(self.grouped)
        if not self.grouping.order:
            return {}
        columns = (*self.grouping.order, *self.grouping.names, "currency")
        return groups_by(self.grouping, list(rows.summed(*columns, today=self.today)))

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """Ages up to today, in the groups that were chosen."""
        table = super().get_whole_table(**kwargs)
        table.today, table.grouping, table.params = self.today, self.grouping, self.params
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = self.grouping.name
        groups = [(one.name, one.label, one.name == chosen) for one in GROUPINGS.values()]
        return context | {
            "kpis": backlog_kpis(self.sums, self.params),
            "groupings": groups,
            "kept_parameters": self.kept_parameters(),
            "may_see_past": self.may("accounting.view_voucher"),
        }

    def kept_parameters(self) -> list[tuple[str, str]]:
        """What the address says besides the groups, for the form that changes them; page one again."""
        pairs = [(name, value) for name, values in self.params.lists() for value in values]
        kept = [pair for pair in pairs if pair[0] not in ("group", "page", PARAMETER)]
        # An address that names no filter would put the usual filter back.
        return kept if canonical(self.params) else [*kept, ("all", "1")]


class MarkReady(PageDefaults, SelectionAction):
    permission, title, list_page = MARK, _("Mark ready"), Backlog
    verb, inverse = mark_ready, "backlog-take-back"

    def get_targets(self) -> Any:
        """What nothing keeps back; where that is nothing, all of it, so that the verb says why."""
        selected = super().get_targets()
        self.sums = list(selected.summed("currency", today=self.today))
        self.ready_before = selected.filter(status=BillingStatus.READY).count()
        markable = selected.markable()
        return markable if markable.exists() else selected

    def get_success_message(self) -> str:
        """Both numbers: what was marked, and what was left, with what keeps it back."""
        marked = self.result
        done = ngettext("%(count)s marked ready", "%(count)s marked ready", marked) % {
            "count": number(marked)
        }
        skipped = sum(row["entries"] for row in self.sums) - marked
        if not skipped:
            return done
        why = skipped_words(self.sums, self.ready_before)
        left = ngettext("%(count)s skipped", "%(count)s skipped", skipped) % {"count": number(skipped)}
        return f"{done}, {left}: {why}"


class TakeBack(SelectionAction):
    permission, title, list_page = MARK, _("Mark not ready"), Backlog
    verb, inverse, success_message = mark_not_ready, "backlog-ready", _("%(count)s marked not ready")


class ReasonAction(PageDefaults, ConfirmedAction, SelectionAction):
    """An action that asks for a reason, and says how many entries and how much it is about."""

    permission, list_page, template_name = MARK, Backlog, "billing/backlog_reason.html"

    def get_verb_kwargs(self, form: HoldForm | NotReadyForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"reason": form.cleaned_data["reason"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sums = by_currency(grouped_sums(self.targets, self.today))
        count = sum(row["entries"] for row in sums)
        return super().get_context_data(count=count, totals=backlog_totals(sums), **kwargs)


class MarkNotReady(ReasonAction):
    title, submit_label, form_class = _("Mark not ready"), _("Mark not ready"), NotReadyForm
    verb, inverse, success_message = mark_not_ready, "backlog-ready", _("%(count)s marked not ready")


class Hold(ReasonAction):
    title, submit_label, form_class = _("Put on hold"), _("Put on hold"), HoldForm
    verb, success_message = hold, ngettext_lazy("%(count)s put on hold", "%(count)s put on hold", "count")

    def get_verb_kwargs(self, form: HoldForm | NotReadyForm) -> dict[str, Any]:
        own = {"on": self.today, "review_on": form.cleaned_data["review_on"]}
        return super().get_verb_kwargs(form) | own


class Release(SelectionAction):
    """End the hold of what is selected and held; the rest of the selection stays as it is."""

    permission, title, list_page, verb = MARK, _("Release"), Backlog, release
    success_message = ngettext_lazy("%(count)s released", "%(count)s released", "count")

    def get_targets(self) -> Any:
        """What is on hold; where that is nothing, all of it, so that the verb says so."""
        selected = super().get_targets()
        held = selected.held()
        return held if held.exists() else selected


class CheckLimits(SelectionAction):
    """Check the chosen entries against the limits that are agreed today."""

    permission, title, list_page, verb = MARK, _("Check limits"), Backlog, check_limits

    def get_success_message(self) -> str:
        """How many were checked, and how many of them exceed a limit."""
        count, failed = self.result.count, len(self.result.failed)
        done = ngettext("%(count)s entry checked", "%(count)s entries checked", count) % {
            "count": number(count)
        }
        if not failed:
            return gettext("%(done)s: within the limits") % {"done": done}
        over = ngettext("%(count)s exceeds a limit", "%(count)s exceed a limit", failed) % {
            "count": number(failed)
        }
        return f"{done}, {over}"


class ResetLimits(SelectionAction):
    """Let the chosen entries not count against their limits until they are checked again."""

    permission, title, list_page, verb = MARK, _("Reset limits"), Backlog, reset_limits
    success_message = ngettext_lazy(
        "Limits of %(count)s entry reset: it counts again once it is checked",
        "Limits of %(count)s entries reset: they count again once they are checked",
        "count",
    )


class DraftBacklog(DraftAction, SelectionAction):
    list_page = Backlog

    def get_billable(self) -> tuple[Any, Any]:
        return self.targets, MilestoneShare.objects.none()

    def draft_anew(self, form: Any, items: Any, shares: Any) -> Any:
        return draft_selection(items, shares, **self.get_verb_kwargs(form))


class AddBacklog(DraftBacklog):
    """The same, with the open drafts proposed."""

    title, adds = _("Add to drafts"), True
