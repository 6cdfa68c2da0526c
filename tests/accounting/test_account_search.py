"""Which account plays a role: the most specific row that holds on the day (C2)."""

from datetime import date
from itertools import permutations

import pytest

from accounting.account_search import AccountRow, AccountRows, PostingPlace

DAY = date(2026, 3, 2)
PLACES = (
    PostingPlace(project_id=1, category_id=5),
    PostingPlace(project_id=1, category_group="travel"),
    PostingPlace(project_id=1),
    PostingPlace(project_group="north", category_id=5),
    PostingPlace(project_group="north"),
    PostingPlace(category_id=5),
    PostingPlace(category_group="travel"),
    PostingPlace(),
)
"""From the most specific to the least."""
HERE = PostingPlace(1, "north", 5, "travel")


@pytest.mark.parametrize("first", range(len(PLACES)))
def test_project_goes_before_group_before_category_before_its_group_before_all(first):
    rows = [AccountRow("role", number, place) for number, place in enumerate(PLACES)][first:]
    for order in (rows, rows[::-1]):
        assert AccountRows.of(order).account("role", HERE, DAY) == first


def test_what_does_not_fit_is_passed_over():
    others = (
        PostingPlace(2),
        PostingPlace(project_group="south"),
        PostingPlace(category_id=6),
        PostingPlace(category_group="food"),
    )
    rows = [AccountRow("role", number, place) for number, place in enumerate(others)]
    assert AccountRows.of(rows).account("role", HERE, DAY) is None
    assert AccountRows.of([*rows, AccountRow("other", 9)]).account("role", HERE, DAY) is None
    # A fact without project and category finds general rows alone.
    assert AccountRows.of([AccountRow("role", 1, HERE)]).account("role", PostingPlace(), DAY) is None


def test_a_row_holds_from_its_day_until_the_next():
    rows = [
        AccountRow("role", 1),
        AccountRow("role", 2, starts_on=date(2026, 3, 1)),
        AccountRow("role", 3, starts_on=date(2026, 4, 1)),
    ]
    days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))
    for order in permutations(rows):
        search = AccountRows.of(order)
        assert [search.account("role", HERE, day) for day in days] == [1, 2, 2, 3]
        assert search.changes == (date(2026, 4, 1), date(2026, 3, 1))


def test_a_specific_row_of_later_leaves_the_general_one_in_place_until_then():
    rows = [AccountRow("role", 1), AccountRow("role", 2, PostingPlace(1), date(2026, 4, 1))]
    search = AccountRows.of(rows)
    assert [search.account("role", HERE, day) for day in (DAY, date(2026, 4, 1))] == [1, 2]
    assert not search.asks_for_category
    assert AccountRows.of([AccountRow("role", 1, PostingPlace(category_group="x"))]).asks_for_category
