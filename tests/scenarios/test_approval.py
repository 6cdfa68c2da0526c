"""From a submitted entry to its actuals, row by row: an hour costs 100, sells for 200 (matrix 4.1 #1-#8)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from projects.approving import approve_entries
from projects.models import Approval, BacklogItem, Customer, Project, WorkItem
from projects.states import ApprovalStatus, BillingType
from tests.company import Company, only
from tests.company.rows import DAY, NOW, next_number
from tests.company.text import table

pytestmark = pytest.mark.django_db


def test_eight_hours_cost_800_and_wait_to_be_billed_for_1600():
    company = Company()
    company.approved(8)
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  not_ready
    """)
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"


def test_submitting_alone_writes_no_actuals():
    company = Company()
    company.submitted(8)
    assert company.actuals() == ""


def test_six_billable_hours_of_eight_leave_two_non_chargeable():
    company = Company()
    company.approved(8, billable=6)
    assert company.actuals() == table("""
        cost      chargeable      +8   +800.00
        unbilled  chargeable      +6  +1200.00  not_ready
        unbilled  non-chargeable  +2   +400.00  not_ready
    """)


def test_no_billable_hour_of_eight_leaves_all_of_them_non_chargeable():
    company = Company()
    company.approved(8, billable=0)
    assert company.actuals() == table("""
        cost      chargeable      +8   +800.00
        unbilled  non-chargeable  +8  +1600.00  not_ready
    """)


def test_ten_billable_hours_for_eight_worked_cost_eight():
    company = Company()
    company.approved(8, billable=10)
    assert company.actuals() == table("""
        cost      chargeable   +8   +800.00
        unbilled  chargeable  +10  +2000.00  not_ready
    """)


@pytest.mark.parametrize("billing_type", [BillingType.NON_CHARGEABLE, BillingType.COMPLIMENTARY])
def test_what_the_approver_gives_away_keeps_its_price_and_its_type(billing_type):
    company = Company()
    company.approved(8, billing_type=billing_type)
    word = billing_type.name.lower().replace("_", "-")
    assert company.actuals() == table(f"""
        cost      {word}  +8   +800.00
        unbilled  {word}  +8  +1600.00  not_ready
    """)


def test_a_class_on_no_contract_line_is_cost_alone_and_not_available_for_billing():
    company = Company()
    company.line.includes_expense = False
    company.line.save()
    company.approved(1, "expense", price=Decimal(500))
    assert company.actuals() == "cost not-available +1 +500.00"
    assert company.backlog() == ""


def test_an_expense_of_500_at_cost_plus_ten_percent_sells_for_550():
    company = Company()
    company.sells_expenses_at_cost_plus("10")
    company.approved(1, "expense", price=Decimal(500))
    assert company.actuals() == table("""
        cost      chargeable  +1  +500.00
        unbilled  chargeable  +1  +550.00  not_ready
    """)


def test_five_pieces_at_50_sell_for_75_each():
    company = Company()
    company.sells_material_for("75")
    company.approved(5, "material", price=Decimal(50), product="Cable")
    assert company.actuals() == table("""
        cost      chargeable  +5  +250.00
        unbilled  chargeable  +5  +375.00  not_ready
    """)


def test_a_fee_of_500_has_no_cost():
    company = Company()
    company.approved(1, "fee", price=Decimal(500))
    assert company.actuals() == "unbilled chargeable +1 +500.00 not_ready"


def test_three_customers_share_eight_hours_by_their_percentages():
    company = Company()
    payers = company.is_shared_by("33.33", "33.33", "33.34")
    company.approved(8)
    assert company.actuals() == table("""
        cost      chargeable  +2.6664  +266.64
        unbilled  chargeable  +2.6664  +533.28  not_ready
        cost      chargeable  +2.6664  +266.64
        unbilled  chargeable  +2.6664  +533.28  not_ready
        cost      chargeable  +2.6672  +266.72
        unbilled  chargeable  +2.6672  +533.44  not_ready
    """)
    assert list(BacklogItem.objects.order_by("pk").values_list("customer", "amount")) == [
        (payers[0].pk, Decimal("533.28")),
        (payers[1].pk, Decimal("533.28")),
        (payers[2].pk, Decimal("533.44")),
    ]


def agreed(*shares: str) -> list[Decimal]:
    return [Decimal(share) for share in shares]


@pytest.mark.parametrize(
    ("percents", "count", "hours", "shares"),
    [
        (("33.33", "33.33", "33.34"), 40, "0.25", ("666.60", "666.60", "666.80")),
        (("50", "50"), 12, "0.05", ("60", "60")),
    ],
)
def test_many_small_entries_cost_every_customer_what_was_agreed(percents, count, hours, shares):
    company = Company()
    payers = company.is_shared_by(*percents)
    for _each in range(count):
        company.approved(hours)
    assert company.unbilled_of(*payers) == agreed(*shares)
    # A set of them, in a month of its own, comes to the same.
    waiting = [company.submitted(hours, date=DAY + timedelta(days=40)) for _each in range(count)]
    approve_entries(only(*waiting), actor=company.manager, on=DAY, at=NOW)
    assert company.unbilled_of(*payers) == [2 * share for share in agreed(*shares)]


