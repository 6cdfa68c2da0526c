"""Files that are refused, each with its reason and a way out; nothing is changed (X8)."""

from datetime import date
from decimal import Decimal

import pytest

from projects.column_styles import RowError
from projects.import_sentences import FILE_SENTENCES, QUESTION_SENTENCES, ROW_SENTENCES, refusal_of
from projects.importing import Decisions, import_files
from projects.models import (
    Entry,
    ImportBatch,
    ImportFilePart,
    ImportName,
    ImportRow,
    LegalEntity,
    Project,
)
from projects.staging import Choices, discard_imports, read_again, read_file
from tests.company import Company
from tests.company.checking import refused
from tests.company.files import clock, figures, imported, not_imported, staged
from tests.company.rows import NOW
from tests.projects.import_files import COLUMNS, DATES, HOURS, business_rows, hours_here, only, timesheet_of

pytestmark = pytest.mark.django_db


# --- Refusals -------------------------------------------------------------------------------------


def test_one_bad_row_keeps_the_whole_file_out():
    at = Company.bare()
    bad = timesheet_of(at, {"id": "a1"}, {"id": "a2", "hours": "3x"}, {"id": "a3", "date": "31.02.2026"})
    reasons = not_imported(at, "not-a-duration", "no-date", data=bad)
    assert [str(reason) for reason in reasons] == [
        "Row 3, column hours: “3x”: This is not a duration. Write it as 7.5, 7,5, 7:30, 7h30 or 90m. "
        "Correct the row.",
        "Row 4, column date: “31.02.2026”: This is not a date. Write the date as the other rows do.",
    ]
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("data", "dates", "code"),
    [
        (b"a,b\n\x81,\x8d\n", None, "wrong-encoding"),
        (b"\x00", None, "not-a-text-file"),
        (b"Name,Street\nx,y\n", None, "unknown-layout"),
        (b"TaskNumber\n1735\n", DATES, "unknown-layout"),
        (b"date,person,person,project,hours\n2026-03-02,a,b,c,1\n", None, "unknown-layout"),
        (COLUMNS.encode(), None, "empty-file"),
        (b"a,b\n1,2,3\n", None, "too-many-cells"),
        (b'a,b\n1,"2\n', None, "quote-never-closed"),
        (b"PK\x03\x04", None, "not-a-spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(data, dates, code):
    at = Company.bare()
    not_imported(at, code, data=data, dates=dates)
    assert not Entry.objects.exists()
    batch = ImportBatch.objects.get()
    assert (batch.status, [one["code"] for one in batch.shown["problems"]]) == ("preview", [code])


def test_a_layout_that_was_chosen_says_what_it_misses():
    at = Company.bare()
    reasons = not_imported(
        at, "columns-missing", data=b"Date,Hours,First Name\n2026-03-02,1,A\n", mapping="harvest"
    )
    assert "Last Name / Nachname, Project / Projekt / Proyek" in str(reasons[0])
    not_imported(at, "dates-missing", data=HOURS, mapping="sip")
    not_imported(
        at,
        "columns-repeated",
        data="date,date,person,project,hours\n2026-03-02,,a,b,1\n",
        mapping="timesheet",
    )


def test_a_second_file_must_have_the_columns_that_join_it():
    at = Company.bare()
    reasons = not_imported(
        at, "columns-missing", data=HOURS, dates=b"TaskNumber,EstimateOn\n1735,01-Mar-26\n", mapping="sip"
    )
    assert "StartedOn, CompletedOn" in str(reasons[0]) or "CompletedOn, StartedOn" in str(reasons[0])


def test_what_a_column_leaves_open_is_asked_and_then_read_as_chosen():
    at = Company.bare()
    text = timesheet_of(at, {"hours": '"1,234"', "date": "03/02/2026"})
    batch = staged(at, text)
    assert [one["code"] for one in batch.shown["problems"]] == ["open-mark", "open-date"]
    choices = Choices(mapping="timesheet", hours="comma", dates="%d/%m/%Y")
    read_again(only(batch), choices, actor=at.manager, at=NOW)
    read_file(batch.pk, clock=clock)
    row = batch.rows.get()
    assert (row.quantity, row.day) == (Decimal("1.234"), date(2026, 2, 3))


def test_an_empty_or_too_large_file_is_not_kept(monkeypatch):
    at = Company.bare()
    with refused("empty-file"):
        staged(at, b"")
    monkeypatch.setattr("projects.import_files.MOST_BYTES", 10)
    with refused("too-many-bytes"):
        staged(at, HOURS, DATES)
    assert not ImportBatch.objects.exists()


def test_closed_days_and_projects_are_refused_when_read_and_when_imported():
    at = Company.bare()
    batch = staged(at, timesheet_of(at, {"id": "a1"}))
    at.entity.locked_through = date(2026, 3, 2)
    at.entity.save()
    with refused("period-locked"):
        import_files(only(batch), Decisions(), actor=at.manager, at=NOW)
    not_imported(at, "period-locked", data=timesheet_of(at, {"id": "a1"}))
    at.entity.locked_through = None
    at.entity.save()
    Project.objects.filter(pk=at.project.pk).update(is_closed=True)
    with refused("project-closed"):
        import_files(only(batch), Decisions(), actor=at.manager, at=NOW)
    not_imported(at, "project-closed", data=timesheet_of(at, {"id": "a1"}))
    assert not Entry.objects.exists()


def test_a_day_of_more_than_24_hours_is_refused_over_the_whole_file_and_what_is_here():
    at = Company.bare()
    imported(at, timesheet_of(at, {"id": "a1", "hours": "10"}))
    rows = [{"id": "a2", "hours": "8"}, {"id": "a3", "hours": "6:00:01"}, {"id": "a4", "date": "2026-03-03"}]
    text = timesheet_of(at, *rows)
    reasons = not_imported(at, "daily-maximum", "daily-maximum", data=text)
    assert [reason.subject for reason in reasons] == ["Row 2", "Row 3"]
    assert hours_here() == ["10"]
    assert figures(imported(at, text.replace("6:00:01", "6:00:00"))) == "3, 0, 0, 0"


def test_the_daily_maximum_of_the_company_holds_for_files_too():
    at = Company.bare()
    LegalEntity.objects.filter(pk=at.entity.pk).update(daily_maximum=600)
    reasons = not_imported(at, "daily-maximum", data=timesheet_of(at, {"id": "a1", "hours": "10:00:01"}))
    assert "the daily maximum of the company" in str(reasons[0])
    assert hours_here() == []
    at.entity.refresh_from_db()
    assert figures(imported(at, timesheet_of(at, {"id": "a1", "hours": "10"}))) == "1, 0, 0, 0"


def test_hours_entered_after_the_preview_count_when_it_is_imported():
    at = Company.bare()
    batch = staged(at, timesheet_of(at, {"id": "a1", "hours": "20"}))
    imported(at, timesheet_of(at, {"id": "b1", "hours": "5"}))
    with refused("daily-maximum"):
        import_files(only(batch), Decisions(), actor=at.manager, at=NOW)
    assert hours_here() == ["5"]


def test_a_row_that_changes_its_day_counts_with_what_the_file_says():
    at = Company.bare()
    imported(at, timesheet_of(at, {"id": "a1", "hours": "20"}))
    assert figures(imported(at, timesheet_of(at, {"id": "a1", "hours": "24"}))) == "0, 1, 0, 0"


def test_a_row_that_is_a_total_has_no_daily_maximum_and_says_so():
    at = Company.bare()
    total = HOURS.replace(b"58,1.75", b"58,2100.5")
    batch = imported(at, total, DATES)
    assert (batch.is_total, batch.is_history, figures(batch)) == (True, True, "3, 0, 0, 0")
    assert hours_here()[0] == "2100.5"


def test_an_import_is_imported_once():
    at = Company.bare()
    batch = imported(at, HOURS, DATES)
    for verb in (discard_imports, lambda rows, **by: import_files(rows, Decisions(), **by)):
        with refused("not-a-preview"):
            verb(only(batch), actor=at.manager, at=NOW)
    with refused("not-a-preview"):
        read_again(only(batch), Choices(), actor=at.manager, at=NOW)


def test_a_preview_may_be_forgotten():
    at = Company.bare()
    before = [row for row in business_rows() if row[0] != "core_activity"]
    assert discard_imports(only(staged(at, HOURS, DATES)), actor=at.manager, at=NOW) == 1
    assert [row for row in business_rows() if row[0] != "core_activity"] == before
    for model in (ImportBatch, ImportRow, ImportName, ImportFilePart):
        assert not model.objects.exists()


def test_after_fifty_reasons_the_rest_is_counted():
    at = Company.bare()
    text = timesheet_of(at, *({"id": f"a{nth}", "hours": "x"} for nth in range(60)))
    reasons = not_imported(at, *["not-a-duration"] * 50, "further-errors", data=text)
    assert "10 further errors." in str(reasons[-1])


@pytest.mark.parametrize("code", sorted({**FILE_SENTENCES, **QUESTION_SENTENCES, **ROW_SENTENCES}))
def test_every_code_has_a_sentence_and_a_way_out(code):
    refusal = refusal_of(RowError(7, "Hours", code, "1,234"))
    assert str(refusal).startswith("Row 7, column Hours: ")
    assert refusal.message and refusal.way_out


def test_a_code_without_a_sentence_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        refusal_of(RowError(7, "Hours", "nothing-known"))
