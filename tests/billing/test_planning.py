"""Milestones of fixed-price lines: what is agreed, each customer's share, and what is refused (B2)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.models import Milestone, MilestoneShare
from billing.planning import PlannedMilestone, plan_milestones
from core.models import Activity
from projects.models import ContractLine, ContractLineCustomer
from tests.company import Company, rows
from tests.company.checking import refused
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 30)


def plan(company: Company, line: ContractLine, *amounts: str) -> list[Milestone]:
    plans = [
        PlannedMilestone(f"Part {number}", due_on, Decimal(amount))
        for number, (amount, due_on) in enumerate(zip(amounts, (MARCH, APRIL), strict=False), 1)
    ]
    return plan_milestones(line, plans, actor=company.manager, at=NOW)


def test_milestones_are_planned_with_a_share_for_each_customer():
    company = Company()
    line = company.fixed_price_line(contracted_amount=Decimal(3000))
    other = rows.customer(company.entity, currency="EUR")
    line.customers.update(split_percent=Decimal("33.33"), is_rounding=False)
    ContractLineCustomer.objects.create(
        contract_line=line, customer=other, split_percent=Decimal("66.67"), is_rounding=True
    )
    first, second = plan(company, line, "1000.01", "1999.99")
    assert [(one.name, one.due_on, one.amount) for one in (first, second)] == [
        ("Part 1", MARCH, Decimal("1000.01")),
        ("Part 2", APRIL, Decimal("1999.99")),
    ]
    shares = MilestoneShare.objects.filter(milestone=first).order_by("pk")
    assert [(share.customer, share.amount, share.status) for share in shares] == [
        (company.customer, Decimal("333.30"), "not_ready"),
        (other, Decimal("666.71"), "not_ready"),
    ]
    log = Activity.objects.about(first).get()
    assert (log.verb, log.actor, log.happened_at) == ("planned", company.manager, NOW)


@pytest.mark.parametrize(
    ("rounding", "shares"),
    [(0, ["33.34", "33.33", "33.33"]), (1, ["33.33", "33.34", "33.33"]), (2, ["33.33", "33.33", "33.34"])],
)
def test_the_rounding_customer_takes_the_cent_of_a_milestone_wherever_it_stands(rounding, shares):
    company = Company()
    line = company.line = company.fixed_price_line()
    company.is_shared_by("33.3333", "33.3333", "33.3334", rounding=rounding)
    (stone,) = plan(company, line, "100")
    stored = stone.shares.order_by("pk").values_list("amount", flat=True)
    assert list(stored) == [Decimal(share) for share in shares]


def test_time_and_material_has_no_milestones():
    company = Company()
    with refused("not-fixed-price"):
        plan(company, company.line, "1000")


def test_milestones_stay_within_the_contracted_amount():
    company = Company()
    line = company.fixed_price_line(contracted_amount=Decimal(3000))
    plan(company, line, "2000")
    with refused("above-contracted-amount"):
        plan(company, line, "1000", "0.01")
    plan(company, line, "1000")
    assert sum(Milestone.objects.values_list("amount", flat=True)) == 3000


def test_a_line_without_an_amount_takes_any_milestone():
    company = Company()
    (stone,) = plan(company, company.fixed_price_line(contracted_amount=None), "99999999.99")
    assert stone.amount == Decimal("99999999.99")


def test_a_line_needs_a_project_and_a_whole_split():
    company = Company()
    line = company.fixed_price_line(project=None)
    line.customers.update(split_percent=Decimal(99))
    with refused("project-missing", "split-not-whole"):
        plan(company, line, "1000")
