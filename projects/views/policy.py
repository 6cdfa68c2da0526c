"""The approval policy in words: its rules, adding, changing and switching them (X12)."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.pages import ActionPage, Button, FormPage, ListPage, SavedView, SelectionAction
from projects.filters.policy import RuleFilter
from projects.forms.policy import PolicyRuleForm, RuleNumberForm
from projects.models import ApprovalRule
from projects.setting_policy import add_rule, change_rule, switch_rules
from projects.tables.policy import RuleTable
from projects.views.approval_tabs import ApprovalTabs
from projects.views.page_defaults import PageDefaults

VIEW, ADD, CHANGE = (f"projects.{verb}_approvalrule" for verb in ("view", "add", "change"))


class ApprovalRules(ApprovalTabs, ListPage):
    """Every rule of the user's companies as a sentence."""

    permission, title, url_name = VIEW, _("Approval policy"), "approval-rules"
    purpose, template_name = (
        _("Which entries are flagged, held or approved without an approver"),
        "projects/policy.html",
    )
    filterset_class, table_class = RuleFilter, RuleTable
    default_filter = "active=1"
    saved_views = [SavedView(_("Active"), "active=1"), SavedView(_("Switched off"), "active=0")]
    buttons = [
        Button(_("Switch off"), "switch-off-approval-rules", CHANGE),
        Button(_("Switch on"), "switch-on-approval-rules", CHANGE),
    ]

    def get_queryset(self) -> QuerySet[ApprovalRule]:
        """The rules with what a row shows of them, and whether this user may change each."""
        mine = ApprovalRule.objects.editable_by(self.user).values("pk")
        rules = ApprovalRule.objects.visible_to(self.user).annotate(is_editable=Q(pk__in=mine))
        return rules.select_related("legal_entity", "project", "author")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"may_add": self.may(ADD)}


class SwitchOff(SelectionAction):
    """Switch the chosen rules off; what they found stays on record."""

    permission, list_page, inverse = CHANGE, ApprovalRules, "switch-on-approval-rules"
    title, verb, success_message = (
        _("Switch off"),
        switch_rules,
        ngettext_lazy("%(count)s rule switched off", "%(count)s rules switched off", "count"),
    )

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"is_active": False}


class SwitchOn(SelectionAction):
    """Switch the chosen rules on again."""

    permission, list_page, inverse = CHANGE, ApprovalRules, "switch-off-approval-rules"
    title, verb, success_message = (
        _("Switch on"),
        switch_rules,
        ngettext_lazy("%(count)s rule switched on", "%(count)s rules switched on", "count"),
    )

    def get_verb_kwargs(self, form: Any) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | {"is_active": True}


class AddRule(PageDefaults, FormPage):
    """Write a rule for a company or one of its projects."""

    permission, form_class, title = ADD, PolicyRuleForm, _("Add a rule")
    success_message, submit_label = _("Rule added"), _("Add rule")
    cancel_url = reverse_lazy("approval-rules")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def form_valid(self, form: PolicyRuleForm) -> HttpResponse:
        user = self.user
        return self.answer(lambda: add_rule(form.rule(), actor=user, at=timezone.now()), form)


class ChangeRule(ActionPage):
    """Change number or effect of one rule."""

    permission, form_class, template_name = CHANGE, RuleNumberForm, "projects/rule.html"
    title, success_message, verb = _("Change a rule"), _("Rule changed"), change_rule
    cancel_url = reverse_lazy("approval-rules")

    def get_queryset(self) -> QuerySet[ApprovalRule]:
        return ApprovalRule.objects.editable_by(self.user)

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.object.number, "effect": self.object.effect}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the kind, which decides what the effect may be."""
        return super().get_form_kwargs() | {"kind": self.object.kind}

    def get_verb_kwargs(self, form: RuleNumberForm) -> dict[str, Any]:
        return super().get_verb_kwargs(form) | form.cleaned_data
