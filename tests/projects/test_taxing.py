"""Tax per code and rate, once on the group's sum (C3, decision 13)."""

from datetime import date
from decimal import Decimal

import pytest

from projects.taxing import RateMissing, TaxBase, TaxCodeFacts, tax_groups

DAY = date(2026, 3, 2)
FULL = TaxCodeFacts(
    1, "VAT", "standard", {}, ((date(2020, 1, 1), Decimal(16)), (date(2021, 1, 1), Decimal(19)))
)
REDUCED = TaxCodeFacts(2, "VAT reduced", "standard", {}, ((date(2020, 1, 1), Decimal(7)),))
EXEMPT = TaxCodeFacts(3, "Export", "exempt", {"en": "Exempt export"}, ())
RULES = {(10, 20): FULL, (10, 21): REDUCED, (11, 20): EXEMPT}


def taxed(*bases, day=DAY, rules=RULES, currency="EUR"):
    """The tax groups of amounts with their pairs, all of one day."""
    return tax_groups(
        [TaxBase(pair, day, Decimal(amount)) for pair, amount in bases], rules, currency=currency
    )


def shown(groups) -> list[tuple]:
    return [(one.code_id, one.percent, one.base_amount, one.tax_amount) for one in groups]


def test_a_group_is_taxed_and_rounded_once_on_its_sum():
    bases = [((10, 20), Decimal("0.03"))] * 3
    assert shown(taxed(*bases)) == [(1, 19, Decimal("0.09"), Decimal("0.02"))]


def test_groups_are_shown_by_rate_and_what_has_no_rule_is_outside_the_tax():
    bases = [
        ((10, 21), Decimal(100)),
        ((None, None), Decimal(5)),
        ((10, 20), Decimal(1600)),
        ((10, 99), Decimal(1)),
    ]
    assert shown(taxed(*bases)) == [
        (1, 19, 1600, 304),
        (2, 7, 100, 7),
        (None, 0, 6, 0),
    ]


def test_exempt_takes_nothing_and_says_why():
    (group,) = taxed(((11, 20), 1600))
    assert (group.code_id, group.percent, group.tax_amount) == (3, 0, 0)
    assert (group.kind, group.reasons, group.sold) == ("exempt", {"en": "Exempt export"}, ((20, DAY),))


def test_two_pairs_of_the_same_code_are_one_group():
    rules = RULES | {(10, 22): FULL}
    bases = [((10, 20), Decimal("0.02")), ((10, 22), Decimal("0.01"))]
    assert shown(taxed(*bases, rules=rules)) == [(1, 19, Decimal("0.03"), Decimal("0.01"))]


@pytest.mark.parametrize(
    ("day", "percent"), [(date(2020, 1, 1), 16), (date(2020, 12, 31), 16), (date(2021, 1, 1), 19)]
)
def test_the_rate_is_that_of_the_day(day, percent):
    (group,) = taxed(((10, 20), 100), day=day)
    assert (group.percent, group.tax_amount) == (percent, percent)


def test_before_the_first_rate_there_is_none():
    with pytest.raises(RateMissing, match="VAT"):
        taxed(((10, 20), 100), day=date(2019, 12, 31))


def test_a_credit_is_taxed_like_what_it_takes_back():
    (group,) = taxed(((10, 20), "-0.05"))
    assert group.tax_amount == Decimal("-0.01")
    assert taxed() == []


def test_amounts_on_both_sides_of_a_change_are_two_groups_of_one_code():
    bases = [
        TaxBase((10, 20), date(2020, 12, 31), Decimal(100)),
        TaxBase((10, 20), date(2021, 1, 1), Decimal(200)),
        TaxBase((10, 20), date(2021, 6, 1), Decimal(1)),
    ]
    assert shown(tax_groups(bases, RULES, currency="EUR")) == [
        (1, 19, 201, Decimal("38.19")),
        (1, 16, 100, 16),
    ]
