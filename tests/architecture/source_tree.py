"""The tree as the rules see it: modules with their syntax, and the layers that pyproject.toml gives them."""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "projects", "billing", "accounting")
PACKAGES = (*APPS, "bench", "demo", "real_hours", "config")
LAYERS = "Layers inside an app"
CORE_LAYERS = "Layers inside core"
TYPESETTING = "Only rendering sets type"
# An outbox row has no state machine: enqueueing, sweeping and sending write its status.
OUTBOX_WRITERS = {"core.outbox", "core.sending", "core.sweeping"}

GET_ROWS_HANDED_IN = {"views", "admin", "admin_kit", "pages", "forms", "tables", "filters", "tasks"}
MODELS = tuple(f"{app}.models." for app in APPS)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def syntax_of(text: str) -> ast.Module:
    """The syntax of a source text, read once for all rules; nobody changes it."""
    return ast.parse(text)


@cache
def nodes_of(text: str) -> tuple[ast.AST, ...]:
    """Every node of a source text, in the order of `ast.walk`."""
    return tuple(ast.walk(syntax_of(text)))


@dataclass(frozen=True)
class Module:
    """One source file of the product."""

    name: str
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The file's syntax."""
        return syntax_of(self.text)

    @property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of it."""
        return nodes_of(self.text)

    @property
    def part(self) -> str:
        """Its place in the package: `billing.views.backlog` is in `views`."""
        return (self.name.split(".") + [""])[1]

    @property
    def package(self) -> str:
        """The package it belongs to."""
        return self.name.split(".")[0]

    @cached_property
    def knows_rows(self) -> bool:
        """Whether our rows can be at hand here: it imports them, or it is a page and gets them."""
        return self.part in GET_ROWS_HANDED_IN or any(
            isinstance(node, ast.ImportFrom)
            and (f"{node.module}.".startswith(MODELS) or (node.module in APPS and _imports_models(node)))
            for node in self.nodes
        )

    def calls(self) -> Iterator[ast.Call]:
        """Every call in it."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def functions(self) -> Iterator[Function]:
        """Every function and method in it."""
        return (node for node in self.nodes if isinstance(node, Function))

    def classes(self) -> Iterator[ast.ClassDef]:
        """Every class in it."""
        return (node for node in self.nodes if isinstance(node, ast.ClassDef))

    def at(self, node: ast.AST, what: str) -> str:
        """A finding, with its place."""
        return f"{self.name}:{getattr(node, 'lineno', 0)} {what}"


class SourceTree:
    """All product modules below a root, which is the repository or a copy with planted faults."""

    def __init__(self, root: Path = ROOT):
        self.root = root

    @cached_property
    def modules(self) -> list[Module]:
        """Every module but migrations, which the machine writes."""
        return [
            Module(_dotted(path.relative_to(self.root)), path, path.read_text(encoding="utf-8"))
            for package in PACKAGES
            for path in sorted((self.root / package).rglob("*.py"))
            if "migrations" not in path.parts
        ]

    @cached_property
    def settings(self) -> dict[str, dict]:
        """The settings of the tools, by tool."""
        return tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]

    @cached_property
    def contracts(self) -> dict[str, dict]:
        """The import contracts by name."""
        return {each["name"]: each for each in self.settings["importlinter"]["contracts"]}

    def layers_of(self, package: str) -> list[set[str]]:
        """The parts of each layer of an app, highest first."""
        name = CORE_LAYERS if package == "core" else LAYERS
        return [set(re.findall(r"\w+", layer)) for layer in self.contracts[name]["layers"]]

    def _layer_with(self, part: str) -> int:
        return next(nth for nth, layer in enumerate(self.layers_of("projects")) if part in layer)

    @cached_property
    def declaring_parts(self) -> set[str]:
        """What pages are declared with: forms, tables, filters."""
        return self.layers_of("projects")[self._layer_with("forms")]

    @cached_property
    def verb_parts(self) -> set[str]:
        """The layers between what pages are declared with and what verbs share."""
        first, last = self._layer_with("forms") + 1, self._layer_with("actuals")
        return set().union(*self.layers_of("projects")[first:last])

    @cached_property
    def shared_parts(self) -> set[str]:
        """What verbs share: facts made ready in memory, figures read from tables."""
        return self.layers_of("projects")[self._layer_with("actuals")]

    @cached_property
    def writing_parts(self) -> set[str]:
        """The layer of the only writers of what is never changed."""
        return self.layers_of("projects")[self._layer_with("recording")]

    def is_verb(self, module: Module) -> bool:
        """Whether this module may decide and write state."""
        return module.package in APPS and module.part in self.verb_parts

    @cached_property
    def pure(self) -> set[str]:
        """The modules that know neither Django nor the database.

        The layers of every app below its enumerations, and the documents of core but for one that sets type.
        """
        below = self._layer_with("states") + 1
        lowest = {package: self.layers_of(package)[below:] for package in APPS} | {
            "core": self.layers_of("core")[-1:]
        }
        typesetting = set(self.contracts[TYPESETTING]["allowed_importers"])
        return {
            module.name
            for module in self.modules
            if any(module.part in layer for layer in lowest.get(module.package, ()))
            or (module.name.startswith("core.documents.") and module.name not in typesetting)
        }

    @cached_property
    def templates(self) -> list[Path]:
        """Every template."""
        return sorted((self.root / "templates").rglob("*.*"))


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports_models(node: ast.ImportFrom) -> bool:
    return any(alias.name == "models" for alias in node.names)


def name_of(node: ast.AST) -> str:
    """The last name of an expression: `Proforma.objects` is `objects`, `f(x)` is `f`."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def root_of(node: ast.AST) -> str:
    """The first name of a chain: `Proforma.objects.filter(...)` is `Proforma`."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
