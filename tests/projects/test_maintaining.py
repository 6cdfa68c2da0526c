"""Master data is added, changed, closed and deleted by people; what is used stays (A13)."""

from datetime import date
from decimal import Decimal

import pytest

from core.deleting import delete_unused
from core.models import Activity
from projects.maintaining import (
    add_records,
    change_record,
    close_records,
    hold_customers,
    release_customers,
    remove_team_members,
    reopen_records,
)
from projects.models import Customer, Project, Resource, Role, Task, TeamMember, TransactionCategory
from tests.company import Company, rows
from tests.company.checking import refused, statements
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company.bare()


def customer(at: Company, number: str = "K-1", **columns) -> Customer:
    columns = {"name": "Alster AG", "short_name": "Alster", "billing_address": "1 Road"} | columns
    return Customer(legal_entity=at.entity, number=number, **{"currency": "EUR"} | columns)


def project(at: Company, number: str = "PRJ-1", **columns) -> Project:
    return Project(legal_entity=at.entity, number=number, name="Build", **columns)


def add(at: Company, *records):
    return add_records(records, actor=at.manager, at=NOW)


def change(at: Company, row, **values):
    return change_record(type(row).objects.filter(pk=row.pk), values, actor=at.manager, at=NOW)


def of(row):
    return type(row).objects.filter(pk=row.pk)


def test_customers_are_added_and_their_history_begins(at):
    assert add(at, customer(at), customer(at, "K-2")) == 2
    made = Customer.objects.get(number="K-1")
    assert [(one.verb, one.actor) for one in Activity.objects.about(made)] == [("added", at.manager)]


def test_statements_do_not_grow_with_the_customers(at):
    few = statements(lambda: add(at, customer(at, "A1"), customer(at, "A2")))
    many = statements(lambda: add(at, *(customer(at, f"B{nth}") for nth in range(400))))
    # SQLite takes so many values in one statement, so a large file is written in some chunks.
    assert many - few < 20


def test_a_number_is_taken_once_also_within_one_file(at):
    add(at, customer(at))
    with refused("already-exists"):
        add(at, customer(at))
    with refused("already-exists", "already-exists"):
        add(at, customer(at, "K-3"), customer(at, "K-3"))
    other = Company.bare()
    assert add(other, customer(other)) == 1


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"vat_id": "DE81123456"}, "vat-id-malformed"),
        ({"email": "a@alster.example, b@alster.example"}, "address-malformed"),
        ({"currency": "EUE"}, "unknown-currency"),
        ({"country": "QQ"}, "unknown-country"),
    ],
)
def test_what_no_customer_can_have_is_refused(at, columns, code):
    with refused(code):
        add(at, customer(at, **columns))


def test_a_customer_is_changed_and_only_what_changed_is_logged(at):
    assert change(at, at.customer, name="Alster SE", vat_id="", payment_terms=None) == 1
    log = Activity.objects.about(at.customer).get()
    old = at.customer.name
    assert log.changes == {"name": [old, "Alster SE"]}
    assert change(at, at.customer, name="Alster SE") == 0


def test_what_stands_already_is_not_judged_again(at):
    Customer.objects.filter(pk=at.customer.pk).update(vat_id="DE1")
    assert change(at, at.customer, name="Alster SE") == 1
    with refused("vat-id-malformed"):
        change(at, at.customer, vat_id="DE12")


def test_what_is_gone_is_said(at):
    with refused("nothing-here"):
        change_record(Customer.objects.none(), {"name": "X"}, actor=at.manager, at=NOW)


def test_a_customer_is_put_on_hold_with_a_reason_and_released(at):
    hold_customers(of(at.customer), reason="RE-1 is disputed", on=DAY, actor=at.manager, at=NOW)
    held = of(at.customer).get()
    assert (held.is_on_hold, held.hold_reason, held.held_on) == (True, "RE-1 is disputed", DAY)
    with refused("already-on-hold"):
        hold_customers(of(at.customer), reason="again", on=DAY, actor=at.manager, at=NOW)
    release_customers(of(at.customer), actor=at.manager, at=NOW)
    held = of(at.customer).get()
    assert (held.is_on_hold, held.hold_reason, held.held_on) == (False, "", None)
    with refused("not-on-hold"):
        release_customers(of(at.customer), actor=at.manager, at=NOW)


def test_a_customer_with_open_contracts_is_not_closed(at):
    with refused("contracts-open"):
        close_records(of(at.customer), actor=at.manager, at=NOW)
    add(at, customer(at))
    made = Customer.objects.filter(number="K-1")
    assert close_records(made, actor=at.manager, at=NOW) == 1
    with refused("already-closed"):
        close_records(made, actor=at.manager, at=NOW)
    assert reopen_records(made, actor=at.manager, at=NOW) == 1
    with refused("not-closed"):
        reopen_records(made, actor=at.manager, at=NOW)
    assert [one.verb for one in Activity.objects.about(made.get())] == ["reopened", "closed", "added"]


