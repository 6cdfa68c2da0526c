"""Changes of the log are read as pages write them: by the name and the kind of their field (B10)."""

import pytest

from core.models import Activity
from core.templatetags.activity_words import changes_in_words, facts_in_words


def log(kind: str, changes: dict[str, list[str]], **facts: object) -> Activity:
    return Activity(subject_kind=kind, verb="changed", facts={"changes": changes, **facts})


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("quantity", "8", "6.5", "Quantity: 8.00 → 6.50"),
        ("price", "", "200", "Price: – → 200.00"),
        ("amount", "1600", "1300", "Amount: €1,600.00 → €1,300.00"),
        ("billing_type", "1", "3", "Billing type: Chargeable → Complimentary"),
        ("transaction_date", "2026-03-02", "2026-03-03", "Date: 2 Mar 2026 → 3 Mar 2026"),
        ("external_description", "a", "b", "Description on the invoice: a → b"),
        ("gone_since", "a", "b", "Gone since: a → b"),
        ("quantity", "eight", "6", "Quantity: eight → 6.00"),
    ],
)
def test_each_kind_of_field_is_written_as_on_its_page(name: str, old: str, new: str, words: str) -> None:
    assert changes_in_words(log("billing.invoicelinedetail", {name: [old, new]}), "EUR") == [words]


def test_yes_and_no_and_percentages_are_words_too() -> None:
    changed = {"is_on_hold": ["False", "True"]}
    assert changes_in_words(log("projects.customer", changed)) == ["On hold: no → yes"]
    share = {"split_percent": ["50", "33.33"]}
    assert changes_in_words(log("projects.contractlinecustomer", share)) == [
        "Billing split percent: 50% → 33.33%"
    ]


def test_other_facts_follow_and_lists_are_left_out() -> None:
    noted = log("projects.entry", {}, comment="Which customer?", accepted=[{"said": "x"}])
    assert facts_in_words(noted) == ["Comment: Which customer?"]


def test_a_log_outlives_what_it_is_about() -> None:
    assert changes_in_words(log("billing.gone", {"some_name": ["1", "2"]})) == ["Some name: 1 → 2"]
