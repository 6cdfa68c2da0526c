"""Which price applies: context, currency, day, then the contract's own list; and why there is none (A7)."""

from datetime import date
from decimal import Decimal

import pytest

from projects.pricing import CategoryRule, PriceListFacts, UnitPrice, Work, price_for

DAY = date(2026, 3, 2)
YESTERDAY, TOMORROW = date(2026, 3, 1), date(2026, 3, 3)
HOUR = Work("time", DAY, "EUR", contract_id=1, role_id=7, unit="h")


def hourly(price: str, **rows: str) -> dict[tuple[int, str], UnitPrice]:
    return {(7, "h"): UnitPrice(Decimal(price))}


def prices(name: str, price: str = "100", **facts) -> PriceListFacts:
    facts = {"context": "sales", "currency": "EUR", "roles": hourly(price)} | facts
    return PriceListFacts(name=name, **facts)


def priced(work: Work, **facts) -> tuple[Decimal, str]:
    price = price_for(work, [prices("list", **facts)], "sales")
    return price.unit_price, price.problem


@pytest.mark.parametrize(
    ("lists", "source"),
    [
        ([prices("general"), prices("its own", contract_id=1)], "its own"),
        ([prices("general"), prices("another's", contract_id=2)], "general"),
        ([prices("euros"), prices("pounds", currency="GBP")], "euros"),
        ([prices("sales"), prices("cost", context="cost")], "sales"),
        ([prices("open"), prices("over", ends_on=YESTERDAY)], "open"),
        ([prices("until today", ends_on=DAY), prices("to come", starts_on=TOMORROW)], "until today"),
        ([prices("over", ends_on=YESTERDAY), prices("today", starts_on=DAY, ends_on=DAY)], "today"),
        ([prices("general"), prices("its own, silent", contract_id=1, roles={})], "general"),
        (
            [
                prices("general"),
                prices("its own", contract_id=1, roles={(7, "h"): UnitPrice(Decimal(1), YESTERDAY)}),
            ],
            "general",
        ),
    ],
)
def test_the_list_that_decides(lists, source):
    assert price_for(HOUR, lists, "sales").source == source
    assert price_for(HOUR, reversed(lists), "sales").source == source


def test_no_price_is_not_a_price_of_zero():
    nothing = price_for(HOUR, [], "sales")
    assert (nothing.is_known, nothing.unit_price, nothing.problem, nothing.source) == (
        False,
        0,
        "no_price",
        "",
    )
    gift = price_for(HOUR, [prices("gift", "0", key=4)], "sales")
    assert (gift.unit_price, gift.source, gift.list_key, gift.is_known) == (0, "gift", 4, True)
    assert not price_for(Work("time", DAY, "EUR", unit="h"), [prices("general")], "sales").is_known


def test_two_lists_after_each_other():
    lists = [
        prices("first half", "180", starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30)),
        prices("second half", "200", starts_on=date(2026, 7, 1)),
    ]

    def price_on(day: date) -> Decimal | None:
        price = price_for(Work("time", day, "EUR", role_id=7, unit="h"), lists, "sales")
        return price.unit_price if price.is_known else None

    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2030, 1, 1)]
    assert [price_on(day) for day in days] == [None, 180, 180, 200, 200]


# --- Units ---------------------------------------------------------------------------------------

BY_DAY = {(7, "day"): UnitPrice(Decimal(1280))}
BOTH = BY_DAY | hourly("165")


@pytest.mark.parametrize(
    ("rows", "unit", "day_hours", "expected"),
    [
        (BY_DAY, "h", None, (0, "other_unit")),
        (BY_DAY, "h", "8", (160, "")),
        (BY_DAY, "h", "7.5", (Decimal("170.6667"), "")),
        (BY_DAY, "day", None, (1280, "")),
        (BOTH, "h", None, (165, "")),
        (BOTH, "h", "8", (160, "")),
        (BOTH, "day", "8", (1280, "")),
        (hourly("165"), "h", "8", (165, "")),
        (hourly("165"), "day", None, (0, "other_unit")),
        (hourly("165"), "day", "8", (1320, "")),
    ],
)
def test_a_day_is_not_an_hour(rows, unit, day_hours, expected):
    work = Work("time", DAY, "EUR", role_id=7, unit=unit, day_hours=Decimal(day_hours) if day_hours else None)
    assert priced(work, roles=rows) == expected


