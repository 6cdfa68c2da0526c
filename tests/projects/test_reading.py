"""From rows of a table and a mapping to rows of work, with an error for each that cannot be read (X8)."""

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.durations import Duration, Unreadable
from core.table_files import as_text, read_table, recognise
from projects.column_styles import RowError, Style, Survey, duration_of, style_of
from projects.layouts import Mapping, columns_of, known_mappings
from projects.reading import Reader, WorkRow

MAPPINGS = known_mappings()
TIMESHEET = MAPPINGS["timesheet"]
HEAD = "id,date,person,project,task,role,category,hours,description,chargeable"
GOOD = ["7", "2026-03-02", "ann", "P1", "T1", "Dev", "Build", "7.25", "Wrote it", "yes"]
COLUMNS = HEAD.split(",")


def file(*rows: list[str], head: str = HEAD) -> str:
    return "\n".join([head, *(",".join(f'"{cell}"' for cell in row) for row in rows)])


def but(**cells: str) -> list[str]:
    return [cells.get(column, value) for column, value in zip(COLUMNS, GOOD, strict=True)]


def surveyed(text: str, mapping: Mapping) -> tuple[Any, Any, Style]:
    stream = io.BytesIO(text.encode())
    form = recognise(stream)
    lines = list(read_table(stream, form))
    head = [as_text(cell) for cell in lines[0].cells]
    columns, survey = columns_of(head, mapping), Survey()
    for line in lines[1:]:
        survey.take(line, columns)
    return lines, (head, columns), style_of(survey, mapping)


def read(text: str, mapping: Mapping = TIMESHEET) -> list[WorkRow | list[RowError]]:
    lines, (head, columns), style = surveyed(text, mapping)
    assert style.questions == ()
    return list(Reader(mapping, columns, style, head).read(lines[1:]))


def work(text: str, mapping: Mapping = TIMESHEET) -> list[WorkRow]:
    rows = [row for row in read(text, mapping) if isinstance(row, WorkRow)]
    assert len(rows) == len(read(text, mapping))
    return rows


def errors(text: str, mapping: Mapping = TIMESHEET) -> list[RowError]:
    return [error for row in read(text, mapping) if not isinstance(row, WorkRow) for error in row]


# --- One good row, and every way to be wrong ------------------------------------------------------


def test_a_good_row_is_read_as_it_is_written():
    (row,) = work(file(GOOD))
    assert (row.number, row.import_id, row.day, row.quantity) == (2, "7", date(2026, 3, 2), Decimal("7.25"))
    assert {name: text for name, text in row.names.items() if text} == {
        "person": "ann",
        "project": "P1",
        "task": "T1",
        "role": "Dev",
        "category": "Build",
    }
    assert (row.description, row.is_chargeable, row.seconds) == ("Wrote it", True, 26_100)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (but(project=""), RowError(3, "project", "empty")),
        (but(person=" "), RowError(3, "person", "empty")),
        (but(project="P" * 81), RowError(3, "project", "too-long", "P" * 40, ("81", "80"))),
        (
            but(description="x" * 501),
            RowError(3, "description", "description-too-long", "x" * 40, ("501", "500")),
        ),
        (but(date="02.03.2026"), RowError(3, "date", "no-date", "02.03.2026")),
        (but(date="2026-02-29"), RowError(3, "date", "no-date", "2026-02-29")),
        (but(date=""), RowError(3, "date", "empty")),
        (but(id=""), RowError(3, "id", "no-id")),
        (but(id="9" * 61), RowError(3, "id", "too-long", "9" * 40, ("61", "60"))),
        (but(id="7"), RowError(3, "id", "repeated-id", "7")),
        (but(hours="lots"), RowError(3, "hours", "not-a-duration", "lots")),
        (but(hours="1,234"), RowError(3, "hours", "ambiguous", "1,234", ("1234", "1.234"))),
        (but(hours="1e3"), RowError(3, "hours", "exponent", "1e3")),
        (but(hours="7:75"), RowError(3, "hours", "minutes-not-possible", "7:75")),
        (but(hours="100000"), RowError(3, "hours", "too-large", "100000")),
        (but(hours="-8"), RowError(3, "hours", "negative", "-8")),
        (but(hours="NaN"), RowError(3, "hours", "not-finite", "NaN")),
        (but(hours=""), RowError(3, "hours", "empty")),
        (but(chargeable="perhaps"), RowError(3, "chargeable", "neither-yes-nor-no", "perhaps")),
        (but(chargeable=""), RowError(3, "chargeable", "neither-yes-nor-no")),
    ],
)
def test_a_bad_row_names_its_number_its_column_and_its_value(row, error):
    text = file(GOOD, row, but(id="8"))
    assert errors(text) == [error]
    assert [one.import_id for one in read(text) if isinstance(one, WorkRow)] == ["7", "8"]


