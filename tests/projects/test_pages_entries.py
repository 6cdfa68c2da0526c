"""Own entries and the start of a team member in the browser."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from projects.models import Approval, Entry, TeamMember
from projects.roles import ADMINISTRATOR, TEAM_MEMBER
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


def test_the_start_leads_to_the_form_of_what_came_back_and_shows_nothing_withdrawn(at, worker):
    today = DAY.replace(day=4)
    hours = rows.entry(at, status=EntryStatus.RETURNED)
    hotel = rows.entry(at, status=EntryStatus.RETURNED, transaction_class="expense", role=None, price=206)
    withdrawn = rows.entry(at, status=EntryStatus.WITHDRAWN)
    with time_machine.travel(datetime.combine(today, time(12), UTC), tick=False):
        page = worker.get("/")
    assert reverse("change-time", args=[hours.pk]) in page.content.decode()
    assert reverse("change-expense", args=[hotel.pk]) in page.content.decode()
    assert reverse("change-time", args=[hotel.pk]) not in page.content.decode()
    assert withdrawn not in page.context["week"]
    assert set(page.context["week"]) == {hours, hotel}
