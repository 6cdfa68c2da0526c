"""Customers, projects, people and prices come from a file: shown first, all of it or nothing (A13, X8)."""

import io
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from core.models import Activity
from projects.importing_records import import_records
from projects.models import Customer, Project, Resource, RolePrice, Task
from projects.record_files import KINDS, read_table, template_of
from projects.record_plans import plan_of
from projects.roles import ADMINISTRATOR, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company, rows
from tests.company.checking import refused, statements
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

CUSTOMERS = """number;name;billing address;country;currency;payment terms
K-1;Alster AG;Kai 1 | 20457 Hamburg;DE;EUR;14
K-2;Bille GmbH;Deich 2;DE;EUR;
"""
PROJECTS = """number,name,customer,budget hours,task,task name,task budget hours
PRJ-1,Platform,K-1,845,T1,Ingest,310
PRJ-1,Platform,K-1,845,T2,Load,100.5
PRJ-2,Support,,,,,
"""


@pytest.fixture
def at() -> Company:
    """Files are brought by somebody who sees the whole company."""
    made = Company.bare()
    made.admit(made.manager, PROJECT_ACCOUNTANT)
    rows.terms(14)
    return made


def table(kind: str, text: str | bytes, name: str = "file.csv", language: str = "en"):
    data = text if isinstance(text, bytes) else text.encode()
    return read_table(KINDS[kind], name, data, language=language)


def bring(at: Company, kind: str, text: str | bytes, *, update: bool = False, name: str = "file.csv") -> int:
    return import_records(kind, at.entity, table(kind, text, name), update=update, actor=at.manager, at=NOW)


def test_customers_are_added_and_the_same_file_again_changes_nothing(at):
    assert bring(at, "customers", CUSTOMERS) == 2
    alster = Customer.objects.get(number="K-1")
    assert (alster.name, alster.billing_address, str(alster.payment_terms)) == (
        "Alster AG",
        "Kai 1\n20457 Hamburg",
        "14 days net",
    )
    assert Customer.objects.get(number="K-2").payment_terms is None
    assert Activity.objects.about(alster).get().facts == {"by": "file"}
    assert bring(at, "customers", CUSTOMERS) == 0
    assert bring(at, "customers", CUSTOMERS, update=True) == 0


def test_what_exists_is_changed_only_when_that_was_said(at):
    bring(at, "customers", CUSTOMERS)
    other = CUSTOMERS.replace("Alster AG", "Alster SE")
    assert bring(at, "customers", other) == 0
    assert bring(at, "customers", other, update=True) == 1
    alster = Customer.objects.get(number="K-1")
    assert alster.name == "Alster SE"
    changes = Activity.objects.about(alster).first().changes
    assert changes == {"name": ["Alster AG", "Alster SE"], "short_name": ["Alster AG", "Alster SE"]}


def test_projects_come_with_their_tasks_and_budgets(at):
    bring(at, "customers", CUSTOMERS)
    assert bring(at, "projects", PROJECTS) == 4
    platform = Project.objects.get(number="PRJ-1")
    assert (platform.customer.number, platform.budget_hours) == ("K-1", 845)
    assert list(platform.tasks.values_list("code", "name", "budget_hours")) == [
        ("T1", "Ingest", Decimal(310)),
        ("T2", "Load", Decimal("100.5")),
    ]
    more = PROJECTS + "PRJ-2,Support,,,T1,Calls,\n"
    assert bring(at, "projects", more) == 1
    assert Task.objects.get(project__number="PRJ-2").name == "Calls"


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("customers", "number,name\nK-1,A\n", "Row 1, column billing address: The column is missing."),
        ("customers", CUSTOMERS.replace("name;", "title;", 1), "Row 1, column name: The column is missing."),
        ("customers", CUSTOMERS.replace("Bille GmbH", ""), "Row 3, column name: The value is missing."),
        ("customers", CUSTOMERS.replace("K-2", "K-1"), "Row 3, column number: The file contains it twice."),
        ("customers", CUSTOMERS.replace(";14", ";15"), "Row 2, column payment terms: “15” does not exist."),
        (
            "customers",
            CUSTOMERS.replace(";14", ";14;more"),
            "Row 2: The row has more cells than there are columns.",
        ),
        ("customers", CUSTOMERS.replace("EUR;14", "EUE;14"), "“EUE” is not a currency code."),
        (
            "customers",
            CUSTOMERS.split("\n", maxsplit=1)[0],
            "Row 1: There are no rows below the column names.",
        ),
        ("customers", "\x00\x01", "Row 1: This is neither a CSV nor an XLSX file."),
        ("projects", PROJECTS, "Row 2, column customer: “K-1” does not exist."),
        ("projects", PROJECTS.replace("K-1", "").replace("100.5", "many"), "column task budget hours"),
        ("projects", PROJECTS.replace("K-1", "") + "PRJ-2,Support,,,,,\n", "needs a task"),
    ],
)
def test_what_is_wrong_is_said_with_its_row_and_nothing_is_written(at, kind, text, said):
    with refused(*["row-error"] * len(_errors(at, kind, text))) as caught:
        bring(at, kind, text)
    assert any(said in str(one.message) for one in caught.value.refusals)


def _errors(at: Company, kind: str, text: str):
    return plan_of(kind, at.entity, table(kind, text), at.manager).errors


