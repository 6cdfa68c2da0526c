"""Fixed-price milestones: what is agreed, what is invoiced, what goes next, and what can be done to them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.drafting import draft_selection
from billing.filters.milestones import MilestoneFilter
from billing.forms.next_parts import FIELD, NextPartsForm, keys_in
from billing.marking_ready import mark_milestones_not_ready, mark_milestones_ready
from billing.models import MilestoneShare
from billing.next_parts import NextParts
from billing.progressing import set_next_parts
from billing.tables.milestones import MilestoneTable
from billing.views.backlog_figures import Sums
from billing.views.drafts import DraftAction, create_button
from billing.views.milestone_figures import line_groups, milestone_kpis, milestone_views
from billing.views.money_list import MoneyList
from core import kept_forms
from core.pages import AHEAD, Button, ListTable, SavedView, SelectionAction, Total
from core.refusals import Refusal, Refused
from projects.models import BacklogItem

MARK, PLAN = "billing.mark_ready", "projects.change_projectcontract"
RELATED = ("milestone__contract_line__contract__manager", "customer", "line_customer")


class Milestones(MoneyList):
    """Milestones of the user's contracts; their sums are read once per page."""

    permission, url_name = "billing.view_milestone", "milestones"
    title = _("Fixed-price milestones")
    purpose = _("What is agreed per milestone, what is invoiced and what goes next")
    filterset_class, table_class = MilestoneFilter, MilestoneTable
    template_name = "billing/milestones.html"
    buttons = [
        Button(_("Not ready"), "milestones-not-ready", MARK, key="n"),
        Button(_("Ready"), "milestones-ready", MARK, key="r"),
        Button(_("Add to draft"), "milestones-add", "billing.draft_proforma", key="d"),
        create_button("milestones-draft"),
    ]
    sums: Sums = ()

    def get_queryset(self) -> QuerySet[MilestoneShare]:
        return MilestoneShare.objects.visible_to(self.user)

    def with_details(self, rows: Any) -> QuerySet[MilestoneShare]:
        """Rows with all their names, the draft that holds them, and how many payers are ready."""
        named = rows.select_related(*RELATED).marked_mine(self.user)
        return named.with_proforma().with_readiness()

    @property
    def default_filter(self) -> str:  # type: ignore[override]
        """The first of the saved views."""
        return self.views[0].query

    @cached_property
    def views(self) -> Sequence[SavedView]:
        """The saved views with their counts, asked for once."""
        return milestone_views(self.get_queryset(), self.today)

    def get_saved_views(self) -> Sequence[SavedView]:
        return self.views

    def get_totals(self, rows: Any) -> Sequence[Total]:
        """Per currency; the sums are kept for the figures above the list."""
        self.sums = list(rows.summed(today=self.today))
        return [Total(row["currency"], row["shares"], row["total"]) for row in self.sums]

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """Ages up to today."""
        table = super().get_whole_table(**kwargs)
        table.today = self.today
        table.is_editable = self.may(PLAN)
        return table

    def prepare_table(self, table: Any, rows: QuerySet[Any], *, has_selection: bool) -> None:
        """With the fields of what goes next, as they were typed where a form was kept."""
        super().prepare_table(table, rows, has_selection=has_selection)
        shown = [row.record for row in table.paginated_rows]
        lines = {share.milestone.contract_line_id for share in shown}
        table.groups = line_groups(lines, may_plan=self.may(PLAN))
        if self.may(MARK):
            kept = kept_forms.find(self.request)
            mine = [share for share in shown if share.is_mine]
            table.form = NextPartsForm(kept.data if kept else None, mine)
            table.form.is_valid()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        figures = milestone_kpis(self.sums, self.params, self.today)
        return context | {"kpis": figures, "may_mark": self.may(MARK), "may_plan": self.may(PLAN)}


class WithNextParts(SelectionAction):
    """An action that stores what was typed as going next together with what it does: both or neither.

    Where something typed cannot be, nothing is done, and the list says so at the field. Where the action is
    refused, nothing is stored, and the list has what was typed in its fields. A preview stores nothing.
    """

    permission, list_page = MARK, Milestones

    @cached_property
    def typed(self) -> NextPartsForm:
        """The fields that were sent, of shares that the user may change."""
        rows = MilestoneShare.objects.changeable_by(self.user).filter(pk__in=keys_in(self.request.POST))
        return NextPartsForm(self.request.POST, rows.select_related(*RELATED))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Back to the fields where one of them is wrong; else as every action."""
        if AHEAD not in request.POST and not self.typed.is_valid():
            self.keep_selection()
            return HttpResponseRedirect(str(self.cancel_url))
        return super().post(request, *args, **kwargs)

    @property
    def parts(self) -> NextParts | None:
        """What goes next of the shares whose fields say something else than what is stored; None of none."""
        typed = self.typed.parts
        return NextParts(MilestoneShare.objects.changeable_by(self.user), typed) if typed else None


NOTHING_TYPED = Refusal(
    code="nothing-changed",
    message=_("No percentage and no amount was changed."),
    way_out=_("Type what goes next, then save."),
)


class SaveNextParts(WithNextParts):
    """Store what goes next; needs no selection, and keeps the one there is."""

    title = _("Save what goes next")
    success_message = ngettext_lazy("%(count)s milestone saved", "%(count)s milestones saved", "count")

    def get_targets(self) -> Any:
        """Every row that was sent with fields; the selection is kept for the way back."""
        self.keep_selection()
        return MilestoneShare.objects.changeable_by(self.user).filter(pk__in=keys_in(self.request.POST))

    def call_verb(self, form: Any) -> int:
        """How many were changed; one at least."""
        if self.parts is None:
            raise Refused([NOTHING_TYPED])
        return set_next_parts(self.parts.shares, self.parts.amounts, **self.get_verb_kwargs(form))


class MarkMilestones(WithNextParts):
    """A mark on the ticked rows, and what was typed, in one go."""

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"parts": self.parts}


class MilestonesReady(MarkMilestones):
    title, verb, inverse = _("Mark ready"), mark_milestones_ready, "milestones-not-ready"
    success_message = _("%(count)s marked ready")


class MilestonesNotReady(MarkMilestones):
    title, verb, inverse = _("Mark not ready"), mark_milestones_not_ready, "milestones-ready"
    success_message = _("%(count)s marked not ready")


class DraftMilestones(DraftAction, WithNextParts):
    list_page = Milestones

    def ahead(self) -> str:
        """Nothing while something typed cannot be."""
        return super().ahead() if self.typed.is_valid() else ""

    def get_parts(self) -> NextParts | None:
        """What was typed, with which the preview reckons and which is stored with the drafts."""
        return self.parts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The preview brings along what was changed, and no other field.

        What nobody changed here would, sent once more, undo what others typed in the meantime.
        """
        context = super().get_context_data(**kwargs)
        typed = self.typed.parts
        return context | {
            "stores_parts": bool(typed),
            "sent_fields": [
                (name, value)
                for name, value in context["sent_fields"]
                if (match := FIELD.match(name)) is None or int(match[1]) in typed
            ],
        }

    def get_billable(self) -> tuple[Any, Any]:
        return BacklogItem.objects.none(), self.targets

    def draft_anew(self, form: Any, items: Any, shares: Any) -> Any:
        return draft_selection(items, shares, parts=self.parts, **self.get_verb_kwargs(form))


class AddMilestones(DraftMilestones):
    """The same, with the open drafts proposed."""

    title, adds = _("Add to drafts"), True
