"""Files of master data: their columns, templates, and reading them (X8)."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.days import DAYS_ALLOWED, is_possible
from core.durations import Unreadable, read_decimal
from core.number_errors import sentence_of
from core.refusals import Text
from core.spreadsheets import Head, written_csv, written_xlsx

MOST_ROWS = 50_000
SEPARATORS = ";,\t|"
DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
ROW_OF_HEADS = 1


@dataclass(frozen=True)
class FileColumn:
    """A column of a file: its head, whether a row needs it, and an example for the template."""

    head: str
    example: str = ""
    is_required: bool = False
    longest: int = 200


@dataclass(frozen=True)
class Kind:
    """A kind of file: what it contains, and its columns."""

    name: str
    title: Text
    holds: Text
    columns: Sequence[FileColumn]


def _columns(*required: tuple[str, str], **optional: str) -> tuple[FileColumn, ...]:
    needed = tuple(FileColumn(head, example, is_required=True) for head, example in required)
    return needed + tuple(FileColumn(head.replace("_", " "), example) for head, example in optional.items())


KINDS: Mapping[str, Kind] = {
    "customers": Kind(
        "customers",
        gettext_lazy("Customers"),
        gettext_lazy("Name, address, VAT id, terms"),
        _columns(
            ("number", "K-10001"),
            ("name", "Alster Logistik AG"),
            ("billing address", "Am Sandtorkai 48 | 20457 Hamburg"),
            ("country", "DE"),
            ("currency", "EUR"),
            short_name="Alster",
            vat_id="DE123456789",
            email="invoices@example.com",
            language="de",
            payment_terms="30",
            purchase_order="",
            tax_group="de-domestic",
            looked_after_by="",
        ),
    ),
    "projects": Kind(
        "projects",
        gettext_lazy("Projects and tasks"),
        gettext_lazy("Customer, manager, budget; a row for each task"),
        _columns(
            ("number", "PRJ-0001"),
            ("name", "Data platform"),
            customer="K-10001",
            manager="",
            starts_on="2026-01-05",
            ends_on="",
            budget_hours="845",
            budget_money="128000",
            task="T1",
            task_name="Ingest pipeline",
            task_budget_hours="310",
            task_budget_money="42000",
        ),
    ),
    "people": Kind(
        "people",
        gettext_lazy("People"),
        gettext_lazy("Name, mail, roles, what hours are billed as"),
        _columns(
            ("username", "mia"),
            ("first name", "Mia"),
            ("last name", "Otte"),
            ("mail", "mia@example.com"),
            ("roles", "Team member"),
            code="mia",
            billed_as="Consultant",
        ),
    ),
    "prices": Kind(
        "prices",
        gettext_lazy("Price lists"),
        gettext_lazy("Role, category or product and price; lists that do not exist are created"),
        _columns(
            ("price list", "Sales 2026"),
            kind="sales",
            currency="EUR",
            valid_from="2026-01-01",
            valid_to="",
            role="Consultant",
            category="",
            product="",
            price="142.50",
            unit="h",
            markup_percent="",
            last_day="",
        ),
    ),
}


@dataclass(frozen=True)
class FileError:
    """What is wrong in a file: the row as a spreadsheet counts it, the column, a sentence.

    The number is 0 where the sentence itself names what it is about.
    """

    number: int
    column: str
    message: str

    def __str__(self) -> str:
        if not self.number:
            return self.message
        place = _("Row %(number)s, column %(column)s") if self.column else _("Row %(number)s")
        return f"{place % {'number': self.number, 'column': self.column}}: {self.message}"


@dataclass
class FileLine:
    """One row of a file, by head, with what is wrong with it."""

    number: int
    cells: Mapping[str, str]
    language: str
    errors: list[FileError] = field(default_factory=list)

    def text(self, head: str) -> str:
        """A text without blanks around it; empty where the file has no such column."""
        return self.cells.get(head, "").strip()

    def has(self, head: str) -> bool:
        """Whether the file has this column, filled in this row or not."""
        return head in self.cells

    def fail(self, head: str, message: str) -> None:
        """Note what is wrong in a column."""
        self.errors.append(FileError(self.number, head, message))

    def number_of(self, head: str) -> Decimal | None:
        """A number; an error where the text has no reading, or two."""
        text = self.text(head)
        if not text:
            return None
        try:
            return read_decimal(text, language=self.language)
        except Unreadable as error:
            self.fail(head, sentence_of(error))
            return None

    def day_of(self, head: str) -> date | None:
        """A day of the years 1900 to 2199, written as 2026-01-31 or 31.01.2026."""
        text = self.text(head)
        day = _day_in(text) if text else None
        if text and day is None:
            self.fail(head, _("“%(text)s” is not a date. Write it as 2026-01-31.") % {"text": text[:40]})
        elif not is_possible(day):
            self.fail(head, str(DAYS_ALLOWED))
            return None
        return day


def _day_in(text: str) -> date | None:
    """The day that a text says in one of the known forms; none where it says no day."""
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


@dataclass
class Table:
    """What a file holds: its rows, and what is wrong with it as a whole."""

    lines: list[FileLine] = field(default_factory=list)
    errors: list[FileError] = field(default_factory=list)

    @property
    def all_errors(self) -> list[FileError]:
        """Everything that is wrong, in the order of the file."""
        return self.errors + [error for line in self.lines for error in line.errors]


def template_of(kind: Kind, file_format: str) -> bytes:
    """A file with the heads of a kind and one row as an example: `csv` or `xlsx`."""
    heads = [Head(column.head, column.head) for column in kind.columns]
    rows = [[column.example for column in kind.columns]]
    if file_format == "csv":
        return "".join(written_csv(heads, rows)).encode()
    with written_xlsx(heads, rows, count=1, title=str(kind.title), facts=()) as file:
        return file.read()


def read_table(kind: Kind, name: str, data: bytes, *, language: str) -> Table:
    """The rows of a file, checked for what every kind asks: known heads, no missing value, none too long."""
    try:
        cells = _xlsx(data) if name.lower().endswith(".xlsx") else _csv(data)
        heads, *rows = [[cell.strip() for cell in row] for row in cells] or [[]]
    except (ValueError, csv.Error, BadZipFile, InvalidFileException, KeyError, OSError):
        return Table(errors=[FileError(ROW_OF_HEADS, "", _("This is neither a CSV nor an XLSX file."))])
    heads = [head.lower() for head in heads]
    table = Table(errors=list(_wrong_heads(kind, heads)))
    if len(rows) > MOST_ROWS:
        message = _("More than %(most)s rows: split the file.") % {"most": MOST_ROWS}
        table.errors.append(FileError(MOST_ROWS, "", message))
    if table.errors:
        return table
    for number, row in enumerate(rows, ROW_OF_HEADS + 1):
        if any(row):
            line = FileLine(number, dict(zip(heads, row, strict=False)), language)
            _check(kind, line, more=len(row) - len(heads))
            table.lines.append(line)
    if not table.lines:
        table.errors.append(FileError(ROW_OF_HEADS, "", _("There are no rows below the column names.")))
    return table


def _wrong_heads(kind: Kind, heads: Sequence[str]) -> Iterator[FileError]:
    known = [column.head for column in kind.columns]
    for column in kind.columns:
        if column.is_required and column.head not in heads:
            message = _("The column is missing. The template has all columns.")
            yield FileError(ROW_OF_HEADS, column.head, message)
    for head in heads:
        if head and head not in known:
            message = _("There is no such column. The columns are: %(heads)s.") % {"heads": ", ".join(known)}
            yield FileError(ROW_OF_HEADS, head, message)


def _check(kind: Kind, line: FileLine, *, more: int) -> None:
    if more > 0:
        line.fail("", _("The row has more cells than there are columns."))
    for column in kind.columns:
        text = line.text(column.head)
        if column.is_required and not text:
            line.fail(column.head, _("The value is missing."))
        if len(text) > column.longest:
            line.fail(
                column.head, _("The value is longer than %(most)s characters.") % {"most": column.longest}
            )


def _csv(data: bytes) -> Iterable[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    if "\x00" in text:
        raise ValueError("not a text")
    # The mark that the row of heads has most of; names of columns hold none of them.
    first = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count)
    return list(csv.reader(io.StringIO(text), delimiter=separator, strict=True))


def _xlsx(data: bytes) -> Iterable[list[str]]:
    workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return [[_as_text(cell) for cell in row] for row in workbook.worksheets[0].iter_rows(values_only=True)]


def _as_text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float):
        # A spreadsheet keeps 7.5 as a float; written shortly it is the number that was typed.
        return f"{Decimal(repr(cell)).normalize():f}"
    return "" if cell is None else str(cell)
