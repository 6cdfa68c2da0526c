"""Into which rows an edited detail splits its original (N2 to N5, decision 4)."""

from decimal import Decimal

import pytest

from billing.splitting import CHARGEABLE, NON_CHARGEABLE, Edit, SalesTerms, edit_of

COMPLIMENTARY = 3


def terms(quantity: str, price: str, amount: str, billing_type: int = CHARGEABLE) -> SalesTerms:
    return SalesTerms(Decimal(quantity), Decimal(price), Decimal(amount), billing_type)


EIGHT = terms("8", "200", "1600")


@pytest.mark.parametrize(
    ("edited", "rest", "change"),
    [
        (terms("6", "200", "1200"), terms("2", "200", "400", NON_CHARGEABLE), (0, 0)),
        (terms("10", "200", "2000"), None, (2, 400)),
        (terms("8", "180", "1440"), None, (0, -160)),
        (terms("8", "200", "1600", COMPLIMENTARY), None, (0, 0)),
        (terms("6", "180", "1080"), terms("2", "200", "400", NON_CHARGEABLE), (0, -120)),
        (terms("10", "180", "1800"), None, (2, 200)),
        (terms("0", "200", "0"), terms("8", "200", "1600", NON_CHARGEABLE), (0, 0)),
    ],
)
def test_what_is_billed_what_is_left_and_what_changed(edited, rest, change):
    edit = edit_of(EIGHT, edited, keep_rest=False, currency="EUR")
    assert edit == Edit(edited, rest, keeps_rest=False)
    assert edit.change_of(EIGHT) == change


def test_a_rest_that_is_kept_stays_what_it_was():
    for billing_type in (CHARGEABLE, COMPLIMENTARY):
        original = terms("8", "200", "1600", billing_type)
        edit = edit_of(original, terms("6", "200", "1200"), keep_rest=True, currency="EUR")
        assert edit.rest == terms("2", "200", "400", billing_type)
        assert edit.keeps_rest


def test_a_raised_quantity_keeps_nothing_whatever_was_chosen():
    assert not edit_of(EIGHT, terms("9", "200", "1800"), keep_rest=True, currency="EUR").keeps_rest


def test_the_rest_is_a_subtraction_and_holds_the_odd_cent():
    original = terms("2.66", "10.07", "26.79")
    edit = edit_of(original, terms("1", "10.07", "10.07"), keep_rest=True, currency="EUR")
    assert edit.rest == terms("1.66", "10.07", "16.72")
    assert edit.change_of(original) == (0, 0)


def test_hours_taken_back_are_split_with_their_sign():
    original = terms("-8", "200", "-1600")
    edit = edit_of(original, terms("-6", "200", "-1200"), keep_rest=False, currency="EUR")
    assert edit.rest == terms("-2", "200", "-400", NON_CHARGEABLE)
    assert edit_of(original, terms("-9", "200", "-1800"), keep_rest=False, currency="EUR").rest is None


def test_a_rest_at_the_old_price_is_rounded_in_its_currency():
    edit = edit_of(terms("3", "33.5", "101"), terms("2", "30", "60"), keep_rest=True, currency="JPY")
    assert edit.rest.amount == 34
