"""Which price wins, against the rule written in another way."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from projects.pricing import NO_PRICE, CategoryRule, PriceListFacts, Work, price_for

DAY = date(2026, 3, 2)
ROLE, CATEGORY = 7, 8
EDGES = st.none() | st.integers(-2, 2).map(lambda days: DAY + timedelta(days=days))
CENTS = st.decimals(0, 1000, places=2)
RULES = st.builds(
    CategoryRule,
    st.sampled_from(["price_per_unit", "at_cost", "markup"]),
    price=CENTS,
    markup_percent=st.decimals(0, 50, places=2),
)


@st.composite
def price_lists(draw: st.DrawFn) -> list[PriceListFacts]:
    return [
        PriceListFacts(
            name=f"list {rank}",
            context=draw(st.sampled_from(["sales", "cost"])),
            currency=draw(st.sampled_from(["EUR", "GBP"])),
            rank=rank,
            starts_on=draw(EDGES),
            ends_on=draw(EDGES),
            contract_id=draw(st.sampled_from([None, 1, 2])),
            roles=draw(st.dictionaries(st.sampled_from([ROLE, 9]), CENTS)),
            categories=draw(st.dictionaries(st.sampled_from([CATEGORY, 9]), RULES)),
        )
        for rank in range(draw(st.integers(0, 6)))
    ]


def fits(one: PriceListFacts, work: Work) -> bool:
    begun = one.starts_on is None or one.starts_on <= work.day
    ended = one.ends_on is not None and one.ends_on < work.day
    mine = one.contract_id is None or one.contract_id == work.contract_id
    return one.context == "sales" and one.currency == work.currency and begun and not ended and mine


@given(price_lists(), st.sampled_from(["EUR", "GBP"]), st.sampled_from([None, 1]))
def test_the_youngest_list_of_the_contract_then_the_youngest_of_all(lists, currency, contract):
    work = Work("time", DAY, currency, contract_id=contract, role_id=ROLE)
    knowing = [one for one in lists if fits(one, work) and ROLE in one.roles]
    own = [one for one in knowing if one.contract_id is not None]
    price = price_for(work, lists, "sales")
    if not knowing:
        assert price == NO_PRICE
        assert not price.is_known
    else:
        best = max(own or knowing, key=lambda one: one.rank)
        assert (price.unit_price, price.source) == (best.roles[ROLE], best.name)


@given(price_lists(), CENTS, st.sampled_from(["EUR", "GBP"]))
def test_a_price_over_cost_needs_the_cost_in_its_own_currency(lists, cost, cost_currency):
    work = Work(
        "expense",
        DAY,
        "EUR",
        contract_id=1,
        category_id=CATEGORY,
        cost_price=cost,
        cost_currency=cost_currency,
    )
    price = price_for(work, lists, "sales")
    if cost_currency == "GBP" and price.is_known:
        (source,) = [one for one in lists if one.name == price.source]
        assert source.categories[CATEGORY].method == "price_per_unit"
    for one in lists:
        if one.name == price.source and one.categories[CATEGORY].method == "markup":
            exact = cost * (100 + one.categories[CATEGORY].markup_percent) / 100
            assert abs(price.unit_price - exact) <= Decimal("0.00005")
