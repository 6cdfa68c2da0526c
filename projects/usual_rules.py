"""The approval policy that a new legal entity starts with (X12)."""

from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User

from projects.models import ApprovalRule, LegalEntity
from projects.states import RuleEffect, RuleKind

MOST_BILLABLE = Decimal(150)
"""Percent of what was submitted that may be made billable where no rule says otherwise."""
USUAL_RULES: tuple[tuple[RuleKind, RuleEffect, Decimal | None], ...] = (
    (RuleKind.ABOVE_HOURS, RuleEffect.FLAG, Decimal(10)),
    (RuleKind.WEEKEND, RuleEffect.FLAG, None),
    (RuleKind.UNDESCRIBED, RuleEffect.FLAG, None),
    (RuleKind.UNPRICED, RuleEffect.FLAG, None),
    (RuleKind.UNCOSTED, RuleEffect.FLAG, None),
    (RuleKind.OFF_TEAM, RuleEffect.FLAG, None),
    (RuleKind.BILLABLE_UP_TO, RuleEffect.REFUSE, MOST_BILLABLE),
)
"""The policy that a new legal entity starts with."""


def add_usual_rules(entity: LegalEntity, *, author: User, at: datetime) -> None:
    """Give a new legal entity the policy it starts with, inside the caller's transaction."""
    ApprovalRule.objects.bulk_create(
        ApprovalRule(
            legal_entity=entity, kind=kind, effect=effect, number=number, author=author, written_at=at
        )
        for kind, effect, number in USUAL_RULES
    )
