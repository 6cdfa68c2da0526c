"""The approval policy: rules that a manager can read, and what they found about a submission (X12)."""

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.fields import QuantityField
from core.templatetags.display import number, percent, quantity
from projects.approval_querysets import ApprovalRuleQuerySet, OfApprovalQuerySet
from projects.models.approval import Approval
from projects.models.party import LegalEntity
from projects.models.project import Project
from projects.states import RuleEffect, RuleKind

IN_HOURS = (RuleKind.ABOVE_HOURS, RuleKind.UP_TO_HOURS)
IN_PERCENT = (RuleKind.ABOVE_BUDGET, RuleKind.BILLABLE_UP_TO)
NUMBERED = (*IN_HOURS, *IN_PERCENT, RuleKind.LATE)
"""Kinds that need a number: hours, percent, or days."""
EFFECTS: dict[str, tuple[str, ...]] = {
    RuleKind.UP_TO_HOURS: (RuleEffect.APPROVE,),
    RuleKind.BILLABLE_UP_TO: (RuleEffect.REFUSE,),
}
"""The effects that a kind may have where it is not a free choice of flag and hold."""
USUAL_EFFECTS = (RuleEffect.FLAG, RuleEffect.HOLD)


class ApprovalRule(models.Model):
    """One rule of a legal entity, or of one of its projects, where it replaces the entity's of its kind.

    `number` is in hours, days or percent, as the kind says. `author` is who wrote it last: the person who
    answers for what the rule approves. Rules that found something stay on record; they are switched off.
    """

    CONDITIONS: ClassVar[dict[str, str | Promise]] = {
        RuleKind.ABOVE_HOURS: gettext_lazy("When one person works more than %(number)s on one day"),
        RuleKind.WEEKEND: gettext_lazy("When the work was done on a Saturday or Sunday"),
        RuleKind.LATE: gettext_lazy("When an entry is submitted later than %(number)s after the work"),
        RuleKind.ABOVE_BUDGET: gettext_lazy(
            "When an entry takes its project or task above %(number)s of a budget"
        ),
        RuleKind.UNDESCRIBED: gettext_lazy("When an entry has no description"),
        RuleKind.OFF_TEAM: gettext_lazy("When somebody worked who is not on the team of the project"),
        RuleKind.UNPRICED: gettext_lazy("When chargeable work has no price"),
        RuleKind.UNCOSTED: gettext_lazy("When work has no cost price"),
        RuleKind.UP_TO_HOURS: gettext_lazy(
            "When one person works up to %(number)s on one day and no rule flags or holds it"
        ),
        RuleKind.BILLABLE_UP_TO: gettext_lazy(
            "When an approver makes more than %(number)s of what was submitted billable"
        ),
    }
    CONSEQUENCES: ClassVar[dict[str, str | Promise]] = {
        RuleEffect.FLAG: gettext_lazy("the entry is flagged, and not ticked until the approver ticks it"),
        RuleEffect.HOLD: gettext_lazy("the entry is held until it is decided individually, with a comment"),
        RuleEffect.APPROVE: gettext_lazy(
            "the entry is approved at once, in the name of the person who wrote this rule"
        ),
        RuleEffect.REFUSE: gettext_lazy("that is refused"),
    }

    legal_entity = models.ForeignKey(
        LegalEntity,
        models.PROTECT,
        related_name="approval_rules",
        verbose_name=gettext_lazy("legal entity"),
    )
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="approval_rules",
        verbose_name=gettext_lazy("project"),
    )
    kind = models.CharField(gettext_lazy("condition"), max_length=20, choices=RuleKind.choices)
    number = QuantityField(gettext_lazy("number"), null=True, blank=True)
    effect = models.CharField(gettext_lazy("effect"), max_length=10, choices=RuleEffect.choices)
    is_active = models.BooleanField(gettext_lazy("active"), default=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=gettext_lazy("written by"),
    )
    written_at = models.DateTimeField(gettext_lazy("written at"))

    objects = ApprovalRuleQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("approval rule")
        verbose_name_plural = gettext_lazy("approval rules")
        ordering = ["legal_entity", "project", "kind", "effect"]
        constraints = [
            models.UniqueConstraint(
                fields=["legal_entity", "kind", "effect"],
                condition=models.Q(project__isnull=True, is_active=True),
                name="company_rule_once_per_kind_and_effect",
            ),
            models.UniqueConstraint(
                fields=["project", "kind", "effect"],
                condition=models.Q(project__isnull=False, is_active=True),
                name="project_rule_once_per_kind_and_effect",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=NUMBERED, number__isnull=False, number__gte=0)
                | (~models.Q(kind__in=NUMBERED) & models.Q(number__isnull=True)),
                name="rule_has_the_number_it_needs",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=RuleKind.UP_TO_HOURS, effect=RuleEffect.APPROVE)
                | models.Q(kind=RuleKind.BILLABLE_UP_TO, effect=RuleEffect.REFUSE)
                | (~models.Q(kind__in=list(EFFECTS)) & models.Q(effect__in=USUAL_EFFECTS)),
                name="rule_has_an_effect_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """The rule in words, as the page of the policy shows it."""
        condition = self.CONDITIONS[self.kind] % {"number": measure(self.kind, self.number)}
        return _("%(condition)s, %(consequence)s.") % {
            "condition": condition,
            "consequence": self.CONSEQUENCES[self.effect],
        }


class ApprovalReason(models.Model):
    """What a rule found about a submission, as it stood then: the rule's number, and what was found."""

    WORDS: ClassVar[dict[str, str | Promise]] = {
        RuleKind.ABOVE_HOURS: gettext_lazy("%(measured)s on this day, over %(number)s"),
        RuleKind.WEEKEND: gettext_lazy("Weekend"),
        RuleKind.LATE: gettext_lazy("Submitted %(measured)s after the work, later than %(number)s"),
        RuleKind.ABOVE_BUDGET: gettext_lazy("%(measured)s of the budget, above %(number)s"),
        RuleKind.UNDESCRIBED: gettext_lazy("No description"),
        RuleKind.OFF_TEAM: gettext_lazy("Not on the team of the project"),
        RuleKind.UNPRICED: gettext_lazy("No price"),
        RuleKind.UNCOSTED: gettext_lazy("No cost price"),
        RuleKind.UP_TO_HOURS: gettext_lazy("%(measured)s on this day, approved by rule up to %(number)s"),
    }

    approval = models.ForeignKey(
        Approval, models.PROTECT, related_name="reasons", verbose_name=gettext_lazy("approval")
    )
    rule = models.ForeignKey(
        ApprovalRule, models.PROTECT, related_name="findings", verbose_name=gettext_lazy("rule")
    )
    kind = models.CharField(gettext_lazy("condition"), max_length=20, choices=RuleKind.choices)
    effect = models.CharField(gettext_lazy("effect"), max_length=10, choices=RuleEffect.choices)
    number = QuantityField(gettext_lazy("number"), null=True, blank=True)
    measured = QuantityField(gettext_lazy("measured"), null=True, blank=True)

    objects = OfApprovalQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("reason")
        verbose_name_plural = gettext_lazy("reasons")
        ordering = ["approval", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["approval", "rule"], name="rule_speaks_once_about_a_submission")
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """What was found, in words; figures stay as they were found."""
        return str(self.WORDS[self.kind]) % {
            "measured": measure(self.kind, self.measured),
            "number": measure(self.kind, self.number),
        }


def measure(kind: str, value: Decimal | None) -> str:
    """A number of a rule with its unit: hours, days or percent; empty for kinds without one."""
    if value is None:
        return ""
    if kind in IN_HOURS:
        return quantity(value, "h")
    if kind in IN_PERCENT:
        return percent(value)
    return ngettext("%(count)s day", "%(count)s days", int(value)) % {"count": number(value)}
