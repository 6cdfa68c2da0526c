"""Rounding happens in one place, half away from zero, once per amount."""

from decimal import Decimal

import pytest

from core.money import converted, hours_of, marked_up, part_out, quantise, share_out, sum_by, tax_of, times


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
