"""What a file changes is shown first, field by field; it changes what the pages let one change (A13, X8)."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import Activity
from projects.importing_records import import_records
from projects.models import (
    Customer,
    LegalEntity,
    Project,
    Resource,
    Role,
    Task,
)
from projects.plan_rows import Difference
from projects.record_files import KINDS, read_table
from projects.record_plans import plan_of
from projects.roles import ADMINISTRATOR, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from projects.staffing import import_people
from tests.company import Company, rows
from tests.company.checking import refused, statements
from tests.company.people import signed_in, superuser
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

CUSTOMERS = "number;name;billing address;country;currency;vat id\n"
PEOPLE = "username,first name,last name,mail,roles,code,billed as\n"


@pytest.fixture
def at() -> Company:
    made = Company.bare()
    made.admit(made.manager, PROJECT_ACCOUNTANT)
    return made


def plan(at: Company, kind: str, text: str, user=None):
    table = read_table(KINDS[kind], "file.csv", text.encode(), language="en")
    return plan_of(kind, at.entity, table, user or at.manager)


def bring(at: Company, kind: str, text: str, user=None) -> int:
    table = read_table(KINDS[kind], "file.csv", text.encode(), language="en")
    actor = user or at.manager
    return import_records(kind, at.entity, table, update=True, actor=actor, at=NOW)


def sends(client, at: Company, kind: str, text: str):
    """Choose a file and look at it: the preview."""
    file = SimpleUploadedFile("file.csv", text.encode(), content_type="text/csv")
    address = reverse("import-records", args=[kind])
    page = client.post(address, {"legal_entity": at.entity.pk, "file": file})
    assert page.status_code == 200, page.context["form"].errors
    return page


def saves(client, at: Company, kind: str, page, **fields):
    """Save what the preview showed."""
    sent = {"legal_entity": at.entity.pk, "carried": page.context["file"], **fields}
    return client.post(reverse("import-records", args=[kind]), sent)


def says(page) -> list[str]:
    return [str(error) for error in page.context["plan"].errors]


# --- Customers and projects -------------------------------------------------------------------------


def test_the_preview_names_each_field_with_both_values(at):
    known = rows.customer(at.entity, name="Alster AG", vat_id="DE123456789", payment_terms=rows.terms(14))
    text = f"{CUSTOMERS}{known.number};Alster SE;1 Road;DE;EUR;\n"
    assert plan(at, "customers", text).differences == [
        Difference("Alster AG", "Name", "Alster AG", "Alster SE"),
        Difference("Alster AG", "VAT id", "DE123456789", "–"),
    ]
    client = signed_in(at.manager)
    page = sends(client, at, "customers", text)
    shown = page.content.decode()
    assert "<s>Alster AG</s>" in shown
    assert "Alster SE" in shown
    assert "Change the row that exists and is different" in shown
    # Nothing is changed before it was seen, nor where the tick was taken away.
    assert saves(client, at, "customers", page).status_code == 302
    assert Customer.objects.get(pk=known.pk).name == "Alster AG"
    saves(client, at, "customers", page, update="on")
    known.refresh_from_db()
    assert (known.name, known.vat_id, str(known.payment_terms)) == ("Alster SE", "", "14 days net")


def test_a_column_that_the_file_does_not_have_leaves_what_stands(at):
    known = rows.customer(
        at.entity,
        name="Alster AG",
        vat_id="DE123456789",
        payment_terms=rows.terms(14),
        language="de",
        purchase_order="PO 7",
    )
    text = f"number,name,billing address,country,currency\n{known.number},Alster SE,1 Road,DE,EUR\n"
    assert bring(at, "customers", text) == 1
    known.refresh_from_db()
    assert (known.name, known.vat_id, str(known.payment_terms)) == ("Alster SE", "DE123456789", "14 days net")
    assert (known.language, known.purchase_order) == ("de", "PO 7")


def test_an_empty_cell_empties_what_may_be_empty_and_nothing_else(at):
    known = rows.customer(
        at.entity, name="Alster AG", purchase_order="PO 7", payment_terms=rows.terms(14), language="de"
    )
    heads = "number,name,billing address,country,currency,purchase order,payment terms,language,short name\n"
    assert bring(at, "customers", f"{heads}{known.number},Alster AG,1 Road,DE,EUR,,,,\n") == 1
    known.refresh_from_db()
    assert (known.purchase_order, known.payment_terms, known.language) == ("", None, "de")
    assert known.short_name != ""


def test_a_manager_changes_own_customers_by_a_file_and_no_others(at):
    manager = at.person(PROJECT_MANAGER)
    mine = rows.customer(at.entity, name="Mine", manager=manager)
    foreign = rows.customer(at.entity, name="Foreign")
    text = CUSTOMERS + "".join(f"{one.number};New name;1 Road;DE;EUR;\n" for one in (mine, foreign))
    client = signed_in(manager)
    page = sends(client, at, "customers", text)
    assert page.context["plan"].others == ["Foreign"]
    assert "You may not change these, so they stay as they are: Foreign" in page.content.decode()
    saves(client, at, "customers", page, update="on")
    names = Customer.objects.filter(pk__in=[mine.pk, foreign.pk]).order_by("pk")
    assert list(names.values_list("name", flat=True)) == ["New name", "Foreign"]
    # The verb says the same to whoever calls it.
    assert bring(at, "customers", text.replace("New name", "Other"), manager) == 1


def test_tasks_of_a_colleagues_project_are_not_added_by_a_file(at):
    manager = at.person(PROJECT_MANAGER)
    text = f"number,name,task\n{at.project.number},{at.project.name},T9\n"
    said = "Row 2, column task: You may not add tasks to this project: remove this row from the file."
    assert [str(one) for one in plan(at, "projects", text, manager).errors] == [said]
    with refused("row-error"):
        bring(at, "projects", text, manager)
    assert not Task.objects.exists()
    Project.objects.filter(pk=at.project.pk).update(manager=manager)
    assert bring(at, "projects", text, manager) == 1


def test_a_customer_whom_one_does_not_see_is_not_named_in_a_file(at):
    manager = at.person(PROJECT_MANAGER)
    text = f"number,name,customer\nPRJ-9,Build,{at.customer.number}\n"
    assert [one.column for one in plan(at, "projects", text, manager).errors] == ["customer"]
    assert plan(at, "projects", text).errors == []


def test_what_a_change_would_break_is_said_in_the_preview(at):
    known = rows.customer(at.entity, name="Alster AG")
    text = f"{CUSTOMERS}{known.number};Alster AG;1 Road;DE;EUR;DE81123456\n"
    client = signed_in(at.manager)
    page = sends(client, at, "customers", text)
    assert len(says(page)) == 1
    assert "DE81123456" in says(page)[0]
    assert "Save all of it" not in page.content.decode()
    with refused("row-error"):
        bring(at, "customers", text)
    assert Customer.objects.get(pk=known.pk).vat_id == ""


def test_the_address_of_a_customer_comes_with_the_file_and_a_wrong_one_is_named(at):
    head, row = "number,name,billing address,country,currency,email", "K-9,Alster AG,1 Road,DE,EUR"
    with refused("row-error"):
        bring(at, "customers", f"{head}\n{row},alster\n")
    assert bring(at, "customers", f"{head}\n{row},hours@alster.example\n") == 1
    assert Customer.objects.get(number="K-9").email == "hours@alster.example"


def test_a_task_gets_another_budget_and_the_rest_of_the_project_stays(at):
    Task.objects.create(project=at.project, code="T1", name="Ingest", budget_hours=Decimal(40))
    text = f"number,name,task,task budget hours\n{at.project.number},{at.project.name},T1,55.5\n"
    (one,) = plan(at, "projects", text).differences
    assert (one.subject, one.field, one.before, one.after) == ("Ingest", "Budget in hours", "40.00", "55.50")
    assert bring(at, "projects", text) == 1
    assert Task.objects.get().name == "Ingest"


# --- People -----------------------------------------------------------------------------------------


def test_people_who_are_here_are_changed_after_a_look(at):
    client = signed_in(at.person(ADMINISTRATOR))
    lead = Role.objects.create(name="Lead")
    worker = at.admit(at.worker, TEAM_MEMBER)
    text = f"{PEOPLE}{worker.username},Mia,Otte,mia@example.com,Project manager,{at.resource.code},Lead\n"
    page = sends(client, at, "people", text)
    assert [(one.field, one.before, one.after) for one in page.context["differences"]] == [
        ("First name", "–", "Mia"),
        ("Last name", "–", "Otte"),
        ("Mail address", "–", "mia@example.com"),
        ("Roles", "Team member", "Project manager"),
        ("Hours are billed as", at.role.name, "Lead"),
    ]
    assert saves(client, at, "people", page).status_code == 302
    worker.refresh_from_db()
    assert worker.first_name == ""
    saves(client, at, "people", page, update="on")
    worker.refresh_from_db()
    at.resource.refresh_from_db()
    assert (worker.get_full_name(), worker.email) == ("Mia Otte", "mia@example.com")
    assert (worker.groups.get().name, worker.is_staff) == (PROJECT_MANAGER, False)
    assert at.resource.role == lead
    logged = Activity.objects.about(worker).first()
    assert logged.facts["by"] == "file"
    assert logged.changes["roles"] == ["Team member", "Project manager"]
    assert sends(client, at, "people", text).context["plan"].unchanged == 1


def test_the_admin_opens_to_somebody_whom_a_file_makes_an_accountant(at):
    administrator = at.person(ADMINISTRATOR)
    mia = at.person(TEAM_MEMBER)
    text = f"{PEOPLE}{mia.username},Mia,Otte,m@example.com,Project accountant,,\n"
    planned = plan(at, "people", text, administrator)
    known = [one.row for one in planned.changed]
    assert import_people(at.entity, [], known, actor=administrator, at=NOW) == 1
    mia.refresh_from_db()
    assert (mia.is_staff, mia.groups.get().name) == (True, PROJECT_ACCOUNTANT)


def test_who_reports_no_hours_yet_becomes_a_resource_by_a_code(at):
    administrator = at.person(ADMINISTRATOR)
    mia = at.person(TEAM_MEMBER)
    text = f"{PEOPLE}{mia.username},Mia,Otte,m@example.com,Team member,mia,{at.role.name}\n"
    known = [one.row for one in plan(at, "people", text, administrator).changed]
    import_people(at.entity, [], known, actor=administrator, at=NOW)
    made = Resource.objects.get(code="mia")
    assert (made.user, made.role, made.name) == (mia, at.role, "Mia Otte")


def test_somebody_of_another_company_gets_access_to_this_one(at):
    administrator = at.person(ADMINISTRATOR)
    other = Company.bare().person(TEAM_MEMBER)
    text = f"username,first name,last name,mail,roles\n{other.username},Tom,Berg,t@example.com,Team member\n"
    planned = plan(at, "people", text, administrator)
    assert "Sees the company" in [one.field for one in planned.differences]
    import_people(at.entity, [], [one.row for one in planned.changed], actor=administrator, at=NOW)
    assert at.entity in LegalEntity.objects.visible_to(User.objects.get(pk=other.pk))


def test_nobody_changes_themselves_nor_a_superuser_by_a_file(at):
    administrator = at.person(ADMINISTRATOR)
    root = superuser(at.entity)
    line = "{},New,Name,n@example.com,Team member\n"
    heads = "username,first name,last name,mail,roles\n"
    own = plan(at, "people", heads + line.format(administrator.username), administrator)
    assert [str(one) for one in own.errors] == [
        "Row 2, column username: Nobody changes their own roles or account."
    ]
    foreign = plan(at, "people", heads + line.format(root.username), administrator)
    assert (foreign.changed, foreign.others) == ([], ["root"])
    known = [one.row for one in plan(at, "people", heads + line.format(administrator.username), root).changed]
    with refused("own-row"):
        import_people(at.entity, [], known, actor=administrator, at=NOW)
    administrator.refresh_from_db()
    assert administrator.first_name == ""


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("{name},Mia,Otte,m@example.com,Administrator;Project manager,,", "roles-clash"),
        ("{name},Mia,Otte,m@example.com,Team member,{taken},", "already-exists"),
    ],
)
def test_what_the_pages_refuse_of_people_a_file_refuses_too(at, row, code):
    administrator, mia = at.person(ADMINISTRATOR), at.person(TEAM_MEMBER)
    filled = row.format(name=mia.username, taken=at.resource.code)
    text = PEOPLE.replace(",", "|") + filled.replace(",", "|").replace(";", ",") + "\n"
    planned = plan(at, "people", text, administrator)
    assert len(planned.errors) == 1
    known = [one.row for one in planned.changed]
    with refused(code):
        import_people(at.entity, [], known, actor=administrator, at=NOW)
    assert list(mia.groups.values_list("name", flat=True)) == [TEAM_MEMBER]


def test_new_people_are_judged_in_the_preview(at):
    administrator = at.person(ADMINISTRATOR)
    text = f"{PEOPLE}mia,Mia,Otte,mia@example.com,Team member,{at.resource.code},\n"
    (error,) = plan(at, "people", text, administrator).errors
    assert "Another team member has the code" in str(error)


def test_statements_do_not_grow_with_the_people(at):
    administrator = at.person(ADMINISTRATOR)

    def take(prefix: str, count: int) -> int:
        people = [at.person(TEAM_MEMBER) for _nth in range(count)]
        lines = [
            f"{one.username},{prefix},Otte,m@example.com,Project manager,{one.username},\n" for one in people
        ]
        known = [one.row for one in plan(at, "people", PEOPLE + "".join(lines), administrator).changed]
        return statements(lambda: import_people(at.entity, [], known, actor=administrator, at=NOW))

    few = take("A", 2)
    assert take("B", 30) <= few + 2
