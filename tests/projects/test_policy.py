"""The approval policy: what rules find, flag, hold, approve and refuse, and who writes them (X12)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounting.outbox_handlers import sweep_outbox
from projects.approving import approve_entries, change_terms
from projects.cancelling import cancel_approvals
from projects.models import (
    Approval,
    ApprovalReason,
    Entry,
    Project,
    RolePrice,
    TeamMember,
)
from projects.roles import PROJECT_MANAGER
from projects.setting_policy import change_rule
from projects.submitting import submit_entries
from tests.company import Company, only
from tests.company.checking import refused, statements
from tests.company.policies import controller, rule, said
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db

SATURDAY = date(2026, 3, 7)


def approve(company: Company, *approvals: Approval, comment: str = "") -> int:
    return approve_entries(only(*approvals), actor=company.manager, on=DAY, at=NOW, comment=comment)


# --- What rules find ---


def test_hours_of_one_person_on_one_day_are_added_up():
    company = Company()
    rule(company, "above_hours", number="10")
    first = company.submitted(7)
    second = company.submitted("4.5")
    assert (said(first), said(second)) == ([], [("flag", "11.50 h on this day, over 10.00 h")])
    assert said(company.submitted(10, date=DAY + timedelta(days=1))) == []


def test_a_weekend_a_missing_description_and_a_missing_price_are_found():
    company = Company()
    for kind in ("weekend", "undescribed", "unpriced", "uncosted"):
        rule(company, kind)
    RolePrice.objects.all().delete()
    assert said(company.submitted(1, date=SATURDAY, description="")) == [
        ("flag", "Weekend"),
        ("flag", "No description"),
        ("flag", "No price"),
        ("flag", "No cost price"),
    ]


def test_a_late_submission_says_by_how_many_days():
    company = Company()
    rule(company, "late", "hold", "7")
    early, late = company.entry(1), company.entry(1)
    submit_entries(only(early), actor=company.worker, at=NOW.replace(year=2026, month=3, day=9))
    (approval,) = submit_entries(only(late), actor=company.worker, at=NOW.replace(year=2026, month=3, day=11))
    assert said(early.approvals.get()) == []
    assert said(approval) == [("hold", "Submitted 9 days after the work, later than 7 days")]


@pytest.mark.parametrize("budget", [{"budget_hours": 10}, {"budget_amount": 2000}])
def test_work_above_a_budget_is_found_with_all_that_was_reported(budget: dict[str, int]):
    company = Company()
    rule(company, "above_budget", number="100")
    Project.objects.filter(pk=company.project.pk).update(**budget)
    company.approved(8)
    assert said(company.submitted(2, date=DAY + timedelta(days=1))) == []
    if "budget_amount" in budget:
        Approval.objects.waiting().delete()
    over = company.submitted(4, date=DAY + timedelta(days=2))
    share = "120%" if "budget_amount" in budget else "140%"
    assert said(over) == [("flag", f"{share} of the budget, above 100%")]


def test_work_in_another_currency_is_above_a_budget_by_the_rate_of_its_day():
    company = Company(currency="GBP")
    rule(company, "above_budget", number="100")
    Project.objects.filter(pk=company.project.pk).update(budget_amount=2000)
    assert said(company.submitted(8)) == []
    company.rate("GBP", "1.25")
    company.approved(4)
    # 800 pounds are 1,000 euros, and 1,000 pounds 1,250.
    over = company.submitted(5, date=DAY + timedelta(days=1))
    assert said(over) == [("flag", "112.5% of the budget, above 100%")]


def test_somebody_who_is_not_on_the_team_is_found():
    company = Company()
    rule(company, "off_team")
    assert said(company.submitted(1)) == [("flag", "Not on the team of the project")]
    TeamMember.objects.create(project=company.project, resource=company.resource, role=company.role)
    assert said(company.submitted(1)) == []


def test_who_joins_a_team_is_on_it_from_that_day():
    company = Company()
    rule(company, "off_team")
    later = DAY + timedelta(days=1)
    TeamMember.objects.create(
        project=company.project, resource=company.resource, role=company.role, starts_on=later
    )
    early, on_time = company.submitted(1), company.submitted(1, date=later)
    assert said(early) == [("flag", "Not on the team of the project")]
    assert said(on_time) == []
    entries = Entry.objects.with_team().order_by("date")
    assert [entry.is_off_team for entry in entries] == [True, False]


def test_a_rule_of_the_project_replaces_that_of_the_company():
    company = Company()
    rule(company, "above_hours", number="10")
    rule(company, "weekend")
    rule(company, "above_hours", "hold", "12", project=company.project)
    assert said(company.submitted(11)) == []
    assert said(company.submitted("12.5", date=SATURDAY)) == [
        ("flag", "Weekend"),
        ("hold", "12.50 h on this day, over 12.00 h"),
    ]


def test_what_was_found_stays_as_it_was_found():
    company = Company()
    made = rule(company, "above_hours", number="10")
    approval = company.submitted(11)
    change_rule(only(made), number=Decimal(12), effect="hold", actor=controller(company), at=NOW)
    assert said(approval) == [("flag", "11.00 h on this day, over 10.00 h")]


def test_a_set_is_judged_in_as_many_statements_as_one():
    company = Company()
    for kind, number in (("above_hours", "10"), ("late", "1"), ("above_budget", "80"), ("off_team", None)):
        rule(company, kind, number=number)

    def submit(count: int) -> None:
        entries = [company.entry(1, date=DAY + timedelta(days=nth)) for nth in range(count)]
        submitted[count] = statements(lambda: submit_entries(only(*entries), actor=company.worker, at=NOW))

    submitted: dict[int, int] = {}
    submit(1)
    submit(20)
    assert submitted[20] == submitted[1]


# --- What they do ---


def test_what_is_held_is_approved_singly_and_with_a_comment():
    company = Company()
    rule(company, "weekend", "hold")
    held, other = company.submitted(1, date=SATURDAY), company.submitted(1)
    with refused("held-by-policy") as caught:
        approve(company, held, other, comment="All fine")
    assert "The approval policy holds it: Weekend." in str(caught.value)
    with refused("held-by-policy"):
        approve(company, held)
    assert approve(company, held, comment="Go-live weekend") == 1
    assert Approval.objects.get(pk=held.pk).comment == "Go-live weekend"
    assert approve(company, other) == 1


def test_a_rule_approves_in_the_name_of_its_author():
    company = Company()
    company.admit(company.manager, PROJECT_MANAGER)
    Project.objects.update(manager=company.manager)
    rule(company, "up_to_hours", "approve", "8")
    rule(company, "weekend")
    approved, too_long, flagged = (
        company.submitted(8),
        company.submitted(9, date=DAY + timedelta(days=1)),
        company.submitted(1, date=SATURDAY),
    )
    sweep_outbox(now=NOW)
    outcomes = {one.pk: (one.status, one.decided_by) for one in Approval.objects.all()}
    assert outcomes[approved.pk] == ("approved", company.manager)
    assert outcomes[too_long.pk] == outcomes[flagged.pk] == ("submitted", None)
    assert said(approved) == [("approve", "8.00 h on this day, approved by rule up to 8.00 h")]
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"


@pytest.mark.parametrize("who", ["submits it", "does the work", "may not approve", "manages nothing"])
def test_a_rule_does_not_approve_what_its_author_may_not(who: str):
    company = Company()
    author = company.manager
    if who == "submits it":
        author = company.worker
    if who == "does the work":
        company.resource.user = author
        company.resource.save()
    if who != "may not approve":
        company.admit(author, PROJECT_MANAGER)
    if who != "manages nothing":
        Project.objects.update(manager=author)
    rule(company, "up_to_hours", "approve", "8", author=author)
    company.submitted(8)
    sweep_outbox(now=NOW)
    assert Approval.objects.get().status == "submitted"


def test_what_a_rule_cannot_approve_waits_for_a_person():
    company = Company()
    company.admit(company.manager, PROJECT_MANAGER)
    Project.objects.update(manager=company.manager)
    rule(company, "up_to_hours", "approve", "8")
    company.submitted(8)
    company.line.customers.all().delete()
    sweep_outbox(now=NOW)
    assert Approval.objects.get().status == "submitted"


def test_what_a_rule_approved_and_a_person_cancelled_waits_for_a_person():
    company = Company()
    company.admit(company.manager, PROJECT_MANAGER)
    Project.objects.update(manager=company.manager)
    rule(company, "up_to_hours", "approve", "8")
    approval = company.submitted(8)
    sweep_outbox(now=NOW)
    cancel_approvals(only(approval), comment="Wrong", actor=company.manager, on=DAY, at=NOW)
    sweep_outbox(now=NOW)
    assert Approval.objects.waiting().count() == 1
    assert said(Approval.objects.waiting().get())[0][0] == "approve"


@pytest.mark.parametrize(("percent", "most"), [(None, "12"), ("100", "8"), ("200", "16")])
def test_the_billable_quantity_stays_within_what_the_policy_allows(percent: str | None, most: str):
    company = Company()
    if percent:
        rule(company, "billable_up_to", "refuse", percent)
    approval = company.submitted(8)

    def change(quantity: Decimal) -> int:
        return change_terms(
            only(approval), billable_quantity=quantity, billing_type=None, actor=company.manager, at=NOW
        )

    with refused("above-policy") as caught:
        change(Decimal(most) + Decimal("0.0001"))
    assert f"may be billable: {most} h." in str(caught.value)
    assert change(Decimal(most)) == 1


def test_reasons_of_a_submission_are_visible_to_its_approver_alone():
    company = Company()
    manager = company.admit(company.manager, PROJECT_MANAGER)
    Project.objects.filter(pk=company.project.pk).update(manager=manager)
    rule(company, "weekend")
    company.submitted(1, date=SATURDAY)
    assert ApprovalReason.objects.visible_to(manager).count() == 1
    assert not ApprovalReason.objects.visible_to(company.person(PROJECT_MANAGER)).exists()