def hours_of(*customers: Customer) -> list[Decimal]:
    """How many hours each of these customers has in the backlog."""
    items = BacklogItem.objects.filter(customer__in=customers).order_by()
    sums = dict(items.values_list("customer").annotate(sum=Sum("quantity")))
    return [sums[one.pk] for one in customers]


def test_many_small_entries_give_every_customer_the_hours_that_were_agreed():
    company = Company()
    payers = company.is_shared_by("33.33", "33.33", "33.34")
    for _each in range(40):
        company.approved("0.25")
    # A third of a quarter of an hour is 0.083325, which forty times rounded down would be 3.332.
    assert hours_of(*payers) == agreed("3.333", "3.333", "3.334")
    waiting = [company.submitted("0.25", date=DAY + timedelta(days=40)) for _each in range(40)]
    approve_entries(only(*waiting), actor=company.manager, on=DAY, at=NOW)
    assert hours_of(*payers) == agreed("6.666", "6.666", "6.668")


def test_what_was_cancelled_leaves_no_cents_to_make_up_for():
    company = Company()
    payers = company.is_shared_by("50", "50", rounding=1)
    company.sells_hours_for("0.01")
    first = company.approved(1)
    assert company.unbilled_of(*payers) == agreed("0.01", "0")
    Approval.objects.filter(pk=first.pk).update(status=ApprovalStatus.CANCELLED)
    company.approved(1)
    assert company.unbilled_of(*payers) == agreed("0.02", "0")
    # The second was rounded up for the first payer, so the third is for the other.
    company.approved(1)
    assert company.unbilled_of(*payers) == agreed("0.02", "0.01")


def test_a_split_that_changes_within_the_month_owes_what_each_percentage_left():
    company = Company()
    payers = company.is_shared_by("50", "50", rounding=1)
    company.approved(8)
    company.line.customers.filter(customer=payers[0]).update(split_percent=Decimal(90))
    company.line.customers.filter(customer=payers[1]).update(split_percent=Decimal(10))
    for _each in range(3):
        company.approved("0.01")
    # 800 and three times 1.80; nothing of the change is made up for by the new entries.
    assert company.unbilled_of(*payers) == agreed("805.40", "800.60")


@pytest.mark.parametrize(
    ("percents", "shares"), [(("12.5", "87.5"), ("1250", "8750")), (("0.4", "99.6"), ("40", "9960"))]
)
def test_a_fee_of_10000_is_shared_to_the_cent_however_small_the_share(percents, shares):
    company = Company()
    payers = company.is_shared_by(*percents)
    company.approved(1, "fee", price=Decimal(10000))
    assert company.unbilled_of(*payers) == agreed(*shares)


@pytest.mark.parametrize(
    ("rounding", "cents"),
    [(0, ("3.34", "3.33", "3.33")), (1, ("3.33", "3.34", "3.33")), (2, ("3.33", "3.33", "3.34"))],
)
def test_the_rounding_customer_takes_what_is_left_wherever_it_stands(rounding, cents):
    company = Company()
    payers = company.is_shared_by("33.3333", "33.3333", "33.3334", rounding=rounding)
    company.approved("0.05")
    assert company.unbilled_of(*payers) == agreed(*cents)


def test_a_share_too_small_for_a_quantity_keeps_its_amount():
    company = Company()
    company.sells_hours_for("100000")
    payers = company.is_shared_by("0.04", "99.96")
    company.approved("0.05")
    assert company.unbilled_of(*payers) == agreed("2", "4998")
    assert company.actuals() == table("""
        cost      chargeable  +0     0.00
        unbilled  chargeable  +0     +2.00  not_ready
        cost      chargeable  +0.05  +5.00
        unbilled  chargeable  +0.05  +4998.00  not_ready
    """)


def test_two_customers_share_what_is_billable_and_what_is_not():
    company = Company()
    company.is_shared_by("75", "25")
    company.approved(8, billable=6)
    assert company.actuals() == table("""
        cost      chargeable      +6    +600.00
        unbilled  chargeable      +4.5  +900.00  not_ready
        unbilled  non-chargeable  +1.5  +300.00  not_ready
        cost      chargeable      +2    +200.00
        unbilled  chargeable      +1.5  +300.00  not_ready
        unbilled  non-chargeable  +0.5  +100.00  not_ready
    """)


def test_hours_for_a_fixed_price_are_cost_alone():
    company = Company()
    fixed = company.fixed_price_line()
    company.approved(8, project=fixed.project)
    assert company.actuals() == "cost chargeable +8 +800.00"
    item = WorkItem.objects.get()
    assert (item.contract_line, item.customer, item.quantity, item.amount) == (fixed, company.customer, 0, 0)


def test_hours_for_ourselves_are_cost_alone_and_not_available_for_billing():
    company = Company()
    internal = Project.objects.create(
        legal_entity=company.entity, number=f"I{next_number()}", name="Internal"
    )
    company.approved(8, project=internal)
    assert company.actuals() == "cost not-available +8 +800.00"


def test_every_work_item_says_what_was_approved_and_for_whom():
    company = Company()
    approval = company.approved(8, billable=10)
    item = WorkItem.objects.get()
    assert (item.approval, item.contract, item.contract_line) == (approval, company.contract, company.line)
    assert (item.customer, item.project, item.resource) == (
        company.customer,
        company.project,
        company.resource,
    )
    assert (item.quantity, item.amount, item.currency, item.cost_currency) == (10, 2000, "EUR", "EUR")
