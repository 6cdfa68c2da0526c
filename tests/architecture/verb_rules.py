"""What verbs take, and that whatever they refuse is asserted in a test."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.source_tree import APPS, ROOT, Function, Module, SourceTree, name_of, nodes_of

RAISED = re.compile(r"Refused\b[^:.]*:\s*([^.(]+)")
CODE = re.compile(r"\s*([a-z]+(?:-[a-z]+)*)(?:\s+and\s.*)?\s*", re.DOTALL)
# The tests of the rules themselves assert no behaviour.
ASSERTS_NOTHING = "architecture"


def verbs_say_what_they_take(tree: SourceTree) -> Iterator[str]:
    """No public parameter of verbs and of what they share is `Any`, as a whole or in part, or untyped."""
    below = tree.shared_parts | tree.writing_parts
    for module in tree.modules:
        if not tree.is_verb(module) and (module.package not in APPS or module.part not in below):
            continue
        for function in _public(module):
            for parameter in _parameters(function):
                if parameter.annotation is None or _holds_any(parameter.annotation):
                    yield module.at(function, f"{function.name} takes anything as {parameter.arg}")


def refusals_are_asserted(tree: SourceTree) -> Iterator[str]:
    """Every code of a refusal stands in a test: those the code makes, and those a docstring promises."""
    asserted = _texts_of_tests(ROOT / "tests")
    for module in tree.modules:
        for node, pattern in (*_made(module), *_promised(module)):
            if not _stands_in(asserted, pattern):
                yield module.at(node, f"refuses with {_readable(pattern)}, which no test asserts")


def _stands_in(texts: frozenset[str], pattern: re.Pattern[str]) -> bool:
    if ".+" not in pattern.pattern:
        return re.sub(r"\\(.)", r"\1", pattern.pattern) in texts
    return any(pattern.fullmatch(text) for text in texts)


def activity_says_what_changed(tree: SourceTree) -> Iterator[str]:
    """Every row of the activity log names values or states before and after, or what else was done."""
    said = {"changes", "states", "from_states", "to_state", "facts", "own_facts"}
    for module in tree.modules:
        if module.package != "billing":
            continue
        for call in module.calls():
            if name_of(call) == "log_activity" and not said & {word.arg for word in call.keywords}:
                yield module.at(call, "log_activity says neither what changed nor from where to where")


def _public(module: Module) -> Iterator[Function]:
    for node in module.tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            inside = [node] if isinstance(node, Function) else node.body
            yield from (one for one in inside if isinstance(one, Function) and not one.name.startswith("_"))


def _parameters(function: Function) -> list[ast.arg]:
    taken = function.args
    every = [*taken.posonlyargs, *taken.args, taken.vararg, *taken.kwonlyargs, taken.kwarg]
    return [one for one in every if one is not None and one.arg not in {"self", "cls"}]


def _holds_any(annotation: ast.expr) -> bool:
    return any(name_of(node) == "Any" for node in ast.walk(annotation))


@cache
def _texts_of_tests(folder: Path) -> frozenset[str]:
    return frozenset(
        node.value
        for path in folder.rglob("*.py")
        if ASSERTS_NOTHING not in path.parts
        for node in nodes_of(path.read_text(encoding="utf-8"))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _made(module: Module) -> Iterator[tuple[ast.AST, re.Pattern[str]]]:
    """The codes of refusals made here; one that a function is given is looked up where it is called."""
    for call in module.calls():
        if name_of(call) == "Refusal":
            given = [*call.args[:1], *(word.value for word in call.keywords if word.arg == "code")]
            for code in given:
                yield from _patterns(module, call, code)


def _patterns(module: Module, call: ast.Call, code: ast.expr) -> Iterator[tuple[ast.AST, re.Pattern[str]]]:
    if isinstance(code, ast.Constant):
        yield call, re.compile(re.escape(str(code.value)))
    elif isinstance(code, ast.IfExp):
        yield from _patterns(module, call, code.body)
        yield from _patterns(module, call, code.orelse)
    elif isinstance(code, ast.JoinedStr):
        parts = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else ".+" for one in code.values]
        yield call, re.compile("".join(parts))
    elif isinstance(code, ast.Name):
        for function in module.functions():
            names = [one.arg for one in function.args.args]
            if code.id in names and call in ast.walk(function):
                yield from _handed_in(module, function.name, names.index(code.id))


def _handed_in(module: Module, name: str, nth: int) -> Iterator[tuple[ast.AST, re.Pattern[str]]]:
    for call in module.calls():
        if name_of(call) == name and len(call.args) > nth:
            yield from _patterns(module, call, call.args[nth])


def _promised(module: Module) -> Iterator[tuple[ast.AST, re.Pattern[str]]]:
    for function in module.functions():
        text = re.sub(r"(?<=-)\s+", "", ast.get_docstring(function) or "")
        for codes in RAISED.findall(text):
            for part in codes.split(","):
                if code := CODE.fullmatch(part):
                    yield function, re.compile(code[1])


def _readable(pattern: re.Pattern[str]) -> str:
    return pattern.pattern.replace("\\", "")