def test_a_closed_customer_gets_no_project(at):
    add(at, customer(at, is_closed=True))
    with refused("customer-closed"):
        add(at, project(at, customer=Customer.objects.get(number="K-1")))


def test_a_project_stays_within_its_legal_entity(at):
    other = Company.bare()
    with refused("other-legal-entity"):
        add(at, project(at, customer=other.customer))


def test_a_project_ends_after_it_starts_and_its_budget_is_not_negative(at):
    with refused("ends-before-start"):
        add(at, project(at, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1)))
    with refused("budget-negative"):
        add(at, project(at, budget_hours=Decimal(-1)))


def test_the_readers_of_a_budget_are_changed_and_logged(at):
    assert change(at, at.project, budget_readers=[at.manager], budget_hours=Decimal(40)) == 1
    assert list(at.project.budget_readers.all()) == [at.manager]
    assert Activity.objects.about(at.project).get().changes == {
        "budget_readers": ["", at.manager.username],
        "budget_hours": ["", "40"],
    }


def test_a_project_with_waiting_work_is_not_closed(at):
    rows.approval(at)
    with refused("work-waiting"):
        close_records(of(at.project), actor=at.manager, at=NOW)
    with refused("work-waiting"):
        close_records(of(at.resource), actor=at.manager, at=NOW)


def test_a_closed_project_takes_no_task(at):
    close_records(of(at.project), actor=at.manager, at=NOW)
    with refused("project-closed"):
        add(at, Task(project=Project.objects.get(pk=at.project.pk), code="T1", name="Build"))


def test_the_team_is_of_the_company_works_there_and_has_an_open_role(at):
    other = Company.bare()
    with refused("other-legal-entity"):
        add(at, TeamMember(project=at.project, resource=other.resource, role=at.role))
    at.resource.is_closed = at.role.is_closed = True
    with refused("resource-left", "role-closed"):
        add(at, TeamMember(project=at.project, resource=at.resource, role=at.role))
    with refused("role-closed"):
        add(at, Resource(legal_entity=at.entity, code="new", name="New", role=at.role))


def test_somebody_is_taken_off_the_team(at):
    add(at, TeamMember(project=at.project, resource=at.resource, role=at.role))
    assert remove_team_members(TeamMember.objects.all(), actor=at.manager, at=NOW) == 1
    assert not TeamMember.objects.exists()


def test_one_category_of_a_class_is_the_default(at):
    add(at, TransactionCategory(name="Consulting", transaction_class="time", is_default=True))
    with refused("default-taken"):
        add(at, TransactionCategory(name="Travel", transaction_class="time", is_default=True))
    with refused("is-default"):
        close_records(TransactionCategory.objects.all(), actor=at.manager, at=NOW)


def test_what_nobody_used_is_deleted_with_its_parts(at):
    add(at, project(at, customer=at.customer))
    made = Project.objects.get(number="PRJ-1")
    add(at, Task(project=made, code="T1", name="Build"))
    made.budget_readers.add(at.manager)
    assert delete_unused(of(made), actor=at.manager, at=NOW) == 1
    assert not Task.objects.exists()
    assert Activity.objects.filter(subject_name="PRJ-1 Build", verb="deleted").count() == 1


def test_what_was_used_stays_and_the_message_says_by_what(at):
    task = Task.objects.create(project=at.project, code="T1", name="Build")
    rows.entry(at, task=task)
    rows.entry(at)
    with refused("in-use") as project_used:
        delete_unused(of(at.project), actor=at.manager, at=NOW)
    (refusal,) = project_used.value.refusals
    # One entry names the project and its task, so it counts for both.
    assert str(refusal.message) == "1 contract line and 3 entries name it."
    with refused("in-use") as customer_used:
        delete_unused(of(at.customer), actor=at.manager, at=NOW, way_out="Put it on hold instead.")
    (refusal,) = customer_used.value.refusals
    assert str(refusal.message) == "1 customer of a contract line, 1 project and 1 project contract name it."
    assert refusal.way_out == "Put it on hold instead."


def test_counting_uses_takes_as_many_statements_for_many_rows(at):
    def delete(count: int) -> int:
        roles = [Role(name=f"Role {rows.next_number()}") for _nth in range(count)]
        add(at, *roles)
        keys = [role.pk for role in roles]
        return statements(lambda: delete_unused(Role.objects.filter(pk__in=keys), actor=at.manager, at=NOW))

    assert delete(2) == delete(40)
