"""The approvals inbox: approve, send back, change what will be billed; never one's own (A9)."""

from typing import Any

from django.db.models import QuerySet
from django.forms import model_to_dict
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django_filters import FilterSet

from core.pages import ActionPage, Button, ListPage, ListTable, SelectionAction
from projects.approving import approve_entries, change_terms, reject_entries
from projects.duplicates import duplicates_of
from projects.filters.approvals import ApprovalFilter
from projects.forms.approvals import CommentForm, ReturnForm, TermsForm
from projects.models import Approval, Receipt
from projects.prepaid_use import hours_left
from projects.price_problems import sentence_of
from projects.tables.approvals import ApprovalTable, closed_words, left_words, limit_words
from projects.views.approval_tabs import PERMISSION, ApprovalTabs, Approving, DecidingAction
from projects.views.inbox import Inbox, inbox_of, monday_of, totals_of, written
from projects.waiting_limits import waiting_verdicts
from projects.work_coverage import coverage_of

INBOX: str | Promise = _("My approvals")


class Deciding(Approving):
    """A page about submissions that wait for this person."""

    def decidable(self) -> Any:
        """Submissions this person may decide, with all a page shows of them."""
        rows = self.approvable().decidable_by(self.user).prefetch_related("reasons")
        return rows.select_related(
            "entry__legal_entity",
            "entry__project",
            "entry__task",
            "entry__resource",
            "contract_line__contract",
        )


class Approvals(ApprovalTabs, Deciding, ListPage):
    """Two panes: whose weeks wait, and the entries of the one that is open."""

    permission, title, url_name, template_name = PERMISSION, INBOX, "approvals", "projects/approvals.html"
    filterset_class, table_class = ApprovalFilter, ApprovalTable
    buttons = (Button(_("Approve"), "approve-entries", PERMISSION),)
    inbox: Inbox

    def get_queryset(self) -> QuerySet[Approval]:
        return self.decidable()

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """With what limits say of the entries that are shown or exported."""
        table = super().get_whole_table(**kwargs)
        table.find_verdicts = waiting_verdicts
        return table

    def matching(self, filterset: FilterSet) -> QuerySet[Approval]:
        """The entries of the open week, of all that match."""
        self.inbox = inbox_of(super().matching(filterset), filterset.data)
        return self.inbox.rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        table = context["table"]
        table.may_write_contracts = self.may("projects.change_projectcontract")
        table.look_up([row.record for row in table.paginated_rows])
        if table.duplicates:
            doubtful = self.inbox.rows.filter(entry__in=table.duplicates).values_list("pk", flat=True)
            self.inbox.flagged = totals_of(self.inbox.rows.flagged(list(doubtful)).approvable_together())
        return context | {"inbox": self.inbox}


class Decision(Deciding, DecidingAction, SelectionAction):
    """What is done with ticked submissions: afterwards the same week, or the next that waits."""

    permission, list_page = PERMISSION, Approvals

    def get_success_url(self) -> str:
        """The week that was open while something of it waits, else the next one the page named."""
        params, following = QueryDict(self.request.POST.get("filter", "")), self.request.POST.get("next", "")
        monday = monday_of(params.get("week", ""))
        person = params.get("person", "").replace("\x00", "")
        same = self.decidable().of_week(person, monday) if monday else None
        if same is None or same.exists() or not following:
            return self.cancel_url
        return Approvals.get_url(QueryDict(following).urlencode())


class Approve(Decision):
    """Approve what is ticked; for ten seconds it can be undone."""

    inverse = "undo-approvals"
    title, verb, success_message = (
        _("Approve"),
        approve_entries,
        ngettext_lazy("%(count)s entry approved", "%(count)s entries approved", "count"),
    )

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}


class SendBack(Decision):
    """Send back what is ticked, with the reason; for ten seconds it can be undone."""

    inverse = "undo-returns"
    title, verb, success_message = (
        _("Send back"),
        reject_entries,
        ngettext_lazy("%(count)s entry sent back", "%(count)s entries sent back", "count"),
    )
    form_class = ReturnForm

    def get_verb_kwargs(self, form: ReturnForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"comment": form.cleaned_data["comment"]}


class OneWeek(Deciding, ActionPage):
    """A page about one submission that waits for this person; it leads back to its week."""

    permission = PERMISSION

    def get_queryset(self) -> QuerySet[Approval]:
        return self.decidable()

    @property
    def cancel_url(self) -> str:
        """The week in which the submission stands."""
        entry = self.object.entry
        person = entry.resource.code if entry.resource else ""
        return Approvals.get_url(urlencode({"week": written(entry.date), "person": person}))


class Decide(OneWeek):
    """One submission with the reasons of the policy, decided individually and with a comment (X12)."""

    title, success_message, verb = _("Decide one entry"), _("Entry approved"), approve_entries
    template_name, form_class = "projects/decide.html", CommentForm

    def get_queryset(self) -> QuerySet[Approval]:
        return super().get_queryset().prefetch_related("reasons__rule")

    def get_verb_kwargs(self, form: CommentForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today, "comment": form.cleaned_data["comment"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The reasons of the policy, why nobody pays it, and whether it fits into its limits."""
        reasons = list(self.object.reasons.all())
        verdict = waiting_verdicts([self.object])[self.object.pk]
        entry, is_covered = self.object.entry, self.object.contract_line_id is not None
        duplicates = duplicates_of([entry], self.user).get(entry.pk, [])
        receipts = Receipt.objects.by_entry([entry.pk, *(one.entry.pk for one in duplicates if one.entry)])
        return super().get_context_data(**kwargs) | {
            "reasons": reasons,
            "closed": closed_words(self.object),
            "limit": limit_words(verdict, self.object.sales_currency),
            "hours_left": left_words(hours_left([self.object]).get(self.object.pk)),
            "uncovered": "" if is_covered else coverage_of([entry]).sentence_of(entry),
            "receipts": receipts.get(entry.pk, []),
            "duplicates": [(one, receipts.get(one.entry.pk, []) if one.entry else []) for one in duplicates],
        }


class Terms(OneWeek):
    """Change what will be billed of one submission that waits for this person."""

    title, success_message = _("What will be billed"), _("Changed what will be billed")
    template_name, form_class, verb = "projects/terms.html", TermsForm, change_terms

    def get_queryset(self) -> QuerySet[Approval]:
        """Work that no contract line includes is billed to nobody, so there are no terms to change."""
        return self.decidable().filter(contract_line__isnull=False)

    def get_initial(self) -> dict[str, Any]:
        return model_to_dict(self.object, TermsForm.base_fields)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With why there is no price; what it costs is for those who may see that."""
        shown = {"price_problem": sentence_of(self.object), "may_see_cost": self.may("projects.view_cost")}
        return super().get_context_data(**shown, **kwargs)

    def get_verb_kwargs(self, form: TermsForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | form.cleaned_data
