"""Files of hours in the browser: sent, looked at, decided about, imported, submitted (X8)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from config.tasks import work_through_files
from projects.models import Entry, ImportBatch, Project, ProjectContract, Resource
from projects.models.file_import import SILENCE
from projects.roles import PROJECT_ACCOUNTANT, TEAM_MEMBER
from projects.states import EntryStatus, WhyUncovered
from tests.company import Company
from tests.company.people import signed_in
from tests.projects.export_samples import HARVEST, HARVEST_GERMAN

pytestmark = pytest.mark.django_db

HEAD = "id,date,person,project,task,role,category,hours,description"


@pytest.fixture
def at():
    return Company()


@pytest.fixture
def accountant(at):
    return signed_in(at.person(PROJECT_ACCOUNTANT))


def timesheet(at, *rows):
    lines = [
        f"{nth},{day},{at.resource.code},{at.project.number},,{at.role.name},,{hours},Work"
        for nth, day, hours in rows
    ]
    return "\n".join([HEAD, *lines])


def sent(at, browser, text, encoding="utf-8"):
    """Send a file; the import that its page is about."""
    file = SimpleUploadedFile("hours.csv", text.encode(encoding), "text/csv")
    answer = browser.post(reverse("import-hours"), {"legal_entity": at.entity.pk, "file": file})
    batch = ImportBatch.objects.latest("pk")
    assert answer["Location"] == reverse("import", args=[batch.pk])
    return batch


def page_of(browser, batch, query=""):
    return browser.get(reverse("import", args=[batch.pk]) + query)


def decided(browser, batch, **decisions):
    return browser.post(reverse("import-file", args=[batch.pk]), decisions)


def test_a_file_is_looked_at_before_anything_is_written(at, accountant):
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8"), (2, "2026-03-04", "7.25")))
    page = page_of(accountant, batch)
    text = page.content.decode()
    assert [(group.state, group.count, group.hours) for group in page.context["groups"]] == [
        ("new", 2, Decimal("15.25"))
    ]
    for shown in (
        "Import 2 rows",
        "2 Mar 2026 – 4 Mar 2026",
        "€3,050.00",
        "15.25",
        "Preview, nothing saved yet",
    ):
        assert shown in text
    assert not Entry.objects.exists()


def test_what_was_looked_at_is_what_is_imported_and_a_second_time_nothing(at, accountant):
    text = timesheet(at, (1, "2026-03-02", "8"), (2, "2026-03-03", "7.25"))
    for created, known in ((2, 0), (0, 2)):
        batch = sent(at, accountant, text)
        answer = decided(accountant, batch)
        assert answer["Location"] == reverse("import", args=[batch.pk])
        batch = ImportBatch.objects.get(pk=batch.pk)
        assert (batch.created_count, batch.known_count, batch.status) == (created, known, "imported")
    assert Entry.objects.count() == 2


def test_the_form_sent_twice_counts_once(at, accountant):
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8")))
    for _each in range(2):
        answer = decided(accountant, batch, token="a" * 32)
        assert answer.status_code == 302
    assert Entry.objects.count() == 1


def test_rows_that_cannot_be_read_are_named_and_left_out_only_when_chosen(at, accountant):
    batch = sent(
        at, accountant, timesheet(at, (1, "tomorrow", "8"), (2, "2026-03-02", "8"), (3, "2026-03-03", "x"))
    )
    batch = again(accountant, batch, dates="%Y-%m-%d")
    text = page_of(accountant, batch).content.decode()
    assert "Row 2, column date: “tomorrow”: This is not a date." in text
    refused = decided(accountant, batch)
    assert refused.status_code == 422
    assert "Row 4, column hours: “x”" in refused.content.decode()
    assert not Entry.objects.exists()
    decided(accountant, batch, wrong="leave_out")
    assert Entry.objects.get().quantity == 8
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert batch.left_out_count == 2


def again(browser, batch, **choices):
    answer = browser.post(reverse("read-import-again", args=[batch.pk]), choices)
    assert answer["Location"] == reverse("import", args=[batch.pk])
    return ImportBatch.objects.get(pk=batch.pk)


def test_harvest_needs_no_mapping_and_names_what_it_would_create(at, accountant):
    batch = sent(at, accountant, HARVEST)
    page = page_of(accountant, batch)
    text = page.content.decode()
    assert "Import hours from Harvest" in text
    assert {str(one["name"]) for one in page.context["names"]} == {
        "Slipway",
        "Own days",
        "Ada Brandt",
        "Jonas Reuter",
        "Ilse Vogt",
    }
    for shown in ("2 projects, 3 people", "Invoiced elsewhere", "1 row over 10 hours", "22 of 22 columns"):
        assert shown in text
    assert decided(accountant, batch).status_code == 422
    assert not Project.objects.filter(name="Slipway").exists()
    (ada,) = batch.names.filter(text="Ada Brandt")
    decided(accountant, batch, default_role=at.role.pk, **{f"name_{ada.pk}": at.resource.pk})
    entries = Entry.objects.order_by("pk").values_list(
        "resource__name", "project__name", "quantity", "billing_type"
    )
    assert list(entries) == [
        (at.resource.name, "Slipway", Decimal("6.25"), 1),
        ("Jonas Reuter", "Slipway", Decimal("0.4"), 1),
        ("Ilse Vogt", "Own days", Decimal(19), 2),
    ]
    assert not Resource.objects.filter(name="Ada Brandt").exists()
    assert Project.objects.get(name="Slipway").number == "N-7"


def test_encoding_separator_and_decimal_comma_are_shown_as_found(at, accountant):
    batch = sent(at, accountant, HARVEST_GERMAN, "windows-1252")
    text = page_of(accountant, batch).content.decode()
    for shown in (
        "Windows-1252",
        "2 special letters read",
        "Semicolon",
        "Decimal comma",
        "“6,5”",
        "“09.03.2026”",
    ):
        assert shown in text


def test_an_open_question_is_asked_on_the_page(at, accountant):
    text = timesheet(at, (1, "03/02/2026", "8"))
    batch = sent(at, accountant, text)
    page = page_of(accountant, batch)
    assert "“03/02/2026” can be two days" in page.content.decode()
    assert not page.context["may_import"]
    batch = again(accountant, batch, dates="%d/%m/%Y", mapping="timesheet")
    assert batch.rows.get().day.isoformat() == "2026-02-03"


def test_rows_are_shown_by_state_and_page(at, accountant):
    batch = sent(at, accountant, timesheet(at, *((nth, "2026-03-02", "0.5") for nth in range(25))))
    first, second = (page_of(accountant, batch, f"?state=new&page={nth}") for nth in (1, 2))
    assert [len(page.context["rows"]) for page in (first, second)] == [20, 5]
    assert [tab["count"] for tab in first.context["tabs"]] == [25, 25]
    assert page_of(accountant, batch, "?state=error").context["rows"] == []


def test_a_changed_row_shows_what_is_here_and_updates_it(at, accountant):
    decided(accountant, sent(at, accountant, timesheet(at, (1, "2026-03-02", "8"))))
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "6")))
    text = page_of(accountant, batch).content.decode()
    assert "<s>8.00</s>" in text and "Changed since the last import" in text
    decided(accountant, batch)
    assert Entry.objects.get().quantity == 6


def test_a_file_may_be_forgotten(at, accountant):
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8")))
    answer = accountant.post(reverse("discard-import", args=[batch.pk]))
    assert answer["Location"] == reverse("imports")
    assert not ImportBatch.objects.exists()


def test_a_large_file_shows_how_far_it_is_and_is_read_and_imported_by_the_worker(at, accountant, monkeypatch):
    monkeypatch.setattr("projects.views.imports.READ_AT_ONCE", 10)
    monkeypatch.setattr("projects.views.imports.IMPORT_AT_ONCE", 1)
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8"), (2, "2026-03-03", "8")))
    text = page_of(accountant, batch).content.decode()
    assert "Being read" in text and "data-poll" in text
    assert work_through_files() == 1
    assert "Import 2 rows" in page_of(accountant, batch).content.decode()
    decided(accountant, batch)
    assert "2 rows are being imported" in page_of(accountant, batch).content.decode()
    assert not Entry.objects.exists()
    assert work_through_files() == 1
    assert (Entry.objects.count(), work_through_files()) == (2, 0)


def test_a_worker_that_is_gone_is_said(at, accountant, monkeypatch):
    monkeypatch.setattr("projects.views.imports.READ_AT_ONCE", 10)
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8")))
    gone = batch.imported_at - SILENCE - timedelta(seconds=1)
    ImportBatch.objects.update(alive_at=gone, row_count=4, read_count=1)
    text = page_of(accountant, batch).content.decode()
    assert "the worker has stopped" in text and "1 of 4 rows read" in text


def test_an_import_submits_its_drafts(at, accountant):
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8")))
    decided(accountant, batch)
    assert page_of(accountant, batch).context["submittable"] == 1
    accountant.post(reverse("submit-import", args=[batch.pk]))
    assert Entry.objects.get().status == EntryStatus.SUBMITTED


def test_others_see_no_import(at, accountant):
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8")))
    member, stranger = signed_in(at.person(TEAM_MEMBER)), signed_in(Company().person(PROJECT_ACCOUNTANT))
    assert page_of(member, batch).status_code == 403
    for name in ("import", "import-file"):
        assert stranger.get(reverse(name, args=[batch.pk])).status_code == 404
    for name in ("import-file", "read-import-again", "discard-import", "submit-import"):
        assert stranger.post(reverse(name, args=[batch.pk])).status_code == 404
    assert ImportBatch.objects.get().status == "preview"


def test_the_preview_says_which_rows_no_contract_covers(at, accountant):
    ProjectContract.objects.filter(pk=at.contract.pk).update(ends_on=date(2026, 3, 2))
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8"), (2, "2026-03-04", "7.25")))
    page = page_of(accountant, batch)
    (new,) = page.context["groups"]
    assert new.detail == "No contract covers 1 row"
    assert [one["row"].uncovered for one in page.context["rows"]] == ["", WhyUncovered.OTHER_DAYS]
    assert page.content.decode().count("Outside the dates of the contract line") == 1
    # It is imported all the same: a contract may come later, and the approver is asked.
    decided(accountant, batch)
    assert Entry.objects.count() == 2
