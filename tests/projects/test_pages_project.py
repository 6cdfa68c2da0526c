"""The page of a project: how its tasks are billed, what no contract line covers, who is not on its team."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.models import Project, Resource, Task, TeamMember
from projects.roles import PROJECT_MANAGER
from projects.states import BillingType, EntryStatus
from tests.company import Company, rows
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def at():
    made = Company()
    made.manager = made.person(PROJECT_MANAGER)
    Project.objects.filter(pk=made.project.pk).update(manager=made.manager)
    return made


def page_of(at):
    return signed_in(at.manager).get(reverse("project", args=[at.project.pk]))


def limited_to(line, *tasks):
    line.tasks.set(tasks)
    return tasks


def test_a_task_says_how_its_work_would_be_billed_and_on_which_line(at):
    build, travel = (rows.task(at.project, code) for code in ("T1", "T2"))
    limited_to(at.line, build)
    billed, lost = page_of(at).context["rows"]
    assert (billed.task, billed.billing.billing_type, billed.billing.line) == (
        build,
        BillingType.CHARGEABLE,
        at.line,
    )
    assert (lost.task, lost.billing.billing_type, lost.billing.line) == (
        travel,
        BillingType.NOT_AVAILABLE,
        None,
    )


def test_work_on_no_line_is_named_with_its_reason_and_what_it_would_sell_for(at):
    build, travel = (rows.task(at.project, code) for code in ("T1", "T2"))
    at.approved(8, task=build)
    at.approved(2, task=travel)
    assert page_of(at).context["uncovered"]["entries"] == 0
    at.line.tasks.set([build])
    lost = rows.uncovered(at, project=at.project)
    assert lost.entry.task is None
    answer = page_of(at)
    (row,) = answer.context["uncovered_rows"]
    assert row.approval == lost
    assert (answer.context["uncovered"]["entries"], answer.context["uncovered"]["hours"]) == (1, 8)
    assert (row.why, row.worth) == ("The contract lines are limited to other tasks", Decimal(1600))
    text = answer.content.decode()
    assert "1 approved entry will never reach an invoice." in text
    assert "€1,600.00" in text
    assert answer.context["kpis"][3]["value"] == "€1,600.00"


def test_what_is_not_invoiced_yet_is_counted_by_currency(at):
    at.approved(8)
    assert page_of(at).context["kpis"][2]["value"] == "€1,600.00"


def test_who_recorded_without_being_on_the_team_is_flagged_and_can_be_added(at):
    rows.entry(at, status=EntryStatus.SUBMITTED)
    answer = page_of(at)
    assert {person: work["hours"] for person, work in answer.context["strangers"].items()} == {at.resource: 8}
    assert "Not on the team" in answer.content.decode()
    address = f"{reverse('add-team-member', args=[at.project.pk])}?person={at.resource.pk}"
    assert address in answer.content.decode()
    form = signed_in(at.manager).get(address).context["form"]
    assert form["resource"].value() == str(at.resource.pk)
    TeamMember.objects.create(project=at.project, resource=at.resource, role=at.role)
    answer = page_of(at)
    assert answer.context["strangers"] == {}
    (member,) = answer.context["team"]
    # What the contract's price list says of the role, as it would be billed today.
    assert (member.last_day, member.price) == (DAY, (Decimal(200), "EUR"))


def test_a_manager_of_the_project_is_not_a_stranger_to_it(at):
    at.resource.user = at.manager
    at.resource.save()
    rows.entry(at, status=EntryStatus.SUBMITTED)
    assert page_of(at).context["strangers"] == {}


def test_lines_show_what_is_used_of_their_limits(at):
    at.line.not_to_exceed_amount = Decimal(6400)
    at.line.save()
    at.approved(8)
    (use,) = page_of(at).context["lines"]
    assert (use.limit, use.used, use.percent) == (6400, 1600, 25)
    assert "1,600.00 of €6,400.00, 25% used" in " ".join(page_of(at).content.decode().split())


def test_statements_do_not_grow_with_tasks_people_and_lost_work(at):
    client, address = signed_in(at.manager), reverse("project", args=[at.project.pk])

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def more(number):
        task = rows.task(at.project, f"X{number}")
        member, stranger = (
            Resource.objects.create(legal_entity=at.entity, code=f"{kind}{number}", name=f"{kind} {number}")
            for kind in ("Member", "Outsider")
        )
        TeamMember.objects.create(project=at.project, resource=member, role=at.role)
        rows.entry(at, date=DAY + timedelta(days=number), resource=stranger, task=task)
        rows.uncovered(at, project=at.project)

    more(1)
    client.get(address)
    few = statements()
    for number in range(2, 6):
        more(number)
    assert statements() == few
    assert Task.objects.count() == 5
