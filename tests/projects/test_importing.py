"""Import hours from a file: all of it or none, and a second time nothing (A8, X8)."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.models import Activity
from core.table_files import UnreadableFile
from projects import import_drafts
from projects.column_styles import RowError
from projects.import_sentences import FILE_SENTENCES, QUESTION_SENTENCES, ROW_SENTENCES, refusal_of
from projects.import_states import ImportRowState, ImportStatus, NameDecision
from projects.importing import Decisions, import_files, request_imports, run_import
from projects.models import (
    Customer,
    Entry,
    ImportBatch,
    ImportFilePart,
    ImportName,
    ImportRow,
    LegalEntity,
    Project,
    Resource,
    Role,
    Task,
    TeamMember,
    TransactionCategory,
)
from projects.models.file_import import SILENCE
from projects.staging import Choices, discard_imports, read_again, read_file
from projects.states import BillingType, EntryStatus
from tests.company import Company
from tests.company.checking import all_rows, refused, statements
from tests.company.files import clock, figures, imported, not_imported, read_rows, staged
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

HEAD = (
    "TaskNumber,Summary,ProjectCode,ProjectBreakdownCode,Category,SubCategory,StatusCode,DeveloperID,"
    "DeveloperHoursActual"
)
HOURS = f"""{HEAD}
1735,Größe prüfen,PC2,PBC42,Development,Enhancement,FINISHED,58,1.75
1735,Größe prüfen,PC2,PBC42,Development,Enhancement,FINISHED,42,3
1736,"Call, long",PC3,,Management,,CANCELLED,58,2
""".encode("windows-1252")
DATES = b"""TaskNumber,EstimateOn,StartedOn,CompletedOn
1735,01-Mar-26,,03-Mar-26
1736,,02-Mar-26,
"""

COLUMNS = "id,date,person,project,task,role,category,hours,description"


def line(at: Company, **cells: Any) -> str:
    """A row of a time sheet of the company's own people, role and project."""
    usual = {
        "id": "a1",
        "date": "2026-03-02",
        "person": at.resource.code,
        "project": at.project.number,
        "role": at.role.name,
        "hours": "8",
        "description": "work",
    }
    return ",".join(str((usual | cells).get(name, "")) for name in COLUMNS.split(","))


def timesheet_of(at: Company, *rows: dict[str, Any]) -> str:
    return "\n".join([COLUMNS, *(line(at, **row) for row in rows)]) + "\n"


def without_ids(at: Company, *rows: dict[str, Any]) -> str:
    """The same without the column of ids."""
    lines = timesheet_of(at, *rows).splitlines()
    return "\n".join(one.partition(",")[2] for one in lines)


def hours_here() -> list[str]:
    return [f"{one.quantity.normalize():f}" for one in Entry.objects.order_by("pk")]


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


def business_rows() -> list[Any]:
    """Everything but what a file leaves while it is read."""
    own = {"projects_importbatch", "projects_importfilepart", "projects_importname", "projects_importrow"}
    return [row for row in all_rows() if row[0] not in own]


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


def only(batch: ImportBatch) -> Any:
    return ImportBatch.objects.filter(pk=batch.pk)


# --- What is left out -----------------------------------------------------------------------------


HARVEST_HEAD = "Date,Client,Project,Task,Notes,Hours,Billable?,Invoiced?,First Name,Last Name\n"


def harvest(at: Company, *rows: str) -> str:
    return HARVEST_HEAD + "".join(
        f"2026-03-02,{at.customer.name},{at.project.name},,Work,{row},Ada,Brandt\n" for row in rows
    )


def test_rows_invoiced_elsewhere_and_of_no_hours_are_left_out_with_their_reason():
    at = Company.bare()
    batch = staged(at, harvest(at, "8,Yes,No", "7,Yes,Yes", "0,Yes,No"))
    assert [(row.number, row.state, row.reason) for row in read_rows(batch)] == [
        (2, "new", ""),
        (3, "left_out", "invoiced"),
        (4, "left_out", "zero"),
    ]
    done = imported(at, harvest(at, "8,Yes,No", "7,Yes,Yes", "0,Yes,No"), decisions=with_role(at))
    assert (figures(done), hours_here()) == ("1, 0, 0, 2", ["8"])