def test_every_error_of_a_row_is_named():
    wrong = errors(file(GOOD, but(project="", date="x", hours="y", chargeable="z")))
    assert [(error.column, error.code) for error in wrong] == [
        ("project", "empty"),
        ("date", "no-date"),
        ("hours", "not-a-duration"),
        ("chargeable", "neither-yes-nor-no"),
    ]


def test_a_row_of_no_hours_is_read_whatever_else_it_lacks():
    (row,) = work(file(but(hours="0", project="", person="")))
    assert row.quantity == 0


def test_columns_may_stand_in_any_order_and_bring_company():
    shuffled = file(["x", *reversed(GOOD)], head="extra," + ",".join(reversed(COLUMNS)))
    assert work(shuffled) == work(file(GOOD))


@pytest.mark.parametrize("word", ["yes", "Y", "TRUE", "1", "Ja", "ya", "oui", "Billable"])
def test_yes_in_many_words(word):
    assert work(file(but(chargeable=word)))[0].is_chargeable


@pytest.mark.parametrize("word", ["no", "N", "false", "0", "Nein", "tidak", "non", "Non-billable"])
def test_no_in_many_words(word):
    assert not work(file(but(chargeable=word)))[0].is_chargeable


def test_what_a_mapping_calls_not_billable_is_not():
    mapping = replace(TIMESHEET, status_column="task", non_chargeable=frozenset({"T9"}))
    rows = work(file(GOOD, but(id="8", task="T9")), mapping)
    assert [row.is_chargeable for row in rows] == [True, False]


# --- How a column writes its numbers --------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "style"),
    [
        (["7,5", "1.234,0", "8"], "comma"),
        (["7.5", "1,234.0", "8"], "point"),
        (["1,234", "7,5"], "comma"),
        (["1,2345"], "comma"),
        (["8", "7"], "point"),
        (["1:30", "7:05:01"], "point"),
    ],
)
def test_the_decimal_mark_belongs_to_the_column(values, style):
    text = file(*(but(id=str(nth), hours=value) for nth, value in enumerate(values)))
    assert surveyed(text, TIMESHEET)[2].hours == style


def test_a_column_of_commas_reads_what_would_be_open_alone():
    rows = work(file(but(hours="7,5"), but(id="8", hours="1,125")))
    assert [row.quantity for row in rows] == [Decimal("7.5"), Decimal("1.125")]


@pytest.mark.parametrize(
    ("values", "question"),
    [
        (["1,234"], RowError(0, "hours", "open-mark", "1,234")),
        (["1.234", "8"], RowError(0, "hours", "open-mark", "1.234")),
        (["7,5", "7.5"], RowError(0, "hours", "mixed-marks", "7,5 / 7.5")),
    ],
)
def test_a_column_that_leaves_the_mark_open_is_asked_about(values, question):
    text = file(*(but(id=str(nth), hours=value) for nth, value in enumerate(values)))
    assert surveyed(text, TIMESHEET)[2].questions == (question,)
    chosen = surveyed(text, replace(TIMESHEET, hours="comma"))[2]
    assert (chosen.hours, chosen.questions) == ("comma", ())


