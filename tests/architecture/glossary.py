"""The words of docs/glossary.md, and whether modules and classes keep to them."""

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from tests.architecture.source_tree import APPS, SourceTree

# Names that a framework prescribes, once for each command.
PRESCRIBED = {"Command"}
# Words that are easily borrowed: the package they belong to, and what they mean there.
BELONGS = {
    "entry": ("projects", "reported time, expense, material or fee"),
    "ledger": ("accounting", "the general ledger"),
}
PLURALS = {"entry": "entries", "ledger": "ledgers"}
CHARTS = ("chart_picture", "chart_of_accounts")


class Glossary:
    """The tables of the glossary."""

    def __init__(self, root: Path):
        self.text = (root / "docs/glossary.md").read_text(encoding="utf-8")

    @cached_property
    def words(self) -> list[str]:
        """Every word that has a meaning of its own, in the order of the page."""
        rows = re.findall(r"^\| (\*\*[^|]+) \|", self.text, re.MULTILINE)
        return [word for row in rows for word in re.findall(r"\*\*([^*]+)\*\*", row)]

    @cached_property
    def names(self) -> set[str]:
        """The words as names of classes: `outbox entry` is `OutboxEntry`."""
        return {"".join(part.capitalize() for part in word.split()) for word in self.words}


def classes_named_twice(tree: SourceTree) -> Iterator[str]:
    """Public classes of the same name in different modules: one of them means something else.

    Pages are kept apart by their module: deleting drafts and deleting entries are both `Delete`.
    """
    places: dict[str, list[str]] = {}
    for module in tree.modules:
        for node in module.tree.body:
            if getattr(node, "name", "").lstrip("_")[:1].isupper() and node.name not in PRESCRIBED:
                places.setdefault(node.name, []).append(module.name)
    for name, modules in sorted(places.items()):
        all_pages = all(".views." in module for module in modules)
        if len(modules) > 1 and not name.startswith("_") and not all_pages:
            yield f"{name}: {', '.join(modules)}"


def words_out_of_place(tree: SourceTree, glossary: Glossary) -> Iterator[str]:
    """Modules and classes that borrow a word from another meaning.

    Demo and bench speak for themselves, and the admin shows rows of every app.
    """
    for module in tree.modules:
        if module.package not in APPS or module.part == "admin":
            continue
        last = module.name.split(".")[-1]
        names = {module.name: last.split("_")}
        for node in module.classes():
            if node.name not in glossary.names:
                names[f"{module.name}.{node.name}"] = _parts(node.name)
        for place, parts in names.items():
            for word, (package, meaning) in BELONGS.items():
                if {word, PLURALS[word]} & set(parts) and module.package != package:
                    yield f"{place}: {word} is {meaning}, in {package}"
        if "chart" in last and not any(each in last for each in CHARTS):
            yield f"{module.name}: a module says chart_pictures or chart_of_accounts"


def _parts(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
