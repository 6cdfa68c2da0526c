"""Import hours from a file: all of it or none, and a second time nothing (A8, X8)."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.models import Activity
from projects import import_drafts
from projects.import_states import ImportRowState, ImportStatus
from projects.importing import Decisions, import_files
from projects.models import (
    Entry,
    ImportFilePart,
    ImportName,
    ImportRow,
    Project,
    Role,
)
from projects.states import BillingType, EntryStatus
from tests.company import Company
from tests.company.files import figures, imported, read_rows, staged
from tests.company.rows import NOW
from tests.projects.import_files import (
    DATES,
    HOURS,
    business_rows,
    hours_here,
    only,
    timesheet_of,
    without_ids,
)

pytestmark = pytest.mark.django_db


# --- What comes of it -----------------------------------------------------------------------------


def test_a_file_becomes_draft_entries_with_all_that_they_name():
    at = Company.bare()
    batch = imported(at, HOURS, DATES)
    assert (batch.row_count, figures(batch), batch.status) == (3, "3, 0, 0, 0", ImportStatus.IMPORTED)
    assert batch.file_sha256 == hashlib.sha256(HOURS).hexdigest()
    entries = Entry.objects.order_by("pk")
    columns = ("project__number", "task__code", "role__name", "resource__code", "date", "quantity", "seconds")
    assert list(entries.values_list(*columns)) == [
        ("PC2", "PBC42", "Development", "58", date(2026, 3, 3), Decimal("1.75"), 6300),
        ("PC2", "PBC42", "Development", "42", date(2026, 3, 3), Decimal(3), 10_800),
        ("PC3", None, "Management", "58", date(2026, 3, 2), Decimal(2), 7200),
    ]
    assert [entry.description for entry in entries] == ["Größe prüfen", "Größe prüfen", "Call, long"]
    assert [entry.external_description for entry in entries] == ["Größe prüfen", "Größe prüfen", "Call, long"]
    assert {entry.status for entry in entries} == {EntryStatus.DRAFT}
    assert {(entry.import_source, entry.import_batch) for entry in entries} == {("content", batch)}
    assert {entry.billing_type for entry in entries} == {BillingType.CHARGEABLE}
    assert entries[0].category.name == "Enhancement"
    assert (batch.first_day, batch.last_day) == (date(2026, 3, 2), date(2026, 3, 3))


def test_nothing_of_the_file_is_kept_once_it_is_imported():
    imported(Company.bare(), HOURS, DATES)
    for model in (ImportRow, ImportName, ImportFilePart):
        assert not model.objects.exists()


def test_reading_a_file_saves_nothing_of_the_company():
    at = Company.bare()
    before = business_rows()
    batch = staged(at, HOURS, DATES)
    assert business_rows() == before
    assert (batch.status, batch.row_count, batch.read_count) == (ImportStatus.PREVIEW, 3, 3)
    assert [row.state for row in read_rows(batch)] == [ImportRowState.NEW] * 3


def test_importing_again_changes_nothing():
    at = Company.bare()
    imported(at, HOURS, DATES)
    before = business_rows()
    again = imported(at, HOURS, DATES)
    assert figures(again) == "0, 0, 3, 0"
    assert [row for row in business_rows() if row[0] != "core_activity"] == [
        row for row in before if row[0] != "core_activity"
    ]


def test_a_longer_file_enters_what_is_new():
    at = Company.bare()
    imported(at, HOURS, DATES)
    batch = imported(at, HOURS + b"1736,More,PC3,,Management,,FINISHED,77,0.25\n", DATES)
    assert figures(batch) == "1, 0, 3, 0"
    assert Entry.objects.get(import_batch=batch).resource.code == "77"


def test_two_entities_import_the_same_file_without_meeting():
    one, other = Company.bare(), Company.bare()
    imported(one, HOURS, DATES)
    assert figures(imported(other, HOURS, DATES)) == "3, 0, 0, 0"
    assert Project.objects.filter(number="PC2").count() == 2
    assert Role.objects.filter(name="Development").count() == 1


# --- Rows without an id: their content, and how often it repeats ----------------------------------


def test_january_and_february_of_different_rows_are_thirty_hours():
    at = Company.bare()
    january = [{"date": "2026-01-12", "hours": hours} for hours in ("8", "7")]
    february = [{"date": "2026-02-09", "hours": hours} for hours in ("6", "5", "4")]
    assert figures(imported(at, without_ids(at, *january))) == "2, 0, 0, 0"
    assert figures(imported(at, without_ids(at, *february))) == "3, 0, 0, 0"
    assert sum(map(Decimal, hours_here())) == 30


def test_the_same_work_twice_on_a_day_is_two_rows_and_stays_two():
    at = Company.bare()
    twice = without_ids(at, {"hours": "2"}, {"hours": "2"})
    assert figures(imported(at, twice)) == "2, 0, 0, 0"
    assert figures(imported(at, twice)) == "0, 0, 2, 0"
    assert figures(imported(at, without_ids(at, *[{"hours": "2"}] * 3))) == "1, 0, 2, 0"
    assert hours_here() == ["2", "2", "2"]


def test_the_order_of_the_rows_does_not_matter():
    at = Company.bare()
    rows = [{"hours": "1"}, {"hours": "2"}, {"hours": "3"}]
    imported(at, without_ids(at, *rows))
    assert figures(imported(at, without_ids(at, {"hours": "4"}, *reversed(rows)))) == "1, 0, 3, 0"


# --- Rows that changed since the last time --------------------------------------------------------


def changed(at: Company, **cells: Any) -> str:
    imported(at, timesheet_of(at, {"id": "a1"}, {"id": "a2", "hours": "3"}))
    return timesheet_of(at, {"id": "a1"} | cells, {"id": "a2", "hours": "3"})


def test_a_row_that_changed_updates_its_draft_and_keeps_its_history():
    at = Company.bare()
    batch = imported(at, changed(at, hours="6.5", description="less work", date="2026-03-03"))
    assert figures(batch) == "0, 1, 1, 0"
    entry = Entry.objects.get(import_id="a1")
    assert (entry.quantity, entry.seconds, entry.description) == (Decimal("6.5"), 23_400, "less work")
    (step,) = Activity.objects.about(entry)
    assert (step.verb, step.changes["quantity"]) == ("changed", ["8", "6.5"])
    assert step.changes["date"] == ["2026-03-02", "2026-03-03"]
    # The file is now what was imported last.
    again = timesheet_of(at, {"id": "a1", "hours": "6.5", "description": "less work", "date": "2026-03-03"})
    assert figures(imported(at, again)) == "0, 0, 1, 0"


def test_drafts_are_updated_some_at_a_time_and_none_is_left_out(monkeypatch):
    monkeypatch.setattr(import_drafts, "CHUNK_OF_DRAFTS", 2)
    at, days = Company.bare(), range(2, 7)
    sent = [{"id": f"a{day}", "date": f"2026-03-0{day}"} for day in days]
    imported(at, timesheet_of(at, *sent))
    batch = staged(at, timesheet_of(at, *[row | {"hours": row["id"][1:]} for row in sent]))
    # One of them leaves the hands of its worker between preview and import.
    Entry.objects.filter(import_id="a3").move(Entry.submit)
    (done,) = import_files(only(batch), Decisions(), actor=at.manager, at=NOW)
    assert figures(done) == "0, 4, 0, 1"
    assert dict(Entry.objects.values_list("import_id", "quantity")) == {
        "a2": 2,
        "a3": 8,
        "a4": 4,
        "a5": 5,
        "a6": 6,
    }
    assert Activity.objects.filter(verb="changed").count() == 4


def test_a_draft_that_was_changed_here_is_left_alone_while_the_file_says_the_same():
    at = Company.bare()
    text = timesheet_of(at, {"id": "a1"})
    imported(at, text)
    Entry.objects.update(quantity=7)
    assert figures(imported(at, text)) == "0, 0, 1, 0"
    assert hours_here() == ["7"]


def test_what_changed_may_be_kept_as_it_is_here():
    at = Company.bare()
    text = changed(at, hours="6.5")
    assert figures(imported(at, text, decisions=Decisions(update_drafts=False))) == "0, 0, 1, 1"
    assert hours_here() == ["8", "3"]


def test_a_submitted_entry_is_not_updated_but_listed():
    at = Company.bare()
    text = changed(at, hours="6.5")
    rows = Entry.objects.filter(import_id="a1")
    rows.move(Entry.submit)
    batch = staged(at, text)
    (row,) = batch.rows.filter(reason="submitted")
    assert (row.number, row.state, row.entry) == (2, "left_out", rows.get())
    assert figures(imported(at, text)) == "0, 0, 1, 1"
    assert hours_here() == ["8", "3"]


def test_a_draft_that_is_submitted_after_the_preview_is_not_updated():
    at = Company.bare()
    batch = staged(at, changed(at, hours="6.5"))
    Entry.objects.filter(import_id="a1").move(Entry.submit)
    (done,) = import_files(only(batch), Decisions(), actor=at.manager, at=NOW)
    assert (figures(done), hours_here()) == ("0, 0, 1, 1", ["8", "3"])


def test_a_row_that_came_in_meanwhile_is_known_when_it_is_imported():
    at = Company.bare()
    text = timesheet_of(at, {"id": "a1"})
    batch = staged(at, text)
    imported(at, text)
    (done,) = import_files(only(batch), Decisions(), actor=at.manager, at=NOW)
    assert (figures(done), hours_here()) == ("0, 0, 1, 0", ["8"])
