"""Every list as CSV and XLSX: exactly the view, typed, formula-safe, within the same rights."""

import csv
import datetime as dt
import re
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from core import spreadsheets
from core.pages import DayColumn, MomentColumn, NumberColumn
from projects.models import (
    Customer,
    ImportBatch,
    ImportMapping,
    PriceList,
    Project,
    ProjectContract,
    Resource,
    Role,
    Task,
    TransactionCategory,
)
from projects.roles import ROLES
from projects.states import BillingType
from tests.architecture.many_rows import add_rows
from tests.architecture.test_list_pages import each_page
from tests.company import Company, invoicing_rows, people, rows
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

MACHINE_NAME = re.compile(r"[a-z][a-z0-9_]*")


def exported(client: Client, address: str) -> list[dict[str, str]]:
    """Rows of a CSV export by the names of their columns."""
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))


def workbook(client: Client, address: str) -> Any:
    """The workbook of an XLSX export."""
    response = client.get(address)
    assert response.status_code == 200
    return load_workbook(BytesIO(b"".join(response)))


@pytest.fixture
def at() -> Company:
    return Company.bare()


@pytest.fixture
def reader(at: Company) -> Any:
    """Somebody who holds every role, with two rows on every list."""
    person = at.person(*ROLES)
    add_rows(at, person, 2)
    return person


@each_page
def test_export_has_the_rows_of_the_page_in_its_order(reader: Any, name: str) -> None:
    client, address = signed_in(reader), f"{reverse(name)}?all=1"
    shown = [row.record.pk for row in client.get(address).context["table"].rows]
    as_csv = exported(client, f"{address}&export=csv")
    book = workbook(client, f"{address}&export=xlsx")
    assert len(as_csv) == len(shown) > 0
    assert book.worksheets[0].max_row == len(shown) + 1
    assert all(MACHINE_NAME.fullmatch(head) for head in as_csv[0])


@each_page
def test_export_is_offered_on_the_page_with_its_filter_and_order(reader: Any, name: str) -> None:
    page = signed_in(reader).get(f"{reverse(name)}?all=1&sort=-nothing&page=1").content.decode()
    for file_format in ("csv", "xlsx"):
        assert f'href="?all=1&amp;sort=-nothing&amp;export={file_format}" download' in page


@each_page
def test_figures_and_dates_of_every_list_are_typed_in_its_workbook(reader: Any, name: str) -> None:
    client, address = signed_in(reader), f"{reverse(name)}?all=1"
    table = client.get(address).context["table"]
    worksheet = workbook(client, f"{address}&export=xlsx").worksheets[0]
    columns = {column[0].value: column[1:] for column in worksheet.iter_cols()}
    for bound in table.columns:
        cells = [cell for cell in columns.get(str(bound.header), ()) if cell.value is not None]
        if isinstance(bound.column, NumberColumn):
            assert {cell.data_type for cell in cells} <= {"n"}, bound.name
        if isinstance(bound.column, DayColumn | MomentColumn):
            assert all(cell.is_date for cell in cells), bound.name
    assert "f" not in {cell.data_type for row in worksheet.iter_rows() for cell in row}


TYPED_BY_PEOPLE = [
    (User, "first_name"),
    (Customer, "name"),
    (Project, "name"),
    (Task, "name"),
    (Resource, "name"),
    (Role, "name"),
    (TransactionCategory, "name"),
    (PriceList, "name"),
    (ProjectContract, "name"),
    (ImportBatch, "file_name"),
    (ImportMapping, "name"),
]


@each_page
def test_text_of_no_list_becomes_a_formula(reader: Any, name: str) -> None:
    """Names that people typed begin like formulas; wherever a list shows one, its files hold it as text."""
    for model, field in TYPED_BY_PEOPLE:
        model.objects.update(**{field: Concat(Value("=1+"), Cast("pk", CharField()))})
    client, address = signed_in(reader), f"{reverse(name)}?all=1"
    is_shown = "=1+" in client.get(address).content.decode().split("<table", 1)[1]
    rows_of_csv = exported(client, f"{address}&export=csv")
    cells = [cell for row in rows_of_csv for cell in row.values()]
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
    assert any(cell.startswith("'=1+") for cell in cells) or not any(cell.startswith("'") for cell in cells)
    assert is_shown
    worksheet = workbook(client, f"{address}&export=xlsx").worksheets[0]
    types = {cell.data_type for row in worksheet.iter_rows() for cell in row if "=1+" in str(cell.value)}
    assert types <= {"s"}


@each_page
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_statements_of_an_export_do_not_grow_with_the_rows(at: Company, name: str, file_format: str) -> None:
    person = at.person(*ROLES)
    client, address, counts = signed_in(person), f"{reverse(name)}?all=1&export={file_format}", []
    for more in (2, 3):
        add_rows(at, person, more)
        with CaptureQueriesContext(connection) as captured:
            assert b"".join(client.get(address))
        counts.append(len(captured))
    assert counts[0] == counts[1], captured.captured_queries


@each_page
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_export_is_refused_to_whom_the_page_is_refused(at: Company, name: str, file_format: str) -> None:
    address = f"{reverse(name)}?export={file_format}"
    assert Client().get(address).status_code == 302
    assert signed_in(at.person()).get(address).status_code == 403


