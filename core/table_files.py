"""Pure: the rows of a table that somebody sends as CSV or XLSX: bounded, streamed, never guessed (X8).

TableRow numbers are those of a spreadsheet program: the head is row 1, blank rows are counted and left out.
"""

import codecs
import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import BinaryIO

from openpyxl import load_workbook

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 300_000
MOST_COLUMNS = 200
LONGEST_CELL = 32_767
LONGEST_LINE = 1_000_000
SAMPLE = 64 * 1024
CHUNK = 1024 * 1024

ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252")
SEPARATORS = (",", ";", "\t", "|")
SPREADSHEET, TEXT = "xlsx", "csv"

ZIP, OLD_SPREADSHEET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_UNPACKED, USUAL_UNPACKED, MOST_RATIO, MOST_PARTS = 512 * 1024 * 1024, 8 * 1024 * 1024, 100, 1000
SEPARATOR_LINE = re.compile(r"sep=(.)\s*")

Cell = str | Decimal | date | timedelta
"""A text, or what a spreadsheet knows to be a number, a day or a time."""


@dataclass(frozen=True)
class TableFormat:
    """What kind of file it is, and for a text its encoding, its separator and how many letters prove it."""

    kind: str
    encoding: str = ""
    separator: str = ""
    special_letters: int = 0


@dataclass(frozen=True)
class TableRow:
    """One row with its number in the file."""

    number: int
    cells: tuple[Cell, ...]


class UnreadableFile(ValueError):
    """A file that is no table, or too large a one; `code` says why, `number` is the row, 0 for all of it."""

    def __init__(self, code: str, number: int = 0, value: str = ""):
        super().__init__(f"{code} in row {number}: {value}")
        self.code, self.number, self.value = code, number, value


