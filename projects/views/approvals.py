"""The approvals inbox: approve, send back, change what will be billed; never one's own (A9, UX 5.12)."""

from typing import Any

from django.db.models import QuerySet
from django.forms import BaseForm, model_to_dict
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, Button, ListPage
from projects.approving import approve_entries, change_terms, reject_entries
from projects.filters.approvals import ApprovalFilter
from projects.forms.approvals import ReturnForm, TermsForm
from projects.models import Approval
from projects.tables.approvals import ApprovalTable
from projects.views.inbox import Inbox, inbox_of, monday_of, written
from projects.views.page_defaults import Housed, today_of

PERMISSION = "projects.approve_entry"
INBOX: str | Promise = _("My approvals")


def decidable(user: Any) -> QuerySet:
    """Submissions this person may decide, with all a page shows of them."""
    rows = Approval.objects.visible_to(user).decidable_by(user).with_flags()
    return rows.select_related("entry__project", "entry__task", "entry__resource", "contract_line__contract")


class Approvals(Housed, ListPage):
    """Two panes: whose weeks wait, and the entries of the one that is open."""

    permission, title, url_name, template_name = PERMISSION, INBOX, "approvals", "projects/approvals.html"
    filterset_class, table_class = ApprovalFilter, ApprovalTable
    buttons = (Button(_("Approve"), "approve-entries", PERMISSION),)

    def rows(self) -> QuerySet:
        return decidable(self.request.user)

    def context(self) -> dict[str, Any]:
        return {**super().context(), "inbox": self.inbox}

    def matching(self, filterset: Any) -> QuerySet:
        self.inbox: Inbox = inbox_of(super().matching(filterset), self.asked())
        return self.inbox.rows


class Deciding(Housed, ActionPage):
    """Share of what is done with ticked submissions: afterwards the same week, or the next that waits."""

    permission, list_page = PERMISSION, Approvals

    def arguments(self) -> dict[str, Any]:
        return {"actor": self.request.user, "at": timezone.now()}

    def destination(self, result: Any) -> str:
        return following(self.request, self.back())


class Approve(Deciding):
    """Approve what is ticked."""

    title, verb, success = _("Approve"), approve_entries, _("%(count)s entries approved")

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "on": today_of(self.request.user)}


class SendBack(Deciding):
    """Send back what is ticked, with the reason."""

    title, success, form_class = _("Send back"), _("%(count)s entries sent back"), ReturnForm

    def act(self, targets: Any, form: BaseForm) -> int:
        return reject_entries(targets, comment=form.cleaned_data["comment"], **self.arguments())


class OfSubmission(Housed, ActionPage):
    """Share of the pages about one submission that waits for this person."""

    def rows(self) -> QuerySet:
        return decidable(self.request.user)

    def form_arguments(self) -> dict[str, Any]:
        return {"initial": model_to_dict(self.found(), self.form_class.base_fields)}

    def back(self) -> str:
        return Approvals.address() + week_of(self.found())


class Terms(OfSubmission):
    """Change what will be billed of one submission."""

    permission, title, success = PERMISSION, _("What will be billed"), _("Changed what will be billed")
    template_name, form_class = "projects/terms.html", TermsForm

    def context(self) -> dict[str, Any]:
        return {"object": self.found()}

    def act(self, targets: Any, form: BaseForm) -> int:
        return change_terms(targets, actor=self.request.user, at=timezone.now(), **form.cleaned_data)


def week_of(approval: Approval) -> str:
    """Query string of the week in which a submission stands."""
    person = approval.entry.resource.code if approval.entry.resource else ""
    return "?" + urlencode({"week": written(approval.entry.date), "person": person})


def following(request: HttpRequest, address: str) -> str:
    """The week that was open while something of it waits, else the next one the page named."""
    asked, then = QueryDict(request.POST.get("filter", "")), request.POST.get("next", "")
    monday = monday_of(asked.get("week", ""))
    person = asked.get("person", "").replace("\x00", "")
    same = decidable(request.user).of_week(person, monday) if monday else None
    if same is None or same.exists() or not then:
        return address
    return f"{Approvals.address()}?{QueryDict(then).urlencode()}"
