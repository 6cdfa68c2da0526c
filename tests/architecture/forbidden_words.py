"""Words that the tree does not use, because a plainer one exists; only this file and its test spell them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source_tree import nodes_of

FOLDERS = (
    "core",
    "projects",
    "billing",
    "accounting",
    "real_hours",
    "demo",
    "bench",
    "config",
    "tests",
    "templates",
    "static",
    "docs",
    ".ci",
)
FILES = ("README.md", "dev.py", "manage.py", "pyproject.toml")
SUFFIXES = {".py", ".sql", ".html", ".txt", ".css", ".js", ".typ", ".md", ".toml", ".svg", ""}
SPELL_THEM = {"tests/architecture/forbidden_words.py", "tests/architecture/test_words.py"}

# Never, neither in names nor in sentences: what to say instead.
WORDS = {
    "storey": "app",
    "floor": "layer, app",
    "roof": "config",
    "room": "module, layer",
    "door": "access policy, permission, entrance",
    "window": "admin page",
    "rail": "sidebar",
    "strip": "KPIs, figures",
    "sheet": "panel, detail",
    "crowd": "group, set",
    "parcel": "chunk",
    "deed": "action",
    "told": "shown, named, history",
    "house": "product, company",
    "housed": "page defaults",
    "ruling": "posting rule",
    "seat": "staff flag",
    "guest": "caller",
    "agreeing": "contract terms",
    "actualising": "actuals",
    "readying": "marking ready",
    "remembering": "activity log",
}
PHRASES = {
    "leave_work": "outbox.enqueue",
    "contract_story": "contract history",
    "legal_step": "action",
    "found_books": "create_books",
    "form_arguments": "get_form_kwargs",
    "charted": "chart pictures",
    "charting": "posting context",
}
ANY_PHRASE = re.compile("|".join(PHRASES))
# As the name of something; in a sentence they are English.
NAMES = {"found": "the thing that was looked up", "told": "the thing that was said"}
# Django has a hook for each of these.
HOOKS = {
    "rows": "get_queryset",
    "found": "get_object",
    "context": "get_context_data",
    "shown": "render_to_response",
    "form_arguments": "get_form_kwargs",
    "destination": "get_success_url",
    "back": "cancel_url",
    "sentence": "get_success_message",
    "act": "form_valid",
    "require": "has_permission",
    "admits": "has_permission",
    "asked": "params",
    "said": "cleaned_data",
    "narrowed": "filtered",
    "worded": "display_value",
}
HAVE_HOOKS = {"views", "pages", "admin", "admin_kit"}
# Names of classes that were given up.
CLASSES = {
    "Window": "ReadOnlyAdmin",
    "Rows": "ReadOnlyInline",
    "Shown": "columns",
    "Chosen": "SelectionAction",
    "Asking": "ConfirmedAction",
    "Housed": "page defaults",
    "Told": "event",
}
# What people read says "reversal"; code may say "mirror".
READ_BY_PEOPLE = re.compile(r"""(?:\b_|gettext\w*|guard_\w+|ABORT,)\(?\s*(['"])(.*?)\1""")

ALLOWED = re.compile(
    r"\.[lr]?strip\(|\bstrip_tags\b|\bstrip=|\.strip\b"  # str.strip
    r"|\bwindow\.|\bin window\b|\bbrowser windows?\b|\bopen\w* windows?\b"  # the browser's own
    r"|\b[Ww]indows-1252\b"  # an encoding
    r"|\.sheet_state\b"  # a spreadsheet's own
    r"|\bMath\.floor\b|\bmath\.floor\b|\bROUND_FLOOR\b|\bFLOOR\("  # arithmetic
    r"|\b[Bb]alance sheets?\b|\b[Tt]ime sheets?\b|\b(?:style|[Cc]ount) sheets?\b"  # accounts, hours, CSS
)
PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@dataclass(frozen=True)
class Line:
    """One line of one file."""

    path: str
    number: int
    text: str

    def finding(self, word: str, instead: str) -> str:
        """The word, its place, and what to say instead."""
        return f"{self.path}:{self.number} {word} ({instead})"


def lines_of(root: Path) -> Iterator[Line]:
    """Every line of the tree that people write."""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*"))]
    for path in [*paths, *(root / file for file in FILES)]:
        name = path.relative_to(root).as_posix()
        if (
            path.is_file()
            and path.suffix in SUFFIXES
            and name not in SPELL_THEM
            and "__pycache__" not in name
        ):
            for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield Line(name, number, text)


def used(root: Path) -> Iterator[str]:
    """Forbidden words in any text, and paths that carry one."""
    paths: set[str] = set()
    for line in lines_of(root):
        yield from _words(line, ALLOWED.sub(" ", line.text))
        if line.path not in paths:
            paths.add(line.path)
            yield from _words(Line(line.path, 0, ""), line.path)


def _words(line: Line, text: str) -> Iterator[str]:
    lowered = text.lower()
    for part in {part.lower() for part in PARTS.findall(text)}:
        for word in {part, part.removesuffix("s")} & WORDS.keys():
            yield line.finding(word, WORDS[word])
    if ANY_PHRASE.search(lowered):
        for phrase, instead in PHRASES.items():
            if re.search(rf"(?<![a-z]){phrase}(?![a-z])", lowered):
                yield line.finding(phrase, instead)


def read_by_people(root: Path) -> Iterator[str]:
    """Messages, templates and pages of the documentation that say mirror for a reversal."""
    for line in lines_of(root):
        folder = line.path.split("/")[0]
        texts = [text for _quote, text in READ_BY_PEOPLE.findall(line.text)]
        if folder == "templates":
            texts = [line.text]
        if folder != "tests" and any(re.search(r"\bmirror", text, re.IGNORECASE) for text in texts):
            yield line.finding("mirror", "reversal")


def named(root: Path) -> Iterator[str]:
    """Variables, parameters, functions and classes with a forbidden name."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if name in SPELL_THEM:
                continue
            parts = set(name.split("/"))
            for node in nodes_of(path.read_text(encoding="utf-8")):
                yield from (
                    Line(name, getattr(node, "lineno", 0), "").finding(word, instead)
                    for word, instead in _names(node, bool(parts & HAVE_HOOKS) and "tests" not in parts)
                )


def _names(node: ast.AST, has_hooks: bool) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in NAMES:
        yield node.id, NAMES[node.id]
    if isinstance(node, ast.arg) and node.arg in NAMES:
        yield node.arg, NAMES[node.arg]
    if isinstance(node, ast.ClassDef):
        if node.name in CLASSES:
            yield node.name, CLASSES[node.name]
        if has_hooks:
            for each in node.body:
                if isinstance(each, ast.FunctionDef) and each.name in HOOKS:
                    yield f"{node.name}.{each.name}", HOOKS[each.name]
