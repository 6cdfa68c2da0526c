"""How large things may grow. A limit is a ratchet: what stands above it is named here with its reason."""

import ast
from collections.abc import Iterator

from tests.architecture.house import Function, House, Module

MODULE = 350
VIEWS_MODULE = 250
FUNCTION = 40
LADDER_VERB = 70
VIEW_CLASS = 12
TASK = 6


def modules_stay_readable(house: House) -> Iterator[str]:
    """No module over 350 lines, no module of views over 250."""
    for module in house.modules:
        lines = module.text.count("\n")
        limit = VIEWS_MODULE if module.room == "views" else MODULE
        if lines > limit:
            yield f"{module.name} has {lines} lines, {limit} are allowed"


def functions_stay_readable(house: House) -> Iterator[str]:
    """No function over 40 lines; a public verb, which is a ladder of refusals and then an act, over 70."""
    for module in house.modules:
        for function in module.functions():
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            is_ladder = house.is_verb(module) and not function.name.startswith("_")
            limit = LADDER_VERB if is_ladder else FUNCTION
            if lines > limit:
                yield module.at(function, f"{function.name} has {lines} lines, {limit} are allowed")


def view_classes_are_declarations(house: House) -> Iterator[str]:
    """No view class with more than 12 lines of code; docstrings and empty lines count for nothing."""
    for module in house.modules:
        if module.room == "views":
            for node in module.classes():
                lines = _code_lines(module, node)
                if not _is_record(node) and lines > VIEW_CLASS:
                    yield module.at(node, f"{node.name} has {lines} lines of code, not {VIEW_CLASS}")


def tasks_are_three_lines(house: House) -> Iterator[str]:
    """A task takes keys or nothing, calls a verb and returns a count: at most 6 lines of code."""
    for module in house.modules:
        if module.name.split(".")[-1] == "tasks":
            for function in module.functions():
                lines = _code_lines(module, function)
                if lines > TASK:
                    yield module.at(function, f"{function.name} has {lines} lines of code, not {TASK}")


def _is_record(node: ast.ClassDef) -> bool:
    """Whether a class only carries what a page shows."""
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def _code_lines(module: Module, node: ast.ClassDef | Function) -> int:
    text = module.text.splitlines()
    lines = {nth for nth in range(node.lineno, (node.end_lineno or 0) + 1) if text[nth - 1].strip()}
    for inner in ast.walk(node):
        if isinstance(inner, ast.ClassDef | Function) and ast.get_docstring(inner) is not None:
            said = inner.body[0]
            lines -= set(range(said.lineno, (said.end_lineno or said.lineno) + 1))
    return len(lines)
