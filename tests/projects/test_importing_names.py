"""What an import leaves out, and whom and what the names of a file mean (A13, X8)."""

from dataclasses import replace
from typing import Any

import pytest

from projects.import_states import NameDecision
from projects.importing import Decisions, import_files
from projects.models import (
    Customer,
    Entry,
    Project,
    Resource,
    Role,
    Task,
    TeamMember,
    TransactionCategory,
)
from projects.states import BillingType
from tests.company import Company
from tests.company.checking import refused
from tests.company.files import figures, imported, not_imported, read_rows, staged
from tests.company.rows import NOW
from tests.projects.import_files import hours_here, line, only, timesheet_of, without_ids

pytestmark = pytest.mark.django_db


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
