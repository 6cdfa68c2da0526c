"""No cent is lost or made: splitting, multiplying, taxing, over amounts nobody would think of."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from billing.splitting import NON_CHARGEABLE, SalesTerms, edit_of
from core.money import minor_places, part_out, quantise, share_out, tax_of, times

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "IDR"])
AMOUNTS = st.decimals(-(10**9), 10**9, places=2)
PRICES = st.decimals(-(10**6), 10**6, places=4)
QUANTITIES = st.decimals(-(10**4), 10**4, places=2)


@st.composite
def percents(draw: st.DrawFn) -> list[Decimal]:
    """Shares of a hundredth of a percent that add up to 100."""
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), max_size=7)))
    bounds = [0, *cuts, 10_000]
    return [Decimal(after - before) / 100 for before, after in zip(bounds, bounds[1:], strict=False)]


@given(AMOUNTS, percents(), st.integers(0, 4), st.data())
def test_shares_add_up_and_only_one_of_them_absorbs(total, shares, places, data):
    absorber = data.draw(st.integers(0, len(shares) - 1))
    total = total.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    parts = share_out(total, shares, places=places, absorber=absorber)
    assert sum(parts) == total
    unit = Decimal(1).scaleb(-places)
    for index, (part, percent) in enumerate(zip(parts, shares, strict=True)):
        exact = total * percent / 100
        assert part == part.quantize(unit)
        assert abs(part - exact) <= unit
        assert part * exact >= 0
        # Among three or fewer nobody but the one that absorbs takes more than its own rounding.
        if index != absorber and len(parts) <= 3:
            assert abs(part - exact) * 2 <= unit


@given(AMOUNTS, st.integers(1, 400), st.integers(0, 4))
def test_parts_add_up_and_the_last_is_the_odd_one(total, count, places):
    total = total.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    parts = part_out(total, count, places=places)
    assert sum(parts) == total
    assert len(parts) == count
    assert len(set(parts[:-1])) <= 1
    assert abs(parts[-1] - parts[0]) < count * Decimal(1).scaleb(-places)


def half_away(exact: Fraction, currency: str) -> Decimal:
    """The rounding of the product once more, in whole numbers."""
    scale = 10 ** minor_places(currency)
    doubled = abs(exact) * scale * 2
    cents = (doubled.numerator // doubled.denominator + 1) // 2
    return (Decimal(cents) / scale).copy_sign(-1 if exact < 0 else 1)


@given(QUANTITIES, PRICES, CURRENCIES)
def test_a_product_is_rounded_half_away_from_zero(quantity, price, currency):
    exact = Fraction(quantity) * Fraction(price)
    assert times(quantity, price, currency) == half_away(exact, currency)


@given(AMOUNTS, st.decimals(0, 100, places=2), CURRENCIES)
def test_tax_is_rounded_half_away_from_zero(base, percent, currency):
    assert tax_of(base, percent, currency) == half_away(Fraction(base) * Fraction(percent) / 100, currency)


@given(AMOUNTS, CURRENCIES)
def test_rounding_twice_is_rounding_once_and_has_no_side(amount, currency):
    rounded = quantise(amount, currency)
    assert quantise(rounded, currency) == rounded
    assert quantise(-amount, currency) == -rounded


POSITIVE = st.decimals("0.01", 10**4, places=2)
RATES = st.decimals(0, 10**4, places=2)
BILLING_TYPES = st.sampled_from([1, 2, 3])


def terms(quantity: Decimal, price: Decimal, billing_type: int = 1, sign: int = 1) -> SalesTerms:
    return SalesTerms(sign * quantity, price, times(sign * quantity, price, "EUR"), billing_type)


@given(POSITIVE, POSITIVE, RATES, BILLING_TYPES, st.booleans(), st.sampled_from([1, -1]))
def test_an_edit_at_the_old_price_conserves_the_quantity_and_every_cent(
    approved, billed, price, billing_type, keeps, sign
):
    original = terms(approved, price, sign=sign)
    edit = edit_of(original, terms(billed, price, billing_type, sign), keep_rest=keeps, currency="EUR")
    change = edit.change_of(original)
    if billed < approved:
        assert change == (0, 0)
        assert edit.rest.quantity == sign * (approved - billed)
        assert edit.rest.amount + edit.billed.amount == original.amount
        assert edit.rest.billing_type == (1 if keeps else NON_CHARGEABLE)
    else:
        assert edit.rest is None
        assert change == (sign * (billed - approved), edit.billed.amount - original.amount)


@given(POSITIVE, POSITIVE, RATES, RATES, st.booleans())
def test_an_edit_at_another_price_leaves_the_rest_at_the_old_one(approved, billed, price, new_price, keeps):
    original = terms(approved, price)
    edit = edit_of(original, terms(billed, new_price), keep_rest=keeps, currency="EUR")
    quantity, amount = edit.change_of(original)
    rest = edit.rest.amount if edit.rest else Decimal(0)
    assert quantity == max(billed - approved, 0)
    assert original.amount + amount == edit.billed.amount + rest
    if billed < approved:
        assert edit.rest.price == price
        assert abs(rest - (approved - billed) * price) <= Decimal("0.01")
