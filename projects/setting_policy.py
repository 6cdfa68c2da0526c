"""Add, change and switch on or off the rules of the approval policy (X12)."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity
from core.refusals import Refusal, refuse_if
from projects.access import entities_of, sees_whole_entity
from projects.approval_querysets import ApprovalRuleQuerySet
from projects.models import ApprovalRule
from projects.models.policy import EFFECTS, NUMBERED, USUAL_EFFECTS
from projects.states import RuleKind

WHOLE = 100


def add_rule(rule: ApprovalRule, *, actor: User, at: datetime) -> ApprovalRule:
    """Save a new rule of a legal entity or of one of its projects; its author answers for what it approves.

    Numbers are hours, days or percent, as its kind says. Takes no locks: a second rule of one kind and effect
    is refused by the unique key. Raises Refused: not-your-rule, number-missing, number-too-many,
    effect-not-of-kind, rule-exists (X12).
    """
    with transaction.atomic(durable=True):
        rule.author, rule.written_at = actor, at
        refuse_if([*_not_yours([rule], actor), *_wrong(rule), *_exists(rule)])

        rule.save(force_insert=True)
        log_activity("added", [rule], actor=actor, at=at)
    return rule


def change_rule(
    rules: ApprovalRuleQuerySet, *, number: Decimal | None, effect: str, actor: User, at: datetime
) -> int:
    """Change number or effect of rules; what they found before stays as it was found.

    The actor becomes the author, who answers for what the rule approves. Locks the rules. Raises Refused as
    `add_rule` (X12).
    """
    with transaction.atomic(durable=True):
        chosen = list(rules.select_related("project").locked())
        refuse_if(_not_yours(chosen, actor))
        changes = changes_of(chosen, {"number": number, "effect": effect})
        for rule in chosen:
            rule.number, rule.effect = number, effect
            rule.author, rule.written_at = actor, at
        refuse_if(reason for rule in chosen for reason in (*_wrong(rule), *_exists(rule)))

        ApprovalRule.objects.bulk_update(chosen, ["number", "effect", "author", "written_at"])
        log_activity("changed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def switch_rules(rules: ApprovalRuleQuerySet, *, is_active: bool, actor: User, at: datetime) -> int:
    """Switch rules off or on again; rules stay on record with what they found.

    Whoever switches a rule on becomes its author. Locks the rules. Raises Refused: not-your-rule, rule-exists
    (X12).
    """
    with transaction.atomic(durable=True):
        chosen = [one for one in rules.select_related("project").locked() if one.is_active != is_active]
        refuse_if(_not_yours(chosen, actor))
        changes = changes_of(chosen, {"is_active": is_active})
        for rule in chosen:
            rule.is_active = is_active
            if is_active:
                rule.author, rule.written_at = actor, at
        refuse_if(reason for rule in chosen for reason in _exists(rule))

        ApprovalRule.objects.bulk_update(chosen, ["is_active", "author", "written_at"])
        log_activity("changed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def _not_yours(rules: Iterable[ApprovalRule], actor: User) -> Iterable[Refusal]:
    """Rules of a company need the permission to see all of it; rules of a project need its manager."""
    rules = list(rules)
    entities = set(entities_of(actor).values_list("legal_entity", flat=True)) if rules else set()
    for rule in rules:
        manages = rule.project is not None and rule.project.manager_id == actor.pk
        if rule.legal_entity_id in entities and (manages or sees_whole_entity(actor)):
            continue
        yield Refusal(
            "not-your-rule",
            _("Rules of a whole company are written by its controllers, those of a project by its manager."),
            rule.sentence,
            _("Choose a project that you manage, or ask a controller."),
        )


def _wrong(rule: ApprovalRule) -> Iterable[Refusal]:
    subject = rule.get_kind_display()
    if rule.kind in NUMBERED and (rule.number is None or rule.number < 0):
        yield Refusal(
            "number-missing", _("This rule needs a number."), subject, _("Enter hours, days or percent.")
        )
    if rule.kind not in NUMBERED and rule.number is not None:
        yield Refusal("number-too-many", _("This rule has no number."), subject, _("Leave the number empty."))
    if rule.kind == RuleKind.BILLABLE_UP_TO and rule.number is not None and rule.number < WHOLE:
        yield Refusal(
            "number-missing",
            _("What was submitted may always be billable."),
            subject,
            _("Enter 100 percent or more."),
        )
    effects = EFFECTS.get(rule.kind, USUAL_EFFECTS)
    if rule.effect not in effects:
        words = [str(label) for value, label in ApprovalRule.effect.field.choices if value in effects]
        yield Refusal(
            "effect-not-of-kind",
            _("This condition cannot have this effect."),
            subject,
            _("Choose: %(effects)s.") % {"effects": ", ".join(words)},
        )


def _exists(rule: ApprovalRule) -> Iterable[Refusal]:
    same = ApprovalRule.objects.active().filter(
        legal_entity=rule.legal_entity_id, project=rule.project_id, kind=rule.kind, effect=rule.effect
    )
    if rule.is_active and same.exclude(pk=rule.pk).exists():
        yield Refusal(
            "rule-exists",
            _("An active rule with this condition and effect exists already."),
            rule.sentence,
            _("Change that one, or switch it off first."),
        )
