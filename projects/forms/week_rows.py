"""The rows of a weekly grid: one for each project, task and role, with a cell for each day."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext

from core.durations import SECONDS_OF_HOUR, Duration
from core.money import ZERO, hours_of
from core.templatetags.display import day as written
from projects.models import Entry, Project, Resource, Role, Task, TeamMember
from projects.states import BillingType, EntryStatus, TransactionClass
from projects.week_cells import seen_as

DAYS = 7
MOST_ROWS = 60
"""Rows of one week; each sends nine fields, and a form of a thousand fields is refused as an attack."""
LATELY = timedelta(days=21)

RowKey = tuple[int, int, int, int]
"""Project, task (0 for none), role, and which of several rows of the same three."""


@dataclass
class DayCell:
    """One day of a row: an input where it may be changed, else what stands there."""

    day: date
    name: str
    entry: Entry | None = None
    seen: str = ""
    field_name: str = ""
    bound: Any = None
    errors: list[str] = field(default_factory=list)
    is_described: bool = False

    @property
    def hours(self) -> Duration | None:
        """What the entry that stands here says."""
        return Duration(self.entry.quantity, self.entry.seconds) if self.entry else None

    @property
    def seconds(self) -> str:
        """Seconds of the entry as a number that a script reads; empty where nothing counts here."""
        if self.entry is None or self.entry.status == EntryStatus.CORRECTED:
            return ""
        return f"{seconds_of(self.entry):f}"

    @property
    def key(self) -> str:
        """How the button that describes this cell names it."""
        return self.field_name.removeprefix("h-")

    @property
    def description(self) -> str:
        """What the invoice says."""
        return self.entry.external_description if self.entry else ""


@dataclass
class WeekRow:
    """Hours on one project, task and role, day by day; `lately` says when it was used last."""

    key: RowKey
    project: Project
    task: Task | None
    role: Role
    cells: list[DayCell]
    is_on_team: bool = True
    lately: str = ""

    @property
    def text(self) -> str:
        """The key as a form field holds it."""
        return as_text(self.key)

    @property
    def seen(self) -> str:
        """What the page shows of each day, as a form field holds it."""
        return "|".join(cell.seen for cell in self.cells)

    @property
    def total(self) -> Decimal:
        """Hours of the week that stand in this row."""
        return hours_of_entries(cell.entry for cell in self.cells)

    @property
    def is_chargeable(self) -> bool:
        """Whether its hours are meant to be charged: by customer, role, and the entries themselves."""
        entries = [cell.entry for cell in self.cells if cell.entry]
        charged = any(one.billing_type == BillingType.CHARGEABLE for one in entries) or not entries
        return self.project.customer_id is not None and self.role.is_chargeable and charged

    @property
    def errors(self) -> list[tuple[DayCell, str]]:
        """What is wrong in this row, cell by cell."""
        return [(cell, error) for cell in self.cells for error in cell.errors]

    @property
    def described(self) -> DayCell | None:
        """The cell whose descriptions are open."""
        return next((cell for cell in self.cells if cell.is_described), None)


class WeekRows:
    """Reads the rows of one person's week; a few statements, however many rows.

    `entries` are those that may be shown, `projects` those that further rows may name.
    """

    def __init__(
        self,
        person: Resource,
        monday: date,
        *,
        entries: QuerySet[Entry],
        projects: QuerySet[Project],
    ):
        self.person, self.monday, self.entries, self.projects = person, monday, entries, projects
        self.days = [monday + timedelta(days=nth) for nth in range(DAYS)]

    def between(self, first: date, last: date) -> list[Entry]:
        """The person's time entries of these days, oldest first."""
        mine = self.entries.filter(resource=self.person, transaction_class=TransactionClass.TIME)
        of_days = mine.filter(date__range=(first, last)).select_related("project__customer", "task", "role")
        return list(of_days.order_by("date", "pk"))

    def read(self, further: Sequence[RowKey]) -> list[WeekRow]:
        """Rows with hours, `further` ones without, then what was used lately."""
        rows = self._with_hours()
        rows |= self._empty([key for key in further if key not in rows])
        lately = self._lately({key[:3] for key in rows})
        rows |= self._empty(list(lately), lately)
        self._say_what_is_seen(rows.values())
        team = set(TeamMember.objects.filter(resource=self.person).values_list("project", flat=True))
        for row in rows.values():
            is_manager = row.project.manager_id is not None and row.project.manager_id == self.person.user_id
            row.is_on_team = row.project.pk in team or is_manager
        return list(rows.values())[:MOST_ROWS]

    def last_week(self) -> list[tuple[RowKey, Entry]]:
        """The entries of the week before, each with the key of its row."""
        return list(keyed(self.between(self.monday - timedelta(days=DAYS), self.monday - timedelta(days=1))))

    def _with_hours(self) -> dict[RowKey, WeekRow]:
        rows: dict[RowKey, WeekRow] = {}
        for key, entry in keyed(self.between(self.days[0], self.days[-1])):
            if key not in rows:
                rows[key] = self._row(key, entry.project, entry.task, cast(Role, entry.role))
            rows[key].cells[(entry.date - self.monday).days].entry = entry
        return dict(sorted(rows.items(), key=lambda item: (item[1].project.number, item[0])))

    def _say_what_is_seen(self, rows: Collection[WeekRow]) -> None:
        """Give every cell what stands in its place, in whatever rows of the same project, task and role."""
        places: dict[tuple[Any, ...], list[Entry]] = {}
        for row in rows:
            for cell in row.cells:
                if cell.entry:
                    places.setdefault((*row.key[:3], cell.day), []).append(cell.entry)
        for row in rows:
            for cell in row.cells:
                cell.seen = seen_as(places.get((*row.key[:3], cell.day), []))

    def _row(self, key: RowKey, project: Project, task: Task | None, role: Role, lately: str = "") -> WeekRow:
        place = ", ".join(str(one) for one in (project, task, role) if one)
        # Numbered where somebody has several entries of one day on the same task.
        place += f" ({key[3] + 1})" if key[3] else ""
        cells = [DayCell(day, f"{written(day, 'weekday')}, {place}") for day in self.days]
        return WeekRow(key, project, task, role, cells, lately=lately)

    def _empty(
        self, keys: Sequence[RowKey], lately: dict[RowKey, str] | None = None
    ) -> dict[RowKey, WeekRow]:
        """Rows without hours; what does not exist, or may not be used by this person, is left out."""
        chosen = self.projects.filter(pk__in={key[0] for key in keys}).select_related("customer")
        projects = {one.pk: one for one in chosen}
        tasks = {one.pk: one for one in Task.objects.filter(pk__in={key[1] for key in keys}, is_closed=False)}
        roles = {one.pk: one for one in Role.objects.filter(pk__in={key[2] for key in keys})}
        rows = {}
        for key in keys:
            project, task, role = projects.get(key[0]), tasks.get(key[1]), roles.get(key[2])
            is_task_wrong = bool(key[1]) and (task is None or task.project_id != key[0])
            if project is not None and role is not None and not is_task_wrong:
                rows[key] = self._row(key, project, task, role, (lately or {}).get(key, ""))
        return rows

    def _lately(self, used: set[tuple[int, ...]]) -> dict[RowKey, str]:
        """Projects, tasks and roles of the last three weeks that this one has not, latest first."""
        lately: dict[RowKey, str] = {}
        before = keyed(self.between(self.monday - LATELY, self.monday - timedelta(days=1)))
        for key, entry in sorted(before, key=lambda one: one[1].date, reverse=True):
            if key[3] == 0 and key[:3] not in used and key not in lately:
                lately[key] = gettext("used on %(day)s") % {"day": written(entry.date, "weekday")}
        return lately