@pytest.mark.parametrize(
    ("cell", "style", "quantity", "seconds"),
    [
        ("7.25", "point", "7.25", 26_100),
        ("0.3333", "point", "0.3333", None),
        ("1.4166666666667", "point", "1.4167", 5100),
        ("0.33333333333333", "point", "0.3333", 1200),
        ("0,33333333333333", "comma", "0.3333", 1200),
        ("0.12345", "point", "0.1235", None),
        ("2.000,5", "comma", "2000.5", 7_201_800),
        ("1:30", "point", "1.5", 5400),
        ("1:00:01", "comma", "1.0003", 3601),
        ("18:25 min", "point", "0.3069", 1105),
        ("45 sec", "point", "0.0125", 45),
        ("7h30", "point", "7.5", 27_000),
        ("90m", "point", "1.5", 5400),
        ("7260", "seconds", "2.0167", 7260),
        ("2:01", "seconds", "2.0167", 7260),
        (Decimal("7.1"), "comma", "7.1", 25_560),
        (timedelta(hours=25, seconds=1), "point", "25.0003", 90_001),
    ],
)
def test_hours_in_every_way_they_are_written(cell, style, quantity, seconds):
    read_as = duration_of(cell, style)
    assert (read_as.quantity, read_as.seconds) == (Decimal(quantity), seconds)
    assert isinstance(read_as, Duration)


@pytest.mark.parametrize(
    ("cell", "style", "code"),
    [
        ("1.234", "comma", "ambiguous"),
        ("7.5", "comma", "other-mark"),
        ("7,5", "point", "other-mark"),
        ("0.5", "seconds", "not-a-duration"),
        (date(2026, 3, 2), "point", "not-a-duration"),
    ],
)
def test_hours_that_are_not_guessed(cell, style, code):
    with pytest.raises(Unreadable) as caught:
        duration_of(cell, style)
    assert caught.value.code == code


# --- How a column writes its days -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "form"),
    [
        (["2026-03-02"], "%Y-%m-%d"),
        (["2026-03-02 10:15", "2026-03-02T00:00:00"], "%Y-%m-%d"),
        (["02.03.2026", "31.11.2026"], "%d.%m.%Y"),
        (["02/03/2026", "13/03/2026"], "%d/%m/%Y"),
        (["03/02/2026", "03/13/2026"], "%m/%d/%Y"),
        (["02-Mar-26"], "%d-%b-%y"),
    ],
)
def test_the_order_of_day_and_month_belongs_to_the_column(days, form):
    text = file(*(but(id=str(nth), date=day) for nth, day in enumerate(days)))
    assert surveyed(text, TIMESHEET)[2].dates == form


@pytest.mark.parametrize(
    ("days", "question"),
    [
        (["03/02/2026", "03/12/2026"], RowError(0, "date", "open-date", "03/02/2026")),
        (["13/02/2026", "02/13/2026"], RowError(0, "date", "mixed-dates", "13/02/2026 / 02/13/2026")),
        (["yesterday"], RowError(0, "date", "unknown-date", "yesterday")),
    ],
)
def test_days_that_may_be_two_are_asked_about(days, question):
    text = file(*(but(id=str(nth), date=day) for nth, day in enumerate(days)))
    assert surveyed(text, TIMESHEET)[2].questions == (question,)
    assert surveyed(text, replace(TIMESHEET, dates="%d/%m/%Y"))[2].questions == ()


# --- What tells rows apart ------------------------------------------------------------------------

NO_ID = ",".join(COLUMNS[1:])


def ids(*rows: list[str]) -> list[str]:
    return [row.import_id for row in work(file(*(row[1:] for row in rows), head=NO_ID))]


def test_rows_without_an_id_are_known_by_their_content_and_a_count():
    first, second, third = ids(GOOD, but(hours="8"), GOOD)
    assert first.endswith("-0") and third.endswith("-1") and first[:-2] == third[:-2] != second[:-2]


def test_the_place_in_the_file_and_the_way_of_writing_change_nothing():
    assert ids(but(hours="8"), GOOD)[1] == ids(GOOD)[0]
    assert ids(but(hours="7:15"))[0] == ids(but(hours=" 7.2500 "))[0] == ids(GOOD)[0]


@pytest.mark.parametrize(
    "changed",
    [{"date": "2026-03-03"}, {"person": "bob"}, {"project": "P2"}, {"hours": "7"}, {"description": "x"}],
)
def test_another_content_is_another_row(changed):
    assert ids(but(**changed)) != ids(GOOD)


def test_that_it_is_billed_does_not_make_it_another_row_but_a_changed_one():
    one, other = (work(file(row[1:], head=NO_ID))[0] for row in (GOOD, but(chargeable="no")))
    assert one.import_id == other.import_id
    assert one.content != other.content
