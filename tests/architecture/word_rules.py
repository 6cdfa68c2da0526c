"""What code may say where: permissions, rounding, the clock, trusted markup, names and docstrings."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source_tree import APPS, Module, SourceTree, name_of

PERMISSION_WORDS = {
    "has_perm",
    "has_perms",
    "has_module_perms",
    "is_staff",
    "is_superuser",
    "user_passes_test",
    "permission_required",
    "PermissionRequiredMixin",
    "UserPassesTestMixin",
}
# Access policies and roles; the people of the demo company are created, not judged.
ASKS_PERMISSIONS = re.compile(r"\w+\.(access|roles)|core\.querysets|demo(\.\w+)?")

EDGES = {"views", "admin", "admin_kit", "answering", "tasks", "outbox_handlers", "pages", "management"}
READS_THE_CLOCK = {"now", "today", "utcnow", "localdate", "localtime"}

ROUNDING = {"ROUND_HALF_UP", "ROUND_HALF_EVEN", "ROUND_DOWN", "ROUND_UP", "ROUND_FLOOR", "ROUND_CEILING"}

# Modules that grow for ever, because their names refuse nothing.
DUMPING_GROUNDS = {
    "base",
    "common",
    "constants",
    "data",
    "handlers",
    "helper",
    "helpers",
    "managers",
    "misc",
    "mixins",
    "selectors",
    "services",
    "shared",
    "signals",
    "tools",
    "util",
    "utils",
}
MARKS_TEXT = {
    "_",
    "gettext",
    "gettext_lazy",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
}
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def permissions_are_asked_in_access_modules(tree: SourceTree) -> Iterator[str]:
    """Only access modules look at permissions of a user; everybody else asks `may` and `visible_to`."""
    for module in tree.modules:
        if not ASKS_PERMISSIONS.fullmatch(module.name):
            for node in module.nodes:
                word = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
                if word in PERMISSION_WORDS:
                    yield module.at(node, f"uses {word}")


def money_is_decimal_and_rounded_once(tree: SourceTree) -> Iterator[str]:
    """No floats, no round(), and no rounding mode outside core.money."""
    for module in tree.modules:
        if module.package not in APPS:
            continue
        for node in module.calls():
            if isinstance(node.func, ast.Name) and node.func.id in {"float", "round"}:
                yield module.at(node, f"calls {node.func.id}()")
        for node in module.nodes:
            word = name_of(node) if isinstance(node, ast.Name | ast.Attribute) else ""
            if word in ROUNDING and module.name != "core.money":
                yield module.at(node, f"chooses {word}")
            if word == "FloatField":
                yield module.at(node, "keeps a float")


def the_clock_is_read_at_the_edge(tree: SourceTree) -> Iterator[str]:
    """Verbs and all below them are handed the time."""
    for module in tree.modules:
        if module.package not in APPS or module.part in EDGES:
            continue
        for node in module.nodes:
            if isinstance(node, ast.Call) and not node.args and name_of(node) in READS_THE_CLOCK:
                yield module.at(node, f"reads the clock by {name_of(node)}()")
            if not isinstance(node, ast.keyword):
                continue
            if node.arg in {"auto_now", "auto_now_add"}:
                yield module.at(node.value, f"lets the model read the clock by {node.arg}")
            if node.arg in {"default", "clock"} and name_of(node.value) in READS_THE_CLOCK:
                yield module.at(node.value, "hands the clock over as a default")


def markup_is_trusted_in_template_tags_only(tree: SourceTree) -> Iterator[str]:
    """mark_safe and SafeString() outside template tags, `|safe` and autoescape off in templates."""
    for module in tree.modules:
        if module.part != "templatetags":
            for node in module.calls():
                if name_of(node) in {"mark_safe", "SafeString", "SafeText"}:
                    yield module.at(node, f"trusts markup by {name_of(node)}()")
    for template in tree.templates:
        if template.suffix in {".html", ".txt", ".xml"}:
            for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1):
                if re.search(r"\|\s*safe\b|autoescape\s+off", line):
                    yield f"{template.relative_to(tree.root)}:{number} trusts markup"


def templates_only_show(tree: SourceTree) -> Iterator[str]:
    """No arithmetic and no question about permissions in a template: the page has answered them."""
    for template in tree.templates:
        if template.suffix in {".html", ".txt", ".xml"}:
            for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1):
                if re.search(r"\|\s*add:|{%\s*widthratio|(?<![.\w])perms\.|\bis_(staff|superuser)\b", line):
                    yield f"{template.relative_to(tree.root)}:{number} decides something"


def template_lines_stay_readable(tree: SourceTree) -> Iterator[str]:
    """A line of a template shows on a screen as a whole: under 160 characters."""
    for template in tree.templates:
        if template.suffix in {".html", ".txt", ".xml"}:
            for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1):
                if len(line) >= 160:
                    yield f"{template.relative_to(tree.root)}:{number} has {len(line)} characters"


def texts_are_marked_where_the_catalogue_reads_them(tree: SourceTree) -> Iterator[str]:
    """No text is marked inside an f-string: the catalogue's reader does not see it before Python 3.12."""
    for module in tree.modules:
        for text in (node for node in module.nodes if isinstance(node, ast.JoinedStr)):
            for node in ast.walk(text):
                if isinstance(node, ast.Call) and name_of(node.func) in MARKS_TEXT:
                    yield module.at(node, f"marks a text with {name_of(node.func)}() inside an f-string")


def names_say_something(tree: SourceTree) -> Iterator[str]:
    """No module whose name refuses nothing, and no star imports."""
    for module in tree.modules:
        if module.name.split(".")[-1] in DUMPING_GROUNDS:
            yield f"{module.name} is a name for anything"
        for node in module.nodes:
            if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
                yield module.at(node, "imports everything")


def nothing_is_left_unfinished(tree: SourceTree) -> Iterator[str]:
    """A note to oneself is work that nobody sees."""
    for module in tree.modules:
        for number, line in enumerate(module.text.splitlines(), 1):
            if UNFINISHED.search(line):
                yield f"{module.name}:{number} {line.strip()}"


def decisions_are_documented(tree: SourceTree) -> Iterator[str]:
    """Every module says what it is for; in verbs and pure rules every public function and class does."""
    for module in tree.modules:
        if module.text.strip() and ast.get_docstring(module.tree) is None:
            yield f"{module.name} says nothing about itself"
        if tree.is_verb(module) or module.name in tree.pure:
            yield from _undocumented(module)


def _undocumented(module: Module) -> Iterator[str]:
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield module.at(node, f"{node.name} has no docstring")
