"""Who imports whom, through however many modules: what contracts cannot say without lists of modules."""

import ast
import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source_tree import APPS, PACKAGES, SourceTree, name_of
from tests.architecture.state_rules import WRITING

FRAMEWORKS = {"django", "django_fsm", "celery"}
# Parts that no layer names, because nothing of the product may import them.
NEVER_IMPORTED = {"apps", "migrations", "management"}
# What only starts and connects has no use for these.
NOT_FOR_WIRING = {"core.refusals", "core.activity_log", "core.outbox", "core.money", "core.querysets"}
CALLS_VERBS = {"config.tasks"}

PROGRAM = """
import sys, json, grimp
graph = grimp.build_graph(*sys.argv[1:], include_external_packages=True, cache_dir=None)
print(json.dumps({each: sorted(graph.find_modules_directly_imported_by(each)) for each in graph.modules}))
"""


@dataclass(frozen=True)
class ImportGraph:
    """Direct imports by module; packages from outside appear by their first name."""

    imports: dict[str, list[str]]

    @classmethod
    def of(cls, root: Path) -> "ImportGraph":
        """Read it in a process of its own: the modules of a planted tree must not replace ours."""
        run = subprocess.run(
            [sys.executable, "-c", PROGRAM, *PACKAGES],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return cls(json.loads(run.stdout))

    def chain(self, start: str, reached: Callable[[str], bool]) -> list[str]:
        """The shortest chain of imports from `start` to a module that answers; empty when there is none."""
        ways: dict[str, str] = {start: ""}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for target in self.imports.get(here, []):
                if target in ways:
                    continue
                ways[target] = here
                if reached(target):
                    return self._back(ways, target)
                waiting.append(target)
        return []

    @staticmethod
    def _back(ways: dict[str, str], end: str) -> list[str]:
        chain = [end]
        while ways[chain[0]]:
            chain.insert(0, ways[chain[0]])
        return chain


def pure_rules_know_no_database(tree: SourceTree, graph: ImportGraph) -> Iterator[str]:
    """No chain leads from a pure module to Django, its state machines or the queue."""
    yield from _chains(graph, sorted(tree.pure), lambda target: target.split(".")[0] in FRAMEWORKS)


def declarations_do_not_act(tree: SourceTree, graph: ImportGraph) -> Iterator[str]:
    """Forms collect, tables and filters show: no chain leads from them to a verb or a writer."""
    acting = tree.verb_parts | tree.writing_parts

    def acts(target: str) -> bool:
        package, _dot, rest = target.partition(".")
        return package in APPS and rest.split(".")[0] in acting

    declaring = [module.name for module in tree.modules if module.part in tree.declaring_parts]
    yield from _chains(graph, declaring, acts)


def only_layers_are_imported(tree: SourceTree, graph: ImportGraph) -> Iterator[str]:
    """What the apps import of one another has a layer; app settings, migrations and commands have none."""
    layered = {app: set().union(*tree.layers_of(app)) for app in APPS}
    for importer, targets in sorted(graph.imports.items()):
        if importer.split(".")[0] not in APPS or "migrations" in importer.split("."):
            continue
        for target in targets:
            package, _dot, rest = target.partition(".")
            part = rest.split(".")[0]
            if package in set(PACKAGES) - set(APPS) or (
                package in APPS and part and (part not in layered[package] or part in NEVER_IMPORTED)
            ):
                yield f"{importer} -> {target}, which has no layer below it"


def config_only_wires(tree: SourceTree, graph: ImportGraph) -> Iterator[str]:
    """Config starts, routes and connects: no tables, no rows written, no refusals, no money computed.

    Only its tasks call verbs. Nobody imports it.
    """
    for importer, targets in sorted(graph.imports.items()):
        for target in targets:
            if not importer.startswith("config"):
                if target.split(".")[0] == "config":
                    yield f"{importer} imports {target}"
            elif target in NOT_FOR_WIRING:
                yield f"{importer} imports {target}"
            elif _is_verb(tree, target) and importer not in CALLS_VERBS:
                yield f"{importer} calls verbs of {target}"
    for module in tree.modules:
        if module.package == "config":
            if module.part in {"models", "querysets", "states", "guards", "migrations"}:
                yield f"{module.name} is no wiring"
            for call in module.calls():
                called = ast.unparse(call.func)
                if called.endswith((".save", ".atomic")) or (
                    ".objects" in called and name_of(call) in WRITING
                ):
                    yield f"{module.name} writes by {called}"


def _is_verb(tree: SourceTree, name: str) -> bool:
    package, _dot, rest = name.partition(".")
    return package in APPS and rest.split(".")[0] in tree.verb_parts


def _chains(graph: ImportGraph, starts: Iterable[str], reached: Callable[[str], bool]) -> Iterator[str]:
    for start in starts:
        chain = graph.chain(start, reached)
        if chain:
            yield " -> ".join(chain)
