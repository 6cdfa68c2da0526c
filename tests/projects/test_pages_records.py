"""Customers, projects, tasks, teams and people in the browser: allowed, refused, invisible (A13, A14)."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from core.models import Activity
from projects.models import Customer, Project, Task, TeamMember
from projects.roles import ADMINISTRATOR, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, rows
from tests.company.people import show, signed_in, superuser

pytestmark = pytest.mark.django_db


def managed(at: Company) -> None:
    """Contract and project are the manager's."""
    at.is_managed_by(at.manager)
    Project.objects.filter(pk=at.project.pk).update(manager=at.manager)


@pytest.fixture
def at() -> Company:
    made = Company.bare()
    made.manager = made.person(PROJECT_MANAGER)
    managed(made)
    return made


@pytest.fixture
def manager(at):
    return signed_in(at.manager)


def codes(answer) -> list[str]:
    return [one.code for one in answer.context["refusals"]]


def test_a_manager_sees_own_customers_and_those_of_own_projects_and_no_other(at, manager):
    foreign = rows.customer(at.entity, name="Foreign AG")
    looked_after = rows.customer(at.entity, name="Mine AG", manager=at.manager)
    seen = set(manager.get(reverse("customers")).context["table"].data.data)
    assert seen == {at.customer, looked_after}
    assert manager.get(reverse("customer", args=[foreign.pk])).status_code == 404
    assert manager.get(reverse("customer", args=[looked_after.pk])).status_code == 200
    accountant = signed_in(at.person(PROJECT_ACCOUNTANT))
    assert set(accountant.get(reverse("customers")).context["table"].data.data) == {
        at.customer,
        looked_after,
        foreign,
    }


def test_a_customer_is_put_on_hold_with_a_reason_that_everybody_sees(at, manager):
    hold = reverse("hold-customer", args=[at.customer.pk])
    assert manager.post(hold, {"reason": ""}).status_code == 422
    assert manager.post(hold, {"reason": "RE-1 is disputed"}).status_code == 302
    page = manager.get(reverse("customer", args=[at.customer.pk])).content.decode()
    assert "RE-1 is disputed" in page
    assert "Nothing is drafted, confirmed or posted" in page
    manager.post(reverse("release-customer", args=[at.customer.pk]))
    assert not Customer.objects.get(pk=at.customer.pk).is_on_hold


def test_a_customer_is_changed_and_an_impossible_vat_id_comes_back(at, manager):
    form = manager.get(reverse("change-customer", args=[at.customer.pk])).context["form"]
    fields = {name: form[name].value() or "" for name in form.fields}
    address = reverse("change-customer", args=[at.customer.pk])
    answer = manager.post(address, fields | {"vat_id": "DE81123456"})
    assert (answer.status_code, codes(answer)) == (422, ["vat-id-malformed"])
    assert 'value="DE81123456"' in answer.content.decode()
    assert manager.post(address, fields | {"name": "Alster SE"}).status_code == 302
    assert Customer.objects.get(pk=at.customer.pk).name == "Alster SE"


def test_a_used_customer_is_not_deleted_and_the_page_says_by_what(at, manager):
    answer = manager.post(reverse("delete-customer", args=[at.customer.pk]))
    text = answer.content.decode()
    assert (answer.status_code, codes(answer)) == (422, ["in-use"])
    assert "name it." in text
    assert "Put it on hold or close it instead." in text
    unused = rows.customer(at.entity, manager=at.manager)
    assert manager.post(reverse("delete-customer", args=[unused.pk]))["Location"] == reverse("customers")
    assert not Customer.objects.filter(pk=unused.pk).exists()


def test_closing_says_what_it_means_first(at, manager):
    address = reverse("close-project", args=[at.project.pk])
    assert "Nothing is recorded on it any more." in manager.get(address).content.decode()
    manager.post(address)
    assert Project.objects.get(pk=at.project.pk).is_closed
    assert at.project in manager.get(reverse("projects") + "?state=closed").context["table"].data.data
    manager.post(reverse("reopen-project", args=[at.project.pk]))
    assert not Project.objects.get(pk=at.project.pk).is_closed


def test_a_project_with_waiting_work_stays_open(at, manager):
    rows.approval(at)
    answer = manager.post(reverse("close-project", args=[at.project.pk]))
    assert (answer.status_code, codes(answer)) == (422, ["work-waiting"])


def test_tasks_are_added_changed_closed_and_deleted(at, manager):
    fields = {"code": "T1", "name": "Ingest", "budget_hours": "40"}
    assert manager.post(reverse("add-task", args=[at.project.pk]), fields)["Location"] == reverse(
        "project", args=[at.project.pk]
    )
    task = Task.objects.get()
    manager.post(reverse("change-task", args=[task.pk]), fields | {"name": "Load", "budget_amount": "9000"})
    task.refresh_from_db()
    assert (task.name, task.budget_hours, task.budget_amount) == ("Load", 40, 9000)
    manager.post(reverse("close-task", args=[task.pk]))
    assert Task.objects.get().is_closed
    manager.post(reverse("reopen-task", args=[task.pk]))
    manager.post(reverse("delete-task", args=[task.pk]))
    assert not Task.objects.exists()