def with_role(at: Company, **decided: Any) -> Decisions:
    return Decisions(default_role=at.role, **decided)


def test_rows_invoiced_elsewhere_may_be_kept_as_not_chargeable():
    at = Company.bare()
    imported(at, harvest(at, "8,Yes,No", "7,Yes,Yes"), decisions=with_role(at, keep_invoiced=True))
    kept = Entry.objects.order_by("pk").values_list("quantity", "billing_type")
    assert list(kept) == [(8, BillingType.CHARGEABLE), (7, BillingType.NON_CHARGEABLE)]


def test_a_row_that_was_imported_and_invoiced_over_there_since_is_known():
    at = Company.bare()
    imported(at, harvest(at, "8,Yes,No"), decisions=with_role(at))
    assert figures(imported(at, harvest(at, "8,Yes,Yes"), decisions=with_role(at))) == "0, 0, 1, 0"


def test_rows_with_errors_are_left_out_only_when_somebody_says_so():
    at = Company.bare()
    text = timesheet_of(at, {"id": "a1"}, {"id": "a2", "hours": "lots"})
    not_imported(at, "not-a-duration", data=text)
    assert not Entry.objects.exists()
    done = imported(at, text, decisions=Decisions(leave_errors_out=True))
    assert (figures(done), hours_here()) == ("1, 0, 0, 1", ["8"])


# --- Names ----------------------------------------------------------------------------------------


def names_of(batch: ImportBatch) -> dict[str, int | None]:
    return {f"{name.kind} {name.text}": name.target_id for name in batch.names.all()}


def test_what_is_here_is_matched_by_number_code_name_and_mail_address():
    at = Company.bare()
    task = Task.objects.create(project=at.project, code="T1", name="Ingest")
    at.worker.email = "worker@example.com"
    at.worker.save()
    head = "Project,Client,Description,Task,User,Email,Billable,Start Date,Duration (h)\n"
    rows = [
        f"{at.project.name.upper()},{at.customer.short_name},a,ingest,{at.resource.name},,Yes,2026-03-02,1:00\n",
        f"{at.project.number},{at.customer.number},b,T1,Somebody,Worker@example.com,Yes,2026-03-02,1:30\n",
    ]
    batch = staged(at, head + "".join(rows))
    targets = {(row.project.target_id, row.task.target_id, row.person.target_id) for row in batch.rows.all()}
    assert targets == {(at.project.pk, task.pk, at.resource.pk)}
    assert {row.state for row in batch.rows.all()} == {"new"}


def test_the_role_is_that_of_the_team_else_the_usual_one():
    at = Company.bare()
    lead = Role.objects.create(name="Lead")
    text = without_ids(at, {"role": "", "hours": "1"})
    assert staged(at, text).rows.get().role.target_id == at.role.pk
    TeamMember.objects.create(project=at.project, resource=at.resource, role=lead)
    assert staged(at, text).rows.get().role.target_id == lead.pk


def test_somebody_without_a_role_needs_one():
    at = Company.bare()
    text = harvest(at, "8,Yes,No")
    reasons = not_imported(at, "no-role", data=text)
    assert str(reasons[0]).startswith("Row 2: “Ada Brandt”: The person has no usual role")
    imported(at, text, decisions=with_role(at))
    assert Entry.objects.get().role == Resource.objects.get(name="Ada Brandt").role == at.role


def test_two_customers_may_have_a_project_of_one_name():
    at = Company.bare()
    other = Customer.objects.create(
        legal_entity=at.entity, number="K9", name="Other", short_name="Other", currency="EUR"
    )
    theirs = Project.objects.create(legal_entity=at.entity, number="X", name=at.project.name, customer=other)
    text = without_ids(at, {"project": at.project.name, "hours": "1"})
    (row,) = staged(at, text).rows.all()
    assert (row.state, row.errors[0]["code"]) == ("error", "ambiguous-name")
    named = text.replace("date,", "customer,date,").replace("2026-03-02", "Other,2026-03-02")
    assert staged(at, named).rows.get().project.target_id == theirs.pk


