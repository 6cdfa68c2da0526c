"""Files of hours in the browser: sent, looked at, decided about, imported, submitted (X8)."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from config.tasks import work_through_files
from projects.models import Entry, ImportBatch, ImportMapping, Project, ProjectContract, Resource
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


def test_what_would_be_created_is_never_nothing_and_something(at, accountant):
    head = "User,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time"
    head += ",Duration"
    work = f"{at.resource.name},,{at.customer.name},{at.project.name},,Work,Yes,2026-03-02,10:00:00"
    work += ",2026-03-02,11:00:00,01:00:00"
    known = page_of(accountant, sent(at, accountant, f"{head}\n{work}")).context["kpis"][-1]
    assert (known["value"], known["detail"]) == ("Nothing", [])
    new = work.replace(f"{at.project.name},,", f"{at.project.name},Load test,")
    task = page_of(accountant, sent(at, accountant, f"{head}\n{new}")).context["kpis"][-1]
    assert (task["value"], task["detail"]) == ("Task: 1", [])


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


def lines_of(browser, batch, file_format="csv"):
    """The rows in error as a file, below its head."""
    answer = browser.get(reverse("import-errors", args=[batch.pk, file_format]))
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    if file_format == "csv":
        return list(csv.reader(StringIO(content.decode("utf-8-sig"))))
    workbook = load_workbook(BytesIO(content)).worksheets[0]
    return [[cell.value for cell in row] for row in workbook.iter_rows()]


def test_the_rows_in_error_are_offered_as_files_with_every_reason(at, accountant):
    text = timesheet(at, (1, "2026-03-02", "x"), (2, "2026-03-02", "8"), (3, "", "-1"))
    batch = sent(at, accountant, text)
    assert reverse("import-errors", args=[batch.pk, "csv"]) in page_of(accountant, batch).content.decode()
    head, *lines = lines_of(accountant, batch)
    assert head == ["row", "column", "value", "reason", "way_out"]
    assert [line[:3] for line in lines] == [["2", "hours", "x"], ["4", "date", ""], ["4", "hours", "'-1"]]
    assert lines[1][3:] == ["The value is missing.", "Fill it in."]
    workbook = lines_of(accountant, batch, "xlsx")
    # The number of the row is a number; what was typed is text and calculates nothing.
    assert [line[:3] for line in workbook[1:]] == [[2, "hours", "x"], [4, "date", None], [4, "hours", "-1"]]


def test_values_of_rows_in_error_never_become_formulas(at, accountant):
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "=1+1"), (2, "2026-03-03", "8")))
    assert lines_of(accountant, batch)[1][2] == "'=1+1"
    answer = accountant.get(reverse("import-errors", args=[batch.pk, "xlsx"]))
    workbook = load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert (workbook["C2"].value, workbook["C2"].data_type) == ("=1+1", "s")


def test_rows_in_error_are_open_to_those_who_see_the_import_and_to_nobody_else(at, accountant):
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "x")))
    address = reverse("import-errors", args=[batch.pk, "csv"])
    stranger = signed_in(Company.bare().person(PROJECT_ACCOUNTANT))
    worker = signed_in(at.person(TEAM_MEMBER))
    assert [one.get(address).status_code for one in (accountant, worker, stranger)] == [200, 403, 404]
    assert accountant.get(address.replace("csv", "pdf")).status_code == 404


def long_text(at):
    """A file with one description of 612 characters."""
    text = ("word " * 123)[:612]
    return f"{HEAD}\n1,2026-03-02,{at.resource.code},{at.project.number},,{at.role.name},,8,{text}"


def test_a_description_that_is_too_long_says_how_long_it_is_and_what_helps(at, accountant):
    page = page_of(accountant, sent(at, accountant, long_text(at))).content.decode()
    assert "The description has 612 characters; at most 500 are allowed." in page
    assert "choose “Shortened to 500 characters” under “Long descriptions”" in page


def test_long_descriptions_are_shortened_openly_where_that_is_chosen(at, accountant):
    batch = again(accountant, sent(at, accountant, long_text(at)), descriptions="shorten")
    page = page_of(accountant, batch)
    assert page.context["groups"][0].detail == "1 description shortened to 500 characters"
    assert "Shortened to 500 characters</small>" in page.content.decode()
    assert 'value="shorten" selected' in page.content.decode()
    decided(accountant, batch)
    text = Entry.objects.get().description
    assert (text[-6:], len(text) <= 500, text[:10]) == (" word…", True, "word word ")
    # The same file again is known, whether its descriptions are shortened or not.
    assert (
        again(accountant, sent(at, accountant, long_text(at)), descriptions="shorten").rows.get().state
        == "known"
    )


def test_a_mapping_of_ones_own_may_shorten_long_descriptions(at, accountant):
    columns = {name: [[name]] for name in ("id", "date", "person", "project", "role", "description")}
    ImportMapping.objects.create(
        legal_entity=at.entity,
        name="Ours",
        columns=columns | {"quantity": [["hours"]]},
        shortens_descriptions=True,
    )
    batch = sent(at, accountant, long_text(at))
    assert (batch.rows.get().state, batch.rows.get().is_shortened) == ("new", True)


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


def test_the_list_says_what_is_only_a_preview(at, accountant):
    batch = sent(at, accountant, timesheet(at, (1, "2026-03-02", "8")))
    (row,) = accountant.get(reverse("imports") + "?all=1").context["table"].rows
    assert (row.record, "Preview, nothing saved yet" in row.get_cell("status")) == (batch, True)