def test_people_join_and_leave_a_team(at, manager):
    fields = {"resource": at.resource.pk, "role": at.role.pk, "is_approver": "on", "starts_on": "2026-03-02"}
    manager.post(reverse("add-team-member", args=[at.project.pk]), fields)
    member = TeamMember.objects.get()
    assert (member.resource, member.is_approver) == (at.resource, True)
    assert at.resource.name in manager.get(reverse("project", args=[at.project.pk])).content.decode()
    manager.post(reverse("remove-team-member", args=[member.pk]))
    assert not TeamMember.objects.exists()


def test_another_managers_project_is_invisible(at):
    other = signed_in(at.person(PROJECT_MANAGER))
    for name in ("project", "change-project", "add-task", "close-project"):
        assert other.get(reverse(name, args=[at.project.pk])).status_code == 404, name
    for name in ("close-project", "reopen-project", "delete-project"):
        assert other.post(reverse(name, args=[at.project.pk])).status_code == 404, name


def test_who_only_works_on_a_colleagues_project_sees_it_and_changes_nothing(at):
    colleague = at.person(PROJECT_MANAGER)
    at.resource.user = colleague
    at.resource.save()
    member = TeamMember.objects.create(project=at.project, resource=at.resource, role=at.role)
    task = Task.objects.create(project=at.project, code="T1", name="Build")
    client = signed_in(colleague)
    page = client.get(reverse("project", args=[at.project.pk]))
    assert (page.status_code, page.context["may_change"], page.context["may_delete"]) == (200, False, False)
    refused = {
        at.project: ["change-project", "close-project", "reopen-project", "delete-project", "add-task"],
        task: ["change-task", "close-task", "reopen-task", "delete-task"],
        member: ["remove-team-member"],
    }
    refused[at.project].append("add-team-member")
    for row, names in refused.items():
        for name in names:
            assert client.post(reverse(name, args=[row.pk])).status_code == 404, name
    assert TeamMember.objects.get() == member
    assert (Project.objects.get().is_closed, Task.objects.get().is_closed) == (False, False)
    # The manager of the project may.
    own = signed_in(at.manager).get(reverse("project", args=[at.project.pk]))
    assert (own.context["may_change"], own.context["may_delete"]) == (True, True)
    assert signed_in(at.manager).post(reverse("remove-team-member", args=[member.pk])).status_code == 302


def test_a_customer_of_a_project_one_only_works_on_is_seen_and_not_changed(at):
    colleague = at.person(PROJECT_MANAGER)
    at.resource.user = colleague
    at.resource.save()
    TeamMember.objects.create(project=at.project, resource=at.resource, role=at.role)
    client = signed_in(colleague)
    page = client.get(reverse("customer", args=[at.customer.pk]))
    assert (page.status_code, page.context["may_change"], page.context["may_delete"]) == (200, False, False)
    fields = {"reason": "RE-1 is disputed"}
    for name in ("change", "hold", "release", "close", "reopen", "delete"):
        assert client.post(reverse(f"{name}-customer", args=[at.customer.pk]), fields).status_code == 404, (
            name
        )
    # Whoever manages a project of the customer may.
    rows.project(at, manager=colleague, customer=at.customer)
    assert client.get(reverse("customer", args=[at.customer.pk])).context["may_change"]
    assert client.post(reverse("hold-customer", args=[at.customer.pk]), fields).status_code == 302


def test_a_project_shows_what_is_used_of_its_budgets():
    at = Company()
    at.manager = at.person(PROJECT_MANAGER)
    managed(at)
    task = Task.objects.create(project=at.project, code="T1", name="Build", budget_hours=Decimal(10))
    Project.objects.filter(pk=at.project.pk).update(budget_amount=Decimal(4000))
    at.approved(8, task=task)
    at.approved(2)
    page = signed_in(at.manager).get(reverse("project", args=[at.project.pk]))
    total, row, rest = (page.context[name] for name in ("total", "rows", "without_task"))
    assert (total.burn.hours, total.amount_percent) == (10, 50)
    assert (row[0].hours_percent, row[0].burn.amount) == (80, 1600)
    assert (rest.burn.hours, rest.burn.amount) == (2, 400)
    text = page.content.decode()
    assert "€4,000.00 budget, 50% used" in text
    (shown,) = signed_in(at.manager).get(reverse("projects")).context["table"].rows
    assert "50%" in shown.get_cell("value_used")


