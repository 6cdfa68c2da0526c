"""From bytes and a mapping to rows, with an error for each that cannot be read (X8)."""

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from projects.reading import Mapping, RowError, known_mappings, mapping_from, parse

TIMESHEET = known_mappings()["timesheet"]
SIP = known_mappings()["sip"]
HEAD = "id,date,person,project,task,role,category,hours,description"
GOOD = ["7", "2026-03-02", "ann", "P1", "T1", "Dev", "Build", "7.25", "Wrote it"]
COLUMNS = HEAD.split(",")


def file(*rows: list[str], head: str = HEAD) -> bytes:
    return "\n".join([head, *(",".join(row) for row in rows)]).encode("utf-8")


def but(**cells: str) -> list[str]:
    return [cells.get(column, value) for column, value in zip(COLUMNS, GOOD, strict=True)]


def test_a_good_row_is_read_as_it_is_written():
    parsed = parse(file(GOOD), TIMESHEET)
    (row,) = parsed.rows
    assert parsed.errors == []
    assert (row.number, row.import_id, row.day, row.quantity) == (1, "7", date(2026, 3, 2), Decimal("7.25"))
    assert (row.project, row.task, row.role, row.category) == ("P1", "T1", "Dev", "Build")
    assert (row.resource, row.description, row.is_chargeable) == ("ann", "Wrote it", True)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (but(project=""), RowError(2, "project", "empty")),
        (but(role=" "), RowError(2, "role", "empty")),
        (but(person=""), RowError(2, "person", "empty")),
        (but(project="P" * 21), RowError(2, "project", "too-long", "P" * 21)),
        (but(description="x" * 501), RowError(2, "description", "too-long", "x" * 40)),
        (but(date="02.03.2026"), RowError(2, "date", "no-date")),
        (but(date="2026-02-29"), RowError(2, "date", "no-date")),
        (but(date=""), RowError(2, "date", "no-date")),
        (but(id=""), RowError(2, "id", "no-id")),
        (but(id="9" * 61), RowError(2, "id", "too-long", "9" * 40)),
        (but(hours="7h"), RowError(2, "hours", "not-a-quantity", "7h")),
        (but(hours="7.12345"), RowError(2, "hours", "not-a-quantity", "7.12345")),
        (but(hours="1e3"), RowError(2, "hours", "not-a-quantity", "1e3")),
        (but(hours="0"), RowError(2, "hours", "not-a-quantity", "0")),
        (but(hours="1000000000"), RowError(2, "hours", "not-a-quantity", "1000000000")),
        (but(hours=""), RowError(2, "hours", "not-a-quantity")),
        (but(hours="1.2.3"), RowError(2, "hours", "not-a-quantity", "1.2.3")),
        (but(hours="−8"), RowError(2, "hours", "not-a-quantity", "−8")),
    ],
)
def test_a_bad_row_names_its_number_its_column_and_what_is_wrong(row, error):
    parsed = parse(file(GOOD, row, but(id="8")), TIMESHEET)
    assert parsed.errors == [error]
    assert [one.import_id for one in parsed.rows] == ["7", "8"]


def test_every_error_of_a_row_is_given():
    parsed = parse(file(but(project="", role="", date="x", hours="y")), TIMESHEET)
    assert [(error.column, error.code) for error in parsed.errors] == [
        ("project", "empty"),
        ("role", "empty"),
        ("date", "no-date"),
        ("hours", "not-a-quantity"),
    ]


def test_hours_taken_back_are_negative_hours():
    parsed = parse(file(but(hours="-8"), but(id="8", hours="0.0001")), TIMESHEET)
    assert [row.quantity for row in parsed.rows] == [-8, Decimal("0.0001")]
    assert parsed.quantity == Decimal("-7.9999")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\xff\xfe\x00", RowError(0, "", "wrong-encoding", "utf-8-sig @ 0")),
        (HEAD.encode() + b"\n\x00", RowError(0, "", "not-a-text-file")),
        (b"", RowError(0, "project, task, role, category, person, hours, description", "columns-missing")),
        (
            file(head="id,date,person,project,task,role,category"),
            RowError(0, "hours, description", "columns-missing"),
        ),
        (file(["x" * 200_000]), RowError(0, "", "not-a-text-file")),
    ],
)
def test_a_file_that_cannot_be_read_at_all(data, error):
    parsed = parse(data, TIMESHEET)
    assert (parsed.rows, parsed.errors) == ([], [error])


