"""Payment terms become days and amounts in one place: end of month, instalments, cash discount (C11)."""

from datetime import date
from decimal import Decimal

import pytest

from projects.due_days import (
    AgreedTerms,
    DueDays,
    Instalment,
    UnreadableInstalments,
    discount_on,
    due_of,
    instalments_in,
)

INVOICED = date(2026, 1, 20)


def due(terms: AgreedTerms, gross: str = "100", agreed: date | None = None, currency: str = "EUR") -> DueDays:
    return due_of(terms, INVOICED, Decimal(gross), currency, agreed=agreed)


@pytest.mark.parametrize(
    ("terms", "last"),
    [
        (AgreedTerms(), date(2026, 2, 19)),
        (AgreedTerms(net_days=0), INVOICED),
        (AgreedTerms(net_days=0, is_end_of_month=True), date(2026, 1, 31)),
        (AgreedTerms(net_days=30, is_end_of_month=True), date(2026, 3, 2)),
    ],
)
def test_days_count_from_the_invoice_or_from_the_end_of_its_month(terms: AgreedTerms, last: date):
    assert due(terms) == DueDays(last)


def test_instalments_add_up_and_the_last_one_takes_the_rest():
    thirds = instalments_in("33.33 0\n33.33 30\n33.34 60")
    assert due(AgreedTerms(instalments=thirds), "100.01").parts == (
        (date(2026, 1, 20), Decimal("33.33")),
        (date(2026, 2, 19), Decimal("33.33")),
        (date(2026, 3, 21), Decimal("33.35")),
    )
    assert due(AgreedTerms(instalments=thirds)).last == date(2026, 3, 21)
    yen = due(AgreedTerms(instalments=instalments_in("50 0\n50 30")), "101", currency="JPY")
    assert [amount for _day, amount in yen.parts] == [51, 50]
    # What rounds to nothing asks for nothing.
    assert due(AgreedTerms(instalments=instalments_in("50 0\n50 30")), "0.01").parts == (
        (INVOICED, Decimal("0.01")),
    )


def test_a_discount_ends_before_the_invoice_is_due():
    terms = AgreedTerms(discount_percent=Decimal(2), discount_days=10)
    assert due(terms) == DueDays(date(2026, 2, 19), (), Decimal(2), date(2026, 1, 30))
    assert due(terms, agreed=date(2026, 1, 25)) == DueDays(date(2026, 1, 25))
    assert discount_on(Decimal("1190.25"), Decimal(2), "EUR") == Decimal("23.81")


def test_a_credit_has_neither_instalments_nor_a_discount():
    assert due(AgreedTerms(discount_percent=Decimal(2), discount_days=10), "-100") == DueDays(
        date(2026, 2, 19)
    )
    halves = instalments_in("50 0\n50 30")
    assert due(AgreedTerms(instalments=halves), "-100") == DueDays(date(2026, 2, 19))
    assert due(AgreedTerms(instalments=halves), agreed=INVOICED) == DueDays(INVOICED)


def test_instalments_are_read_as_people_write_them():
    assert instalments_in("") == instalments_in(" \n") == ()
    assert instalments_in("30 % 14\n70; 60") == (Instalment(Decimal(30), 14), Instalment(Decimal(70), 60))
    assert instalments_in("33,5 0\n66.5 30")[0].percent == Decimal("33.5")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("half 0\nhalf 30", "no-instalment"),
        ("0 0\n100 30", "no-instalment"),
        ("50 0\n50 900", "no-instalment"),
        ("50 0\n40 30", "not-a-whole"),
        ("50 30\n50 30", "days-go-back"),
        ("\n".join(f"{percent} {day}" for day, percent in enumerate([1] * 12 + [88])), "too-many"),
    ],
)
def test_what_is_no_list_of_instalments_is_said(text: str, code: str):
    with pytest.raises(UnreadableInstalments) as caught:
        instalments_in(text)
    assert caught.value.code == code