def test_a_project_in_another_currency_says_what_was_converted_and_what_was_left_out():
    at = Company(currency="GBP")
    at.manager = at.person(PROJECT_MANAGER)
    managed(at)
    Project.objects.filter(pk=at.project.pk).update(budget_amount=Decimal(4000))
    at.rate("GBP", "1.25", date(2026, 3, 10))
    at.approved(1)
    at.approved(8, date=date(2026, 3, 10))
    client = signed_in(at.manager)
    page = client.get(reverse("project", args=[at.project.pk]))
    (worth,) = [kpi for kpi in page.context["kpis"] if kpi["label"] == "Sales value approved"]
    assert (worth["value"], worth["detail"]) == (
        "€2,000.00",
        [
            "€4,000.00 budget, 50% used",
            "with £1,600.00 at the rate of each day",
            "without £200.00: no exchange rate",
        ],
    )
    text = page.content.decode()
    assert "£200.00 count against no budget." in text
    assert "£1,600.00 are converted at the rate of the day of the work." in text
    (row,) = client.get(reverse("projects")).context["table"].rows
    assert "no rate: £200.00" in row.get_cell("value")
    assert "50%" in row.get_cell("value_used")


@pytest.mark.parametrize("name", ["customers", "projects", "people"])
def test_a_team_member_maintains_nothing(at, name):
    worker = signed_in(at.person(TEAM_MEMBER))
    assert worker.get(reverse(name)).status_code == 403


def test_who_may_only_look_changes_nothing(at):
    controller = signed_in(at.person("Finance controller"))
    assert controller.get(reverse("customer", args=[at.customer.pk])).status_code == 200
    for name in ("change-customer", "hold-customer", "close-customer", "delete-customer"):
        assert controller.post(reverse(name, args=[at.customer.pk])).status_code == 403, name
    for name in ("change-project", "close-project", "delete-project", "add-task", "add-team-member"):
        assert controller.post(reverse(name, args=[at.project.pk])).status_code == 403, name


# --- People -----------------------------------------------------------------------------------------


def test_an_administrator_looks_after_people(at):
    administrator = at.person(ADMINISTRATOR)
    client = signed_in(administrator)
    page = client.get(reverse("people"))
    assert at.manager in page.context["table"].data.data
    address = reverse("person", args=[at.worker.pk])
    form = client.get(address).context["form"]
    assert form["roles"].value() == []
    fields = {"first_name": "Tom", "last_name": "Berg", "username": "tom", "roles": [TEAM_MEMBER]}
    assert client.post(address, fields)["Location"] == reverse("people")
    at.worker.refresh_from_db()
    assert (at.worker.get_full_name(), at.worker.groups.get().name) == ("Tom Berg", TEAM_MEMBER)
    assert Activity.objects.about(at.worker).first().actor == administrator
    clash = client.post(address, fields | {"roles": [ADMINISTRATOR, PROJECT_MANAGER]})
    assert (clash.status_code, codes(clash)) == (422, ["roles-clash"])
    own = client.post(reverse("close-account", args=[administrator.pk]))
    assert (own.status_code, codes(own)) == (422, ["own-row"])
    client.post(reverse("close-account", args=[at.worker.pk]))
    assert not User.objects.get(pk=at.worker.pk).is_active
    client.post(reverse("open-account", args=[at.worker.pk]))
    assert client.post(reverse("invite-again", args=[at.worker.pk])).status_code == 302


def test_an_administrator_sees_a_superuser_and_changes_nothing_there(at):
    root = superuser(at.entity)
    administrator = signed_in(at.person(ADMINISTRATOR))
    address = reverse("person", args=[root.pk])
    page = administrator.get(reverse("people"))
    assert root in page.context["table"].data.data
    assert f'href="{address}"' not in page.content.decode()
    assert administrator.get(address).status_code == 404
    fields = {"first_name": "Tom", "last_name": "Berg", "username": "tom", "email": "tom@example.org"}
    assert administrator.post(address, fields).status_code == 404
    for name in ("close-account", "open-account", "invite-again"):
        assert administrator.post(reverse(name, args=[root.pk])).status_code == 404, name
    root.refresh_from_db()
    assert (root.username, root.is_active) == ("root", True)
    # Another superuser may.
    other = User.objects.create_superuser("other")
    show(other, [at.entity])
    assert f'href="{address}"' in signed_in(other).get(reverse("people")).content.decode()
    assert signed_in(other).post(reverse("close-account", args=[root.pk])).status_code == 302
    assert not User.objects.get(pk=root.pk).is_active


@pytest.mark.parametrize("role", [PROJECT_MANAGER, PROJECT_ACCOUNTANT, TEAM_MEMBER])
def test_only_administrators_look_after_people(at, role):
    client = signed_in(at.person(role))
    assert client.get(reverse("people")).status_code == 403
    assert client.get(reverse("person", args=[at.worker.pk])).status_code == 403
    assert client.post(reverse("close-account", args=[at.worker.pk])).status_code == 403
    assert client.post(reverse("add-person"), {}).status_code == 403


def test_a_weak_first_password_comes_back(at):
    client = signed_in(at.person(ADMINISTRATOR))
    fields = {"legal_entity": at.entity.pk, "first_name": "Mia", "last_name": "Otte", "username": "mia"}
    answer = client.post(reverse("add-person"), fields | {"roles": [TEAM_MEMBER], "password": "short"})
    assert answer.status_code == 422
    assert "password" in answer.context["form"].errors
