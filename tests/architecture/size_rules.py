"""How large things may grow. A limit is a ratchet: what stands above it is named here with its reason."""

import ast
from collections.abc import Iterator

from tests.architecture.source_tree import Function, SourceTree

MODULE = 350
VIEWS_MODULE = 250
FUNCTION = 40
LADDER_VERB = 70
VIEW_CLASS = 12
TASK = 6
# What several pages share and no page repeats: name, limit, reason.
SHARED_BY_PAGES = {
    "billing.views.page_defaults.Asking": (
        17,
        "asks before acting, for every page that does; carries the selection along",
    ),
    "billing.views.drafts.Drafting": (
        18,
        "creates drafts from any selection, for the backlog and the milestones",
    ),
}


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


def view_classes_are_declarations(tree: SourceTree) -> Iterator[str]:
    """No view class with more than 12 statements, methods included: a page declares, it does not decide."""
    for module in tree.modules:
        if module.part == "views":
            for node in module.classes():
                limit, _reason = SHARED_BY_PAGES.get(f"{module.name}.{node.name}", (VIEW_CLASS, ""))
                statements = _statements(node)
                if not _is_record(node) and statements > limit:
                    yield module.at(node, f"{node.name} has {statements} statements, not {limit}")


def tasks_are_three_lines(tree: SourceTree) -> Iterator[str]:
    """A task takes keys or nothing, calls a verb and returns a count: at most 6 statements."""
    for module in tree.modules:
        if module.name.split(".")[-1] == "tasks":
            for function in module.functions():
                statements = _statements(function)
                if statements > TASK:
                    yield module.at(function, f"{function.name} has {statements} statements, not {TASK}")


def _is_record(node: ast.ClassDef) -> bool:
    """Whether a class only carries what a page shows."""
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def _statements(node: ast.ClassDef | Function) -> int:
    """Statements inside, those of inner functions too; docstrings count for nothing."""
    inside = [inner for inner in ast.walk(node) if isinstance(inner, ast.stmt) and inner is not node]
    return sum(1 for inner in inside if not isinstance(inner, ast.ClassDef | Function) and not _says(inner))


def _says(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
