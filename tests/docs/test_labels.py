"""What a how-to page sets in italics is a label of the product, as it stands there."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

FOR_USERS = [
    path
    for path in sorted((ROOT / "docs/how-to").glob("*.md"))
    if not path.stem.startswith("add-") and path.stem not in {"README", "translate", "run-in-production"}
]
ITALICS = re.compile(r"(?<![*\w])\*([^*]+?)\*(?!\*)")
TRANSLATE = re.compile(r'{%\s*translate\s+"([^"]*)"')
IN_EXPRESSION = re.compile(r'_\("([^"]*)"\)')
BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", re.DOTALL)
PLURAL = re.compile(r"{%\s*plural\s*%}")
TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
FILLED_IN = re.compile(r"%\(\w+\)s|{{.*?}}")


@cache
def texts() -> frozenset[str]:
    """Every text of templates and code that may be a label, with a capital at its beginning as well."""
    labels: set[str] = set()
    for path in ROOT.glob("templates/**/*.html"):
        text = path.read_text()
        labels |= {*TRANSLATE.findall(text), *IN_EXPRESSION.findall(text)}
        labels |= {" ".join(part.split()) for block in BLOCK.findall(text) for part in PLURAL.split(block)}
    for app in ("accounting", "billing", "config", "core", "projects"):
        for path in (ROOT / app).glob("**/*.py"):
            labels |= set(TEXT.findall(path.read_text()))
    return frozenset(labels | {text[:1].upper() + text[1:] for text in labels})


@cache
def patterns() -> list[re.Pattern[str]]:
    """Texts in which something is filled in."""
    parts = [FILLED_IN.split(text) for text in texts() if FILLED_IN.search(text)]
    return [re.compile(".+".join(map(re.escape, one))) for one in parts if any(word.strip() for word in one)]


def labels_of(path: Path) -> list[str]:
    """What a page sets in italics, also inside of bold text; a way through the menu is several labels."""
    text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"\*\*\*(.+?)\*\*\*", r"*\1*", text, flags=re.DOTALL)
    text = re.sub(r"\*\*(.+?)\*\*", lambda bold: bold[1].replace("*", ""), text, flags=re.DOTALL)
    return [label for labels in ITALICS.findall(text) for label in " ".join(labels.split()).split(" > ")]


@pytest.mark.parametrize("path", FOR_USERS, ids=lambda path: path.stem)
def test_every_label_that_is_quoted_stands_in_the_product(path):
    unknown = [
        label
        for label in labels_of(path)
        if label not in texts() and not any(pattern.fullmatch(label) for pattern in patterns())
    ]
    assert unknown == []
