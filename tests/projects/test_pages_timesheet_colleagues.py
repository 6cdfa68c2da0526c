"""My time: the week of a colleague, recorded by a manager."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from projects.models import Entry, Project
from projects.roles import PROJECT_MANAGER
from tests.company import Company, weeks
from tests.company.people import signed_in
from tests.company.weeks import WEEK, cell, draft, form_of, shown

pytestmark = pytest.mark.django_db
WEDNESDAY = date(2026, 3, 4)
NOON = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture(autouse=True)
def on_wednesday():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def at():
    return weeks.team_of_one()


@pytest.fixture
def worker(at):
    return signed_in(at.worker)


def test_a_manager_records_for_a_colleague_and_who_recorded_is_kept(at):
    manager = at.person(PROJECT_MANAGER)
    Project.objects.filter(pk=at.project.pk).update(manager=manager)
    browser = signed_in(manager)
    address = reverse("week", args=WEEK) + f"?person={at.resource.code}"
    asked = {"add_project": at.project.pk, "add_role": at.role.pk, "add": "1"}
    sent = form_of(browser.post(address, {**form_of(browser.get(address)), **asked}))
    sent[cell(at, WEDNESDAY)] = "8"
    assert browser.post(address, {**sent, "save": "1"}).status_code == 302
    entry = Entry.objects.get()
    assert (entry.resource, entry.recorded_by) == (at.resource, manager)


def test_a_manager_sees_of_a_colleague_only_the_work_on_managed_projects(at):
    manager = at.person(PROJECT_MANAGER)
    draft(at)
    page = signed_in(manager).get(reverse("week", args=WEEK), {"person": at.resource.code})
    assert page.context["form"].week_rows == []


def test_a_team_member_does_not_open_the_week_of_a_colleague(at, worker):
    assert shown(worker, person=at.resource.code).status_code == 403
    stranger = Company.bare().resource
    manager = signed_in(at.person(PROJECT_MANAGER))
    assert manager.get(reverse("week", args=WEEK), {"person": stranger.code}).status_code == 404
