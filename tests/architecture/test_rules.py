"""The tree keeps its rules. A failure names the place; the docstring of the rule says what it asks."""

from collections.abc import Callable, Iterator

import pytest

from tests.architecture import size_rules, state_rules, verb_rules, word_rules
from tests.architecture.import_contracts import checked
from tests.architecture.source_tree import ROOT, SourceTree
from tests.architecture.state_rules import Machines

RULES: list[Callable[[SourceTree], Iterator[str]]] = [
    state_rules.facts_are_written_by_their_recorder,
    word_rules.permissions_are_asked_in_access_modules,
    word_rules.money_is_decimal_and_rounded_once,
    word_rules.the_clock_is_read_at_the_edge,
    word_rules.markup_is_trusted_in_template_tags_only,
    word_rules.templates_only_show,
    word_rules.template_lines_stay_readable,
    word_rules.texts_are_marked_where_the_catalogue_reads_them,
    word_rules.names_say_something,
    word_rules.nothing_is_left_unfinished,
    word_rules.decisions_are_documented,
    verb_rules.verbs_say_what_they_take,
    verb_rules.refusals_are_asserted,
    verb_rules.activity_says_what_changed,
    size_rules.modules_stay_readable,
    size_rules.functions_stay_readable,
    size_rules.handlers_of_views_are_short,
    size_rules.tasks_are_three_lines,
]


@pytest.fixture(scope="module")
def tree() -> SourceTree:
    return SourceTree()


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_rule_holds(tree: SourceTree, rule: Callable[[SourceTree], Iterator[str]]) -> None:
    assert list(rule(tree)) == []


def test_state_is_written_by_verbs(tree: SourceTree) -> None:
    assert list(state_rules.state_is_written_by_verbs(tree, Machines.of_the_models())) == []


def test_import_contracts_are_kept() -> None:
    report = checked(ROOT)
    assert report.broken == set(), report.text
    assert report.kept == set(SourceTree().contracts)


def test_layers_are_read_as_they_are_written(tree: SourceTree) -> None:
    """The other rules lean on the layers: were they misread, verbs would be everywhere or nowhere."""
    assert {"confirming", "approving", "posting", "scheduling"} <= tree.verb_parts
    assert tree.verb_parts.isdisjoint({"models", "views", "admin", "forms", "recording", "access", "pages"})
    assert tree.declaring_parts == {"forms", "tables", "filters"}
    assert {"recording", "numbering", "booking"} <= tree.writing_parts
    verbs = {module.name for module in tree.modules if tree.is_verb(module)}
    assert {"billing.confirming", "projects.approving", "accounting.posting"} <= verbs
    assert {"core.money", "core.documents.facts", "billing.splitting", "accounting.profiles"} <= tree.pure
    assert tree.pure.isdisjoint({"core.documents.rendering", "core.fields", "billing.totalling"})
