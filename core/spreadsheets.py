"""Rows as files for spreadsheets: CSV as a stream, XLSX with typed cells; no text becomes a formula.

A cell is a text, a figure, a day, a moment, or nothing. In CSV days are ISO dates, figures have a full stop
and no grouping, and heads are names for machines. In XLSX figures and dates are numbers with a format, and
heads are the words of the list. Memory does not grow with the rows: CSV is handed on row by row, XLSX is
written into a temporary file.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from tempfile import TemporaryFile
from typing import IO, Any, cast

import xlsxwriter
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.refusals import Refusal, refuse_if

BYTE_ORDER_MARK = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""With one of these a spreadsheet begins to calculate, or to read a second cell, in what is only text."""

MOST_ROWS = 1_048_576
"""Rows of a worksheet, its head included; a limit of the format."""
LONGEST_TEXT = 32_767
"""Characters of a cell; a limit of the format."""
EXACT_DIGITS = 15
"""Digits that a number of a spreadsheet keeps; a longer figure is written as text, so that none is lost."""
FIRST_YEAR = 1901
"""Before it the dates of spreadsheets disagree with the calendar; such a date is written as text."""

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet"


NOTHING = "–"
"""What pages write where there is nothing; a file leaves the cell empty."""
TAG = re.compile(r"<[^>]*>")
NARROW = re.compile(r'<span class="narrow-only">.*?</span>', re.DOTALL)
SECOND_LINE = re.compile(r"<small[^>]*>(.*?)</small>", re.DOTALL)


@dataclass(frozen=True)
class Head:
    """Head of a column: its name for machines, and its words for people."""

    name: str
    label: str | Promise


@dataclass(frozen=True)
class Figure:
    """A number and how many places it has at least; digits beyond them are never dropped."""

    value: Decimal | int
    places: int = 0

    @property
    def shown_places(self) -> int:
        """Places that are written: those of its unit, or as many as the number has."""
        exponent = cast(int, Decimal(self.value).normalize().as_tuple().exponent)
        return max(self.places, -exponent)

    def __str__(self) -> str:
        """Without grouping, with a full stop; never a negative zero."""
        return f"{Decimal(self.value) + 0:.{self.shown_places}f}"


Cell = str | Figure | dt.date | dt.datetime | None
Row = Sequence[Cell]


def read_text(written: Any) -> tuple[str, str]:
    """A cell of the page without its tags: the first line, and the second one in small letters."""
    text = str(written)
    if not isinstance(written, SafeString):
        return ("" if text == NOTHING else text), ""
    # What a narrow page repeats of other columns stands in them.
    text = NARROW.sub("", text)
    second = "; ".join(_untagged(part) for part in SECOND_LINE.findall(text))
    first = _untagged(SECOND_LINE.sub("", text))
    return ("" if first == NOTHING else first), second


def _untagged(markup: str) -> str:
    return " ".join(unescape(TAG.sub(" ", markup)).split())


def for_the_reader(lines: Iterator[str]) -> Iterator[str]:
    """The lines in language and time zone of the request, which may have ended before they are sent."""
    return _for(lines, translation.get_language(), timezone.get_current_timezone())


def _for(lines: Iterator[str], language: str | None, zone: dt.tzinfo) -> Iterator[str]:
    with translation.override(language), timezone.override(zone):
        yield from lines


def safe_text(text: str) -> str:
    """Text that no spreadsheet calculates: an apostrophe before what would begin a formula."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def written_csv(heads: Sequence[Head], rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a CSV file, one at a time: comma, quotes where needed, UTF-8 with a byte order mark."""
    writer = csv.writer(_Passing())
    yield BYTE_ORDER_MARK + writer.writerow([head.name for head in heads])
    for row in rows:
        yield writer.writerow([_csv_cell(cell) for cell in row])


def written_xlsx(
    heads: Sequence[Head], rows: Iterable[Row], *, count: int, title: str, facts: Iterable[tuple[str, Cell]]
) -> IO[bytes]:
    """An open file with the rows under a frozen head, and a second page that says what they are (`facts`).

    `count` is how many rows there are. Raises Refused: too-many-rows, where a worksheet cannot hold them.
    """
    refuse_if(_too_many(count))
    file = TemporaryFile()  # noqa: SIM115 - the caller sends it and closes it
    # Text goes into the rows themselves and each row to the disk, so that memory does not grow.
    workbook = xlsxwriter.Workbook(file, {"constant_memory": True})
    formats = _Formats(workbook)
    worksheet = workbook.add_worksheet(_("Rows"))
    worksheet.freeze_panes(1, 0)
    for index, head in enumerate(heads):
        label = str(head.label)
        worksheet.set_column(index, index, max(len(label) + 2, 12))
        worksheet.write_string(0, index, label, formats.bold)
    for number, row in enumerate(rows, start=1):
        for index, cell in enumerate(row):
            _write(worksheet, number, index, cell, formats)
    _describe(workbook.add_worksheet(_("Filter")), title, facts, formats)
    workbook.close()
    file.seek(0)
    return file


def _too_many(count: int) -> Iterable[Refusal]:
    # The head takes one row.
    if count >= MOST_ROWS:
        yield Refusal(
            "too-many-rows",
            _("A worksheet holds %(most)s rows, and more than these match.") % {"most": MOST_ROWS - 1},
            way_out=_("Filter the list, or export it as CSV, which has no such limit."),
        )


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return timezone.localtime(cell).isoformat(timespec="seconds")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    # A negative figure begins with a minus and stays a figure.
    return safe_text(cell) if isinstance(cell, str) else str(cell)


def _write(worksheet: Any, row: int, column: int, cell: Cell, formats: "_Formats") -> None:
    """One cell in its own type; `write_string` never reads a formula or an address out of a text."""
    if isinstance(cell, Figure):
        if len(Decimal(cell.value).normalize().as_tuple().digits) > EXACT_DIGITS:
            worksheet.write_string(row, column, str(cell))
        else:
            worksheet.write_number(row, column, cell.value, formats.figure(cell.shown_places))
    elif isinstance(cell, dt.datetime):
        # Spreadsheets know no time zones: the reader's own is written, as on the page.
        worksheet.write_datetime(row, column, timezone.localtime(cell).replace(tzinfo=None), formats.moment)
    elif isinstance(cell, dt.date) and cell.year >= FIRST_YEAR:
        worksheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), formats.day)
    elif cell:
        worksheet.write_string(row, column, str(cell)[:LONGEST_TEXT])


def _describe(worksheet: Any, title: str, facts: Iterable[tuple[str, Cell]], formats: "_Formats") -> None:
    """The second worksheet: what the rows are, so that a file found later explains itself."""
    worksheet.set_column(0, 1, 30)
    worksheet.write_string(0, 0, title, formats.bold)
    for row, (label, cell) in enumerate(facts, start=1):
        worksheet.write_string(row, 0, label)
        _write(worksheet, row, 1, cell, formats)


class _Passing:
    """A file that hands back what is written, so that the csv module can be used line by line."""

    def write(self, text: str) -> str:
        return text


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, workbook: Any):
        self.workbook = workbook
        self.bold = workbook.add_format({"bold": True})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
        self.figures: dict[int, Any] = {}

    def figure(self, places: int) -> Any:
        """The format of a number with so many places."""
        if places not in self.figures:
            pattern = "#,##0" + ("." + "0" * places if places else "")
            self.figures[places] = self.workbook.add_format({"num_format": pattern})
        return self.figures[places]
