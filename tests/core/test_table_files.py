"""Rows of CSV and XLSX files: recognised, streamed, and refused before they cost anything (X8)."""

import io
import time
import zipfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook

from core.table_files import (
    MOST_COLUMNS,
    MOST_ROWS,
    TableFormat,
    UnreadableFile,
    as_text,
    read_table,
    recognise,
)

TEXT = "Datum;Stunden;Größe\n02.03.2026;7,5;groß\n"


def rows(data: bytes, **chosen: str) -> list[tuple[int, tuple[Any, ...]]]:
    file = io.BytesIO(data)
    return [(row.number, row.cells) for row in read_table(file, recognise(file, **chosen))]


def refused(data: bytes, **chosen: str) -> tuple[str, int]:
    started = time.perf_counter()
    with pytest.raises(UnreadableFile) as caught:
        rows(data, **chosen)
    assert time.perf_counter() - started < 10
    return caught.value.code, caught.value.number


@pytest.mark.parametrize(
    ("encoding", "is_found_as"),
    [
        ("utf-8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("windows-1252", "windows-1252"),
    ],
)
def test_the_encoding_is_found_out_from_the_whole_file(encoding, is_found_as):
    # The letter that decides stands far behind what is looked at first.
    data = ("a;b\n" + "1;2\n" * 40_000 + "ß;ü\n").encode(encoding)
    file = io.BytesIO(data)
    form = recognise(file)
    assert (form.encoding, form.separator, form.special_letters) == (is_found_as, ";", 2)
    assert [row.cells for row in read_table(file, form)][-1] == ("ß", "ü")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(separator):
    text = "\n".join(separator.join(cells) for cells in [("a", "b", "c"), ("1", "2", "3")])
    assert rows(text.encode()) == [(1, ("a", "b", "c")), (2, ("1", "2", "3"))]


def test_a_decimal_comma_does_not_pass_for_a_separator():
    assert rows(TEXT.encode()) == [(1, ("Datum", "Stunden", "Größe")), (2, ("02.03.2026", "7,5", "groß"))]


def test_the_line_that_names_the_separator_is_no_row():
    assert rows(b"sep=;\na;b\n1;2,5\n") == [(2, ("a", "b")), (3, ("1", "2,5"))]


def test_what_a_person_chose_is_taken_as_it_is():
    data = "a|b;c\n1|2;3\n".encode("utf-16-le")
    assert rows(data, encoding="utf-16-le", separator="|")[0] == (1, ("a", "b;c"))
    assert refused("ß".encode("windows-1252"), encoding="utf-8-sig") == ("wrong-encoding", 0)


def test_a_byte_order_mark_is_no_part_of_a_column_and_blank_rows_are_counted():
    assert rows(b'\xef\xbb\xbf"a","b"\n\n1,2\n,\n3,4\n') == [
        (1, ("a", "b")),
        (3, ("1", "2")),
        (5, ("3", "4")),
    ]


def test_a_blank_before_a_quotation_mark_is_no_text():
    assert rows(b'"a", "b"\n"1", "2, and\n3"\n') == [(1, ("a", "b")), (2, ("1", "2, and\n3"))]


@pytest.mark.parametrize(
    ("data", "code", "number"),
    [
        (b"\x00\x01\x02", "not-a-text-file", 0),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old-spreadsheet", 0),
        (b"PK\x03\x04 and nothing of a spreadsheet", "not-a-spreadsheet", 0),
        (b"a,b\n1,2,3\n", "too-many-cells", 2),
        (b'a,b\n1,"2\n' + b"3,4\n" * 60_000, "quote-never-closed", 2),
        (b'a,b\n1,"2\n3,4\n', "quote-never-closed", 2),
        (b'a,b\n1,"2" and more\n', "quote-misplaced", 2),
        (b"a," * 60_000 + b"b\n1\n", "too-many-columns", 1),
        (b"a,b\n" + b"x" * 1_000_001, "line-too-long", 2),
        (b"a,b\n" + b"1,2\n" * (MOST_ROWS + 1), "too-many-rows", MOST_ROWS + 2),
    ],
)
def test_a_hostile_file_is_refused_quickly_with_its_row(data, code, number):
    assert refused(data) == (code, number)


def test_a_million_rows_are_refused_without_being_read():
    assert refused(b"a,b\n" + b"1,2\n" * 1_000_000)[0] == "too-many-rows"


def test_more_bytes_than_are_taken(monkeypatch):
    monkeypatch.setattr("core.table_files.MOST_BYTES", 10)
    assert refused(b"a,b\n1,2\n3,4\n") == ("too-many-bytes", 0)


# --- Spreadsheets ---------------------------------------------------------------------------------


def workbook(*lines: list[Any]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(file)
    return file.getvalue()


def test_a_spreadsheet_gives_days_numbers_and_times_as_such():
    data = workbook(
        ["Date", "Hours", "Duration", "Billable", "Notes"],
        [datetime(2026, 3, 2), 7.1, timedelta(hours=25, seconds=1), True, " Load test "],  # noqa: DTZ001
        [],
        [date(2026, 3, 3), 0.1 + 0.2, "0:45", False, None],
    )
    assert rows(data) == [
        (1, ("Date", "Hours", "Duration", "Billable", "Notes")),
        (2, (date(2026, 3, 2), Decimal("7.1"), timedelta(hours=25, seconds=1), "true", "Load test")),
        (4, (date(2026, 3, 3), Decimal("0.3"), "0:45", "false")),
    ]


def test_a_formula_counts_with_the_value_that_was_saved():
    data = workbook(["Hours"], ["=1+2"])
    with_value = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(with_value, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part, content.replace(b"<f>1+2</f><v />", b"<f>1+2</f><v>3</v>"))
    assert rows(with_value.getvalue())[1] == (2, (Decimal(3),))


def test_a_spreadsheet_that_unpacks_to_far_more_is_not_unpacked():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/one.xml", b"0" * 50_000_000)
    assert refused(bomb.getvalue()) == ("unpacks-too-large", 0)


def test_entities_of_a_spreadsheet_are_not_followed():
    bomb = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["a"]))) as old, zipfile.ZipFile(bomb, "w") as new:
        for part in old.infolist():
            kind = b'<!DOCTYPE a [<!ENTITY b "c">]>' if part.filename.endswith("workbook.xml") else b""
            new.writestr(part, kind + old.read(part))
    assert refused(bomb.getvalue()) == ("not-a-spreadsheet", 0)


def test_what_a_spreadsheet_says_about_its_size_is_not_believed():
    lie = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(["a", "b"], [1, 2]))) as old, zipfile.ZipFile(lie, "w") as new:
        for part in old.infolist():
            new.writestr(part, old.read(part).replace(b'ref="A1:B2"', b'ref="A1:XFD9"'))
    assert rows(lie.getvalue()) == [(1, ("a", "b")), (2, (Decimal(1), Decimal(2)))]


def test_too_many_columns_of_a_spreadsheet():
    assert refused(workbook(["x"] * (MOST_COLUMNS + 1))) == ("too-many-columns", 1)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Decimal("7.50"), "7.5"),
        (Decimal(100), "100"),
        (timedelta(hours=1, seconds=1), "1:00:01"),
        (date(2026, 3, 2), "2026-03-02"),
        ("as it is", "as it is"),
    ],
)
def test_cells_as_text(cell, text):
    assert as_text(cell) == text


def test_a_format_can_be_given_where_it_is_known():
    file = io.BytesIO(b"a;b\n1;2\n")
    assert [row.cells for row in read_table(file, TableFormat("csv", "utf-8-sig", ";"))] == [
        ("a", "b"),
        ("1", "2"),
    ]
