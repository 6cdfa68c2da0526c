"""Milestones of fixed-price lines: what is agreed, each customer's share, and what is refused (B2)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.milestone_plans import PlannedMilestone
from billing.models import Milestone, MilestoneShare
from billing.planning import (
    change_milestone,
    delete_milestones,
    plan_milestones,
    split_milestone,
)
from billing.recurring import instalment_days
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


# --- Changed, divided, deleted ----------------------------------------------------------------------


def change(company, stone, **values):
    plan_of = {"name": stone.name, "due_on": stone.due_on, "amount": stone.amount} | values
    return change_milestone(
        Milestone.objects.filter(pk=stone.pk), PlannedMilestone(**plan_of), actor=company.manager, at=NOW
    )


def divide(company, stone, amount, name="First part"):
    rows_of = Milestone.objects.filter(pk=stone.pk)
    return split_milestone(rows_of, Decimal(amount), name=name, actor=company.manager, at=NOW)


def delete(company, *stones):
    rows_of = Milestone.objects.filter(pk__in=[stone.pk for stone in stones])
    return delete_milestones(rows_of, actor=company.manager, at=NOW)


def agreed():
    shares = MilestoneShare.objects.order_by("milestone", "pk")
    return [
        *Milestone.objects.order_by("pk").values_list("name", "due_on", "amount"),
        *shares.values_list("amount"),
    ]


def shared(company):
    line = company.line = company.fixed_price_line(contracted_amount=Decimal(1000))
    company.is_shared_by("33.33", "66.67")
    return line


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("0", "amount-not-positive"),
        ("-5", "amount-not-positive"),
        ("1.005", "below-minor-unit"),
        ("0.01", "share-empty"),
    ],
)
def test_amounts_that_cannot_be_invoiced_are_refused(amount, code):
    company = Company()
    line = shared(company)
    with refused(code):
        plan(company, line, amount)
    assert agreed() == []


def test_nothing_is_planned_on_nothing_or_on_an_ended_contract():
    company = Company()
    line = shared(company)
    with refused("nothing-planned"):
        plan_milestones(line, [], actor=company.manager, at=NOW)
    type(line.contract).objects.update(status="completed")
    with refused("contract-ended"):
        plan(company, line, "10")
    assert agreed() == []


def test_a_milestone_is_changed_and_shared_out_anew():
    company = Company()
    (stone,) = plan(company, shared(company), "100")
    change(company, stone, name="Go-live", due_on=APRIL, amount=Decimal("200"))
    assert agreed() == [("Go-live", APRIL, 200), (Decimal("66.66"),), (Decimal("133.34"),)]
    log = Activity.objects.about(stone).get(verb="changed")
    assert set(log.changes) == {"name", "due_on", "amount"}


def test_a_changed_milestone_stays_within_what_was_agreed():
    company = Company()
    first, _second = plan(company, shared(company), "600", "400")
    before = agreed()
    with refused("above-contracted-amount"):
        change(company, first, amount=Decimal("600.01"))
    assert agreed() == before


def test_a_part_is_invoiced_before_the_rest_and_every_customer_owes_what_was_agreed():
    company = Company()
    (stone,) = plan(company, shared(company), "1000")
    part = divide(company, stone, "200.01", name="Kick-off")
    assert agreed() == [
        ("Part 1", MARCH, Decimal("799.99")),
        ("Kick-off", MARCH, Decimal("200.01")),
        (Decimal("266.64"),),
        (Decimal("533.35"),),
        (Decimal("66.66"),),
        (Decimal("133.35"),),
    ]
    assert part.contract_line == stone.contract_line


@pytest.mark.parametrize(("amount", "code"), [("1000", "not-a-part"), ("0", "amount-not-positive")])
def test_a_part_is_less_than_all_and_more_than_nothing(amount, code):
    company = Company()
    (stone,) = plan(company, shared(company), "1000")
    before = agreed()
    with refused(code):
        divide(company, stone, amount)
    assert agreed() == before


def test_what_a_draft_or_an_invoice_has_is_neither_changed_nor_divided_nor_deleted():
    company = Company()
    company.milestone("500", due_on=MARCH)
    (stone,) = Milestone.objects.all()
    draft = company.draft()
    before = agreed()
    for act in (
        lambda: change(company, stone, amount=Decimal(1)),
        lambda: divide(company, stone, "1"),
        lambda: delete(company, stone),
    ):
        with refused("milestone-used") as caught:
            act()
        assert draft.number in str(caught.value)
    company.confirm(draft)
    with refused("milestone-used"):
        delete(company, stone)
    assert agreed() == before


def test_what_nobody_has_is_deleted_with_its_shares():
    company = Company()
    first, second = plan(company, shared(company), "600", "400")
    assert delete(company, first) == 1
    assert list(Milestone.objects.all()) == [second]
    assert MilestoneShare.objects.count() == 2


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("monthly", [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]),
        ("quarterly", [date(2026, 1, 31), date(2026, 4, 30), date(2026, 7, 31)]),
        ("yearly", [date(2026, 1, 31), date(2027, 1, 31), date(2028, 1, 31)]),
        ("four_weekly", [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 28)]),
    ],
)
def test_instalments_fall_a_period_apart(period, days):
    assert instalment_days(period, date(2026, 1, 31), 3) == days
