"""What was decided: the list, cancelling an approval, and undo for ten seconds (A9)."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.pages import Button, ConfirmedAction, ListPage, SavedView, SelectionAction
from projects.cancelling import cancel_approvals, undo_approvals, undo_returns
from projects.filters.decisions import DecisionFilter
from projects.forms.approvals import ReasonForm
from projects.models import Approval
from projects.tables.decisions import DecidedTable
from projects.views.approval_tabs import PERMISSION, ApprovalTabs, DecidingAction

RELATED = ("entry__project", "entry__task", "entry__resource", "contract_line", "decided_by", "on_behalf_of")


class Decided(ApprovalTabs, ListPage):
    """Every decision about work that this person may approve, newest first."""

    permission, title, url_name = PERMISSION, _("Decided entries"), "decided-approvals"
    purpose = _("What was approved or sent back; an approval can be cancelled until it is invoiced")
    template_name = "projects/decided.html"
    filterset_class, table_class = DecisionFilter, DecidedTable
    saved_views = [
        SavedView(_("All")),
        SavedView(_("Approved"), "status=approved"),
        SavedView(_("Sent back"), "status=rejected"),
        SavedView(_("Cancelled"), "status=cancelled"),
    ]
    buttons = [Button(_("Cancel approval"), "cancel-approvals", PERMISSION)]

    def get_queryset(self) -> QuerySet[Approval]:
        return self.approvable().decided().select_related(*RELATED).prefetch_related("reasons")


class ReasonAction(DecidingAction, ConfirmedAction, SelectionAction):
    """An action on chosen entries that asks for the reason first, and says how many they are."""

    permission, template_name, form_class = PERMISSION, "projects/reason.html", ReasonForm

    def get_verb_kwargs(self, form: ReasonForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"comment": form.cleaned_data["comment"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(count=self.targets.count(), **kwargs)


class Cancel(ReasonAction):
    """Cancel what was approved: it is reversed and waits for a decision again."""

    list_page, verb = Decided, cancel_approvals
    title, submit_label = _("Cancel approval"), _("Cancel the approval")
    purpose = _("Cost and unbilled sales are reversed exactly, and the entries wait for a decision again.")
    success_message = ngettext_lazy("%(count)s approval cancelled", "%(count)s approvals cancelled", "count")

    def get_verb_kwargs(self, form: ReasonForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}


class Undo(DecidingAction, SelectionAction):
    """Undo what was just decided; afterwards the week it came from is open again."""

    permission, list_page = PERMISSION, Decided

    @property
    def cancel_url(self) -> str:
        """The inbox as it was."""
        query = self.request.POST.get("filter", "")
        return f"{reverse('approvals')}?{query}" if query else reverse("approvals")


class UndoApproval(Undo):
    """Undo approvals of the last ten seconds."""

    title, verb = _("Undo"), undo_approvals
    success_message = ngettext_lazy(
        "%(count)s entry waits for your decision again",
        "%(count)s entries wait for your decision again",
        "count",
    )

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"on": self.today}


class UndoReturn(Undo):
    """Undo what was sent back within the last ten seconds."""

    title, verb = _("Undo"), undo_returns
    success_message = ngettext_lazy(
        "%(count)s entry waits for your decision again",
        "%(count)s entries wait for your decision again",
        "count",
    )
