"""Price lists: created, changed, copied, ended, deleted, and their prices set and removed (A7)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.models import Activity
from projects.models import (
    CategoryPrice,
    MaterialPrice,
    PriceList,
    Role,
    RolePrice,
)
from projects.price_setting import (
    change_price_list,
    copy_price_list,
    create_price_list,
    end_price_lists,
    set_prices,
)
from projects.states import SalesPricing
from tests.company import Company, only, rows
from tests.company.checking import refused, statements
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

NEW_YEAR, JUNE, JULY = date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)


@pytest.fixture
def at() -> Company:
    """A company without price lists."""
    return Company.bare()


def create(
    at: Company, name: str, starts_on: date | None = None, ends_on: date | None = None, **terms: Any
) -> PriceList:
    terms = {"legal_entity": at.entity, "context": "sales", "currency": "EUR"} | terms
    return create_price_list(
        name=name, starts_on=starts_on, ends_on=ends_on, actor=at.accountant, at=NOW, **terms
    )


def change(at: Company, one: PriceList, **terms: Any) -> PriceList:
    terms = {"name": one.name, "starts_on": one.starts_on, "ends_on": one.ends_on} | terms
    return change_price_list(one, actor=at.accountant, at=NOW, **terms)


def copied(at: Company, one: PriceList, name: str, starts_on: date, ends_on: date | None = None) -> PriceList:
    return copy_price_list(one, name=name, starts_on=starts_on, ends_on=ends_on, actor=at.accountant, at=NOW)


def put(at: Company, one: PriceList, *prices: Any) -> int:
    return set_prices(one, prices, actor=at.accountant, at=NOW)


def remove(at: Company, one: PriceList, *prices: Any) -> int:
    return set_prices(one, [], removed=prices, actor=at.accountant, at=NOW)


def days(one: PriceList) -> tuple[date | None, date | None]:
    one.refresh_from_db()
    return one.starts_on, one.ends_on


# --- Lists and their days ------------------------------------------------------------------------


def test_a_list_is_created_and_the_log_says_so(at):
    made = create(at, "2026", NEW_YEAR, JUNE, contract=at.contract)
    assert PriceList.objects.get() == made
    assert (made.currency, made.contract, days(made)) == ("EUR", at.contract, (NEW_YEAR, JUNE))
    assert (Activity.objects.get().verb, Activity.objects.get().subject_name) == ("created", "2026")


def test_a_list_does_not_end_before_it_starts(at):
    with refused("ends-before-start"):
        create(at, "2026", JULY, JUNE)
    made = create(at, "2026", NEW_YEAR, NEW_YEAR)
    with refused("ends-before-start"):
        change(at, made, starts_on=JULY)
    with refused("ends-before-start"):
        end_price_lists(only(made), last_day=date(2025, 12, 31), actor=at.accountant, at=NOW)


def test_two_lists_of_one_kind_never_share_a_day(at):
    first, second = create(at, "first half", NEW_YEAR, JUNE), create(at, "second half", JULY)
    with refused("lists-overlap") as caught:
        change(at, first, ends_on=JULY)
    (refusal,) = caught.value.refusals
    assert str(refusal) == (
        "first half: It shares days with second half, which holds from 1 Jul 2026 on. "
        "End it on 30 Jun 2026, or start the other one later."
    )
    with refused("lists-overlap") as caught:
        change(at, second, starts_on=JUNE, ends_on=JULY)
    assert "shares days with first half, which holds from 1 Jan 2026 to 30 Jun 2026." in str(caught.value)
    assert "Start it on 1 Jul 2026, or end the other one earlier." in str(caught.value)
    with refused("lists-overlap", "lists-overlap"):
        create(at, "always")
    with refused("lists-overlap") as caught:
        create(at, "one day", date(2030, 1, 1), date(2030, 1, 1))
    assert "End the other one before this one starts." in str(caught.value)


def test_lists_of_different_kinds_hold_on_the_same_days(at):
    other = Company.bare()
    create(at, "general")
    create(at, "own", contract=at.contract)
    create(at, "cost", context="cost")
    create(at, "pounds", currency="GBP")
    create(at, "general", legal_entity=other.entity)
    assert PriceList.objects.count() == 5
    with refused("lists-overlap"):
        create(at, "own again", JULY, JULY, contract=at.contract)


def test_a_name_is_taken_once_in_a_legal_entity(at):
    first, second = create(at, "2026", NEW_YEAR, JUNE), create(at, "2027", JULY)
    with refused("name-taken"):
        change(at, second, name="2026")
    assert change(at, first, name="2026, first half").name == "2026, first half"


def test_a_contract_list_is_of_its_legal_entity_and_currency(at):
    elsewhere = Company.bare().contract
    with refused("other-entity"):
        create(at, "own", contract=elsewhere)
    with refused("other-currency"):
        create(at, "own", contract=at.contract, currency="GBP")
    # What work costs is in the entity's currency, whatever the contract is in.
    pounds = rows.contract(at.entity, at.customer, currency="GBP")
    assert create(at, "own cost", context="cost", contract=pounds).contract == pounds


def test_a_change_is_logged_with_old_and_new_days_and_none_is_not_logged(at):
    made = create(at, "2026", NEW_YEAR, JUNE)
    change(at, made)
    change(at, made, ends_on=None)
    changed = Activity.objects.get(verb="changed")
    assert changed.facts == {"changes": {"ends_on": ["2026-06-30", ""]}}


def test_lists_are_ended_together_and_an_earlier_end_stays(at):
    other = rows.contract(at.entity, at.customer)
    lists = [create(at, "a", NEW_YEAR), create(at, "b", NEW_YEAR, JUNE, contract=at.contract)]
    lists.append(create(at, "c", NEW_YEAR, JULY, contract=other))
    ended = end_price_lists(only(*lists), last_day=JUNE, actor=at.accountant, at=NOW)
    assert (ended, [days(one)[1] for one in lists]) == (2, [JUNE, JUNE, JUNE])
    assert Activity.objects.filter(verb="ended").count() == 2


# --- Copies --------------------------------------------------------------------------------------


def test_a_copy_takes_the_prices_along_and_the_old_list_ends_the_day_before(at):
    old = create(at, "first half", NEW_YEAR)
    gone = Role.objects.create(name="Gone")
    put(
        at,
        old,
        RolePrice(role=at.role, price=Decimal(180)),
        RolePrice(role=at.role, unit="day", price=Decimal(1400)),
        RolePrice(role=gone, price=Decimal(90), ends_on=date(2026, 3, 31)),
        MaterialPrice(product="Cable", unit="m", price=Decimal("2.5")),
    )
    new = copied(at, old, "second half", JULY)
    assert (days(old), days(new)) == ((NEW_YEAR, JUNE), (JULY, None))
    assert sorted(new.role_prices.values_list("role", "unit", "price")) == [
        (at.role.pk, "day", 1400),
        (at.role.pk, "h", 180),
    ]
    assert list(new.material_prices.values_list("product", "unit", "price")) == [
        ("Cable", "m", Decimal("2.5"))
    ]
    assert old.role_prices.count() == 3
    assert Activity.objects.get(verb="copied").facts == {"from": "first half"}
    assert Activity.objects.get(verb="ended").facts == {"changes": {"ends_on": ["", "2026-06-30"]}}


def test_a_copy_leaves_an_earlier_end_and_is_refused_where_it_would_overlap(at):
    old = create(at, "first half", NEW_YEAR, date(2026, 3, 31))
    create(at, "2027", date(2027, 1, 1))
    with refused("copy-starts-too-early"):
        copied(at, old, "copy", NEW_YEAR, JUNE)
    with refused("lists-overlap"):
        copied(at, old, "copy", JULY)
    with refused("name-taken", "ends-before-start"):
        copied(at, old, "2027", JULY, JUNE)
    new = copied(at, old, "second half", JULY, date(2026, 12, 31))
    assert (days(old)[1], days(new)) == (date(2026, 3, 31), (JULY, date(2026, 12, 31)))


# --- Prices --------------------------------------------------------------------------------------


def test_prices_are_added_and_changed_and_the_log_names_both(at):
    one = create(at, "2026")
    per_day = RolePrice(role=at.role, unit="day", price=Decimal(1400))
    assert put(at, one, RolePrice(role=at.role, price=Decimal(180)), per_day) == 2
    assert put(at, one, RolePrice(role=at.role, price=Decimal(200)), per_day) == 1
    assert sorted(one.role_prices.values_list("unit", "price")) == [("day", 1400), ("h", 200)]
    last = Activity.objects.filter(verb="prices set").latest("pk")
    assert last.facts == {"changes": {f"{at.role} per hour": ["180", "200"]}}
    assert put(at, one, RolePrice(role=at.role, price=Decimal(200))) == 0
    assert Activity.objects.filter(verb="prices set").count() == 2


def test_every_kind_of_price_in_one_call(at):
    company = Company()
    expense, fee = company.categories["expense"], company.categories["fee"]
    put(
        company,
        company.sales,
        RolePrice(role=company.role, price=Decimal(210)),
        CategoryPrice(category=expense, method=SalesPricing.MARKUP, markup_percent=Decimal(10)),
        CategoryPrice(category=expense, unit="km", price=Decimal("0.42")),
        CategoryPrice(category=fee, method=SalesPricing.AT_COST),
        MaterialPrice(product="Cable", price=Decimal(75)),
    )
    shown = sorted(company.sales.category_prices.values_list("method", "unit", "price", "markup_percent"))
    assert shown == [
        ("at_cost", "", 0, 0),
        ("markup", "", 0, 10),
        ("price_per_unit", "km", Decimal("0.42"), 0),
    ]
    assert company.sales.role_prices.get().price == 210


def test_a_thousand_prices_cost_as_many_statements_as_ten(at):
    one = create(at, "2026")

    def cables(count: int) -> list[MaterialPrice]:
        return [MaterialPrice(product=f"Cable {nth}", price=Decimal(nth)) for nth in range(count)]

    few = statements(lambda: put(at, one, *cables(10)))
    many = statements(lambda: put(at, one, *cables(1000)))
    # Python writes rows in parts, of as many as SQLite takes in one statement.
    assert many - few <= 1000 / 150
    assert one.material_prices.count() == 1000


def test_prices_that_cannot_stand_are_refused_all_at_once(at):
    company = Company()
    one = company.sales
    expense, time = company.categories["expense"], company.categories["time"]
    first, second = (Role.objects.create(name=name) for name in "AB")
    with refused(
        "priced-twice",
        "negative-price",
        "price-too-fine",
        "unit-unknown",
        "unit-missing",
        "unit-unknown",
        "category-without-price",
        "unit-missing",
    ):
        put(
            company,
            one,
            RolePrice(role=company.role, price=Decimal(1)),
            RolePrice(role=company.role, price=Decimal(2)),
            RolePrice(role=first, price=Decimal(-1)),
            RolePrice(role=second, price=Decimal("0.00001")),
            RolePrice(role=company.role, unit="week", price=Decimal(1)),
            CategoryPrice(category=expense, price=Decimal(1)),
            CategoryPrice(category=expense, method=SalesPricing.AT_COST, unit="km"),
            CategoryPrice(category=time, method=SalesPricing.AT_COST),
            MaterialPrice(product="Cable", unit="", price=Decimal(1)),
        )


def test_a_cost_list_has_no_prices_over_cost(at):
    company = Company()
    with refused("method-of-sales"):
        put(
            company,
            company.costs,
            CategoryPrice(category=company.categories["expense"], method=SalesPricing.AT_COST),
        )
