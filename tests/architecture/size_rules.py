"""How large things may grow. A limit is a ratchet: what stands above it is named here with its reason."""

import ast
from collections.abc import Iterator

from tests.architecture.source_tree import Function, SourceTree

MODULE = 350
VIEWS_MODULE = 250
FUNCTION = 40
LADDER_VERB = 70
HANDLER = 12
TASK = 6


def modules_stay_readable(tree: SourceTree) -> Iterator[str]:
    """No module over 350 lines, no module of views over 250."""
    for module in tree.modules:
        lines = module.text.count("\n")
        limit = VIEWS_MODULE if module.part == "views" else MODULE
        if lines > limit:
            yield f"{module.name} has {lines} lines, {limit} are allowed"


def functions_stay_readable(tree: SourceTree) -> Iterator[str]:
    """No function over 40 lines; a public verb, which is a ladder of refusals and then an act, over 70."""
    for module in tree.modules:
        for function in module.functions():
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            is_ladder = tree.is_verb(module) and not function.name.startswith("_")
            limit = LADDER_VERB if is_ladder else FUNCTION
            if lines > limit:
                yield module.at(function, f"{function.name} has {lines} lines, {limit} are allowed")


def handlers_of_views_are_short(tree: SourceTree) -> Iterator[str]:
    """No method of a view with 12 statements or more: a page collects, calls a verb and shows the result."""
    for module in tree.modules:
        if module.part == "views":
            for node in module.classes():
                for method in node.body:
                    if isinstance(method, Function) and _statements(method) >= HANDLER:
                        name = f"{node.name}.{method.name}"
                        yield module.at(method, f"{name} has {_statements(method)} statements")


def tasks_are_three_lines(tree: SourceTree) -> Iterator[str]:
    """A task takes keys or nothing, calls a verb and returns a count: at most 6 statements."""
    for module in tree.modules:
        if module.name.split(".")[-1] == "tasks":
            for function in module.functions():
                statements = _statements(function)
                if statements > TASK:
                    yield module.at(function, f"{function.name} has {statements} statements, not {TASK}")


def _statements(node: ast.ClassDef | Function) -> int:
    """Statements inside, those of inner functions too; docstrings count for nothing."""
    inside = [inner for inner in ast.walk(node) if isinstance(inner, ast.stmt) and inner is not node]
    return sum(1 for inner in inside if not isinstance(inner, ast.ClassDef | Function) and not _says(inner))


def _says(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
