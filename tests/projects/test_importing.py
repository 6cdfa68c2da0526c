"""Import hours from a file: all of it or none, and a second time nothing (A8, X8)."""

import hashlib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from projects.importing import SENTENCES, FileKind, import_entries, preview_import
from projects.models import (
    Entry,
    ImportBatch,
    LegalEntity,
    Project,
    Resource,
    Role,
    Task,
    TransactionCategory,
)
from projects.reading import Mapping, Parsed, RowError, known_mappings, parse
from projects.states import BillingType, EntryStatus
from tests.company import Company
from tests.company.checking import refused, statements
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

SIP, TIMESHEET = known_mappings()["sip"], known_mappings()["timesheet"]
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
1735,01-May-14,,03-May-14
1736,,02-May-14,
"""


KINDS = {"sip": FileKind(is_history=True, is_total=True), "timesheet": FileKind()}


def take(at: Company, data: bytes, joined: bytes = DATES, mapping: Mapping = SIP) -> ImportBatch:
    parsed = parse(data, mapping, joined=joined)
    return import_entries(
        at.entity,
        parsed,
        mapping,
        file_name="hours.csv",
        data=data,
        actor=at.manager,
        at=NOW,
        kind=KINDS[mapping.name],
    )


def test_a_file_becomes_draft_entries_with_all_that_they_name():
    at = Company.bare()
    batch = take(at, HOURS)
    assert (batch.row_count, batch.created_count, batch.known_count) == (3, 3, 0)
    assert batch.file_sha256 == hashlib.sha256(HOURS).hexdigest()
    entries = Entry.objects.order_by("pk")
    assert list(
        entries.values_list(
            "project__number", "task__code", "role__name", "resource__code", "date", "quantity"
        )
    ) == [
        ("PC2", "PBC42", "Development", "58", date(2014, 5, 3), Decimal("1.75")),
        ("PC2", "PBC42", "Development", "42", date(2014, 5, 3), Decimal(3)),
        ("PC3", None, "Management", "58", date(2014, 5, 2), Decimal(2)),
    ]
    assert [entry.description for entry in entries] == ["Größe prüfen", "Größe prüfen", "Call, long"]
    assert {entry.status for entry in entries} == {EntryStatus.DRAFT}
    assert {(entry.import_source, entry.import_batch) for entry in entries} == {("sip", batch)}
    assert [entry.import_id for entry in entries] == ["1", "2", "3"]
    assert entries[0].category.name == "Enhancement"


def test_importing_again_changes_nothing():
    at = Company.bare()
    take(at, HOURS)
    before = [set(model.objects.values_list("pk")) for model in (Entry, Project, Task, Role, Resource)]
    again = take(at, HOURS)
    assert (again.row_count, again.created_count, again.known_count) == (3, 0, 3)
    assert [
        set(model.objects.values_list("pk")) for model in (Entry, Project, Task, Role, Resource)
    ] == before


def test_a_longer_file_enters_what_is_new():
    at = Company.bare()
    take(at, HOURS)
    longer = HOURS + b"1736,More,PC3,,Management,,FINISHED,77,0.25\n"
    batch = take(at, longer)
    assert (batch.created_count, batch.known_count) == (1, 3)
    assert Entry.objects.get(import_batch=batch).resource.code == "77"


def test_two_entities_import_the_same_file_without_meeting():
    one, other = Company.bare(), Company.bare()
    take(one, HOURS)
    assert take(other, HOURS).created_count == 3
    assert Project.objects.filter(number="PC2").count() == 2
    assert Role.objects.filter(name="Development").count() == 1


def test_a_preview_says_what_would_happen_and_does_not_do_it():
    at = Company.bare()
    take(at, HOURS)
    parsed = parse(HOURS + b"1736,More,PC3,,Management,,FINISHED,77,0.25\n", SIP, joined=DATES)
    shown = preview_import(at.entity, parsed, SIP, at=NOW, kind=KINDS["sip"])
    assert (shown.new_count, shown.known_count, shown.quantity, shown.errors) == (1, 3, Decimal("0.25"), [])
    assert Entry.objects.count() == 3


def test_what_the_mapping_calls_not_billable_is_not():
    at = Company.bare()
    mapping = replace(SIP, non_chargeable=frozenset({"CANCELLED"}))
    take(at, HOURS, mapping=mapping)
    types = Entry.objects.order_by("pk").values_list("billing_type", flat=True)
    assert list(types) == [BillingType.CHARGEABLE, BillingType.CHARGEABLE, BillingType.NON_CHARGEABLE]


# --- Refusals ------------------------------------------------------------------------------------


def refusal_of(at: Company, *codes: str, **file: Any) -> list[str]:
    with refused(*codes) as caught:
        take(at, **file)
    return [str(reason) for reason in caught.value.refusals]


def test_one_bad_row_keeps_the_whole_file_out():
    at = Company.bare()
    bad = HOURS.replace(b",3\n", b",3h\n").replace(b"Management", b"")
    assert refusal_of(at, "not-a-quantity", "empty", data=bad) == [
        "row 2, DeveloperHoursActual: This is not a quantity: write it with a dot and at most four places. “3h”",  # noqa: E501
        "row 3, Category: The value is missing.",
    ]
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("data", "joined", "code", "where"),
    [
        (b"\x81", DATES, "wrong-encoding", "row 0, "),
        (b"\x00", DATES, "not-a-text-file", "row 0, "),
        (b"TaskNumber\n1735\n", DATES, "columns-missing", "row 0, ProjectCode, ProjectBreakdownCode"),
        (HOURS.replace(b",58,2", b"," + b"5" * 21 + b",2"), DATES, "too-long", "row 3, DeveloperID"),
        (HOURS.replace(b"PC3", b""), DATES, "empty", "row 3, ProjectCode"),
        (HOURS, DATES.split(b"1736")[0], "no-date", "row 3, CompletedOn / StartedOn / EstimateOn"),
        (HOURS.replace(b",58,2", b",58,"), DATES, "not-a-quantity", "row 3, DeveloperHoursActual"),
    ],
)
def test_every_fault_of_a_file_names_its_row_and_column(data, joined, code, where):
    (message,) = refusal_of(Company.bare(), code, data=data, joined=joined)
    assert message.startswith(where)
    assert str(SENTENCES[code]) in message


ROWS = "id,date,person,project,task,role,category,hours,description\n"


def by_person(at: Company, *lines: str) -> bytes:
    """Lines of a time sheet of the company's own people, role and project."""
    known = {"person": at.resource.code, "project": at.project.number, "role": at.role.name}
    return (ROWS + "\n".join(row.format(**known) for row in lines)).encode()


