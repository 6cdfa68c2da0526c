"""Rounding happens in one place, half away from zero, once per amount."""

from decimal import Decimal

import pytest

from core.money import (
    converted,
    hours_of,
    marked_up,
    part_amount,
    part_out,
    quantise,
    share_out,
    sum_by,
    tax_of,
    times,
)


def d(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "EUR", "0.01"),
        ("-0.005", "EUR", "-0.01"),
        ("0.0049999", "EUR", "0.00"),
        ("2.675", "EUR", "2.68"),
        ("1.5", "JPY", "2"),
        ("-1.5", "JPY", "-2"),
        ("2.5", "IDR", "3"),
        ("0.0005", "KWD", "0.001"),
        ("1234.5678", "XXX", "1234.57"),
    ],
)
def test_amounts_are_rounded_half_away_from_zero_to_the_minor_unit(amount, currency, rounded):
    assert str(quantise(Decimal(amount), currency)) == rounded


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (times(Decimal("7.25"), Decimal("118.40"), "EUR"), "858.40"),
        (times(Decimal("0.3333"), Decimal("0.15"), "EUR"), "0.05"),
        (times(Decimal("-2.5"), Decimal("0.01"), "EUR"), "-0.03"),
        (tax_of(Decimal("0.09"), Decimal(19), "EUR"), "0.02"),
        (tax_of(Decimal("1600"), Decimal(20), "EUR"), "320.00"),
        (converted(Decimal(1000), Decimal("1.25"), "USD"), "1250.00"),
        (converted(Decimal("121.21"), Decimal("1.2345"), "EUR"), "149.63"),
        (marked_up(Decimal(500), Decimal(10)), "550.0000"),
        (marked_up(Decimal("0.0333"), Decimal("7.5")), "0.0358"),
        (hours_of(80 * 60), "1.3333"),
        (hours_of(465 * 60), "7.7500"),
    ],
)
def test_products_are_rounded_once(amount, expected):
    assert str(amount) == expected


def test_the_customer_who_takes_the_rounding_gets_what_is_left():
    shares = share_out(Decimal(8), d("33.33", "33.33", "33.34"), places=2, absorber=2)
    assert shares == d("2.67", "2.67", "2.66")
    assert share_out(Decimal(8), d("33.33", "33.33", "33.34"), places=2, absorber=0) == d(
        "2.66", "2.67", "2.67"
    )
    assert share_out(Decimal("-0.01"), d("50", "50"), places=2, absorber=1) == d("-0.01", "0")


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ("0.3333", "66.67"),
        ("0.3332", "66.64"),
        ("0.1", "20"),
        ("0", "0"),
        ("0.3334", "66.68"),
        ("-0.1", "-20"),
    ],
)
def test_a_part_is_priced_by_itself_and_the_whole_as_it_was(quantity, expected):
    whole = (Decimal("0.3333"), Decimal("66.67"))
    assert part_amount(Decimal(quantity), Decimal(200), "EUR", whole) == Decimal(expected)


def test_less_never_costs_more_than_the_whole_and_more_never_less():
    whole = (Decimal("0.5"), Decimal(0))
    assert part_amount(Decimal("0.4999"), Decimal("0.02"), "EUR", whole) == 0
    whole = (Decimal("0.5"), Decimal("0.02"))
    assert part_amount(Decimal("0.5001"), Decimal("0.02"), "EUR", whole) == Decimal("0.02")
    taken_back = (Decimal("-0.5"), Decimal("-0.02"))
    assert part_amount(Decimal("-0.5001"), Decimal("0.02"), "EUR", taken_back) == Decimal("-0.02")


def test_what_was_rounded_before_decides_which_way_a_share_goes():
    thirds = d("33.33", "33.33", "33.34")
    owed = d("-0.005", "-0.005", "0.01")
    assert share_out(Decimal(50), thirds, places=2, absorber=2) == d("16.67", "16.67", "16.66")
    assert share_out(Decimal(50), thirds, places=2, absorber=2, owed=owed) == d("16.66", "16.66", "16.68")
    # Whatever is owed, nobody strays by more than a unit.
    assert share_out(Decimal(50), thirds, places=2, absorber=2, owed=d("9", "-9", "0")) == d(
        "16.67", "16.66", "16.67"
    )


def test_no_share_is_ever_more_than_a_unit_from_its_percentage():
    # Three cents of half a cent each would leave the first with less than its share by more than a cent.
    quarters = d("25", "25", "25", "25")
    assert share_out(Decimal("10.02"), quarters, places=2, absorber=0) == d("2.50", "2.51", "2.51", "2.50")
    assert share_out(Decimal("0.03"), d(*["20"] * 5), places=2, absorber=4) == d(
        "0.01", "0.01", "0.01", "0.00", "0.00"
    )
    assert share_out(Decimal("-10.02"), quarters, places=2, absorber=0) == d(
        "-2.50", "-2.51", "-2.51", "-2.50"
    )
    # And many roundings down, more.
    tenths = ["12.34"] * 8 + ["1.28"]
    assert share_out(Decimal(1), d(*tenths), places=1, absorber=8) == d("0.2", *["0.1"] * 8)


def test_a_share_of_nothing_is_nothing():
    assert share_out(Decimal("0.01"), d("50", "50", "0"), places=2, absorber=2) == d("0.01", "0", "0")


@pytest.mark.parametrize(
    ("percents", "absorber", "reason"),
    [
        (["50", "49.99"], 0, "must add up to 100"),
        ([], 0, "must add up to 100"),
        (["50", "50"], 2, "must be one of the shares"),
        (["50", "50"], -1, "must be one of the shares"),
    ],
)
def test_shares_that_are_not_a_whole_are_refused(percents, absorber, reason):
    with pytest.raises(ValueError, match=reason):
        share_out(Decimal(100), d(*percents), places=2, absorber=absorber)


def test_equal_parts_are_rounded_down_and_the_last_one_absorbs():
    assert part_out(Decimal(100), 3, places=2) == d("33.33", "33.33", "33.34")
    assert part_out(Decimal(-100), 3, places=2) == d("-33.33", "-33.33", "-33.34")
    assert part_out(Decimal(5), 1, places=0) == d("5")
    assert part_out(Decimal("0.02"), 3, places=2) == d("0.00", "0.00", "0.02")
    with pytest.raises(ValueError, match="one part at least"):
        part_out(Decimal(1), 0, places=2)


def test_currencies_never_meet_in_a_sum():
    sums = sum_by([("EUR", Decimal(1)), ("GBP", Decimal(2)), ("EUR", Decimal("0.5"))])
    assert sums == {"EUR": Decimal("1.5"), "GBP": Decimal(2)}