def test_long_names_get_codes_of_their_own():
    at = Company.bare()
    rows = [
        "2026-03-02,Customer of a very long name,Renewal of the northern quay wall and its crane,"
        "Inspection of the foundation,Work,8,Yes,No,Maximiliane,von und zu Wolfenbüttel-Oelper",
        "2026-03-02,Customer of a very long name,Renewal of the northern quay wall and its cranes,"
        "Inspection of the foundation,Work,8,Yes,No,Maximiliane,von und zu Wolfenbüttel-Helmstedt",
    ]
    imported(at, HARVEST_HEAD + "\n".join(rows), decisions=with_role(at))
    of_entity = {"legal_entity": at.entity}
    assert list(Project.objects.filter(name__startswith="Renewal").values_list("number", "name")) == [
        ("Renewal of the-1", "Renewal of the northern quay wall and its crane"),
        ("Renewal of the-2", "Renewal of the northern quay wall and its cranes"),
    ]
    people = Resource.objects.filter(**of_entity, name__startswith="Max").order_by("code")
    assert [(one.code, one.role) for one in people] == [
        ("Maximiliane von-1", at.role),
        ("Maximiliane von-2", at.role),
    ]
    customer = Customer.objects.get(name="Customer of a very long name")
    assert (customer.number, customer.currency) == ("Customer of a v-1", "EUR")
    assert set(Project.objects.filter(customer=customer).values_list("tasks__code", flat=True)) == {
        "Inspection of t-1"
    }


def test_a_name_that_is_not_here_may_be_somebody_who_is():
    at = Company.bare()
    batch = staged(at, harvest(at, "8,Yes,No"))
    (name,) = batch.names.filter(target_id=None, kind="person")
    decisions = Decisions(names={name.pk: at.resource.pk})
    with refused("no-role"):
        import_files(only(batch), decisions, actor=at.manager, at=NOW)
    import_files(only(batch), replace(decisions, default_role=at.role), actor=at.manager, at=NOW)
    assert Entry.objects.get().resource == at.resource
    assert Resource.objects.filter(legal_entity=at.entity).count() == 1


def test_rows_of_a_name_may_be_left_out():
    at = Company.bare()
    batch = staged(at, timesheet_of(at, {"id": "a1"}) + line(at, id="a2", person="x"), creates_missing=True)
    (name,) = batch.names.filter(target_id=None, kind="person")
    decisions = Decisions(names={name.pk: NameDecision.LEAVE_OUT})
    (done,) = import_files(only(batch), decisions, actor=at.manager, at=NOW)
    assert (figures(done), Resource.objects.filter(code="x").exists()) == ("1, 0, 0, 1", False)


def test_what_was_chosen_for_a_name_must_be_here():
    at, other = Company.bare(), Company.bare()
    batch = staged(at, harvest(at, "8,Yes,No"))
    (name,) = batch.names.filter(target_id=None, kind="person")
    with refused("unknown-name"):
        import_files(only(batch), with_role(at, names={name.pk: other.resource.pk}), actor=at.manager, at=NOW)
    assert not Entry.objects.exists()


def test_a_timesheet_makes_nothing_and_names_what_is_unknown():
    at = Company.bare()
    text = timesheet_of(
        at,
        {"id": "a1"},
        {"id": "a2", "person": "nobody"},
        {"id": "a3", "project": "nowhere", "task": "T9"},
        {"id": "a4", "role": "nothing", "task": "T9"},
        {"id": "a5", "category": "Mystery"},
    )
    reasons = not_imported(at, "unknown", "unknown", "unknown", "unknown", "unknown", data=text)
    assert [reason.subject for reason in reasons] == [
        "Row 3, column person",
        "Row 4, column project",
        "Row 5, column task",
        "Row 5, column role",
        "Row 6, column category",
    ]
    assert not Entry.objects.exists() and not Project.objects.filter(number="nowhere").exists()
    TransactionCategory.objects.create(name="Mystery", transaction_class="time")
    imported(at, timesheet_of(at, {"id": "a5", "category": "mystery"}))
    assert Entry.objects.get().category.name == "Mystery"


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
