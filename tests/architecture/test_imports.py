"""What may be reached through imports; each rule is also run over a copy of the tree with planted faults."""

from collections.abc import Callable, Iterator

import pytest

from tests.architecture import import_graph
from tests.architecture.copies import CopyOf, plant
from tests.architecture.import_graph import ImportGraph
from tests.architecture.source_tree import ROOT, SourceTree

Rule = Callable[[SourceTree, ImportGraph], Iterator[str]]

# Rule: (file that gets the fault, the fault, what the finding must say).
FAULTS: dict[Rule, list[tuple[str, str, str]]] = {
    import_graph.pure_rules_know_no_database: [
        ("core/money.py", "from django.db import models", "core.money -> django"),
        ("billing/splitting.py", "from core import fields", "billing.splitting -> core.fields -> django"),
        ("core/documents/labels.py", "import django", "core.documents.labels -> django"),
    ],
    import_graph.declarations_do_not_act: [
        (
            "billing/filters/runs.py",
            "from billing import scheduling",
            "billing.filters.runs -> billing.scheduling",
        ),
        (
            "projects/tables/planted.py",
            "from projects import recording",
            "projects.tables.planted -> projects.recording",
        ),
    ],
    import_graph.only_layers_are_imported: [
        ("billing/totalling.py", "from projects import apps", "billing.totalling -> projects.apps"),
        ("core/access.py", "import demo.people", "core.access -> demo.people"),
    ],
    import_graph.config_only_wires: [
        ("config/navigation.py", "from billing import confirming", "calls verbs of billing.confirming"),
        ("config/middleware.py", "from core import refusals", "config.middleware imports core.refusals"),
        ("config/celery.py", "def planted(row):\n    row.save()", "config.celery writes by row.save"),
        ("config/models.py", '"""Tables."""', "config.models is no wiring"),
        ("demo/people.py", "import config.settings", "demo.people imports config.settings"),
    ],
}
RULES = list(FAULTS)
NAMES = [rule.__name__ for rule in RULES]


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    return ImportGraph.of(ROOT)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rule_holds(graph: ImportGraph, rule: Rule) -> None:
    assert list(rule(SourceTree(), graph)) == []


def test_the_graph_is_the_whole_product(graph: ImportGraph) -> None:
    assert {module.name for module in SourceTree().modules} <= set(graph.imports)
    assert "billing.confirming" in graph.imports["billing.views.confirmation"]
    assert graph.chain("billing.views.confirmation", lambda target: target == "projects.recording")


@pytest.fixture(scope="module")
def planted(copy_of: CopyOf) -> tuple[SourceTree, ImportGraph]:
    root = copy_of("graph")
    for faults in FAULTS.values():
        for file, fault, _says in faults:
            plant(root, file, fault)
    return SourceTree(root), ImportGraph.of(root)


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rule_bites(planted: tuple[SourceTree, ImportGraph], rule: Rule) -> None:
    findings = list(rule(*planted))
    for _file, _fault, says in FAULTS[rule]:
        assert any(says in finding for finding in findings), (says, findings)
