"""Own entries and the start of a team member in the browser."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from projects.approving import reject_entries
from projects.models import Approval, Entry, Project, ProjectContract, TeamMember
from projects.roles import ADMINISTRATOR, TEAM_MEMBER
from projects.states import EntryStatus
from tests.company import Company, only, rows
from tests.company.checking import statements
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

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


def test_hours_are_recorded_and_submitted_by_one_button(at, worker):
    answer = worker.post(reverse("record-time"), form(at, submit="1"), follow=True)
    assert Entry.objects.get().status == EntryStatus.SUBMITTED
    assert "Submitted" in [str(one) for one in answer.context["messages"]]


def test_what_was_sent_back_shows_the_reason_and_is_submitted_again_from_there():
    at = Company()
    at.admit(at.worker, TEAM_MEMBER)
    TeamMember.objects.create(project=at.project, resource=at.resource, role=at.role)
    approval, worker = at.submitted(8), signed_in(at.worker)
    reject_entries(only(approval), comment="Which workshop?", actor=at.manager, at=NOW)
    address = reverse("change-time", args=[approval.entry_id])
    assert "Which workshop?" in worker.get(address).content.decode()
    worker.post(address, form(at, external_description="The second", submit="1"))
    entry = Entry.objects.get()
    assert (entry.status, entry.external_description) == (EntryStatus.SUBMITTED, "The second")


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


# --- What no contract covers ----------------------------------------------------------------------


def said(answer):
    """What the page after a form says."""
    return [str(message) for message in answer.wsgi_request._messages]


def covers_until_february(at):
    ProjectContract.objects.filter(pk=at.contract.pk).update(ends_on=date(2026, 2, 28))
    return f"Contract {at.contract.number} covers work until 28 Feb 2026"


def test_who_records_hours_outside_the_dates_of_the_contract_reads_it_at_once(at, worker):
    reason = covers_until_february(at)
    answer = worker.post(reverse("record-time"), form(at))
    assert said(answer) == [f"No contract covers it: {reason}", "Recorded as a draft"]
    entry = Entry.objects.get()
    answer = worker.post(reverse("change-time", args=[entry.pk]), form(at, hours="6"))
    assert f"No contract covers it: {reason}" in said(answer)
    # It is in the list as long as it may be changed, without a way that only managers of contracts take.
    page = worker.get(reverse("entries")).content.decode()
    assert reason in page
    assert "No contract covers it" in page
    assert reverse("contract-edit", args=[at.contract.number]) not in page


def test_hours_that_a_line_covers_and_internal_hours_are_not_warned_of(at, worker):
    assert said(worker.post(reverse("record-time"), form(at))) == ["Recorded as a draft"]
    Project.objects.filter(pk=at.project.pk).update(customer=None)
    covers_until_february(at)
    answer = worker.post(reverse("record-time"), form(at, day="2026-03-03"))
    assert not [one for one in said(answer) if "No contract" in one]
    assert "No contract covers it" not in worker.get(reverse("entries")).content.decode()


def test_the_list_asks_nothing_for_each_entry_that_no_contract_covers(at, worker):
    covers_until_february(at)
    draft(at)
    few = statements(lambda: worker.get(reverse("entries")))
    for nth in range(5):
        draft(at, project=rows.project(at), date=date(2026, 3, nth + 3))
    assert statements(lambda: worker.get(reverse("entries"))) == few
