"""The approval policy in pages: read as sentences, written and switched by who may (X12)."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.models import ApprovalRule
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    made = Company.bare()
    made.project.manager = made.person(PROJECT_MANAGER)
    made.project.save()
    return made


@pytest.fixture
def controller(at: Company) -> Client:
    return signed_in(at.person(FINANCE_CONTROLLER))


def sent(at: Company, **values: Any) -> dict[str, Any]:
    return {"legal_entity": at.entity.pk, "kind": "above_hours", "number": "10", "effect": "hold"} | values


def test_a_rule_is_added_and_read_as_a_sentence(at: Company, controller: Client):
    answer = controller.post(reverse("add-approval-rule"), sent(at), follow=True)
    body = answer.content.decode().replace("\u00a0", " ")
    assert "When one person works more than 10.00 h on one day" in body
    rule = ApprovalRule.objects.get()
    assert (rule.number, rule.effect, rule.project) == (10, "hold", None)


def test_a_rule_that_approves_has_the_effect_of_its_kind(at: Company, controller: Client):
    controller.post(reverse("add-approval-rule"), sent(at, kind="up_to_hours", number="8"))
    assert ApprovalRule.objects.get().effect == "approve"


def test_a_missing_number_is_said_above_the_form(at: Company, controller: Client):
    answer = controller.post(reverse("add-approval-rule"), sent(at, number=""))
    assert (answer.status_code, "This rule needs a number." in answer.content.decode()) == (422, True)
    assert not ApprovalRule.objects.exists()


def test_a_rule_is_changed_and_switched_off_and_on(at: Company, controller: Client):
    rule = rows.approval_rule(at, "above_hours", number=Decimal(10))
    address = reverse("change-approval-rule", args=[rule.pk])
    assert "more than 10.00" in controller.get(address).content.decode()
    controller.post(address, {"number": "11.5", "effect": "hold"})
    rule.refresh_from_db()
    assert (rule.number, rule.effect) == (Decimal("11.5"), "hold")
    controller.post(reverse("switch-off-approval-rules"), {"row": rule.pk})
    assert not ApprovalRule.objects.active().exists()
    controller.post(reverse("switch-on-approval-rules"), {"row": rule.pk})
    assert ApprovalRule.objects.active().exists()


def test_a_manager_writes_rules_of_own_projects_alone(at: Company):
    manager = signed_in(at.project.manager)
    refused = manager.post(reverse("add-approval-rule"), sent(at))
    assert (refused.status_code, "written by its controllers" in refused.content.decode()) == (422, True)
    assert manager.post(reverse("add-approval-rule"), sent(at, project=at.project.pk)).status_code == 302
    of_company = rows.approval_rule(at, "weekend")
    assert manager.get(reverse("change-approval-rule", args=[of_company.pk])).status_code == 404
    assert manager.post(reverse("switch-off-approval-rules"), {"row": of_company.pk}).status_code == 422
    other = signed_in(at.person(PROJECT_MANAGER))
    assert other.post(reverse("add-approval-rule"), sent(at, project=at.project.pk)).status_code == 422
    assert ApprovalRule.objects.active().count() == 2


@pytest.mark.parametrize("role", [TEAM_MEMBER, PROJECT_ACCOUNTANT])
def test_who_may_not_write_rules_finds_no_page_of_them(at: Company, role: str):
    rule = rows.approval_rule(at, "weekend")
    client = signed_in(at.person(role))
    for name in ("approval-rules", "add-approval-rule"):
        assert client.get(reverse(name)).status_code == 403
    assert client.get(reverse("change-approval-rule", args=[rule.pk])).status_code == 403
    for name in ("switch-off-approval-rules", "switch-on-approval-rules"):
        assert client.post(reverse(name), {"row": rule.pk}).status_code == 403


def test_rules_of_another_company_are_invisible(at: Company):
    rows.approval_rule(at, "weekend")
    stranger = signed_in(Company.bare().person(FINANCE_CONTROLLER))
    assert not stranger.get(reverse("approval-rules")).context["table"].page.paginator.count