def test_export_holds_the_rows_of_ones_own_company_only(reader: Any) -> None:
    elsewhere = Company.bare()
    stranger = elsewhere.person(*ROLES)
    add_rows(elsewhere, stranger, 2)
    address = f"{reverse('proformas')}?all=1&export=csv"
    theirs = {row["number"] for row in exported(signed_in(stranger), address)}
    ours = {row["number"] for row in exported(signed_in(reader), address)}
    assert theirs
    assert ours
    assert not theirs & ours


def test_export_follows_filter_and_sorting(at: Company) -> None:
    for day in (3, 1, 2):
        rows.approved_hours(at, transaction_date=dt.date(2025, 10, day))
    client = signed_in(at.person(*ROLES))
    address = f"{reverse('backlog')}?export=csv&sort=-worked_on&to=2025-10-02&status=not_ready"
    assert [row["worked_on"] for row in exported(client, address)] == ["2025-10-02", "2025-10-01"]


def test_filter_with_an_error_is_shown_on_the_page_instead(reader: Any) -> None:
    response = signed_in(reader).get(f"{reverse('backlog')}?export=csv&to=yesterday")
    assert response["Content-Type"].startswith("text/html")


def test_figures_and_dates_are_typed(at: Company) -> None:
    rows.approved_hours(at, price="200", transaction_date=dt.date(2025, 10, 1))
    client, address = signed_in(at.person(*ROLES)), f"{reverse('backlog')}?all=1&export="
    [row] = exported(client, f"{address}csv")
    assert (row["worked_on"], row["quantity"], row["work_item_unit"]) == ("2025-10-01", "8.00", "h")
    assert (row["price"], row["amount"], row["currency"]) == ("200.00", "1600.00", "EUR")
    assert row["status"] == "Not ready"
    worksheet = workbook(client, f"{address}xlsx").worksheets[0]
    heads = [cell.value for cell in worksheet[1]]
    cells = dict(zip(heads, worksheet[2], strict=True))
    assert worksheet.freeze_panes == "A2"
    assert (cells["Date"].value.date(), cells["Date"].is_date) == (dt.date(2025, 10, 1), True)
    assert (cells["Quantity"].value, cells["Quantity"].number_format) == (8, "#,##0.00")
    assert (cells["Amount"].value, cells["Amount"].number_format) == (1600, "#,##0.00")
    assert cells["Currency"].value == "EUR"


def test_second_page_says_what_the_rows_are(at: Company) -> None:
    rows.approved_hours(at)
    person = at.person(*ROLES)
    address = f"{reverse('backlog')}?export=xlsx&q=work&status=not_ready&sort=-amount"
    facts = {row[0].value: row[1].value for row in workbook(signed_in(person), address).worksheets[1]}
    assert next(iter(facts)) == "Time and material backlog"
    assert (facts["Status is"], facts["Search"]) == ("Not ready", "work")
    assert facts["By"] == person.get_full_name() or person.username
    assert facts["Order"] == "Amount, descending"
    assert isinstance(facts["Exported"], dt.datetime)


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-2", "@SUM(A1)", "\tcmd"])
def test_text_never_becomes_a_formula(at: Company, text: str) -> None:
    rows.approved_hours(at, external_description=text)
    client, address = signed_in(at.person(*ROLES)), f"{reverse('backlog')}?all=1&export="
    assert exported(client, f"{address}csv")[0]["description"] == f"'{text}"
    worksheet = workbook(client, f"{address}xlsx").worksheets[0]
    cell = next(each for each in worksheet[2] if str(each.value).strip() == text.strip())
    assert cell.data_type == "s"


def test_markup_in_texts_stays_text(at: Company) -> None:
    rows.approved_hours(at, external_description="<b>8 < 9</b> & more")
    [row] = exported(signed_in(at.person(*ROLES)), f"{reverse('backlog')}?all=1&export=csv")
    assert row["description"] == "<b>8 < 9</b> & more"


def test_what_is_not_charged_says_so_in_a_column_of_its_own(at: Company) -> None:
    opened = rows.event(at)
    item = rows.work_item(at, opened)
    rows.cost(item, opened)
    rows.actual(item, opened, billing_type=BillingType.NON_CHARGEABLE)
    rows.seal(opened)
    [row] = exported(signed_in(at.person(*ROLES)), f"{reverse('backlog')}?all=1&export=csv")
    assert (row["amount"], row["not_charged"]) == ("800.00", "Non-chargeable")


def test_more_rows_than_a_worksheet_holds_are_refused_in_words(reader: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 2)
    response = signed_in(reader).get(f"{reverse('proformas')}?all=1&export=xlsx")
    assert response.status_code == 422
    assert [one.code for one in response.context["refusals"]] == ["too-many-rows"]


def test_figure_longer_than_a_spreadsheet_keeps_stays_exact() -> None:
    figure = spreadsheets.Figure(Decimal("1234567890123456.78"), 2)
    heads = [spreadsheets.Head("a", "A")]
    with spreadsheets.written_xlsx(heads, [[figure]], count=1, title="", facts=[]) as file:
        assert load_workbook(file).worksheets[0]["A2"].value == "1234567890123456.78"


def test_columns_that_are_hidden_from_somebody_are_hidden_in_the_file(at: Company) -> None:
    there = at.with_another_customer()
    invoicing_rows.draft_of(there, rows.approved_hours(there))
    manager = signed_in(people.admit(at.manager, "Project manager", entities=[at.entity]))
    controller = signed_in(at.person("Finance controller"))
    address = f"{reverse('proformas')}?all=1&export=csv"
    assert "manager" in exported(controller, address)[0]
    assert "manager" not in exported(manager, address)[0]
