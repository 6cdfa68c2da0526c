"""Imports of many rows, by workers that may end in the middle (X8, O1)."""

from typing import Any

import pytest

from core.table_files import UnreadableFile
from projects.importing import Decisions, request_imports, run_import
from projects.models import (
    Entry,
    ImportBatch,
)
from projects.models.file_import import SILENCE
from projects.staging import Choices, read_again, read_file
from tests.company import Company
from tests.company.checking import refused, statements
from tests.company.files import clock, imported, staged
from tests.company.rows import NOW
from tests.projects.import_files import DATES, HOURS, business_rows, only, timesheet_of

pytestmark = pytest.mark.django_db


# --- Size, workers and their end ------------------------------------------------------------------


def test_many_rows_take_as_many_statements_as_few():
    one, other = Company.bare(), Company.bare()
    few = statements(
        lambda: imported(one, timesheet_of(one, *({"id": f"a{nth}", "hours": "0.5"} for nth in range(3))))
    )
    many = timesheet_of(other, *({"id": f"a{nth}", "hours": "0.5"} for nth in range(40)))
    assert statements(lambda: imported(other, many)) == few


def test_a_large_file_is_left_to_the_worker_and_done_once():
    at = Company.bare()
    batch = staged(at, HOURS, DATES)
    request_imports(only(batch), Decisions(), actor=at.manager, at=NOW)
    assert (ImportBatch.objects.get().status, Entry.objects.count()) == ("importing", 0)
    assert ImportBatch.objects.unfinished().get() == batch
    assert run_import(batch.pk, clock=clock) == "imported"
    assert run_import(batch.pk, clock=clock) == "imported"
    assert Entry.objects.count() == 3
    with refused("not-a-preview"):
        request_imports(only(batch), Decisions(), actor=at.manager, at=NOW)


def test_what_a_worker_refuses_goes_back_to_its_preview_with_the_reasons():
    at = Company.bare()
    batch = staged(at, timesheet_of(at, {"id": "a1", "hours": "x"}))
    request_imports(only(batch), Decisions(), actor=at.manager, at=NOW)
    assert run_import(batch.pk, clock=clock) == "preview"
    (reason,) = ImportBatch.objects.get().shown["refused"]
    assert reason.startswith("Row 2, column hours: “x”")
    assert not Entry.objects.exists()


def test_a_worker_that_is_killed_while_it_reads_leaves_nothing_and_the_next_begins_again(monkeypatch):
    at = Company.bare()
    monkeypatch.setattr("projects.staging.CHUNK_OF_ROWS", 1)
    calls = iter([NOW, NOW, NOW])

    def killed():
        try:
            return next(calls)
        except StopIteration:
            raise KeyboardInterrupt from None

    batch = staged(at, HOURS, DATES)
    read_again(only(batch), Choices(mapping="sip"), actor=at.manager, at=NOW)
    with pytest.raises(KeyboardInterrupt):
        read_file(batch.pk, clock=killed)
    assert (batch.rows.count(), ImportBatch.objects.get().status) == (1, "reading")
    # While it may still be alive it is left alone.
    assert read_file(batch.pk, clock=clock) == "reading"
    later = NOW + SILENCE
    assert read_file(batch.pk, clock=lambda: later) == "preview"
    assert (batch.rows.count(), ImportBatch.objects.get().read_count) == (3, 3)


def test_a_worker_that_is_killed_while_it_imports_leaves_nothing(monkeypatch):
    at = Company.bare()
    batch = staged(at, HOURS, DATES)
    request_imports(only(batch), Decisions(), actor=at.manager, at=NOW)
    before = business_rows()

    def kill(*_given: Any, **_words: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("projects.importing.forget_rows", kill)
        with pytest.raises(KeyboardInterrupt):
            run_import(batch.pk, clock=clock)
    assert business_rows() == before
    assert run_import(batch.pk, clock=clock) == "imported"
    assert Entry.objects.count() == 3


def test_a_file_that_breaks_in_the_middle_leaves_no_rows(monkeypatch):
    at = Company.bare()
    monkeypatch.setattr("projects.staging.CHUNK_OF_ROWS", 1)
    real = read_file.__globals__["Reader"].read

    def broken(self: Any, rows: Any) -> Any:
        reading = real(self, rows)
        yield next(reading)
        raise UnreadableFile("quote-never-closed", 3)

    monkeypatch.setattr("projects.staging.Reader.read", broken)
    batch = staged(at, HOURS, DATES)
    assert (batch.rows.count(), batch.shown["problems"][0]["code"]) == (0, "quote-never-closed")
