"""Every list of the admin as CSV and XLSX: the rows and columns that it shows, under the same rights."""

import csv
from functools import partial
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from core import spreadsheets
from core.admin_kit import ReadOnlyAdmin
from tests.admin.admin_client import AdminClient, messages_of
from tests.admin.test_matrix import ADMIN_PAGES
from tests.architecture.many_rows import add_rows
from tests.company import Company, people
from tests.company.checking import statements
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

EXPORTING = sorted(name for name, page in ADMIN_PAGES.items() if isinstance(page, ReadOnlyAdmin))


def listed(name: str, query: str = "") -> str:
    return reverse(f"admin:{name.replace('.', '_')}_changelist") + query


def exported(client: Any, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(b"".join(answer).decode("utf-8-sig"))))


def file_of(client: Any, name: str) -> bytes:
    return b"".join(client.get(listed(name, "?_export=csv")))


def test_every_list_is_a_file_of_its_rows() -> None:
    company = Company()
    company.billed()
    root = signed_in(people.superuser(company.entity))
    assert len(EXPORTING) > 20
    for name in EXPORTING:
        shown = root.get(listed(name)).context["cl"].result_count
        assert len(exported(root, listed(name, "?_export=csv"))) == shown, name
        book = load_workbook(BytesIO(b"".join(root.get(listed(name, "?_export=xlsx")))))
        assert book.worksheets[0].max_row == shown + 1, name


def test_figures_dates_and_states_are_cells_of_their_own(company: Company, accountant: AdminClient) -> None:
    company.approved(8)
    rows = exported(accountant, listed("projects.actual", "?_export=csv&type=2"))
    assert rows == [rows[0]]
    row = rows[0]
    assert row["work_item_transaction_date"] == "2026-03-02"
    assert (row["quantity"], row["quantity_in"]) == ("8.00", "h")
    assert (row["amount"], row["amount_in"], row["billing_status"]) == ("1600.00", "EUR", "Not ready")


def test_filter_and_order_of_the_list_hold(company: Company, accountant: AdminClient) -> None:
    company.approved(8)
    company.approved(4)
    for order, amounts in (("7", ["400.00", "800.00"]), ("-7", ["800.00", "400.00"])):
        rows = exported(accountant, listed("projects.actual", f"?_export=csv&type=1&o={order}"))
        assert [row["amount"] for row in rows] == amounts


def test_list_offers_its_files(company: Company, accountant: AdminClient) -> None:
    company.approved(8)
    page = accountant.get(listed("projects.actual", "?type=1")).content.decode()
    assert 'href="?type=1&amp;_export=csv" download' in page
    assert 'href="?type=1&amp;_export=xlsx" download' in page


def test_who_may_not_see_the_list_gets_no_file(company: Company) -> None:
    stranger = signed_in(company.person("Project manager"))
    assert stranger.get(listed("projects.actual", "?_export=csv")).status_code == 302


def test_rows_of_another_company_are_not_in_the_file(company: Company, accountant: AdminClient) -> None:
    Company().approved(8)
    assert exported(accountant, listed("projects.actual", "?_export=csv")) == []


def test_impossible_filter_leads_back_to_the_list(company: Company, accountant: AdminClient) -> None:
    answer = accountant.get(listed("projects.actual", "?_export=csv&accounting_date__year=99999"))
    assert answer.status_code == 302
    assert "_export" not in answer.url


def test_more_rows_than_a_worksheet_holds_are_said(
    company: Company, accountant: AdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.approved(8)
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 2)
    answer = accountant.get(listed("projects.actual", "?_export=xlsx"), follow=True)
    assert any("holds 1 rows" in text for text in messages_of(answer))


def test_statements_do_not_grow_with_the_rows() -> None:
    at = Company.bare()
    root = people.superuser(at.entity)
    client = signed_in(root)
    counts: dict[str, list[int]] = {name: [] for name in EXPORTING}
    for more in (2, 3):
        add_rows(at, root, more)
        for name in EXPORTING:
            counts[name].append(statements(partial(file_of, client, name)))
    assert {name: few for name, few in counts.items() if few[0] != few[1]} == {}