def test_kilometres_are_not_pieces_and_cost_is_for_every_unit():
    per_km = {(3, "km"): CategoryRule("price_per_unit", Decimal("0.42"))}
    at_cost = {(3, ""): CategoryRule("at_cost")}
    trip = Work("expense", DAY, "EUR", category_id=3, unit="km", cost_price=Decimal("0.30"))
    ticket = Work("expense", DAY, "EUR", category_id=3, unit="pcs", cost_price=Decimal(96))
    assert priced(trip, categories=per_km) == (Decimal("0.42"), "")
    assert priced(ticket, categories=per_km) == (0, "other_unit")
    assert priced(trip, categories=per_km | at_cost) == (Decimal("0.42"), "")
    assert priced(ticket, categories=per_km | at_cost) == (96, "")
    assert priced(Work("expense", DAY, "EUR", category_id=4, unit="km"), categories=per_km) == (0, "no_price")


def test_material_is_known_by_its_name_and_unit():
    rows = {("Cable", "m"): UnitPrice(Decimal(2)), ("Cable", "pcs"): UnitPrice(Decimal(75))}
    assert priced(Work("material", DAY, "EUR", product="Cable", unit="pcs"), materials=rows) == (75, "")
    assert priced(Work("material", DAY, "EUR", product="Cable", unit="kg"), materials=rows) == (
        0,
        "other_unit",
    )
    assert priced(Work("material", DAY, "EUR", product="Rope", unit="m"), materials=rows) == (0, "no_price")


# --- Expenses by their cost ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "cost", "rate", "expected"),
    [
        (CategoryRule("price_per_unit", Decimal("0.42")), "500", "1", (Decimal("0.42"), "")),
        (CategoryRule("price_per_unit", Decimal("0.42")), None, None, (Decimal("0.42"), "")),
        (CategoryRule("at_cost"), "500", "1", (500, "")),
        (CategoryRule("at_cost"), "500", "1.165", (Decimal("582.5"), "")),
        (CategoryRule("at_cost"), "500", None, (0, "no_rate")),
        (CategoryRule("at_cost"), None, "1", (0, "no_cost")),
        (CategoryRule("markup", markup_percent=Decimal(10)), "500", "1", (550, "")),
        # Converted and raised in one step: 12.345 x 1.165 x 1.1 = 15.8201175.
        (CategoryRule("markup", markup_percent=Decimal(10)), "12.345", "1.165", (Decimal("15.8201"), "")),
        (CategoryRule("markup", markup_percent=Decimal(10)), "500", None, (0, "no_rate")),
    ],
)
def test_expenses_per_unit_at_cost_or_more(rule, cost, rate, expected):
    unit = "pcs" if rule.method == "price_per_unit" else ""
    work = Work(
        "expense",
        DAY,
        "EUR",
        category_id=3,
        unit="pcs",
        cost_price=None if cost is None else Decimal(cost),
        cost_rate=None if rate is None else Decimal(rate),
    )
    assert priced(work, categories={(3, unit): rule}) == expected


def test_of_several_reasons_the_one_that_says_most_is_given():
    lists = [
        prices("its own", contract_id=1, categories={(3, ""): CategoryRule("at_cost")}),
        prices("general", categories={}),
    ]
    work = Work("expense", DAY, "EUR", contract_id=1, category_id=3, cost_price=Decimal(5), cost_rate=None)
    assert price_for(work, lists, "sales").problem == "no_rate"
    assert price_for(work, lists[::-1], "sales").problem == "no_rate"
