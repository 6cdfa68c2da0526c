"""The audit export of a year: every table, sums as in the books, described and hashed (C15)."""

import csv
import re
from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounting.audit_archive import audit_archive
from accounting.audit_tables import TABLES
from accounting.balances import Span
from accounting.models import CustomerInvoice, VoucherLine
from core.models import Activity
from projects.models import Customer
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db

PAGE = "/admin/ledger/audit/"
YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))


def archive_of(company: Company, span: Span = YEAR) -> ZipFile:
    with audit_archive(company.entity, span) as file:
        return ZipFile(BytesIO(file.read()))


def rows_of(archive: ZipFile, name: str) -> list[dict[str, str]]:
    text = archive.read(f"{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def test_every_table_is_there_with_the_sums_of_the_books() -> None:
    company = Company()
    invoice = company.billed(8)
    Customer.objects.filter(pk=company.customer.pk).update(name='Ümlaut, "Ltd"')
    archive = archive_of(company)
    beside = {"index.xml", "gdpdu-01-09-2004.dtd", "sha256.csv"}
    assert set(archive.namelist()) == {f"{one.name}.csv" for one in TABLES} | beside
    lines = rows_of(archive, "voucher_lines")
    assert len(lines) == VoucherLine.objects.count()
    assert sum(Decimal(row["own_amount"]) for row in lines) == 0
    receivables = [row for row in lines if row["account"] == "1400"]
    assert [(row["amount"], row["currency"]) for row in receivables] == [("1920", "EUR")]
    (row,) = rows_of(archive, "invoices")
    assert (row["number"], row["net"], row["tax"], row["total"]) == (invoice.number, "1600", "320", "1920")
    (tax,) = rows_of(archive, "invoice_taxes")
    assert (tax["percent"], tax["own_base"], tax["own_tax"]) == ("20", "1600", "320")
    names = [row["name"] for row in rows_of(archive, "customers")]
    assert 'Ümlaut, "Ltd"' in names
    assert sum(Decimal(row["amount"]) for row in rows_of(archive, "actuals") if row["type"] == "3") in (
        0,
        1600,
    )
    (approval,) = rows_of(archive, "approvals")
    assert (approval["status"], approval["billable"]) == ("approved", "8")
    assert {row["what"] for row in rows_of(archive, "activity")} >= {"posted", "confirmed"}


def test_hashes_are_those_of_the_files_and_the_description_names_every_column() -> None:
    company = Company()
    company.billed(8)
    archive = archive_of(company)
    hashes = rows_of(archive, "sha256")
    assert {row["file"] for row in hashes} == {*archive.namelist()} - {"sha256.csv"}
    for row in hashes:
        assert sha256(archive.read(row["file"])).hexdigest() == row["sha256"]
        if row["rows"]:
            assert int(row["rows"]) == len(rows_of(archive, row["file"].removesuffix(".csv")))
    described = ElementTree.fromstring(archive.read("index.xml"))  # noqa: S314 - our own
    for table in described.iter("Table"):
        name = table.findtext("URL").removesuffix(".csv")
        heads = next(csv.reader(StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"))))
        assert [column.findtext("Name") for column in table.iter("VariableColumn")] == heads
    assert described.findtext("DataSupplier/Name") == company.entity.name


ORDER = {
    "DataSet": "Version DataSupplier Media",
    "DataSupplier": "Name Location Comment",
    "Media": "Name (Table )+",
    "Table": "URL Name Description UTF8 DecimalSymbol DigitGroupingSymbol Range VariableLength",
    "Range": "From",
    "VariableLength": "ColumnDelimiter RecordDelimiter TextEncapsulator (VariableColumn )+",
    "VariableColumn": "Name Description (Numeric|AlphaNumeric|Date)",
    "Numeric": "Accuracy",
    "Date": "Format",
}
"""gdpdu-01-09-2004.dtd: what an element holds, in its order, without what we never write."""


def test_the_description_keeps_to_the_order_of_its_document_type() -> None:
    company = Company()
    company.billed(8)
    archive = archive_of(company)
    assert b'<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd">' in archive.read("index.xml")
    described = ElementTree.fromstring(archive.read("index.xml"))  # noqa: S314 - our own
    for element in described.iter():
        holds = "".join(f"{child.tag} " for child in element)
        order = ORDER.get(element.tag, "")
        assert re.fullmatch(f"{order} ".replace(")+ ", ")+") if order else "", holds), element.tag
    said = archive.read("gdpdu-01-09-2004.dtd").decode()
    assert {one.tag for one in described.iter()} == set(re.findall(r"<!ELEMENT (\w+) ", said))


def test_who_took_an_archive_stands_in_the_log() -> None:
    company = Company()
    company.billed(8)
    controller = signed_in(company.admit(company.manager, FINANCE_CONTROLLER))
    controller.get(PAGE, {"year": f"y{company.entity.pk}-2026"})
    assert not Activity.objects.filter(verb="exported for an audit").exists()
    answer = controller.get(PAGE, {"year": f"y{company.entity.pk}-2026", "export": "zip"})
    taken = b"".join(answer.streaming_content)
    said = Activity.objects.get(verb="exported for an audit")
    assert (said.actor, said.subject_id) == (company.manager, company.entity.pk)
    assert said.facts == {"from": "2026-01-01", "to": "2026-12-31", "sha256": sha256(taken).hexdigest()}


def test_another_year_and_another_company_are_left_out() -> None:
    company, other = Company(), Company()
    company.billed(8)
    other.billed(4)
    archive = archive_of(company, Span(date(2025, 1, 1), date(2025, 12, 31)))
    for name in ("vouchers", "voucher_lines", "invoices", "actuals", "approvals"):
        assert rows_of(archive, name) == [], name
    mine = archive_of(company)
    assert len(rows_of(mine, "invoices")) == 1
    theirs = CustomerInvoice.objects.get(legal_entity=other.entity)
    said = mine.read("activity.csv").decode()
    assert str(other.contract) not in said
    assert Activity.objects.filter(subject_name__contains=str(theirs.proposal.proforma)).exists()


def test_statements_do_not_grow_with_rows() -> None:
    few, many = Company(), Company()
    few.billed(8)
    for hours in (1, 2, 3):
        many.billed(hours)
    counted = []
    for company in (few, many):
        with CaptureQueriesContext(connection) as asked:
            audit_archive(company.entity, YEAR).close()
        counted.append(len(asked))
    assert counted[0] == counted[1]


def test_only_those_with_the_permission_of_its_own_download_it() -> None:
    company, other = Company(), Company()
    company.billed(8)
    controller = signed_in(company.admit(company.manager, FINANCE_CONTROLLER))
    page = controller.get(PAGE)
    assert page.status_code == 200
    assert "voucher_lines.csv" in page.content.decode()
    answer = controller.get(PAGE, {"year": f"y{company.entity.pk}-2026", "export": "zip"})
    assert f"audit-{company.entity.code}-2026.zip" in answer["Content-Disposition"]
    assert "index.xml" in ZipFile(BytesIO(b"".join(answer.streaming_content))).namelist()
    foreign = controller.get(PAGE, {"year": f"y{other.entity.pk}-2026", "export": "zip"})
    assert "year" in foreign.context["form"].errors
    accountant = signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))
    assert accountant.get(PAGE).status_code == 403