def recognise(file: BinaryIO, *, encoding: str = "", separator: str = "") -> TableFormat:
    """Find out what a file is; an encoding or separator that is given is taken as it is.

    A text is UTF-8 when all of it reads as UTF-8, UTF-16 by its mark or its zero bytes, else Windows-1252.
    Raises UnreadableFile: too-many-bytes, old-spreadsheet, wrong-encoding, not-a-text-file.
    """
    file.seek(0, 2)
    if file.tell() > MOST_BYTES:
        raise UnreadableFile("too-many-bytes", value=str(MOST_BYTES // CHUNK))
    file.seek(0)
    start = file.read(SAMPLE)
    if start.startswith(ZIP):
        return TableFormat(SPREADSHEET)
    if start.startswith(OLD_SPREADSHEET):
        raise UnreadableFile("old-spreadsheet")
    text = _encoding_of(file, start, encoding)
    return replace(text, separator=separator or _separator_of(start, text.encoding))


def read_table(file: BinaryIO, form: TableFormat) -> Iterator[TableRow]:
    """The rows of a file from its head on, one at a time; blank rows are left out.

    Raises UnreadableFile while it reads: wrong-encoding, not-a-text-file, quote-never-closed,
    quote-misplaced, line-too-long, cell-too-long, too-many-columns, too-many-rows, too-many-cells,
    not-a-spreadsheet, unpacks-too-large.
    """
    file.seek(0)
    rows = _spreadsheet_rows(file) if form.kind == SPREADSHEET else _text_rows(file, form)
    width = 0
    for number, cells in rows:
        if number > MOST_ROWS + 1:
            raise UnreadableFile("too-many-rows", number, f"{MOST_ROWS}")
        if len(cells) > MOST_COLUMNS:
            raise UnreadableFile("too-many-columns", number, f"{len(cells)}")
        while cells and cells[-1] == "":
            cells.pop()
        if not cells:
            continue
        # A cell beyond the head has no name: something slipped, and the row cannot be trusted.
        if width and len(cells) > width:
            raise UnreadableFile("too-many-cells", number, f"{len(cells)} > {width}")
        width = width or len(cells)
        yield TableRow(number, tuple(cells))


def _encoding_of(file: BinaryIO, start: bytes, wanted: str) -> TableFormat:
    for encoding in [wanted] if wanted else _likely_encodings(start):
        try:
            return TableFormat(TEXT, encoding, special_letters=_special_letters(file, encoding))
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(
        "wrong-encoding" if wanted or b"\x00" not in start else "not-a-text-file", value=wanted
    )


def _likely_encodings(start: bytes) -> list[str]:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    # Latin letters in UTF-16 are every second byte zero; a zero byte elsewhere is no text at all.
    if b"\x00" in start:
        high = start[0::2].count(0) > start[1::2].count(0)
        return ["utf-16-be" if high else "utf-16-le"]
    return ["utf-8-sig", "windows-1252"]


def _special_letters(file: BinaryIO, encoding: str) -> int:
    """How many characters beyond ASCII the whole file has. Raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    count = 0
    while chunk := file.read(CHUNK):
        text = decoder.decode(chunk)
        if "\x00" in text:
            raise UnreadableFile("not-a-text-file")
        count += len(text) - len(text.encode("ascii", "ignore"))
    decoder.decode(b"", final=True)
    return count


def _separator_of(start: bytes, encoding: str) -> str:
    text = codecs.getincrementaldecoder(encoding)().decode(start).removeprefix("\ufeff")
    lines = text.splitlines()[:20]
    if lines and (named := SEPARATOR_LINE.fullmatch(lines[0])):
        return named[1]
    return max(SEPARATORS, key=lambda separator: _columns_by(lines, separator))


def _columns_by(lines: list[str], separator: str) -> tuple[int, int]:
    """How many rows have as many cells as the head, and how many those are; nothing for a single column."""
    try:
        rows = [row for row in csv.reader(lines, delimiter=separator, skipinitialspace=True) if row]
    except csv.Error:
        return (0, 0)
    width = len(rows[0]) if rows else 0
    return (sum(len(row) == width for row in rows), width) if width > 1 else (0, 0)


def _text_rows(file: BinaryIO, form: TableFormat) -> Iterator[tuple[int, list[Cell]]]:
    reader = csv.reader(
        _lines(file, form.encoding), delimiter=form.separator, skipinitialspace=True, strict=True
    )
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if number == 1 and SEPARATOR_LINE.fullmatch(form.separator.join(row)):
                continue
            yield number, [cell.strip() for cell in row]
    except UnicodeDecodeError as error:
        raise UnreadableFile("wrong-encoding", number + 1, form.encoding) from error
    except csv.Error as error:
        # The reader has no codes; "field larger" is a quotation mark that swallows the rest of the file.
        is_open = str(error).startswith(("field larger", "unexpected end"))
        code = "quote-never-closed" if is_open else "quote-misplaced"
        raise UnreadableFile(code, number + 1) from error


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a text with their ends, a piece of the file at a time in memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    rest, number = "", 0
    while chunk := file.read(CHUNK):
        *lines, rest = StringIO(
            rest + decoder.decode(chunk).removeprefix("\ufeff"), newline=""
        ).readlines() or [""]
        for line in lines:
            number += 1
            yield _checked(line, number)
        # What has no end yet goes on in the next piece, and so may a line end of two characters.
        _checked(rest, number + 1)
    yield from StringIO(rest + decoder.decode(b"", final=True), newline="")


def _checked(line: str, number: int) -> str:
    if "\x00" in line:
        raise UnreadableFile("not-a-text-file", number)
    if len(line) > LONGEST_LINE:
        raise UnreadableFile("line-too-long", number, f"{LONGEST_LINE}")
    return line


def _spreadsheet_rows(file: BinaryIO) -> Iterator[tuple[int, list[Cell]]]:
    _refuse_bombs(file)
    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        page = next(one for one in book.worksheets if one.sheet_state == "visible")
        if (page.max_row or 0) > MOST_ROWS + 1:
            raise UnreadableFile("too-many-rows", page.max_row, f"{MOST_ROWS}")
        # What a file says about its own size may be wrong, and rows would be filled up to it.
        page.reset_dimensions()
        for number, row in enumerate(page.iter_rows(values_only=True), start=1):
            yield number, [_cell(value, number) for value in row]
    except UnreadableFile:
        raise
    except Exception as error:
        # The library has no common error: a broken archive, missing parts and bad markup all mean this.
        raise UnreadableFile("not-a-spreadsheet") from error


def _refuse_bombs(file: BinaryIO) -> None:
    """Refuse an archive that would unpack to far more than a table, before anything is unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            unpacked, packed = sum(one.file_size for one in parts), sum(one.compress_size for one in parts)
            is_bomb = unpacked > USUAL_UNPACKED and unpacked > MOST_RATIO * max(packed, 1)
            if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or is_bomb:
                raise UnreadableFile("unpacks-too-large", value=f"{unpacked // CHUNK}")
            # A document type is where entities are declared that multiply when they are read.
            for part in (one for one in parts if one.filename.endswith((".xml", ".rels"))):
                with archive.open(part) as content:
                    if b"<!DOCTYPE" in content.read(4096):
                        raise UnreadableFile("not-a-spreadsheet")
    except zipfile.BadZipFile as error:
        raise UnreadableFile("not-a-spreadsheet") from error


def _cell(value: object, number: int) -> Cell:
    """What a spreadsheet holds: days without their time of day, times as durations, numbers exact."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        # Fifteen digits are what a spreadsheet shows; the rest is how a computer writes a fraction.
        return Decimal(f"{value:.15g}")
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, time):
        value = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    if isinstance(value, date | timedelta):
        return value
    text = "" if value is None else str(value).strip()
    if len(text) > LONGEST_CELL:
        raise UnreadableFile("cell-too-long", number)
    return text


def as_text(cell: Cell) -> str:
    """A cell as text: numbers without trailing zeros, days as 2026-03-02, times as 1:00:01."""
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return cell if isinstance(cell, str) else cell.isoformat()


def first_rows(rows: Iterable[TableRow], count: int) -> list[list[str]]:
    """The first rows as text, for a page that asks which column is what."""
    return [[as_text(cell) for cell in row.cells] for row in islice(rows, count)]
