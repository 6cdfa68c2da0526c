"""State columns are written, and facts made, only where the layers say so."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django_fsm import FSMFieldMixin

from tests.architecture.source_tree import APPS, OUTBOX_WRITERS, Module, SourceTree, name_of, root_of

# Machine words on querysets: they walk rows through a transition, so calling them is writing state.
MACHINE_WORDS = {"move", "walk"}
# The machinery itself, where those words are made.
MACHINERY = {"core.querysets"}
WRITERS = {
    "projects.recording": {"Actual", "ActualEvent", "ActualEventSeal", "Adjustment", "WorkItem"},
    "accounting.booking": {"Voucher", "VoucherLine", "VoucherSeal"},
}
WRITING = {
    "create",
    "bulk_create",
    "get_or_create",
    "update_or_create",
    "update",
    "bulk_update",
    "delete",
    "insert_from",
    "save",
}
MAKING = {"create", "get_or_create", "update_or_create"}


@dataclass(frozen=True)
class Machines:
    """The state machines of the app registry: models that have one, state columns, transition methods."""

    models: set[str]
    columns: set[str]
    transitions: set[str]

    @classmethod
    def of_the_models(cls) -> "Machines":
        """Read them from the models themselves, so that a new machine is held at once."""
        machines = cls(set(), set(), set())
        for model in apps.get_models():
            fields = [field for field in model._meta.concrete_fields if isinstance(field, FSMFieldMixin)]
            if model._meta.app_label in APPS and fields:
                machines.models.add(model.__name__)
                machines.columns.update(field.name for field in fields)
                methods = (getattr(model, name, None) for name in dir(model))
                machines.transitions.update(one.__name__ for one in methods if hasattr(one, "_django_fsm"))
        return machines


def state_is_written_by_verbs(tree: SourceTree, machines: Machines) -> Iterator[str]:
    """Assignments to state columns, updates of them, transitions and machine words outside verbs."""
    for module in tree.modules:
        if tree.is_verb(module) or module.name in MACHINERY | OUTBOX_WRITERS:
            continue
        for node in module.nodes:
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                yield from _assignments(module, node, machines)
            elif isinstance(node, ast.Call):
                yield from _calls(module, node, machines)


def _assignments(module: Module, node: ast.AST, machines: Machines) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        for each in ast.walk(target):
            if isinstance(each, ast.Attribute) and each.attr in machines.columns:
                yield module.at(node, f"assigns {ast.unparse(each)}")


def _calls(module: Module, node: ast.Call, machines: Machines) -> Iterator[str]:
    called = name_of(node)
    named = {keyword.arg for keyword in node.keywords}
    if isinstance(node.func, ast.Attribute):
        if called in MACHINE_WORDS:
            yield module.at(node, f"calls .{called}()")
        if called in machines.transitions and _may_be_a_row(module, node):
            yield module.at(node, f"calls the transition {called}()")
        if called in {"update", "update_or_create"} and named & machines.columns:
            yield module.at(node, f"updates {', '.join(sorted(named & machines.columns))}")
        if called == "bulk_update" and _texts(node) & machines.columns:
            yield module.at(node, f"updates {', '.join(sorted(_texts(node) & machines.columns))} in bulk")
    elif called == "setattr" and _texts(node) & machines.columns:
        yield module.at(node, "sets a state column by its name")
    makes = root_of(node.func) in machines.models and called in MAKING | machines.models
    if makes and named & machines.columns:
        yield module.at(node, f"makes a {root_of(node.func)} in a state of its choice")


def _may_be_a_row(module: Module, node: ast.Call) -> bool:
    """Transitions take keywords only; a page's own `post` and a thread's `start` are none of them."""
    own = root_of(node.func) in {"self", "super", "cls"}
    return module.knows_rows and not node.args and not own


def _texts(node: ast.Call) -> set[str]:
    return {
        each.value
        for argument in node.args
        for each in ast.walk(argument)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def facts_are_written_by_their_recorder(tree: SourceTree) -> Iterator[str]:
    """Actuals, work items and vouchers are inserted by one module each, and changed by none."""
    for module in tree.modules:
        for writer, models in WRITERS.items():
            if module.name == writer:
                continue
            for node in module.calls():
                if name_of(node) not in WRITING:
                    continue
                written = root_of(node.func) if isinstance(node.func, ast.Attribute) else ""
                if name_of(node) == "insert_from" and node.args:
                    written = name_of(node.args[0])
                if written in models:
                    yield module.at(node, f"writes {written}; only {writer} does")