def test_columns_may_stand_in_any_order_and_bring_company():
    shuffled = file(["x", *reversed(GOOD)], head="extra," + ",".join(reversed(COLUMNS)))
    assert parse(shuffled, TIMESHEET).rows == parse(file(GOOD), TIMESHEET).rows


def test_quoted_cells_hold_commas_and_lines():
    (row,) = parse(file(but(description='"Wrote, tested\nand shipped it"')), TIMESHEET).rows
    assert row.description == "Wrote, tested\nand shipped it"


def test_a_byte_order_mark_is_not_a_column():
    assert parse(b"\xef\xbb\xbf" + file(GOOD), TIMESHEET).errors == []


def test_too_many_rows_are_an_error_and_not_a_long_wait(monkeypatch):
    monkeypatch.setattr("projects.reading.MOST_ROWS", 2)
    parsed = parse(file(GOOD, but(id="8"), but(id="9")), TIMESHEET)
    assert (len(parsed.rows), parsed.errors) == (2, [RowError(3, "", "too-many-rows")])


# --- A second file with the dates ------------------------------------------------------------------

TASKS = (
    "TaskNumber,Summary,ProjectCode,ProjectBreakdownCode,Category,SubCategory,StatusCode,DeveloperID,"
    "DeveloperHoursActual\n"
    "1735,Größe prüfen,PC2,PBC42,Development,Enhancement,FINISHED,58,1.75\n"
    "1735,Größe prüfen,PC2,PBC42,Development,Enhancement,FINISHED,42,3\n"
    "1736,Call,PC2,,Management,,CANCELLED,58,2\n"
)
DATES = (
    "TaskNumber,EstimateOn,StartedOn,CompletedOn\n"
    "1735,01-May-14,,03-May-14\n"
    "1735,01-May-14,,31-Dec-99\n"
    "1736,,02-May-14,\n"
)


def test_dates_are_joined_by_the_task_and_the_first_that_is_known_counts():
    parsed = parse(TASKS.encode("windows-1252"), SIP, joined=DATES.encode("windows-1252"))
    assert parsed.errors == []
    assert [(row.import_id, row.day, row.resource, row.quantity) for row in parsed.rows] == [
        ("1", date(2014, 5, 3), "58", Decimal("1.75")),
        ("2", date(2014, 5, 3), "42", Decimal(3)),
        ("3", date(2014, 5, 2), "58", Decimal(2)),
    ]
    assert parsed.rows[0].description == "Größe prüfen"


def test_a_row_whose_date_is_missing_in_the_second_file_is_an_error():
    parsed = parse(TASKS.encode("windows-1252"), SIP, joined=DATES.split("1736", maxsplit=1)[0].encode())
    assert parsed.errors == [RowError(3, "CompletedOn / StartedOn / EstimateOn", "no-date")]
    assert len(parsed.rows) == 2


def test_without_the_second_file_its_columns_are_missing():
    parsed = parse(TASKS.encode("windows-1252"), SIP)
    assert parsed.errors[0] == RowError(0, "TaskNumber", "columns-missing")


def test_what_the_status_says_is_not_billed():
    mapping = replace(SIP, non_chargeable=frozenset({"CANCELLED"}))
    parsed = parse(TASKS.encode("windows-1252"), mapping, joined=DATES.encode())
    assert [row.is_chargeable for row in parsed.rows] == [True, True, False]


def test_the_mappings_that_come_with_the_product():
    assert sorted(known_mappings()) == ["sip", "timesheet"]
    assert (SIP.encoding, SIP.makes_master_data, TIMESHEET.makes_master_data) == ("windows-1252", True, False)


def test_a_mapping_is_read_from_its_text():
    text = (
        'name = "n"\ntitle = "t"\nencoding = "utf-8"\ntransaction_class = "time"\n'
        'unit = "h"\nexternal_id = "id"\n'
        '[columns]\nproject = "p"\n[date]\ncolumns = ["d"]\nformat = "%Y"\n'
    )
    assert mapping_from(text) == Mapping("n", "t", "utf-8", "time", "h", "id", {"project": "p"}, ("d",), "%Y")
    with pytest.raises(KeyError):
        mapping_from('name = "n"')
    with pytest.raises(tomllib.TOMLDecodeError):
        mapping_from("name")
