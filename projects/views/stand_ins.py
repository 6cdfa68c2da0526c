"""Who decides while somebody is away: the stand-ins of a person, naming one, withdrawing (A9)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.pages import Button, FormPage, ListPage, SavedView, SelectionAction
from projects.delegating import name_stand_in, withdraw_delegations
from projects.filters.stand_ins import StandInFilter
from projects.forms.stand_ins import StandInForm
from projects.models import ApprovalDelegation
from projects.tables.stand_ins import StandInTable
from projects.views.approval_tabs import PERMISSION, ApprovalTabs
from projects.views.page_defaults import PageDefaults


class StandIns(ApprovalTabs, ListPage):
    """Stand-ins that this person named, and approvers this person stands in for."""

    permission, title, url_name = PERMISSION, _("Stand-ins"), "stand-ins"
    purpose = _("Who decides for you while you are away, and for whom you decide")
    template_name = "projects/stand_ins.html"
    filterset_class, table_class = StandInFilter, StandInTable
    saved_views = [SavedView(_("All")), SavedView(_("Not withdrawn"), "withdrawn=0")]
    buttons = [Button(_("Withdraw"), "withdraw-stand-ins", PERMISSION)]

    def get_queryset(self) -> QuerySet[ApprovalDelegation]:
        rows = ApprovalDelegation.objects.visible_to(self.user)
        return rows.select_related("delegator", "stand_in")


class NameStandIn(PageDefaults, FormPage):
    """Name a stand-in from day to day."""

    permission, form_class, title = PERMISSION, StandInForm, _("Name a stand-in")
    success_message, submit_label = _("Stand-in named"), _("Name stand-in")
    cancel_url = reverse_lazy("stand-ins")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today, "ends_on": self.today}

    def form_valid(self, form: StandInForm) -> HttpResponse:
        values, user, today = form.cleaned_data, self.user, self.today
        return self.answer(lambda: name_stand_in(**values, today=today, actor=user, at=timezone.now()), form)


class Withdraw(SelectionAction):
    """Take stand-ins back; what they decided stays decided."""

    permission, list_page = PERMISSION, StandIns
    title, verb, success_message = (
        _("Withdraw"),
        withdraw_delegations,
        ngettext_lazy("%(count)s stand-in withdrawn", "%(count)s stand-ins withdrawn", "count"),
    )
