"""Which price applies to which piece of work; pure (A7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.money import ZERO, marked_up


@dataclass(frozen=True)
class CategoryRule:
    """How a category is priced: `method` is price_per_unit, at_cost or markup."""

    method: str
    price: Decimal = ZERO
    markup_percent: Decimal = ZERO


@dataclass(frozen=True)
class PriceListFacts:
    """A price list without its database; `rank` grows with its age of creation."""

    name: str
    context: str
    currency: str
    rank: int
    starts_on: date | None = None
    ends_on: date | None = None
    contract_id: int | None = None
    roles: Mapping[int, Decimal] = field(default_factory=dict)
    categories: Mapping[int, CategoryRule] = field(default_factory=dict)
    materials: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)

    def is_effective(self, day: date) -> bool:
        """Whether the list holds on `day`; an open end holds for ever."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day <= self.ends_on
        )


@dataclass(frozen=True)
class Work:
    """What a price is asked for."""

    transaction_class: str
    day: date
    currency: str
    contract_id: int | None = None
    role_id: int | None = None
    category_id: int | None = None
    product: str = ""
    unit: str = ""
    cost_price: Decimal = ZERO
    cost_currency: str = ""


@dataclass(frozen=True)
class Price:
    """A unit price, where it comes from, and whether there was one at all."""

    unit_price: Decimal
    source: str
    is_known: bool = True


NO_PRICE = Price(ZERO, "", is_known=False)


def price_for(work: Work, lists: Iterable[PriceListFacts], context: str) -> Price:
    """The unit price of `work` in its currency, or NO_PRICE, never a silent zero.

    Lists of the context, the currency and the day count; a list of the work's contract wins over a
    general one, a younger list over an older one; the first that knows the work decides.
    """
    fitting = [
        price_list
        for price_list in lists
        if price_list.context == context
        and price_list.currency == work.currency
        and price_list.contract_id in (None, work.contract_id)
        and price_list.is_effective(work.day)
    ]
    # A list of the contract before a general one, then the youngest.
    fitting.sort(key=lambda one: (one.contract_id is None, -one.rank))
    for price_list in fitting:
        unit_price = _price_in(price_list, work)
        # A list that does not know the work says nothing, so the next one is asked.
        if unit_price is not None:
            return Price(unit_price, price_list.name)
    return NO_PRICE


def _price_in(price_list: PriceListFacts, work: Work) -> Decimal | None:
    if work.transaction_class == "time":
        return None if work.role_id is None else price_list.roles.get(work.role_id)
    if work.transaction_class == "material":
        return price_list.materials.get((work.product, work.unit))
    rule = None if work.category_id is None else price_list.categories.get(work.category_id)
    if rule is None:
        return None
    if rule.method == "price_per_unit":
        return rule.price
    # A cost in another currency is no price here; converting it would be a guess.
    if work.cost_currency != work.currency:
        return None
    return work.cost_price if rule.method == "at_cost" else marked_up(work.cost_price, rule.markup_percent)