def keyed(entries: Iterable[Entry]) -> Iterator[tuple[RowKey, Entry]]:
    """Each entry with the key of its row: the second one of a day on the same task gets a row of its own."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for entry in entries:
        project, task, role = entry.project_id, entry.task_id or 0, cast(int, entry.role_id)
        nth = counts[project, task, role, entry.date]
        counts[project, task, role, entry.date] += 1
        yield (project, task, role, nth), entry


def as_text(key: RowKey) -> str:
    """The key of a row as a form field holds it."""
    return ".".join(map(str, key))


def as_key(text: str) -> RowKey | None:
    """The key that a form field holds; None where somebody made it up."""
    parts = text.split(".")
    if len(parts) != 4 or not all(one.isascii() and one.isdecimal() and len(one) < 10 for one in parts):  # noqa: PLR2004
        return None
    project, task, role, nth = map(int, parts)
    return project, task, role, nth


def hours_of_entries(entries: Iterable[Entry | None]) -> Decimal:
    """Hours of live entries, added up in seconds and then shown to four places."""
    seconds = ZERO
    for one in entries:
        if one is not None and one.status != EntryStatus.CORRECTED:
            seconds += seconds_of(one)
    return hours_of(int(seconds)) if seconds == seconds.to_integral_value() else seconds / SECONDS_OF_HOUR


def seconds_of(entry: Entry) -> Decimal:
    """The seconds of an entry: exact where they are known, else what its hours say."""
    return entry.quantity * SECONDS_OF_HOUR if entry.seconds is None else Decimal(entry.seconds)
