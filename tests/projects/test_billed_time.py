"""What recorded time is billed at: in steps or days, by entry or by day (A11)."""

from decimal import Decimal
from fractions import Fraction

import pytest

from projects.billed_time import NEAREST, UP, Billed, BillingSteps, DaySoFar, billed_by_day, billed_by_entry


def minutes(*of: int) -> list[Fraction]:
    return [Fraction(one, 60) for one in of]


@pytest.mark.parametrize(
    ("step", "rule", "recorded", "billed"),
    [
        (15, UP, 1, 15),
        (15, UP, 15, 15),
        (15, UP, 16, 30),
        (15, NEAREST, 7, 0),
        (15, NEAREST, 22, 15),
        # Half a step goes up.
        (30, NEAREST, 15, 30),
        (30, NEAREST, 14, 0),
        (60, UP, 61, 120),
        (20, UP, 25, 40),
        (6, UP, 7, 12),
    ],
)
def test_an_entry_comes_to_a_step(step, rule, recorded, billed):
    steps = BillingSteps(minutes=step, rule=rule)
    rest = max(recorded - billed, 0)
    assert billed_by_entry(steps, Fraction(recorded, 60)) == Billed(Fraction(billed, 60), Fraction(rest, 60))


def test_without_steps_time_is_billed_as_recorded():
    assert billed_by_entry(BillingSteps(), Fraction(1, 3)) == Billed(Fraction(1, 3))
    assert not BillingSteps().is_stepped


@pytest.mark.parametrize(
    ("hours", "days"), [("0.25", "0.5"), ("4", "0.5"), ("4.0001", "1"), ("8", "1"), ("11", "1")]
)
def test_half_a_day_and_a_day(hours, days):
    assert BillingSteps(day_hours=Decimal(8)).billed(Fraction(hours)) == Fraction(days)


def parts(steps: BillingSteps, before: DaySoFar, *recorded: int) -> list[tuple[int, int]]:
    """Minutes billed and minutes left, for each entry."""
    return [(one.billed * 60, one.rest * 60) for one in billed_by_day(steps, before, minutes(*recorded))]


def test_three_times_ten_minutes_of_one_day_are_half_an_hour():
    steps = BillingSteps(minutes=30, is_by_day=True)
    assert parts(steps, DaySoFar(), 10, 10, 10) == [(10, 0), (10, 0), (10, 0)]
    assert parts(steps, DaySoFar(), 10) == [(30, 0)]
    assert parts(steps, DaySoFar(Fraction(1, 6), Fraction(1, 2)), 10) == [(0, 0)]
    assert parts(steps, DaySoFar(Fraction(1, 3), Fraction(1, 2)), 10, 5) == [(10, 0), (20, 0)]


def test_what_rounding_adds_to_a_day_is_on_its_last_entry():
    assert parts(BillingSteps(minutes=30, is_by_day=True), DaySoFar(), 20, 20) == [(20, 0), (40, 0)]


def test_what_rounding_takes_from_a_day_is_left_of_its_last_entries():
    steps = BillingSteps(minutes=15, rule=NEAREST, is_by_day=True)
    assert parts(steps, DaySoFar(), 20, 2) == [(15, 5), (0, 2)]
    # Ten minutes were billed as fifteen, so three of these five are left, and two were paid.
    assert parts(steps, DaySoFar(*minutes(13, 15)), 5) == [(0, 3)]


def test_the_days_of_a_day_follow_its_hours():
    steps = BillingSteps(day_hours=Decimal(8), is_by_day=True)
    assert parts(steps, DaySoFar(), 180, 180, 120) == [(30, 0), (30, 0), (0, 0)]
    assert parts(steps, DaySoFar(Fraction(3), Fraction(1, 2)), 180) == [(30, 0)]
