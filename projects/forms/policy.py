"""A rule of the approval policy, as a manager writes it."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from core.number_inputs import NumberField
from projects.access import sees_whole_entity
from projects.models import ApprovalRule, LegalEntity, Project
from projects.models.policy import EFFECTS
from projects.states import RuleEffect, RuleKind

EFFECT_CHOICES = [(one.value, one.label) for one in (RuleEffect.FLAG, RuleEffect.HOLD)]


class RuleNumberForm(forms.Form):
    """Number and effect of a rule; a rule that approves or caps has the effect of its kind."""

    number = NumberField(
        label=_("Number"),
        required=False,
        help_text=_("N of the condition: hours, days or percent. Empty for conditions without N."),
    )
    effect = forms.ChoiceField(
        label=_("What happens"),
        choices=EFFECT_CHOICES,
        required=False,
        help_text=_("Only for conditions that flag or hold; the others approve or refuse."),
    )

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kind_of_rule = kind

    def clean(self) -> dict[str, Any]:
        """The effect that the condition has, where it cannot be chosen."""
        cleaned = super().clean() or {}
        kind = cleaned.get("kind", self.kind_of_rule)
        cleaned["effect"] = EFFECTS[kind][0] if kind in EFFECTS else cleaned.get("effect") or RuleEffect.FLAG
        return cleaned


class PolicyRuleForm(RuleNumberForm):
    """A new rule: where it holds, what it looks at, and what happens."""

    legal_entity = forms.ModelChoiceField(
        label=_("Company"), queryset=LegalEntity.objects.none(), empty_label=None
    )
    project = forms.ModelChoiceField(
        label=_("Only project"),
        queryset=Project.objects.none(),
        required=False,
        help_text=_("A rule of a project replaces the company's rule about the same."),
    )
    kind = forms.ChoiceField(label=_("Condition"), choices=RuleKind.choices)

    field_order = ["legal_entity", "project", "kind", "number", "effect"]

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        projects = Project.objects.visible_to(user).order_by("number")
        if not sees_whole_entity(user):
            projects = projects.filter(manager=user)
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        entities = LegalEntity.objects.visible_to(user).order_by("code")
        self.fields["legal_entity"].queryset = entities  # type: ignore[attr-defined]

    def rule(self) -> ApprovalRule:
        """The rule, not saved yet."""
        return ApprovalRule(**self.cleaned_data)
