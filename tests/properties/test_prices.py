"""Which price wins, against the rule written in another way."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from projects.pricing import CategoryRule, PriceListFacts, UnitPrice, Work, price_for

DAY = date(2026, 3, 2)
ROLE, CATEGORY = 7, 8
EDGES = st.none() | st.integers(-2, 2).map(lambda days: DAY + timedelta(days=days))
CENTS = st.decimals(0, 1000, places=2)
ROWS = st.builds(UnitPrice, CENTS, ends_on=EDGES)
RULES = st.builds(
    CategoryRule,
    st.sampled_from(["at_cost", "markup"]),
    markup_percent=st.decimals(0, 50, places=2),
)


@st.composite
def price_lists(draw: st.DrawFn) -> list[PriceListFacts]:
    """Lists of every kind, of which no two alike hold on one day: each kind has one at most."""
    kinds = st.tuples(
        st.sampled_from(["sales", "cost"]), st.sampled_from(["EUR", "GBP"]), st.sampled_from([None, 1, 2])
    )
    return [
        PriceListFacts(
            name=f"{context} {currency} {contract_id}",
            context=context,
            currency=currency,
            starts_on=draw(EDGES),
            ends_on=draw(EDGES),
            contract_id=contract_id,
            roles=draw(st.dictionaries(st.sampled_from([(ROLE, "h"), (ROLE, "day"), (9, "h")]), ROWS)),
            categories=draw(st.dictionaries(st.sampled_from([(CATEGORY, ""), (9, "")]), RULES)),
        )
        for context, currency, contract_id in draw(st.lists(kinds, unique=True, max_size=6))
    ]


def fits(one: PriceListFacts, work: Work) -> bool:
    begun = one.starts_on is None or one.starts_on <= work.day
    ended = one.ends_on is not None and one.ends_on < work.day
    mine = one.contract_id is None or one.contract_id == work.contract_id
    return one.context == "sales" and one.currency == work.currency and begun and not ended and mine


def row_of(one: PriceListFacts) -> UnitPrice | None:
    row = one.roles.get((ROLE, "h"))
    return row if row is not None and (row.ends_on is None or row.ends_on >= DAY) else None


@given(price_lists(), st.sampled_from(["EUR", "GBP"]), st.sampled_from([None, 1]))
def test_the_list_of_the_contract_then_the_general_one(lists, currency, contract):
    work = Work("time", DAY, currency, contract_id=contract, role_id=ROLE, unit="h")
    knowing = [one for one in lists if fits(one, work) and row_of(one) is not None]
    own = [one for one in knowing if one.contract_id is not None]
    price = price_for(work, lists, "sales")
    assert price == price_for(work, reversed(lists), "sales")
    assert price.is_known == bool(knowing)
    if knowing:
        (best,) = own or knowing
        assert (price.unit_price, price.source) == (row_of(best).price, best.name)
    else:
        assert (price.unit_price, price.source) == (0, "")


@given(price_lists(), CENTS, st.none() | st.decimals(Decimal("0.01"), 20000, places=9))
def test_a_price_over_cost_needs_the_rate_of_its_currency(lists, cost, rate):
    work = Work("expense", DAY, "EUR", contract_id=1, category_id=CATEGORY, cost_price=cost, cost_rate=rate)
    price = price_for(work, lists, "sales")
    assert price.is_known <= (rate is not None)
    if price.is_known:
        (source,) = [one for one in lists if one.name == price.source]
        rule = source.categories[CATEGORY, ""]
        percent = rule.markup_percent if rule.method == "markup" else 0
        assert abs(price.unit_price - cost * rate * (100 + percent) / 100) <= Decimal("0.00005")
