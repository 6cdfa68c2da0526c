"""What the pages of approvals share: the tabs above them, and the work that a person may decide about."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from projects.approvers import approvable_by
from projects.views.page_defaults import PageDefaults

PERMISSION = "projects.approve_entry"


class Approving(PageDefaults):
    """A page or action of an approver; comes before the class of the kit among the bases."""

    def approvable(self) -> Any:
        """Approvals, waiting and decided, of the work that this person may decide about."""
        return approvable_by(self.user, self.today)


class DecidingAction(Approving):
    """An action on approvals; comes before the class of the kit among the bases."""

    def get_permitted(self, selected: Any) -> Any:
        """All of them: the lists hold what this person may decide about, also for somebody else."""
        return selected


class ApprovalTabs(Approving):
    """A list of approvals, with the tabs of all of them above it."""

    url_name: ClassVar[str]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The tabs, with how many wait in each."""
        asked = self.approvable().recall_requested().not_own_of(self.user).count()
        tabs: list[tuple[str, str, int | None]] = [
            (_("To decide"), "approvals", None),
            (_("Asked back"), "recall-requests", asked),
            (_("Decided"), "decided-approvals", None),
            (_("Stand-ins"), "stand-ins", None),
        ]
        if self.may("projects.view_approvalrule"):
            tabs.append((_("Policy"), "approval-rules", None))
        return super().get_context_data(**kwargs) | {
            "tabs": [
                {"label": label, "url": reverse(name), "count": count, "current": name == self.url_name}
                for label, name, count in tabs
            ],
            "tabs_label": _("Approvals"),
        }
