"""Entries that somebody asks back: asking for one's own, and answering as the approver (A9)."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.pages import Button, ConfirmedAction, ListPage, SelectionAction
from projects.cancelling import accept_recalls, refuse_recalls
from projects.filters.decisions import RecallFilter
from projects.forms.approvals import RecallForm
from projects.models import Approval
from projects.requesting_recalls import request_recalls
from projects.tables.decisions import RecallTable
from projects.views.approval_tabs import PERMISSION, ApprovalTabs, DecidingAction
from projects.views.decisions import RELATED, ReasonAction
from projects.views.entries import PERMISSION as OWN_WORK
from projects.views.entries import Entries


class RecallRequests(ApprovalTabs, ListPage):
    """Approved entries that somebody asks back, with the reason."""

    permission, title, url_name = PERMISSION, _("Entries asked back"), "recall-requests"
    purpose = _("Approved entries that their submitters want to change")
    template_name = "projects/decided.html"
    filterset_class, table_class = RecallFilter, RecallTable
    buttons = [
        Button(_("Leave approved"), "refuse-recalls", PERMISSION),
        Button(_("Give back"), "accept-recalls", PERMISSION, primary=True),
    ]

    def get_queryset(self) -> QuerySet[Approval]:
        rows = self.approvable().recall_requested().not_own_of(self.user)
        return rows.with_recall().select_related(*RELATED)


class AcceptRecalls(DecidingAction, SelectionAction):
    """Give the chosen entries back: they are reversed and may be changed."""

    permission, list_page, verb = PERMISSION, RecallRequests, accept_recalls
    title, success_message = (
        _("Give back"),
        ngettext_lazy("%(count)s entry given back", "%(count)s entries given back", "count"),
    )

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}


class RefuseRecalls(ReasonAction):
    """Leave the chosen entries approved, and say why."""

    list_page, verb = RecallRequests, refuse_recalls
    title, submit_label = _("Leave approved"), _("Leave approved")
    purpose = _("Nothing changes; the person who asked sees the reason.")
    success_message = ngettext_lazy(
        "%(count)s entry stays approved", "%(count)s entries stay approved", "count"
    )


class RequestRecall(ConfirmedAction, SelectionAction):
    """Ask the approver to give chosen entries of one's own back."""

    permission, list_page, verb = OWN_WORK, Entries, request_recalls
    template_name, form_class = "projects/reason.html", RecallForm
    title, submit_label = _("Ask for entries back"), _("Ask back")
    purpose = _("They stay approved until the approver gives them back; then you can change them.")
    success_message = ngettext_lazy("%(count)s entry asked back", "%(count)s entries asked back", "count")

    def get_verb_kwargs(self, form: RecallForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"reason": form.cleaned_data["reason"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(count=self.targets.count(), **kwargs)
