"""Writing the approval policy: its rules in words, who writes them, and who reads what they said (X12)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.models import Activity
from projects.models import (
    ApprovalRule,
    LegalEntity,
    Project,
)
from projects.roles import FINANCE_CONTROLLER, PROJECT_MANAGER
from projects.setting_policy import add_rule, change_rule, switch_rules
from projects.setting_up import create_legal_entity
from tests.company import Company, only
from tests.company.checking import refused
from tests.company.policies import controller, said
from tests.company.rows import NOW, next_number

pytestmark = pytest.mark.django_db
SATURDAY = date(2026, 3, 7)


def written(
    company: Company, kind: str, effect: str = "flag", number: Any = None, **columns: Any
) -> ApprovalRule:
    return ApprovalRule(legal_entity=company.entity, kind=kind, effect=effect, number=number, **columns)


def test_a_new_company_starts_with_the_usual_policy():
    company = Company()
    made = LegalEntity(
        code=f"n{next_number()}", name="New", short_name="New", currency="EUR", address="1 Road", country="DE"
    )
    create_legal_entity(made, actor=company.manager, at=NOW)
    rules = ApprovalRule.objects.filter(legal_entity=made).order_by("pk")
    assert [(one.kind, one.effect, one.number, one.author) for one in rules] == [
        ("above_hours", "flag", 10, company.manager),
        ("weekend", "flag", None, company.manager),
        ("undescribed", "flag", None, company.manager),
        ("unpriced", "flag", None, company.manager),
        ("uncosted", "flag", None, company.manager),
        ("off_team", "flag", None, company.manager),
        ("billable_up_to", "refuse", 150, company.manager),
    ]


def test_rules_are_sentences():
    company = Company()
    sentences = [
        written(company, *facts).sentence.replace("\u00a0", " ")
        for facts in (
            ("above_hours", "flag", Decimal(10)),
            ("late", "hold", Decimal(7)),
            ("up_to_hours", "approve", Decimal(8)),
            ("billable_up_to", "refuse", Decimal(150)),
        )
    ]
    assert sentences == [
        "When one person works more than 10.00 h on one day, "
        "the entry is flagged, and not ticked until the approver ticks it.",
        "When an entry is submitted later than 7 days after the work, "
        "the entry is held until it is decided individually, with a comment.",
        "When one person works up to 8.00 h on one day and no rule flags or holds it, "
        "the entry is approved at once, in the name of the person who wrote this rule.",
        "When an approver makes more than 150% of what was submitted billable, that is refused.",
    ]


def test_a_controller_writes_rules_of_the_company_and_a_manager_those_of_the_project():
    company = Company()
    manager = company.admit(company.manager, PROJECT_MANAGER)
    Project.objects.filter(pk=company.project.pk).update(manager=manager)
    company.project.manager = manager
    add_rule(written(company, "weekend"), actor=controller(company), at=NOW)
    own = add_rule(written(company, "weekend", project=company.project), actor=manager, at=NOW)
    assert (own.author, own.written_at, Activity.objects.filter(verb="added").count()) == (manager, NOW, 2)
    company_rules = ApprovalRule.objects.filter(project=None)
    with refused("not-your-rule"):
        add_rule(written(company, "undescribed"), actor=manager, at=NOW)
    with refused("not-your-rule"):
        switch_rules(company_rules, is_active=False, actor=manager, at=NOW)
    with refused("not-your-rule"):
        change_rule(company_rules, number=None, effect="hold", actor=manager, at=NOW)
    stranger = Company().person(FINANCE_CONTROLLER)
    with refused("not-your-rule"):
        add_rule(written(company, "undescribed"), actor=stranger, at=NOW)


def test_a_rule_that_says_nothing_sensible_is_refused():
    company = Company()
    actor = controller(company)
    for facts, code in [
        (("above_hours", "flag", None), "number-missing"),
        (("late", "flag", Decimal(-1)), "number-missing"),
        (("billable_up_to", "refuse", Decimal(99)), "number-missing"),
        (("weekend", "flag", Decimal(1)), "number-too-many"),
        (("weekend", "approve", None), "effect-not-of-kind"),
        (("up_to_hours", "flag", Decimal(8)), "effect-not-of-kind"),
    ]:
        with refused(code):
            add_rule(written(company, *facts), actor=actor, at=NOW)
    made = add_rule(written(company, "weekend"), actor=actor, at=NOW)
    with refused("rule-exists"):
        add_rule(written(company, "weekend"), actor=actor, at=NOW)
    with refused("effect-not-of-kind"):
        change_rule(only(made), number=None, effect="refuse", actor=actor, at=NOW)


def test_a_rule_is_switched_off_and_on_and_then_has_another_author():
    company = Company()
    first, second = controller(company), controller(company)
    made = add_rule(written(company, "weekend"), actor=first, at=NOW)
    assert switch_rules(only(made), is_active=False, actor=second, at=NOW) == 1
    assert said(company.submitted(1, date=SATURDAY)) == []
    add_rule(written(company, "weekend", "hold"), actor=first, at=NOW)
    assert switch_rules(only(made), is_active=True, actor=second, at=NOW) == 1
    made.refresh_from_db()
    assert (made.is_active, made.author) == (True, second)
    # Off, written anew, and on again would be two of a kind.
    switch_rules(only(made), is_active=False, actor=second, at=NOW)
    add_rule(written(company, "weekend"), actor=first, at=NOW)
    with refused("rule-exists"):
        switch_rules(only(made), is_active=True, actor=second, at=NOW)
