"""The approval policy of the demo company: the usual rules, and some that it wrote itself."""

from decimal import Decimal

from demo.days import Days
from demo.people import People
from projects.models import ApprovalRule, LegalEntity, Project
from projects.setting_policy import add_rule, switch_rules
from projects.states import RuleEffect, RuleKind
from projects.usual_rules import add_usual_rules

DAYS_TO_SUBMIT = Decimal(14)
BUDGET_WARNING = Decimal(90)
SMALL = Decimal(2)


def write_policy(entity: LegalEntity, people: People, days: Days) -> None:
    """Rules of the whole company by its controller, and of single projects by who manages them."""
    at = days.at(days.billed[0], "08:35")
    add_usual_rules(entity, author=people["felix"], at=at)
    projects = {one.number: one for one in Project.objects.filter(legal_entity=entity)}
    late = ApprovalRule(
        legal_entity=entity, kind=RuleKind.LATE, effect=RuleEffect.FLAG, number=DAYS_TO_SUBMIT
    )
    add_rule(late, actor=people["felix"], at=at)
    budget = ApprovalRule(
        legal_entity=entity,
        project=projects["P-103"],
        kind=RuleKind.ABOVE_BUDGET,
        effect=RuleEffect.FLAG,
        number=BUDGET_WARNING,
    )
    # The customer's go-live is on a weekend: somebody looks at each of these days.
    weekend = ApprovalRule(
        legal_entity=entity, project=projects["P-108"], kind=RuleKind.WEEKEND, effect=RuleEffect.HOLD
    )
    # Tried for a while and switched off again.
    small = ApprovalRule(
        legal_entity=entity,
        project=projects["P-000"],
        kind=RuleKind.UP_TO_HOURS,
        effect=RuleEffect.APPROVE,
        number=SMALL,
    )
    for rule in (budget, weekend, small):
        add_rule(rule, actor=people["katrin"], at=at)
    tried = ApprovalRule.objects.filter(pk=small.pk)
    switch_rules(tried, is_active=False, actor=people["katrin"], at=days.at(days.billed[0], "08:40"))
