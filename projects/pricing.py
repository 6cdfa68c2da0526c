"""Which price applies to which piece of work; pure (A7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from core.money import ONE, ZERO, marked_up, part_of_day, whole_day

HOUR, DAY = "h", "day"
PER_UNIT, AT_COST = "price_per_unit", "at_cost"
# Why there is no price; of several reasons the later one here is shown.
PROBLEMS = NO_LIST, OTHER_UNIT, NO_COST, NO_RATE = "no_price", "other_unit", "no_cost", "no_rate"


@dataclass(frozen=True)
class UnitPrice:
    """What one unit costs or sells for; `ends_on` where the row ends before its list does."""

    price: Decimal
    ends_on: date | None = None


@dataclass(frozen=True)
class CategoryRule:
    """How a category is priced: `method` is price_per_unit, at_cost or markup."""

    method: str
    price: Decimal = ZERO
    markup_percent: Decimal = ZERO
    ends_on: date | None = None


@dataclass(frozen=True)
class PriceListFacts:
    """A price list without its database.

    Roles by key and unit (`h`, `day`); categories by key and unit, which is empty where cost decides;
    materials by product and unit.
    """

    name: str
    context: str
    currency: str
    key: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    contract_id: int | None = None
    roles: Mapping[tuple[int, str], UnitPrice] = field(default_factory=dict)
    categories: Mapping[tuple[int, str], CategoryRule] = field(default_factory=dict)
    materials: Mapping[tuple[str, str], UnitPrice] = field(default_factory=dict)

    def is_effective(self, day: date) -> bool:
        """Whether the list holds on `day`; an open end holds for ever."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )

    @cached_property
    def known_products(self) -> frozenset[str]:
        """Products with a price in any unit."""
        return frozenset(product for product, _unit in self.materials)

    @cached_property
    def known_categories(self) -> frozenset[int]:
        """Categories with a rule for any unit."""
        return frozenset(category for category, _unit in self.categories)


@dataclass(frozen=True)
class Work:
    """What a price is asked for.

    `day_hours`: the hours of a day where the contract line is billed by day. `cost_price`: None where the
    cost is not known. `cost_rate`: units of `currency` for one unit of the currency of the cost; None where
    no exchange rate is known.
    """

    transaction_class: str
    day: date
    currency: str
    contract_id: int | None = None
    role_id: int | None = None
    category_id: int | None = None
    product: str = ""
    unit: str = ""
    day_hours: Decimal | None = None
    cost_price: Decimal | None = None
    cost_rate: Decimal | None = ONE


@dataclass(frozen=True)
class Price:
    """A unit price and where it comes from, or why there is none: `problem` is empty when there is one."""

    unit_price: Decimal
    source: str = ""
    list_key: int | None = None
    problem: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a price at all; a price of zero is one."""
        return not self.problem


def no_price(problem: str = NO_LIST) -> Price:
    """No price, and why; never a silent zero."""
    return Price(ZERO, problem=problem)


def price_for(work: Work, lists: Iterable[PriceListFacts], context: str) -> Price:
    """The unit price of `work` in its currency, or none and why.

    Lists of the context, the currency and the day count; a list of the work's contract goes before a general
    one, and the first that has a price decides. Two lists of the same kind never hold on one day.
    """
    fitting = [
        price_list
        for price_list in lists
        if price_list.context == context
        and price_list.currency == work.currency
        and price_list.contract_id in (None, work.contract_id)
        and price_list.is_effective(work.day)
    ]
    fitting.sort(key=lambda one: one.contract_id is None)
    problem = NO_LIST
    for price_list in fitting:
        answer = _price_in(price_list, work)
        if isinstance(answer, Decimal):
            return Price(answer, price_list.name, price_list.key)
        # The next list is tried; of several reasons the most specific one is kept.
        problem = max(problem, answer, key=PROBLEMS.index)
    return no_price(problem)


def _price_in(price_list: PriceListFacts, work: Work) -> Decimal | str:
    """The price that one list has for the work, or why it has none."""
    if work.transaction_class == "time":
        return _role_price(price_list, work)
    if work.transaction_class == "material":
        price = price_list.materials.get((work.product, work.unit))
        if price is not None and _holds(price, work.day):
            return price.price
        return OTHER_UNIT if work.product in price_list.known_products else NO_LIST
    return _category_price(price_list, work)


def _role_price(price_list: PriceListFacts, work: Work) -> Decimal | str:
    if work.role_id is None:
        return NO_LIST
    by_unit = {
        unit: row.price
        for unit in (HOUR, DAY)
        if (row := price_list.roles.get((work.role_id, unit))) is not None and _holds(row, work.day)
    }
    # What an hour of it costs, where a day has a price: the day goes before the hour, with the line's hours.
    if work.unit == HOUR and work.day_hours and DAY in by_unit:
        return part_of_day(by_unit[DAY], work.day_hours)
    if work.unit in by_unit:
        return by_unit[work.unit]
    # Billed in days where only an hour has a price: a day has so many of them.
    if work.unit == DAY and work.day_hours and HOUR in by_unit:
        return whole_day(by_unit[HOUR], work.day_hours)
    # A day is not an hour: without the hours of a day a price per day says nothing about an hour.
    return OTHER_UNIT if by_unit else NO_LIST


def _category_price(price_list: PriceListFacts, work: Work) -> Decimal | str:
    if work.category_id is None:
        return NO_LIST
    for unit in (work.unit, ""):
        rule = price_list.categories.get((work.category_id, unit))
        if rule is None or not _holds(rule, work.day):
            continue
        if rule.method == PER_UNIT:
            return rule.price
        if work.cost_price is None:
            return NO_COST
        if work.cost_rate is None:
            return NO_RATE
        percent = ZERO if rule.method == AT_COST else rule.markup_percent
        return marked_up(work.cost_price, percent, rate=work.cost_rate)
    return OTHER_UNIT if work.category_id in price_list.known_categories else NO_LIST


def _holds(row: UnitPrice | CategoryRule, day: date) -> bool:
    return row.ends_on is None or day <= row.ends_on
