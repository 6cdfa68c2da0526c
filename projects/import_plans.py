"""How to read one stored file: detected from all of it, with questions where it is ambiguous (X8)."""

from collections.abc import Iterator
from collections.abc import Mapping as Lookup
from dataclasses import asdict, dataclass, replace
from typing import Any, BinaryIO

from core.table_files import Cell, TableFormat, TableRow, UnreadableFile, as_text, read_table, recognise
from projects.column_styles import RowError, Style, Survey, style_of
from projects.layouts import SHORTENED, Columns, Mapping, columns_of, raw_of, recognised

Chosen = Lookup[str, str]
"""What a person chose about the layout of a file, by name."""


@dataclass(frozen=True)
class ReadingPlan:
    """A file's format, head, layout and style, and the rows of the second file by key."""

    form: TableFormat
    head: tuple[str, ...]
    mapping: Mapping
    columns: Columns
    joined: Lookup[str, tuple[Cell, ...]]
    survey: Survey
    style: Style

    def rows(self, file: BinaryIO) -> Iterator[TableRow]:
        """The rows below the head, each with what the second file says about it."""
        rows = read_table(file, self.form)
        next(rows)
        return _joined_rows(rows, self.head, self.mapping, self.joined)


@dataclass
class FileReport:
    """What is known about a file so far, for its page, and what keeps it from being read."""

    shown: dict[str, Any]
    problems: list[RowError]


def plan_for(
    file: BinaryIO, dates: BinaryIO | None, mappings: Lookup[str, Mapping], chosen: Chosen
) -> tuple[ReadingPlan | None, FileReport]:
    """Survey a file: how to read it, or None with what the user must choose or correct first."""
    report = FileReport({}, [])
    try:
        return _planned(file, dates, mappings, chosen, report), report
    except UnreadableFile as error:
        report.problems.append(RowError(error.number, "", error.code, error.value))
    return None, report


def _planned(
    file: BinaryIO,
    dates: BinaryIO | None,
    mappings: Lookup[str, Mapping],
    chosen: Chosen,
    report: FileReport,
) -> ReadingPlan | None:
    form = recognise(file, encoding=chosen.get("encoding", ""), separator=chosen.get("separator", ""))
    report.shown |= asdict(form)
    head, has_rows = _head_of(file, form, report)
    report.shown["fit"] = {name: _fit(head, one) for name, one in mappings.items()}
    mapping = _mapping_for(head, mappings, chosen, has_dates=dates is not None)
    if mapping is None or not has_rows:
        report.problems.append(RowError(0, "", "unknown-layout" if has_rows else "empty-file"))
        return None
    joined = _dates_by_key(dates, mapping) if mapping.join_on and dates is not None else {}
    columns = columns_of(head, mapping, mapping.join_fields if dates is not None else ())
    report.shown |= {"mapping": raw_of(mapping), "columns": _shown_columns(head, columns, mapping)}
    report.problems += _column_problems(columns, mapping, has_dates=dates is not None)
    if report.problems:
        return None
    plan = ReadingPlan(form, head, mapping, columns, joined, Survey(), Style())
    for row in plan.rows(file):
        plan.survey.take(row, columns)
    style = style_of(plan.survey, mapping)
    report.shown |= {"hours": style.hours, "hours_seen": style.hours_seen}
    report.shown |= {"dates": style.dates, "dates_seen": style.dates_seen}
    report.problems += style.questions
    return None if style.questions else replace(plan, style=style)


def _head_of(file: BinaryIO, form: TableFormat, report: FileReport) -> tuple[tuple[str, ...], bool]:
    """The names of the columns, and whether there is any row below them; both are kept for the page."""
    rows = read_table(file, form)
    head = tuple(as_text(cell) for cell in next(rows, TableRow(0, ())).cells)
    first = next(rows, None)
    report.shown["head"] = list(head)
    report.shown["first"] = [as_text(cell) for cell in first.cells] if first else []
    return head, first is not None


def _fit(head: tuple[str, ...], mapping: Mapping) -> list[int]:
    """How many of the file's columns a layout knows, and of how many."""
    columns = columns_of(head, mapping)
    return [columns.known, columns.width]


def _mapping_for(
    head: tuple[str, ...], mappings: Lookup[str, Mapping], chosen: Chosen, *, has_dates: bool
) -> Mapping | None:
    # A second file is sent with the one layout that has one.
    fitting = [one for one in mappings.values() if bool(one.join_on) == has_dates]
    name = chosen.get("mapping")
    mapping = mappings.get(name) if name else recognised(head, fitting)
    if mapping is None:
        return None
    return replace(
        mapping,
        hours=chosen.get("hours", mapping.hours),
        dates=chosen.get("dates", mapping.dates),
        shortens_descriptions=mapping.shortens_descriptions or chosen.get("descriptions") == SHORTENED,
        makes_master_data=mapping.makes_master_data or "creates_missing" in chosen,
    )


def _column_problems(columns: Columns, mapping: Mapping, *, has_dates: bool) -> list[RowError]:
    if mapping.join_on and not has_dates:
        return [RowError(0, "", "dates-missing")]
    problems = []
    if columns.missing:
        problems.append(RowError(0, "", "columns-missing", ", ".join(columns.missing)))
    if columns.repeated:
        problems.append(RowError(0, "", "columns-repeated", ", ".join(columns.repeated)))
    return problems


def _shown_columns(head: tuple[str, ...], columns: Columns, mapping: Mapping) -> dict[str, list[str]]:
    """The columns of the file by field, as its head names them; those of a second file follow."""
    names = [*head, *mapping.join_fields]
    return {
        field: [names[place] for place, *_rest in places if place < len(names)]
        for field, places in columns.places.items()
    }


def _dates_by_key(dates: BinaryIO, mapping: Mapping) -> dict[str, tuple[Cell, ...]]:
    """The fields of the second file by key; a later repetition of a key says the same and is left out."""
    rows = read_table(dates, recognise(dates))
    head = [as_text(cell) for cell in next(rows, TableRow(0, ())).cells]
    wanted = [mapping.join_on, *mapping.join_fields]
    if missing := [name for name in wanted if name not in head]:
        raise UnreadableFile("columns-missing", value=", ".join(missing))
    key, *places = (head.index(name) for name in wanted)
    by_key: dict[str, tuple[Cell, ...]] = {}
    for row in rows:
        cells = [*row.cells, *[""] * (len(head) - len(row.cells))]
        by_key.setdefault(as_text(cells[key]), tuple(cells[place] for place in places))
    return by_key


def _joined_rows(
    rows: Iterator[TableRow], head: tuple[str, ...], mapping: Mapping, joined: Lookup[str, tuple[Cell, ...]]
) -> Iterator[TableRow]:
    if not mapping.join_on:
        return rows
    key = head.index(mapping.join_on)
    return (
        replace(
            row,
            cells=(
                *row.cells,
                *[""] * (len(head) - len(row.cells)),
                *joined.get(as_text(row.cells[key]), ()),
            ),
        )
        for row in rows
    )
