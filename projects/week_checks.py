"""Which cells of a week can be kept, and why the others cannot: by themselves and by their day (A8)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from core.durations import Duration
from core.refusals import Refusal
from projects.day_totals import DayHours, DayTotals, most_seconds, too_long
from projects.entry_dates import EntryDates
from projects.entry_rules import reasons_against_place, reasons_against_quantity
from projects.models import Entry, Resource
from projects.open_entries import reasons_against_open
from projects.week_cells import CellReport, Place, seen_as


def judged(
    person: Resource, cells: Sequence[CellReport], stand: Mapping[int, Entry], at: datetime
) -> tuple[list[CellReport], list[Refusal]]:
    """The cells that can be written, and every reason against the others, named by their cells.

    `stand` are the entries of those days by key; the caller holds them and the person. Two statements. Codes:
    changed-meanwhile, not-changeable and those of `enter_time` (A8, decisions 18 and 21).
    """
    places: dict[Place, list[Entry]] = {}
    for entry in stand.values():
        places.setdefault((entry.project_id, entry.task_id, entry.role_id, entry.date), []).append(entry)
    dates = EntryDates.of([person.legal_entity], at)
    possible, refusals = [], []
    for cell in cells:
        reasons = [
            *_cell_changed(cell, places.get(cell.place, [])),
            *_cell_not_possible(person, cell, dates),
        ]
        refusals += reasons
        if not reasons:
            possible.append(cell)
    # Judged last: a cell that is refused already adds nothing to its day.
    long = _too_long_alone(person, possible, stand)
    rest = [cell for cell in possible if id(cell) not in long]
    long |= _too_long_together(person, rest, stand)
    return [cell for cell in rest if id(cell) not in long], [*refusals, *long.values()]


def _cell_changed(cell: CellReport, here: list[Entry]) -> Iterator[Refusal]:
    """A cell that says something else now than the page showed, or that is no draft any more."""
    known = {entry.pk: entry for entry in here}
    if (cell.entry is not None and cell.entry not in known) or seen_as(here) != cell.seen:
        yield Refusal(
            "changed-meanwhile",
            _("It was changed in the meantime, by you in another tab or by somebody else."),
            cell.name,
            _("Check what it holds now, then change it again."),
        )
    elif cell.entry is not None:
        yield from reasons_against_open([known[cell.entry]], "not-changeable", cell.name)


def _cell_not_possible(person: Resource, cell: CellReport, dates: EntryDates) -> Iterator[Refusal]:
    # Clearing a cell is possible whatever its date or project has become.
    if cell.hours is None:
        return
    entity = person.legal_entity
    yield from dates.reasons_against(entity, cell.day, cell.name)
    yield from reasons_against_place(entity, cell.project, cell.task, cell.name)
    yield from reasons_against_quantity(cell.hours.quantity, cell.name)


def _too_long_alone(
    person: Resource, cells: Sequence[CellReport], stand: Mapping[int, Entry]
) -> dict[int, Refusal]:
    """Cells of more hours than a day has, whatever else it holds; by identity of the cell."""
    said = [(cell, hours) for cell in cells if (hours := _lengthening(person, cell, stand))]
    most = most_seconds(person)
    return {id(cell): too_long(hours, hours.exact, cell.name) for cell, hours in said if hours.exact > most}


def _too_long_together(
    person: Resource, cells: Sequence[CellReport], stand: Mapping[int, Entry]
) -> dict[int, Refusal]:
    """Cells that make a day longer than the daily maximum together; by identity of the cell."""
    said = [_hours(person, cell.day, cell.hours) for cell in cells if cell.hours is not None]
    totals = DayTotals.of(said, [cell.entry for cell in cells if cell.entry is not None])
    long = totals.longer_than_allowed(said)
    return {
        id(cell): too_long(hours, long[person.pk, cell.day], cell.name)
        for cell in cells
        if (person.pk, cell.day) in long and (hours := _lengthening(person, cell, stand))
    }


def _lengthening(person: Resource, cell: CellReport, stand: Mapping[int, Entry]) -> DayHours | None:
    """The hours of a cell that adds to its day; fewer than stand there help, even where not enough."""
    if cell.hours is None:
        return None
    hours = _hours(person, cell.day, cell.hours)
    if cell.entry is not None:
        before = stand[cell.entry]
        if hours.exact <= _hours(person, cell.day, Duration(before.quantity, before.seconds)).exact:
            return None
    return hours


def _hours(person: Resource, day: date, hours: Duration) -> DayHours:
    return DayHours(person, day, hours.quantity, hours.seconds)
