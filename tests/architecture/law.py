"""The rules of docs/rules.md, and the citations of them in the tree."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.architecture.source_tree import nodes_of

RULES = "docs/rules.md"
FOLDERS = ("core", "projects", "billing", "accounting", "real_hours", "demo", "bench", "config", "tests")
TEMPLATES = {".html", ".txt", ".xml", ".typ"}

CODE = r"[A-Z]\d{1,2}[a-z]?"
ROW = re.compile(rf"^\| (decision \d+|#\d+[a-z]?|{CODE}) \|")
HELD_BY = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")

SPAN = re.compile(r"\b([A-Z])(\d{1,2}[a-z]?)(?:\s*(?:-|to)\s*\1(\d{1,2}))?\b")
DECISIONS = re.compile(r"\b[Dd]ecisions? (\d+(?:(?:, |-| to | and )\d+)*)")
MATRIX = re.compile(r"\bmatrix 4\.1 ((?:#\d+[a-z]?(?:, |-| to | and )?)+)")
# In a message only a bracket that holds nothing but codes is a citation.
BRACKET = re.compile(
    rf"\((?:{CODE}|decisions? \d+)(?:(?:, |; |-| to | and )(?:{CODE}|decisions? \d+|\d+))*\)"
)
# Files of docs/decisions are cited by their four digits alone, never as decisions, which are the product's.
RECORD = re.compile(r"\b[Rr]ecord (\d{4})\b")
MISTAKEN = re.compile(r"docs/decisions/\d+|\b[Dd]ecision record \d+|\[[Dd]ecision \d+\]\([^)]*decisions/")
# Letters that rules begin with.
LETTERS = set("ABCDFGIJKLMNOPQRSTX")
# Documents that are not in this repository.
ELSEWHERE = re.compile(r"\b(RELIABILITY|DOMAIN|PRODUCT|PERFORMANCE|PEERS|DEPENDENCIES|UX)\b[^)\n]{0,20}")


@dataclass(frozen=True)
class Rule:
    """A row of the page: its code, how far it is built, and the tests that hold it."""

    code: str
    state: str
    tests: tuple[tuple[str, str], ...]

    @property
    def holds(self) -> bool:
        """Whether the product keeps it today, if only in part."""
        return self.state.startswith(("built", "partly"))


@dataclass(frozen=True)
class Passage:
    """A piece of text in which rules may be cited, with its place."""

    path: str
    line: int
    text: str
    is_message: bool = False

    def codes(self) -> list[str]:
        """Every code that is cited here, spans written out."""
        texts = BRACKET.findall(self.text) if self.is_message else [self.text]
        return [code for text in texts for code in codes_in(text)]


def codes_in(text: str) -> list[str]:
    """The codes that a text cites: `J2-J4` are three, `decisions 2 to 4` as well."""
    codes: list[str] = []
    for letter, first, last in SPAN.findall(text):
        if letter in LETTERS:
            codes += _span(letter, first, last)
    for numbers in DECISIONS.findall(text):
        codes += [f"decision {number}" for number in _numbers(numbers)]
    for numbers in MATRIX.findall(text):
        codes += [f"#{number}" for number in _numbers(numbers)]
    return codes


def _span(letter: str, first: str, last: str) -> list[str]:
    if not last:
        return [f"{letter}{first}"]
    return [f"{letter}{number}" for number in range(int(first), int(last) + 1)]


def _numbers(text: str) -> list[str]:
    """`2, 4 to 6` as single numbers; `4b` stays what it is."""
    numbers: list[str] = []
    for first, last in re.findall(r"#?(\d+[a-z]?)(?:(?:-| to )#?(\d+))?", text):
        numbers += [first] if not last else [str(each) for each in range(int(first), int(last) + 1)]
    return numbers


class Law:
    """The page of rules below a root, and everything in the tree that cites it."""

    def __init__(self, root: Path):
        self.root = root

    @cached_property
    def rules(self) -> list[Rule]:
        """Every row of the page that begins with a code."""
        lines = (self.root / RULES).read_text(encoding="utf-8").splitlines()
        return [self._rule(line) for line in lines if ROW.match(line)]

    @staticmethod
    def _rule(line: str) -> Rule:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        return Rule(cells[0], cells[-2], tuple(HELD_BY.findall(cells[-1])))

    @cached_property
    def codes(self) -> set[str]:
        """The codes of all rules."""
        return {rule.code for rule in self.rules}

    def passages(self) -> Iterator[Passage]:
        """Comments, docstrings, messages and SQL of the product, its templates and its tests."""
        for folder in (*FOLDERS, "templates"):
            for path in sorted((self.root / folder).rglob("*")):
                name = path.relative_to(self.root).as_posix()
                if path.suffix == ".py" and "migrations" not in path.parts and "law" not in path.stem:
                    yield from _python(name, path.read_text(encoding="utf-8"))
                elif path.suffix == ".sql" or path.suffix in TEMPLATES:
                    # Paths of pictures look like codes, so templates cite in brackets only.
                    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
                    yield from (Passage(name, at, line, path.suffix in TEMPLATES) for at, line in lines)

    def unknown(self) -> list[str]:
        """Citations of rules that the page does not have."""
        return [
            f"{passage.path}:{passage.line} cites {code}"
            for passage in self.passages()
            for code in passage.codes()
            if code not in self.codes
        ]

    def elsewhere(self) -> list[str]:
        """Citations of documents that a reader of this repository cannot open."""
        return [
            f"{passage.path}:{passage.line} cites {match[0]}"
            for passage in self.passages()
            for match in ELSEWHERE.finditer(passage.text)
        ]

    def unknown_records(self) -> list[str]:
        """Citations of decision records that are not there, or that read like decisions of the product."""
        there = {path.name[:4] for path in (self.root / "docs/decisions").glob("*.md")}
        pages = [
            Passage(path.relative_to(self.root).as_posix(), at, line)
            for path in sorted((self.root / "docs").rglob("*.md"))
            for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        ]
        return [
            f"{passage.path}:{passage.line} cites {cited}"
            for passage in [*self.passages(), *pages]
            for cited in [
                *(match[0] for match in RECORD.finditer(passage.text) if match[1] not in there),
                *(match[0] for match in MISTAKEN.finditer(passage.text)),
            ]
        ]

    def unheld(self) -> list[str]:
        """Rules that are said to be built and name no test, or one that does not exist."""
        missing = [f"{rule.code} names no test" for rule in self.rules if rule.holds and not rule.tests]
        for rule in self.rules:
            for file, name in rule.tests:
                path = self.root / file
                text = path.read_text(encoding="utf-8") if path.exists() else ""
                if not re.search(rf"^ *def {name}\(", text, re.MULTILINE):
                    missing.append(f"{rule.code} names {file}::{name}, which does not exist")
        return missing


@cache
def _python(path: str, source: str) -> tuple[Passage, ...]:
    """The passages of one module, read once for all questions."""
    return tuple(_passages_of(path, source))


def _passages_of(path: str, source: str) -> Iterator[Passage]:
    """Comments and docstrings as they stand; other strings as messages."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Passage(path, token.start[0], token.string)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in nodes_of(source)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None
    }
    for node in nodes_of(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_message = id(node) not in docstrings
            for offset, line in enumerate(node.value.splitlines()):
                yield Passage(path, node.lineno + offset, line, is_message)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Proof":
            # A proof is named after its rule; a letter behind it tells proofs of one rule apart.
            named = str(getattr(node.args[0], "value", ""))
            yield Passage(path, node.lineno, re.sub(r"[a-z]$", "", named))
