"""Whatever minutes people record, what they come to is the exact sum, rounded once."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.money import hours_of
from projects.billed_time import NEAREST, UP, BillingSteps, DaySoFar, billed_by_day
from projects.time_totals import Running

SECONDS = st.integers(1, 24 * 3600)
PRICES = st.decimals("0.01", 10**4, places=4)


@given(st.lists(SECONDS, min_size=1, max_size=60), PRICES, st.integers(0, 3))
def test_parts_add_up_to_the_exact_sum_and_none_strays_from_its_own(recorded, price, places):
    running, unit = Running(), Decimal(1).scaleb(-places)
    given_so_far, exact_so_far = Decimal(0), Fraction(0)
    for seconds in recorded:
        exact = Fraction(seconds, 3600) * Fraction(price)
        part = running.next(exact, places)
        given_so_far, exact_so_far = given_so_far + part, exact_so_far + exact
        assert abs(Fraction(part) - exact) < Fraction(unit)
        total = Decimal(exact_so_far.numerator) / Decimal(exact_so_far.denominator)
        # An exact part may not be moved, so the sum may wait for the next one; it is never a unit off.
        assert abs(given_so_far - total) < unit
        whole = [
            (Fraction(one, 3600) * Fraction(price) / Fraction(unit)).denominator == 1 for one in recorded
        ]
        if not any(whole):
            assert given_so_far == total.quantize(unit, ROUND_HALF_UP)


@given(st.lists(st.integers(1, 600), min_size=1, max_size=40))
def test_hours_in_minutes_add_up_to_the_hours_of_their_sum(recorded):
    running = Running()
    quantities = [running.next(Fraction(minutes, 60), 4) for minutes in recorded]
    assert abs(sum(quantities) - hours_of(sum(recorded) * 60)) <= Decimal("0.0001")
    for minutes, quantity in zip(recorded, quantities, strict=True):
        assert abs(quantity - hours_of(minutes * 60)) <= Decimal("0.0001")


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=8),
    st.integers(0, 8),
    st.sampled_from([6, 10, 15, 30, 60]),
    st.sampled_from([UP, NEAREST]),
)
def test_a_day_comes_to_its_step_however_it_is_submitted(recorded, cut, minutes, rule):
    steps = BillingSteps(minutes=minutes, rule=rule, is_by_day=True)
    hours = [Fraction(one, 60) for one in recorded]
    first = billed_by_day(steps, DaySoFar(), hours[:cut]) if hours[:cut] else []
    before = DaySoFar(sum(hours[:cut], Fraction(0)), sum((one.billed for one in first), Fraction(0)))
    second = billed_by_day(steps, before, hours[cut:]) if hours[cut:] else []
    both = [*first, *second]
    assert sum(one.billed for one in both) == steps.billed(sum(hours))
    for one, of in zip(both, hours, strict=True):
        assert one.billed >= 0
        assert 0 <= one.rest <= of