GOOD = "a1,2026-03-02,{person},{project},,{role},,8,work"


def test_a_timesheet_makes_nothing_and_names_what_is_unknown():
    at = Company.bare()
    bad = by_person(
        at,
        GOOD,
        "a2,2026-03-02,nobody,{project},,{role},,8,work",
        "a3,2026-03-02,{person},nowhere,T9,{role},,8,work",
        "a4,2026-03-02,{person},{project},T9,nothing,,8,work",
    )
    messages = refusal_of(
        at, "unknown", "unknown", "unknown", "unknown", "unknown", data=bad, joined=b"", mapping=TIMESHEET
    )
    assert [line.split(":")[0] for line in messages] == [
        "row 2, person",
        "row 3, project",
        "row 3, task",
        "row 4, role",
        "row 4, task",
    ]
    assert "“nobody”" in messages[0]
    assert take(at, by_person(at, GOOD), b"", TIMESHEET).created_count == 1


def test_a_category_that_nobody_knows_is_not_dropped_in_silence():
    at = Company.bare()
    data = by_person(at, GOOD.replace(",,8", ",Mystery,8"))
    (message,) = refusal_of(at, "unknown", data=data, joined=b"", mapping=TIMESHEET)
    assert message.startswith("row 1, category")
    TransactionCategory.objects.create(name="Mystery", transaction_class="time")
    take(at, data, b"", TIMESHEET)
    assert Entry.objects.get().category.name == "Mystery"


def test_the_same_id_twice_in_a_file_is_refused():
    at = Company.bare()
    (message,) = refusal_of(at, "repeated-id", data=by_person(at, GOOD, GOOD), joined=b"", mapping=TIMESHEET)
    assert message.startswith("row 2, id")


def test_an_empty_file_is_refused():
    at = Company.bare()
    refusal_of(at, "empty-file", data=ROWS.encode(), joined=b"", mapping=TIMESHEET)


def test_after_fifty_reasons_the_rest_is_counted():
    at = Company.bare()
    parsed = Parsed(errors=[RowError(row, "hours", "not-a-quantity") for row in range(1, 61)])
    with refused(*["not-a-quantity"] * 50, "further-errors") as caught:
        import_entries(at.entity, parsed, TIMESHEET, file_name="x", data=b"", actor=at.manager, at=NOW)
    assert "10 further rows have errors." in str(caught.value)


def test_every_code_of_the_reader_has_its_sentence():
    codes = {"too-many-rows", "wrong-encoding", "not-a-text-file", "columns-missing", "too-long", "empty"}
    assert set(SENTENCES) == codes | {"no-date", "not-a-quantity", "no-id", "repeated-id", "unknown"}


def test_many_rows_take_as_many_statements_as_few():
    one, other = Company.bare(), Company.bare()
    lines = [GOOD.replace("a1", f"a{number}").replace("-02", f"-{number + 1:02}") for number in range(30)]
    few = statements(lambda: take(one, by_person(one, *lines[:3]), b"", TIMESHEET))
    assert statements(lambda: take(other, by_person(other, *lines), b"", TIMESHEET)) == few
    assert LegalEntity.objects.count() == 2
