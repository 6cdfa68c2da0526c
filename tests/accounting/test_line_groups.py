"""Conditions that find the groups of each outcome, and no others (C1)."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from accounting.line_groups import conditions_of

COLUMNS = ["kind", "project", "contract", "category"]


def test_where_all_projects_post_alike_no_project_is_named():
    outcomes = {
        ("cost", project, contract, None): "A" for project, contract in product(range(400), (1, None))
    }
    assert conditions_of(COLUMNS, 1, outcomes) == {"A": [((("kind", "cost"),), "", frozenset([None]))]}


def test_one_project_that_differs_makes_two_conditions_of_four_hundred_groups():
    outcomes = {("cost", project, project, None): "B" if project == 7 else "A" for project in range(400)}
    conditions = conditions_of(COLUMNS, 1, outcomes)
    assert {outcome: len(some) for outcome, some in conditions.items()} == {"A": 1, "B": 1}
    assert conditions["B"] == [((("kind", "cost"),), "project", frozenset([7]))]


def test_what_has_many_values_is_listed():
    outcomes = {
        ("cost", project, 1, category): (project % 2, category)
        for project, category in product(range(50), (1, 2))
    }
    conditions = conditions_of(COLUMNS, 1, outcomes)
    assert {len(some) for some in conditions.values()} == {1}
    assert {some[0][1] for some in conditions.values()} == {"project"}


groups = st.dictionaries(
    st.tuples(*(st.sampled_from(values) for values in ("cs", (1, 2, None), (1, None), (1, 2, None)))),
    st.sampled_from("ABC"),
    min_size=1,
)


@given(groups)
def test_each_group_is_found_by_the_conditions_of_its_outcome_alone(outcomes):
    conditions = conditions_of(COLUMNS, 1, outcomes)
    for group, outcome in outcomes.items():
        row = dict(zip(COLUMNS, group, strict=True))
        answers = {
            other
            for other, some in conditions.items()
            for fixed, listed, values in some
            if all(row[name] == value for name, value in fixed) and (not listed or row[listed] in values)
        }
        assert answers == {outcome}
