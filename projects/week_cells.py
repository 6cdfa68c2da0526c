"""The cells of a person's week: what a page showed of them, and what somebody says they hold now (A8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zlib import crc32

from core.durations import Duration
from projects.models import Entry, Project, Role, Task

Place = tuple[int, int | None, int | None, date]
"""Project, task, role and day: what a cell of a week is about."""


@dataclass(frozen=True)
class CellReport:
    """What one cell of a week says now: hours, or None where it was cleared, and its descriptions.

    `entry` is the key of the entry that stands there, `seen` what the page showed of the place
    (`seen_as`), `name` how the cell is called. A description of None stays as it is.
    """

    project: Project
    task: Task | None
    role: Role
    day: date
    name: str
    hours: Duration | None
    seen: str = ""
    entry: int | None = None
    description: str | None = None
    external_description: str | None = None

    @property
    def place(self) -> Place:
        """The keys of what it is about."""
        return self.project.pk, self.task.pk if self.task else None, self.role.pk, self.day

    def changed_columns(self, entry: Entry) -> dict[str, Any]:
        """The columns of an entry that say this; what is not said stays."""
        assert self.hours is not None
        inside = entry.description if self.description is None else self.description
        outside = entry.external_description
        if self.external_description is not None:
            outside = self.external_description
        return {
            "quantity": self.hours.quantity,
            "seconds": self.hours.seconds,
            "description": inside,
            "external_description": outside,
        }


def seen_as(entries: Iterable[Entry]) -> str:
    """What somebody saw of the entries of one cell of a week; another text means that they changed since."""
    return ";".join(
        f"{one.pk}.{one.status}.{one.quantity.normalize():f}.{one.seconds or ''}."
        f"{crc32((one.external_description + chr(0) + one.description).encode())}"
        for one in sorted(entries, key=lambda one: one.pk)
    )
