"""Pure: say of many groups of rows which of them share an outcome, in as few conditions as can be (C1)."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any, TypeVar

Outcome = TypeVar("Outcome", bound=Hashable)
Group = tuple[Any, ...]
"""The values of a group, in the order of its columns."""
Condition = tuple[tuple[tuple[str, Any], ...], str, frozenset[Any]]
"""Columns with the value each must have, then one column and the values it may have; no column, no limit."""


def conditions_of(
    columns: Sequence[str], kinds: int, outcomes: Mapping[Group, Outcome]
) -> dict[Outcome, list[Condition]]:
    """Conditions that find, among the given groups, exactly those of each outcome.

    The first `kinds` columns have few values and are always named; of the others only those that decide.
    Where all projects post alike no project is named, and where some differ each condition lists many: the
    number of conditions does not follow the number of groups.
    """
    by_kind: dict[Group, dict[Group, Outcome]] = defaultdict(dict)
    for group, outcome in outcomes.items():
        by_kind[group[:kinds]][group[kinds:]] = outcome
    conditions: dict[Outcome, list[Condition]] = defaultdict(list)
    for kind, places in by_kind.items():
        fixed = tuple(zip(columns[:kinds], kind, strict=True))
        deciding = _deciding(places)
        gathered: dict[tuple[Outcome, Group], set[Any]] = defaultdict(set)
        for place, outcome in places.items():
            *named, listed = [place[index] for index in deciding] or [None]
            gathered[outcome, tuple(named)].add(listed)
        names = [columns[kinds + index] for index in deciding]
        for (outcome, values), listed in gathered.items():
            more = tuple(zip(names, values, strict=False))
            conditions[outcome].append(((*fixed, *more), names[-1] if names else "", frozenset(listed)))
    return dict(conditions)


def _deciding(places: Mapping[Group, Hashable]) -> tuple[int, ...]:
    """The fewest columns, by position, that tell the outcomes of these groups apart."""
    width = len(next(iter(places)))
    for count in range(width):
        for columns in combinations(range(width), count):
            seen: dict[Group, Hashable] = {}
            if all(
                seen.setdefault(tuple(place[index] for index in columns), outcome) == outcome
                for place, outcome in places.items()
            ):
                # What has many values is listed, so it goes last.
                values = {index: len({place[index] for place in places}) for index in columns}
                return tuple(sorted(columns, key=lambda index: values[index]))
    return tuple(range(width))
