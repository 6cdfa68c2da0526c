"""By what the rules of the approval policy can be filtered."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from projects.models import ApprovalRule, Project
from projects.states import RuleEffect, RuleKind

STATES = [("1", _("active")), ("0", _("switched off"))]


def _projects(request: Any) -> QuerySet[Any]:
    return Project.objects.visible_to(request.user).filter(approval_rules__isnull=False).distinct()


class RuleFilter(django_filters.FilterSet):
    """Project, condition, effect, and whether it holds today."""

    project = django_filters.ModelChoiceFilter(queryset=_projects, label=_("Project is"))
    kind = django_filters.ChoiceFilter(choices=RuleKind.choices, label=_("Condition is"))
    effect = django_filters.ChoiceFilter(choices=RuleEffect.choices, label=_("Effect is"))
    active = django_filters.ChoiceFilter(choices=STATES, field_name="is_active", label=_("Rule is"))

    class Meta:
        model = ApprovalRule
        fields: list[str] = []
