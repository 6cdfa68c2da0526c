"""What work of every class and currency costs and sells for when it is submitted (A7, #2, #6, #7)."""

from datetime import date
from decimal import Decimal

import pytest

from projects.models import BacklogItem, CategoryPrice, ContractLine, PriceList, Role, RolePrice
from projects.price_problems import sentence_of
from projects.price_setting import copy_price_list, set_prices
from projects.states import SalesPricing
from tests.company import Company
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    """An hour costs 100 and sells for 200."""
    return Company()


def test_a_role_costs_100_and_sells_for_200_and_both_say_where_from(at):
    approval = at.approved(8)
    assert (approval.cost_price, approval.cost_amount, approval.cost_price_source) == (
        100,
        800,
        "cost prices",
    )
    assert (approval.sales_price, approval.sales_amount, approval.price_source) == (200, 1600, "sales prices")
    assert (approval.price_list, approval.cost_price_list) == (at.sales, at.costs)
    work_item = approval.work_items.get()
    assert (work_item.is_priced, work_item.is_cost_priced) == (True, True)


def test_an_expense_of_500_at_cost_and_ten_percent_is_550(at):
    at.sells_expenses_at_cost_plus("10")
    at.approved(1, "expense", price=Decimal(500))
    assert at.actuals() == table("""
        cost     chargeable +1 +500.00
        unbilled chargeable +1 +550.00 not_ready
    """)


def test_material_of_5_at_50_sells_for_75(at):
    at.sells_material_for("75")
    at.approved(5, "material", product="Cable", price=Decimal(50))
    assert at.actuals() == table("""
        cost     chargeable +5 +250.00
        unbilled chargeable +5 +375.00 not_ready
    """)


def test_180_in_the_first_half_of_the_year_and_200_from_july(at):
    at.sells_hours_for("180")
    PriceList.objects.filter(pk=at.sales.pk).update(starts_on=date(2026, 1, 1))
    second = copy_price_list(
        at.sales, name="second half", starts_on=date(2026, 7, 1), ends_on=None, actor=at.accountant, at=NOW
    )
    row = RolePrice(role=at.role, price=Decimal(200))
    set_prices(second, [row], actor=at.accountant, at=NOW)
    amounts = [at.submitted(1, date=day).sales_price for day in (date(2026, 6, 30), date(2026, 7, 1))]
    assert amounts == [180, 200]


# --- Days ----------------------------------------------------------------------------------------


def test_a_price_per_day_prices_no_hours_unless_the_line_is_billed_by_day(at):
    RolePrice.objects.filter(price_list=at.sales).update(unit="day", price=Decimal(1280))
    hours = at.submitted(8)
    assert (hours.is_priced, hours.sales_amount, hours.price_problem) == (False, 0, "other_unit")
    assert sentence_of(hours) == "Its price is for another unit than h: add one for this unit."
    ContractLine.objects.filter(pk=at.line.pk).update(day_hours=Decimal(8))
    day = at.submitted(8, date=date(2026, 3, 3))
    assert (day.is_priced, day.sales_amount) == (True, 1280)


def test_what_costs_by_the_day_costs_no_hours_either(at):
    RolePrice.objects.filter(price_list=at.costs).update(unit="day", price=Decimal(800))
    approval = at.submitted(8)
    assert (approval.is_cost_priced, approval.cost_amount, approval.cost_price_source) == (False, 0, "")
    assert approval.is_priced


# --- Currencies ----------------------------------------------------------------------------------


def sells_at_cost(at: Company, prices: PriceList) -> None:
    rule = CategoryPrice(category=at.categories["expense"], method=SalesPricing.AT_COST)
    set_prices(prices, [rule], actor=at.accountant, at=NOW)


def test_an_expense_in_another_currency_is_billed_at_the_rate_of_its_day(at):
    sells_at_cost(at, at.sales)
    at.rate("GBP", "1.165", date(2026, 1, 1))
    at.rate("GBP", "1.2", date(2026, 3, 3))
    approval = at.submitted(1, "expense", price=Decimal(500), currency="GBP")
    assert (approval.cost_amount, approval.cost_currency) == (500, "GBP")
    assert (approval.sales_amount, approval.sales_currency) == (Decimal("582.5"), "EUR")


def test_a_contract_in_another_currency_converts_by_way_of_the_entitys():
    at = Company(currency="GBP")
    sells_at_cost(at, at.sales)
    at.rate("GBP", "1.25")
    at.rate("USD", "0.9")
    approval = at.submitted(2, "expense", price=Decimal(100), currency="USD")
    # 100 dollars are 90 euros, and those are 72 pounds.
    assert (approval.sales_price, approval.sales_amount, approval.sales_currency) == (72, 144, "GBP")


def test_without_a_rate_it_asks_for_one_and_takes_it_afterwards(at):
    sells_at_cost(at, at.sales)
    approval = at.submitted(1, "expense", price=Decimal(500), currency="GBP")
    assert (approval.is_priced, approval.price_problem) == (False, "no_rate")
    assert sentence_of(approval) == (
        "There is no exchange rate from GBP to EUR on 2 Mar 2026: a controller adds it under Exchange rates."
    )
    at.rate("GBP", "1.165")
    later = at.submitted(1, "expense", price=Decimal(500), currency="GBP")
    assert later.sales_amount == Decimal("582.5")


def test_a_fee_in_another_currency_is_converted_too(at):
    at.rate("GBP", "1.2")
    fee = at.submitted(1, "fee", price=Decimal(100), currency="GBP")
    assert (fee.sales_amount, fee.sales_currency, fee.is_cost_priced) == (120, "EUR", True)
    unknown = at.submitted(1, "fee", price=Decimal(100), currency="USD")
    assert (unknown.is_priced, unknown.price_problem) == (False, "no_rate")


# --- What has no price ---------------------------------------------------------------------------


def test_a_missing_cost_price_is_marked_like_a_missing_sales_price(at):
    unknown = Role.objects.create(name="Unknown")
    approval = at.approved(8, role=unknown)
    assert (approval.is_priced, approval.is_cost_priced) == (False, False)
    assert sentence_of(approval) == (
        "No price list has a price for it on 2 Mar 2026: add one under Price lists."
    )
    work_item = approval.work_items.get()
    assert (work_item.is_priced, work_item.is_cost_priced) == (False, False)
    assert BacklogItem.objects.blocked().count() == 1


def test_an_expense_at_cost_that_nobody_reported_has_no_price(at):
    sells_at_cost(at, at.sales)
    approval = at.submitted(1, "expense")
    assert (approval.is_priced, approval.price_problem, approval.is_cost_priced) == (False, "no_cost", False)
    assert sentence_of(approval) == "It is priced by its cost, which nobody reported: add a cost price."


def test_a_cost_list_of_a_contract_goes_before_the_general_one(at):
    own = PriceList.objects.create(
        legal_entity=at.entity, name="subcontractors", context="cost", currency="EUR", contract=at.contract
    )
    set_prices(own, [RolePrice(role=at.role, price=Decimal(120))], actor=at.accountant, at=NOW)
    approval = at.submitted(8)
    assert (approval.cost_amount, approval.cost_price_source) == (960, "subcontractors")
