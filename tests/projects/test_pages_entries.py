"""Own entries, the start of a team member, and imports in the browser."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from projects.models import Approval, Entry, ImportBatch, TeamMember
from projects.roles import ADMINISTRATOR, PROJECT_ACCOUNTANT, TEAM_MEMBER
from projects.states import EntryStatus
from tests.company import Company, rows
from tests.company.people import signed_in
from tests.company.rows import DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    made = Company.bare()
    made.resource.user = made.person(TEAM_MEMBER)
    made.resource.save()
    TeamMember.objects.create(project=made.project, resource=made.resource, role=made.role)
    return made


@pytest.fixture
def worker(at):
    return signed_in(at.resource.user)


def draft(at, **columns):
    return rows.entry(at, status=EntryStatus.DRAFT, **columns)


def form(at, **fields):
    said = {"project": at.project.pk, "role": at.role.pk, "day": "2026-03-02", "hours": "7:30"}
    return {**said, "external_description": "Workshop", **fields}


def test_hours_are_recorded_once_however_often_the_form_is_sent(at, worker):
    for _nth in range(2):
        response = worker.post(reverse("record-time"), form(at, token="0a1b"))
        assert response["Location"] == reverse("entries")
    entry = Entry.objects.get()
    assert (entry.quantity, entry.date, entry.resource) == (Decimal("7.5"), DAY, at.resource)


def test_a_refusal_keeps_what_was_typed(at, worker):
    response = worker.post(reverse("record-time"), form(at, hours="25"))
    assert response.status_code == 422
    assert 'value="25"' in response.content.decode()
    assert not Entry.objects.exists()


def test_submit_recall_and_delete_act_on_what_is_ticked(at, worker):
    one, other = draft(at), draft(at)
    worker.post(reverse("submit-entries"), {"row": one.pk})
    assert Approval.objects.get().entry == one
    worker.post(reverse("recall-entries"), {"row": one.pk})
    assert Entry.objects.get(pk=one.pk).status == EntryStatus.DRAFT
    worker.post(reverse("delete-entries"), {"row": other.pk})
    assert list(Entry.objects.all()) == [one]


def test_a_draft_is_changed_in_its_form(at, worker):
    entry = draft(at)
    address = reverse("change-time", args=[entry.pk])
    assert worker.get(address).context["form"].initial["hours"].quantity == Decimal(8)
    assert worker.post(address, form(at, hours="6")).status_code == 302
    assert Entry.objects.get().quantity == Decimal(6)


def test_entries_of_others_are_not_among_ones_own(at, worker):
    other = Company.bare()
    foreign = draft(other)
    assert list(worker.get(reverse("entries")).context["table"].rows) == []
    assert worker.get(reverse("change-time", args=[foreign.pk])).status_code == 404
    assert worker.post(reverse("delete-entries"), {"row": foreign.pk}).status_code == 409


def test_a_team_member_starts_with_the_own_week_and_what_came_back(at, worker):
    entry = rows.entry(at, status=EntryStatus.RETURNED)
    rows.approval(at, entry=entry, status="rejected", decided_by=at.manager, comment="Which ticket?")
    page = worker.get("/")
    assert [figure["value"] for figure in page.context["kpis"]] == [
        "0.00\xa0h",
        "0.00\xa0h",
        "0.00\xa0h",
        "8.00\xa0h",
    ]
    assert "Which ticket?" in page.content.decode()


def test_an_administrator_is_led_to_the_administration(at):
    reader = at.person(ADMINISTRATOR)
    reader.is_staff = True
    reader.save()
    assert reverse("admin:index") in signed_in(reader).get("/").content.decode()


# --- Imports --------------------------------------------------------------------------------------


def timesheet(at, *rows):
    head = "id,date,person,project,task,role,category,hours,description"
    lines = [
        f"{nth},{day},{at.resource.code},{at.project.number},,{at.role.name},,{hours},Work"
        for nth, day, hours in rows
    ]
    return SimpleUploadedFile("hours.csv", "\n".join([head, *lines]).encode(), "text/csv")


@pytest.fixture
def accountant(at):
    return signed_in(at.person(PROJECT_ACCOUNTANT))


def looked_at(at, accountant, *rows):
    sent = {"legal_entity": at.entity.pk, "mapping": "timesheet", "file": timesheet(at, *rows)}
    return accountant.post(reverse("import-hours"), sent)


def imported(at, accountant, *rows):
    carried = looked_at(at, accountant, *rows).context["upload"]["carried"]
    sent = {"legal_entity": at.entity.pk, "mapping": "timesheet", "carried": carried}
    return accountant.post(reverse("import-hours"), sent)


def test_a_file_is_looked_at_before_anything_is_written(at, accountant):
    upload = looked_at(at, accountant, (1, "2026-03-02", "8"), (2, "2026-03-03", "7.25")).context["upload"]
    assert (upload["preview"].new_count, upload["preview"].quantity) == (2, Decimal("15.25"))
    assert not Entry.objects.exists()


def test_what_was_looked_at_is_what_is_imported_and_a_second_time_nothing(at, accountant):
    rows = [(1, "2026-03-02", "8"), (2, "2026-03-03", "7.25")]
    response = imported(at, accountant, *rows)
    batch = ImportBatch.objects.get()
    assert response["Location"] == reverse("import", args=[batch.pk])
    assert (batch.created_count, Entry.objects.count()) == (2, 2)
    imported(at, accountant, *rows)
    assert (ImportBatch.objects.count(), Entry.objects.count()) == (2, 2)


def test_a_file_that_was_changed_on_its_way_is_refused(at, accountant):
    carried = looked_at(at, accountant, (1, "2026-03-02", "8")).context["upload"]["carried"]
    sent = {"legal_entity": at.entity.pk, "mapping": "timesheet", "carried": "x" + carried}
    assert accountant.post(reverse("import-hours"), sent).status_code == 422
    assert not ImportBatch.objects.exists()


def test_rows_that_cannot_be_read_are_named_and_nothing_can_be_imported(at, accountant):
    response = looked_at(at, accountant, (1, "tomorrow", "8"))
    assert len(response.context["upload"]["preview"].errors) == 1
    assert "Import 1" not in response.content.decode()


def test_an_import_submits_its_drafts(at, accountant):
    imported(at, accountant, (1, "2026-03-02", "8"))
    batch = ImportBatch.objects.get()
    page = accountant.get(reverse("import", args=[batch.pk]))
    assert page.context["submittable"] == 1
    accountant.post(reverse("submit-import", args=[batch.pk]))
    assert Entry.objects.get().status == EntryStatus.SUBMITTED
