"""Price lists that work took prices from, and those that give way to another one (A7)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.models import Activity
from projects.models import (
    MaterialPrice,
    PriceList,
    RolePrice,
)
from projects.price_setting import (
    delete_price_lists,
    end_price_lists,
)
from tests.company import Company, only
from tests.company.checking import refused
from tests.company.rows import DAY, NOW
from tests.projects.test_price_setting import JULY, JUNE, NEW_YEAR, change, create, days, put, remove

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    """A company without price lists."""
    return Company.bare()


# --- What was used -------------------------------------------------------------------------------


def test_a_list_that_work_took_prices_from_is_never_deleted():
    company = Company()
    company.submitted(8)
    company.submitted(2)
    for one in (company.sales, company.costs):
        with refused("price-list-in-use") as caught:
            delete_price_lists(only(one), actor=company.accountant, at=NOW)
        assert str(caught.value.refusals[0]) == (
            f"{one.name}: 2 submissions took their prices from it, the first of them 2 Mar 2026 Time 8 h, "
            f"{company.resource}, {company.project.number}. Give it a last day instead."
        )
    end_price_lists(only(company.sales), last_day=DAY, actor=company.accountant, at=NOW)
    assert days(company.sales)[1] == DAY


def test_an_unused_list_is_deleted_with_its_prices():
    company = Company()
    assert delete_price_lists(only(company.sales, company.costs), actor=company.accountant, at=NOW) == 2
    assert not PriceList.objects.exists()
    assert not RolePrice.objects.exists()
    assert Activity.objects.filter(verb="deleted").count() == 2


def test_a_used_price_stays_and_an_unused_one_is_removed():
    company = Company()
    company.sells_material_for("75")
    company.sells_expenses_at_cost_plus("10")
    company.submitted(8)
    company.submitted(5, "material", product="Cable", price=Decimal(50))
    company.submitted(1, "expense", price=Decimal(500))
    sales = company.sales
    used = [sales.role_prices.get(), sales.category_prices.get(), sales.material_prices.get()]
    with refused("price-in-use", "price-in-use", "price-in-use"):
        remove(company, sales, *used)
    with refused("price-in-use") as caught:
        remove(company, company.costs, company.costs.role_prices.get())
    assert "1 submission took its price from it: 2 Mar 2026 Time 8 h" in str(caught.value)
    put(company, sales, MaterialPrice(product="Cable", unit="m", price=Decimal(2)))
    unused = sales.material_prices.get(unit="m")
    assert remove(company, sales, unused) == 1
    assert sales.material_prices.get().unit == "pcs"
    # What is used may end on a day; from then on the list has no price for it.
    put(company, sales, RolePrice(role=company.role, price=Decimal(200), ends_on=DAY))
    assert company.submitted(1).is_priced
    later = company.submitted(1, date=date(2026, 3, 3))
    assert (later.is_priced, later.price_problem) == (False, "no_price")


# --- Lists that are shortened ---------------------------------------------------------------------


def movable(*lists: PriceList) -> Any:
    return only(*lists)


def test_an_earlier_list_ends_the_day_before_where_it_may_give_way(at):
    old = create(at, "2026", NEW_YEAR)
    with refused("lists-overlap"):
        create(at, "later", JULY)
    made = create(at, "later", JULY, shortening=movable(old))
    assert (days(old), days(made)) == ((NEW_YEAR, JUNE), (JULY, None))
    moved = Activity.objects.about(old).get(verb="moved")
    assert moved.changes == {"ends_on": ["", str(JUNE)]}


def test_a_later_list_starts_the_day_after(at):
    old, later = create(at, "2026", NEW_YEAR, JUNE), create(at, "later", JULY)
    change(at, old, ends_on=date(2026, 7, 31), shortening=movable(later))
    assert (days(old), days(later)) == ((NEW_YEAR, date(2026, 7, 31)), (date(2026, 8, 1), None))


def test_no_list_gives_way_that_would_have_no_day_left_or_is_of_another_kind(at):
    old, later = create(at, "2026", NEW_YEAR, JUNE), create(at, "later", JULY, date(2026, 7, 31))
    with refused("ends-before-start"):
        change(at, old, ends_on=date(2026, 8, 15), shortening=movable(later))
    # Without a first day neither of them is the earlier one: somebody has to decide.
    with refused("lists-overlap"):
        change(at, old, starts_on=None, ends_on=None, shortening=PriceList.objects.none())
    with refused("lists-overlap", "lists-overlap"):
        create(at, "always", None, None, shortening=movable(old, later))
    pounds = create(at, "pounds", NEW_YEAR, currency="GBP")
    change(at, later, ends_on=date(2026, 8, 31), shortening=movable(pounds))
    assert days(pounds) == (NEW_YEAR, None)
