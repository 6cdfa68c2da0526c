"""Which price applies: context, currency, day, then the contract's own list, then the youngest (A7)."""

from datetime import date
from decimal import Decimal

import pytest

from projects.pricing import NO_PRICE, CategoryRule, PriceListFacts, Work, price_for

DAY = date(2026, 3, 2)
HOUR = Work("time", DAY, "EUR", contract_id=1, role_id=7)


def prices(name: str, price: str = "100", *, rank: int = 1, **facts) -> PriceListFacts:
    facts = {"context": "sales", "currency": "EUR", "roles": {7: Decimal(price)}} | facts
    return PriceListFacts(name=name, rank=rank, **facts)


@pytest.mark.parametrize(
    ("lists", "source"),
    [
        ([prices("old", rank=1), prices("young", rank=2)], "young"),
        ([prices("general", rank=9), prices("its own", rank=1, contract_id=1)], "its own"),
        ([prices("general"), prices("another's", rank=9, contract_id=2)], "general"),
        ([prices("euros"), prices("pounds", rank=9, currency="GBP")], "euros"),
        ([prices("sales"), prices("cost", rank=9, context="cost")], "sales"),
        ([prices("open"), prices("over", rank=9, ends_on=date(2026, 3, 1))], "open"),
        ([prices("open"), prices("to come", rank=9, starts_on=date(2026, 3, 3))], "open"),
        ([prices("open"), prices("today", rank=9, starts_on=DAY, ends_on=DAY)], "today"),
        ([prices("knows", rank=1), prices("knows not", rank=9, roles={8: Decimal(1)})], "knows"),
        ([prices("general"), prices("its own, silent", rank=9, contract_id=1, roles={})], "general"),
    ],
)
def test_the_list_that_decides(lists, source):
    assert price_for(HOUR, lists, "sales").source == source
    assert price_for(HOUR, reversed(lists), "sales").source == source


def test_no_price_is_not_a_price_of_zero():
    assert price_for(HOUR, [], "sales") == NO_PRICE
    assert not NO_PRICE.is_found
    gift = price_for(HOUR, [prices("gift", "0")], "sales")
    assert (gift.unit_price, gift.source, gift.is_found) == (0, "gift", True)
    assert price_for(Work("time", DAY, "EUR"), [prices("general")], "sales") == NO_PRICE


@pytest.mark.parametrize(
    ("rule", "cost_currency", "price"),
    [
        (CategoryRule("price_per_unit", Decimal("0.42")), "EUR", "0.42"),
        (CategoryRule("price_per_unit", Decimal("0.42")), "GBP", "0.42"),
        (CategoryRule("at_cost"), "EUR", "500"),
        (CategoryRule("at_cost"), "GBP", None),
        (CategoryRule("markup", markup_percent=Decimal(10)), "EUR", "550"),
        (CategoryRule("markup", markup_percent=Decimal(10)), "GBP", None),
    ],
)
def test_expenses_per_unit_at_cost_or_more(rule, cost_currency, price):
    lists = [prices("expenses", categories={3: rule})]
    work = Work("expense", DAY, "EUR", category_id=3, cost_price=Decimal(500), cost_currency=cost_currency)
    priced = price_for(work, lists, "sales")
    assert priced.is_found == (price is not None)
    assert priced.unit_price == Decimal(price or 0)


def test_material_is_known_by_its_name_and_unit():
    lists = [prices("material", materials={("Cable", "m"): Decimal(2), ("Cable", "pcs"): Decimal(75)})]
    assert (
        price_for(Work("material", DAY, "EUR", product="Cable", unit="pcs"), lists, "sales").unit_price == 75
    )
    assert price_for(Work("material", DAY, "EUR", product="Cable", unit="kg"), lists, "sales") == NO_PRICE