def test_a_number_with_two_readings_is_asked_and_not_guessed():
    text = "price list,role,price\nSales,Consultant,1.234\n"
    line = table("prices", text, language="de").lines[0]
    assert line.number_of("price") is None
    assert "can be read in two ways" in line.errors[0].message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_template_is_read_as_it_was_written(kind, file_format):
    template = template_of(KINDS[kind], file_format)
    read = table(kind, template, f"file.{file_format}")
    assert read.all_errors == []
    assert dict(read.lines[0].cells) == {column.head: column.example for column in KINDS[kind].columns}


def test_a_spreadsheet_with_typed_cells_is_read(at):
    workbook = load_workbook(io.BytesIO(template_of(KINDS["customers"], "xlsx")))
    page = workbook.worksheets[0]
    heads = [cell.value for cell in page[1]]
    page.cell(2, heads.index("payment terms") + 1).value = 14
    page.cell(2, heads.index("tax group") + 1).value = None
    file = io.BytesIO()
    workbook.save(file)
    assert bring(at, "customers", file.getvalue(), name="kunden.XLSX") == 1
    assert Customer.objects.get(number="K-10001").payment_terms.net_days == 14


def test_a_file_of_an_older_spreadsheet_is_read(at):
    assert bring(at, "customers", CUSTOMERS.replace("Alster", "Jürgen").encode("cp1252")) == 2
    assert Customer.objects.get(number="K-1").name == "Jürgen AG"


def test_statements_do_not_grow_with_the_rows(at):
    def take(prefix: str, count: int) -> int:
        lines = [f"{prefix}{nth},Platform,,,T1,Ingest,\n" for nth in range(count)]
        text = PROJECTS.split("\n", maxsplit=1)[0] + "\n" + "".join(lines)
        return statements(lambda: bring(at, "projects", text))

    few = take("A", 2)
    assert take("B", 60) - few < 10


# --- Through the page -------------------------------------------------------------------------------


def sends(client, kind: str, text: str, **fields):
    """Choose a file, look at it, then save what was shown."""
    file = SimpleUploadedFile("file.csv", text.encode(), content_type="text/csv")
    entity = fields.pop("entity")
    page = client.post(
        reverse("import-records", args=[kind]), {"legal_entity": entity.pk, "file": file, **fields}
    )
    assert page.status_code == 200, page.context["form"].errors
    if page.context["plan"].errors:
        return page
    again = {"legal_entity": entity.pk, "carried": page.context["file"], **fields}
    return client.post(reverse("import-records", args=[kind]), again)


def test_a_manager_looks_at_a_file_and_saves_it(at):
    client = signed_in(at.person(PROJECT_MANAGER))
    answer = sends(client, "customers", CUSTOMERS, entity=at.entity)
    assert answer["Location"] == reverse("customers")
    assert Customer.objects.filter(number__startswith="K-").count() == 2


def test_errors_are_shown_and_there_is_nothing_to_save(at):
    client = signed_in(at.person(PROJECT_MANAGER))
    page = sends(client, "customers", CUSTOMERS.replace("Bille GmbH", ""), entity=at.entity)
    text = page.content.decode()
    assert "Row 3, column name: The value is missing." in text
    assert "Save all of it" not in text


def test_a_file_that_was_changed_on_its_way_is_refused(at):
    client = signed_in(at.person(PROJECT_MANAGER))
    form = {"legal_entity": at.entity.pk, "carried": "forged"}
    assert client.post(reverse("import-records", args=["customers"]), form).status_code == 422


def test_people_are_admitted_from_a_file(at):
    client = signed_in(at.person(ADMINISTRATOR))
    text = "username,first name,last name,mail,roles,code,billed as\n"
    text += f"mia,Mia,Otte,mia@example.com,team member,mia,{at.role.name}\n"
    assert sends(client, "people", text, entity=at.entity)["Location"] == reverse("people")
    assert Resource.objects.get(code="mia").role == at.role
    again = sends(client, "people", text, entity=at.entity)
    assert again.status_code == 302
    assert User.objects.filter(username="mia").count() == 1
    wrong = sends(
        client, "people", text.replace("mia,Mia", "tom,Tom").replace("team member", "king"), entity=at.entity
    )
    assert "There is no role “king”. The roles are Team member, Project manager," in wrong.content.decode()


def test_prices_are_set_from_a_file():
    at = Company()
    client = signed_in(at.person(PROJECT_ACCOUNTANT))
    text = f"price list,role,price\n{at.sales.name},{at.role.name},250\n"
    sends(client, "prices", text, entity=at.entity)
    assert RolePrice.objects.get(price_list=at.sales).price == 200
    sends(client, "prices", text, entity=at.entity, update="on")
    assert RolePrice.objects.get(price_list=at.sales).price == 250


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (TEAM_MEMBER, set()),
        (PROJECT_MANAGER, {"customers", "projects"}),
        (PROJECT_ACCOUNTANT, {"customers", "projects", "prices"}),
        (ADMINISTRATOR, {"people"}),
    ],
)
def test_each_role_brings_its_own_files(at, role, kinds):
    client = signed_in(at.person(role))
    answers = {kind: client.get(reverse("import-records", args=[kind])).status_code for kind in KINDS}
    assert answers == {kind: 200 if kind in kinds else 403 for kind in KINDS}
    templates = {
        kind: client.get(reverse("record-template", args=[kind, "csv"])).status_code for kind in KINDS
    }
    assert templates == answers


def test_unknown_kinds_and_formats_are_not_there(at):
    client = signed_in(at.person(PROJECT_MANAGER))
    assert client.get(reverse("import-records", args=["cats"])).status_code == 404
    assert client.get(reverse("record-template", args=["customers", "pdf"])).status_code == 404
