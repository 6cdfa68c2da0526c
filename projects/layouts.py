"""Pure: which column of a file is which field, for known time trackers and for saved mappings (X8).

A mapping finds its columns by name or synonym, ignores unknown ones, and reports missing ones.
"""

import tomllib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

Part = tuple[str, ...]
"""The names that one column may have."""

FIELDS = (
    "id",
    "date",
    "person",
    "login",
    "customer",
    "project",
    "project_number",
    "task",
    "role",
    "category",
    "quantity",
    "description",
    "chargeable",
    "invoiced",
)
"""The fields that a column can be, in the order of the page."""

SHORTENED = "shorten"
"""The choice that shortens descriptions that are too long instead of refusing their rows."""

NEEDED = ("date", "person", "project", "quantity")
JOINED = ("person", "description")
"""Fields that join several columns; other fields take the first column that is filled."""


@dataclass(frozen=True)
class Mapping:
    """How to read one layout: the columns by field, and what a file of it means."""

    name: str
    title: str
    columns: Lookup[str, tuple[Part, ...]]
    transaction_class: str = "time"
    unit: str = "h"
    encoding: str = ""
    separator: str = ""
    hours: str = ""
    dates: str = ""
    whole_numbers_are_seconds: bool = False
    makes_master_data: bool = True
    is_total: bool = False
    is_history: bool = False
    shortens_descriptions: bool = False
    is_own: bool = False
    join_on: str = ""
    join_fields: tuple[str, ...] = ()
    status_column: str = ""
    non_chargeable: frozenset[str] = frozenset()
    ignored: tuple[str, ...] = field(default=(), repr=False)

    def names(self) -> Iterable[str]:
        """Every name of a column that this layout knows, in the form in which they are compared."""
        used = (name for parts in self.columns.values() for part in parts for name in part)
        return {_bare(name) for name in (*used, *self.ignored, self.join_on, self.status_column) if name}


@dataclass(frozen=True)
class Columns:
    """Where the fields of a mapping stand in a file: the places of the columns of each part of each field."""

    places: Lookup[str, tuple[tuple[int, ...], ...]]
    missing: tuple[str, ...]
    repeated: tuple[str, ...]
    known: int
    width: int

    @property
    def is_complete(self) -> bool:
        """Whether everything that is needed is there, once."""
        return not self.missing and not self.repeated


def known_mappings() -> dict[str, Mapping]:
    """The mappings that come with the product, by name."""
    folder = resources.files("projects") / "mappings"
    mappings = (
        mapping_from(one.read_text("utf-8")) for one in folder.iterdir() if one.name.endswith(".toml")
    )
    return {mapping.name: mapping for mapping in sorted(mappings, key=lambda one: one.name)}


def mapping_from(text: str) -> Mapping:
    """A mapping from its TOML text. Raises tomllib.TOMLDecodeError, KeyError or TypeError when it is none."""
    return mapping_of(tomllib.loads(text))


def mapping_of(raw: dict[str, Any]) -> Mapping:
    """A mapping from its keys and values, as TOML and the database keep them. Raises KeyError, TypeError."""
    not_billed, joined = raw.get("non_chargeable", {}), raw.get("join", {})
    rest = {name: value for name, value in raw.items() if name not in ("columns", "non_chargeable", "join")}
    return Mapping(
        **rest | {"ignored": tuple(raw.get("ignored", ()))},
        columns={name: _parts(names) for name, names in raw["columns"].items()},
        join_on=joined.get("on", ""),
        join_fields=tuple(joined.get("fields", ())),
        status_column=not_billed.get("column", ""),
        non_chargeable=frozenset(not_billed.get("values", [])),
    )


def raw_of(mapping: Mapping) -> dict[str, Any]:
    """The keys and values that `mapping_of` reads, for the database."""
    return {
        "name": mapping.name,
        "title": mapping.title,
        "columns": {name: [list(part) for part in parts] for name, parts in mapping.columns.items()},
        "transaction_class": mapping.transaction_class,
        "unit": mapping.unit,
        "encoding": mapping.encoding,
        "separator": mapping.separator,
        "hours": mapping.hours,
        "dates": mapping.dates,
        "whole_numbers_are_seconds": mapping.whole_numbers_are_seconds,
        "makes_master_data": mapping.makes_master_data,
        "is_total": mapping.is_total,
        "is_history": mapping.is_history,
        "shortens_descriptions": mapping.shortens_descriptions,
        "is_own": mapping.is_own,
        "ignored": list(mapping.ignored),
        "join": {"on": mapping.join_on, "fields": list(mapping.join_fields)},
        "non_chargeable": {"column": mapping.status_column, "values": sorted(mapping.non_chargeable)},
    }


def columns_of(head: Sequence[str], mapping: Mapping, joined_head: Sequence[str] = ()) -> Columns:
    """Where a file with this head has what a mapping asks for; columns of a second file follow its own."""
    bare = [_bare(name) for name in (*head, *joined_head)]
    places: dict[str, tuple[tuple[int, ...], ...]] = {}
    missing: list[str] = []
    repeated: set[str] = set()
    for name, parts in mapping.columns.items():
        there = [_places(part, bare) for part in parts]
        # A person's first name alone is not the person; one of several date columns is enough.
        is_there = all(there) if name == "person" else any(there)
        if not is_there and name in NEEDED:
            missing += [
                " / ".join(part) for part, places_of in zip(parts, there, strict=True) if not places_of
            ]
        repeated |= {part[0] for part, places_of in zip(parts, there, strict=True) if len(places_of) > 1}
        if is_there:
            places[name] = tuple(tuple(places_of) for places_of in there if places_of)
    missing += [name for name in NEEDED if name not in mapping.columns]
    if mapping.join_on and _bare(mapping.join_on) not in bare:
        missing.append(mapping.join_on)
    names = mapping.names()
    known = sum(name in names for name in bare[: len(head)])
    return Columns(places, tuple(missing), tuple(sorted(repeated)), known, len(head))


def recognised(head: Sequence[str], mappings: Iterable[Mapping]) -> Mapping | None:
    """The mapping whose required columns are all there and that knows most of them; saved ones first."""
    fitting = [
        (one.is_own, columns.known, one)
        for one in mappings
        if (columns := columns_of(head, one, one.join_fields)).is_complete
    ]
    return max(fitting, key=lambda each: each[:2])[2] if fitting else None


def _parts(names: Any) -> tuple[Part, ...]:
    """`"a"` is one column, `["a", "b"]` one with two names, `[["a"], ["b"]]` are two columns."""
    if isinstance(names, str):
        return ((names,),)
    if all(isinstance(name, str) for name in names):
        return (tuple(names),)
    return tuple(tuple(part) for part in names)


def _places(part: Part, bare: Sequence[str]) -> list[int]:
    # The first synonym that is there counts: a file may have a column of each name.
    for name in part:
        if places := [place for place, there in enumerate(bare) if there == _bare(name)]:
            return places
    return []


def _bare(name: str) -> str:
    return " ".join(name.split()).casefold()
