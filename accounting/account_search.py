"""Pure: which account plays a role, by project, project group, category, category group and day (C2)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PostingPlace:
    """Where a fact happened, as far as the search for accounts asks; empty parts fit general rows alone."""

    project_id: int | None = None
    project_group: str = ""
    category_id: int | None = None
    category_group: str = ""


ANYWHERE = PostingPlace()


@dataclass(frozen=True)
class AccountRow:
    """A row of the posting set-up: the account of a role at a place, from a day on (None: always)."""

    posting_type: str
    account_id: int
    place: PostingPlace = ANYWHERE
    starts_on: date | None = None


@dataclass(frozen=True)
class AccountRows:
    """The posting set-up of a legal entity, sorted once: the most specific row of each role first."""

    by_role: Mapping[str, tuple[AccountRow, ...]]

    @classmethod
    def of(cls, rows: Iterable[AccountRow]) -> "AccountRows":
        """Sort the rows: project before project group before all, then category before its group before all.

        Of two rows for one place the one that begins later goes first.
        """
        by_role: dict[str, list[AccountRow]] = defaultdict(list)
        for row in rows:
            by_role[row.posting_type].append(row)
        return cls({role: tuple(sorted(some, key=_rank, reverse=True)) for role, some in by_role.items()})

    def account(self, posting_type: str, place: PostingPlace, on: date) -> int | None:
        """The account of the most specific row that fits the place and holds on the day; None without one."""
        rows = self.by_role.get(posting_type, ())
        return next((row.account_id for row in rows if _fits(row, place, on)), None)

    @property
    def changes(self) -> tuple[date, ...]:
        """The days from which any row holds, the last one first."""
        days = {row.starts_on for rows in self.by_role.values() for row in rows if row.starts_on}
        return tuple(sorted(days, reverse=True))

    @property
    def asks_for_category(self) -> bool:
        """Whether any row names a category or a group of categories."""
        return any(
            row.place.category_id is not None or row.place.category_group
            for rows in self.by_role.values()
            for row in rows
        )


def _rank(row: AccountRow) -> tuple[int, int, date]:
    place = row.place
    project = 2 if place.project_id is not None else 1 if place.project_group else 0
    category = 2 if place.category_id is not None else 1 if place.category_group else 0
    return project, category, row.starts_on or date.min


def _fits(row: AccountRow, place: PostingPlace, on: date) -> bool:
    wanted = row.place
    return (
        (row.starts_on is None or row.starts_on <= on)
        and wanted.project_id in (None, place.project_id)
        and wanted.project_group in ("", place.project_group)
        and wanted.category_id in (None, place.category_id)
        and wanted.category_group in ("", place.category_group)
    )
