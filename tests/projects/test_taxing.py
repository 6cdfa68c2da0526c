"""Tax per code and rate, once on the group's sum (C3, PRODUCT decision 13)."""

from datetime import date
from decimal import Decimal

import pytest

from projects.taxing import RateMissing, TaxCodeFacts, tax_groups

DAY = date(2026, 3, 2)
FULL = TaxCodeFacts(
    1, "VAT", "standard", {}, ((date(2020, 1, 1), Decimal(16)), (date(2021, 1, 1), Decimal(19)))
)
REDUCED = TaxCodeFacts(2, "VAT reduced", "standard", {}, ((date(2020, 1, 1), Decimal(7)),))
EXEMPT = TaxCodeFacts(3, "Export", "exempt", {"en": "Exempt export"}, ())
RULES = {(10, 20): FULL, (10, 21): REDUCED, (11, 20): EXEMPT}


def shown(groups) -> list[tuple]:
    return [(one.code_id, one.percent, one.base_amount, one.tax_amount) for one in groups]


def test_a_group_is_taxed_and_rounded_once_on_its_sum():
    bases = [((10, 20), Decimal("0.03"))] * 3
    assert shown(tax_groups(bases, RULES, day=DAY, currency="EUR")) == [
        (1, 19, Decimal("0.09"), Decimal("0.02"))
    ]


def test_groups_are_shown_by_rate_and_what_has_no_rule_is_outside_the_tax():
    bases = [
        ((10, 21), Decimal(100)),
        ((None, None), Decimal(5)),
        ((10, 20), Decimal(1600)),
        ((10, 99), Decimal(1)),
    ]
    assert shown(tax_groups(bases, RULES, day=DAY, currency="EUR")) == [
        (1, 19, 1600, 304),
        (2, 7, 100, 7),
        (None, 0, 6, 0),
    ]


def test_exempt_takes_nothing_and_says_why():
    (group,) = tax_groups([((11, 20), Decimal(1600))], RULES, day=DAY, currency="EUR")
    assert (group.code_id, group.percent, group.tax_amount) == (3, 0, 0)
    assert (group.kind, group.reasons, group.pairs) == ("exempt", {"en": "Exempt export"}, ((11, 20),))


def test_two_pairs_of_the_same_code_are_one_group():
    rules = RULES | {(10, 22): FULL}
    bases = [((10, 20), Decimal("0.02")), ((10, 22), Decimal("0.01"))]
    assert shown(tax_groups(bases, rules, day=DAY, currency="EUR")) == [
        (1, 19, Decimal("0.03"), Decimal("0.01"))
    ]


@pytest.mark.parametrize(
    ("day", "percent"), [(date(2020, 1, 1), 16), (date(2020, 12, 31), 16), (date(2021, 1, 1), 19)]
)
def test_the_rate_is_that_of_the_day(day, percent):
    (group,) = tax_groups([((10, 20), Decimal(100))], RULES, day=day, currency="EUR")
    assert (group.percent, group.tax_amount) == (percent, percent)


def test_before_the_first_rate_there_is_none():
    with pytest.raises(RateMissing, match="VAT"):
        tax_groups([((10, 20), Decimal(100))], RULES, day=date(2019, 12, 31), currency="EUR")


def test_a_credit_is_taxed_like_what_it_takes_back():
    (group,) = tax_groups([((10, 20), Decimal("-0.05"))], RULES, day=DAY, currency="EUR")
    assert group.tax_amount == Decimal("-0.01")
    assert tax_groups([], RULES, day=DAY, currency="EUR") == []
