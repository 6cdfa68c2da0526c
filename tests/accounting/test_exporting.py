"""Vouchers for other ledgers: once each, sums as in the ledger, the file kept as it was (C15)."""

import csv
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction

from accounting.balances import Span, balances_of
from accounting.exporting import ExportOrder, export_vouchers
from accounting.models import (
    Account,
    DatevKey,
    DatevSettings,
    ExportedVoucher,
    FiscalPeriod,
    Voucher,
    VoucherExport,
)
from core.models import Activity
from projects.models import Customer
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.admin.admin_client import AdminClient
from tests.company import Company
from tests.company.checking import assert_proven, refused, statements
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

MARCH = Span(date(2026, 3, 1), date(2026, 3, 31))


def known_to_datev(company: Company, **columns) -> DatevSettings:
    columns = {"consultant": 1001, "client": 1, "initials": "HB", "chart": "03"} | columns
    return DatevSettings.objects.create(legal_entity=company.entity, **columns)


def export(company: Company, target: str = "datev", *, again: bool = False) -> VoucherExport:
    asked = ExportOrder(company.entity, MARCH, target, again)
    return export_vouchers(asked, actor=company.accountant, at=NOW)


def rows_of(made: VoucherExport) -> list[list[str]]:
    text = bytes(made.content).decode("cp1252")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))[2:]


def balances(company: Company) -> dict[str, Decimal]:
    return {
        one.account.number: one.movement
        for one in balances_of(company.entity, MARCH)
        if one.account and one.movement
    }


def booked(made: VoucherExport) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of(made):
        amount = Decimal(row[0].replace(",", "."))
        sums[row[6]] += amount if row[1] == "S" else -amount
        sums[row[7]] -= amount if row[1] == "S" else -amount
    return {account: amount for account, amount in sums.items() if amount}


def test_eight_hours_for_datev_row_by_row() -> None:
    company = Company()
    Customer.objects.filter(pk=company.customer.pk).update(vat_id="DE 123456789")
    settings = known_to_datev(company)
    revenue = Account.objects.get(legal_entity=company.entity, number="8400")
    DatevKey.objects.create(datev_settings=settings, account=revenue, key="40")
    invoice = company.billed(8)
    made = export(company)
    mine = [row for row in rows_of(made) if row[10] == invoice.number]
    shown = [(row[0], row[1], row[2], *row[6:11], row[116]) for row in mine]
    due = f"{invoice.due_date:%d%m%Y}"
    assert shown == [
        ("1600,00", "S", "EUR", "8450", "1450", "", "3103", invoice.number, ""),
        ("1600,00", "S", "EUR", "1400", "8400", "40", "3103", invoice.number, due),
        ("320,00", "S", "EUR", "1400", "1776", "", "3103", invoice.number, due),
    ]
    assert booked(made) == balances(company)
    assert made.name.startswith(f"EXTF_{company.entity.code}_20260301_20260331_")
    assert made.sha256 == sha256(bytes(made.content)).hexdigest()
    assert made.voucher_count == Voucher.objects.count()
    assert_proven()


QUOTED = r'"(?:[^"]|"")*"'
HEADER = [
    *(r'"EXTF"', "700", "21", r'"Buchungsstapel"', "13", r"\d{17}", "", r'"\w{2}"', r'"[^"]{0,25}"', '""'),
    *(r"\d{4,7}", r"\d{1,5}", r"\d{8}", "[4-8]", r"\d{8}", r"\d{8}", r'"[^"]{0,30}"', r'"[^"]{0,2}"'),
    *("[12]", "0|30|40|50|64", "[01]", '"EUR"', "", "", "", "", r'"(?:03|04)?"', "", "", ""),
    r'"[^"]{0,16}"',
]
"""The 31 fields of the header, format 700, category 21, version 13."""
COLUMNS = {
    1: r"\d{1,10},\d{2}",
    2: '"[SH]"',
    3: '"EUR"',
    7: r"\d{4,9}",
    8: r"\d{4,9}",
    9: r'"\d{0,4}"',
    10: r"[0-3]\d[01]\d",
    11: r'"[A-Za-z0-9$&%*+/-]{0,36}"',
    14: r'"(?:[^"]|""){0,60}"',
    37: r'"(?:[^"]|""){0,36}"',
    38: r'"(?:[^"]|""){0,36}"',
    40: r'"\w{0,15}"',
    95: r'"(?:[^"]|""){0,30}"',
    114: "[01]",
    117: r"(?:[0-3]\d[01]\d20\d{2})?",
}
"""The columns that are filled, by their number among 125; the others are empty."""


def test_header_and_columns_are_those_of_the_format_description() -> None:
    company = Company()
    known_to_datev(company)
    company.billed(8)
    header, heads, *rows = bytes(export(company).content).decode("cp1252").split("\r\n")[:-1]
    fields = re.findall(rf"(?:^|;)({QUOTED}|[^;]*)", header)
    assert [nth for nth, one in enumerate(HEADER) if not re.fullmatch(one, fields[nth])] == []
    assert (len(fields), len(heads.split(";")), len(rows)) == (31, 125, 5)
    for row in rows:
        columns = re.findall(rf"(?:^|;)({QUOTED}|[^;]*)", row)
        assert len(columns) == 125
        assert [
            nth for nth, one in enumerate(columns, 1) if not re.fullmatch(COLUMNS.get(nth, ""), one)
        ] == []


def test_more_rows_than_datev_reads_become_several_files(monkeypatch) -> None:
    company = Company()
    known_to_datev(company)
    company.billed(8)
    company.billed(4)
    whole = rows_of(export(company))
    monkeypatch.setattr("accounting.exporting.MOST_ROWS", 4)
    made = export(company, again=True)
    assert made.name.endswith(".zip")
    archive = ZipFile(BytesIO(bytes(made.content)))
    texts = [archive.read(name).decode("cp1252") for name in archive.namelist()]
    files = [list(csv.reader(StringIO(text, newline=""), delimiter=";")) for text in texts]
    assert [row for file in files for row in file[2:]] == whole
    assert len(files) > 1
    assert all(len(file) <= 6 for file in files)
    assert {tuple(file[0][:5]) for file in files} == {("EXTF", "700", "21", "Buchungsstapel", "13")}
    assert archive.namelist()[0] == f"{made.name.removesuffix('.zip')}_01.csv"
    accountant = AdminClient(company.admit(company.accountant, PROJECT_ACCOUNTANT))
    answer = accountant.shown("accounting_voucherexport_download", made.pk)
    assert answer["Content-Type"] == "application/zip"


def test_foreign_vouchers_arrive_in_euros_with_the_sums_of_the_ledger() -> None:
    company = Company(currency="GBP")
    company.rate("GBP", "1.17")
    known_to_datev(company)
    company.billed("7.77")
    company.billed(3)
    assert booked(export(company)) == balances(company)


def test_a_voucher_is_exported_once_for_each_ledger_unless_it_is_asked_for_again() -> None:
    company = Company()
    known_to_datev(company)
    company.billed(8)
    first = export(company)
    with refused("nothing-to-export"):
        export(company)
    assert VoucherExport.objects.count() == 1
    assert export(company, "csv").voucher_count == first.voucher_count
    before = Voucher.objects.count()
    company.billed(4)
    second = export(company)
    assert (second.voucher_count, second.is_repeat) == (Voucher.objects.count() - before, False)
    third = export(company, again=True)
    assert (third.voucher_count, third.is_repeat) == (Voucher.objects.count(), True)
    assert ExportedVoucher.objects.filter(export=third, times=2).count() == Voucher.objects.count()
    assert Activity.objects.filter(verb="exported").count() == 4
    assert_proven()


def test_csv_has_a_row_for_each_line_in_both_currencies() -> None:
    company = Company(currency="GBP")
    company.rate("GBP", "1.25")
    invoice = company.billed(1)
    text = bytes(export(company, "csv").content).decode("utf-8-sig")
    rows = [row for row in csv.DictReader(StringIO(text, newline="")) if row["document"] == invoice.number]
    assert [(row["account"], row["currency"], row["debit"], row["credit"]) for row in rows][:2] == [
        ("1400", "GBP", "240.00", ""),
        ("8400", "GBP", "", "200.00"),
    ]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in csv.DictReader(StringIO(text, newline="")):
        sums[row["account"]] += Decimal(row["own_debit"] or 0) - Decimal(row["own_credit"] or 0)
    assert {account: amount for account, amount in sums.items() if amount} == balances(company)


def test_what_datev_cannot_take_is_refused_by_name() -> None:
    company = Company()
    company.billed(8)
    with refused("datev-not-set-up"):
        export(company)
    settings = known_to_datev(company, account_length=5)
    with refused(*["datev-account-number"] * len({*balances(company), "1450", "8450"})):
        export(company)
    DatevSettings.objects.filter(pk=settings.pk).update(account_length=4)
    Customer.objects.filter(pk=company.customer.pk).update(name="東京 Kaisha")
    with refused("datev-character", "datev-character") as caught:
        export(company)
    assert "東" in str(caught.value)
    Customer.objects.filter(pk=company.customer.pk).update(name="Kaisha", vat_id="京12")
    with refused("datev-character", "datev-character") as caught:
        export(company)
    assert "“京12” has characters that DATEV cannot read: 京." in str(caught.value)
    company.entity.currency = "USD"
    company.entity.save()
    with refused("datev-in-euros-only"):
        export(company)
    assert VoucherExport.objects.count() == ExportedVoucher.objects.count() == 0


def test_letters_of_who_made_the_file_stop_no_export() -> None:
    company = Company()
    company.billed(8)
    known_to_datev(company)
    company.entity.short_name = "東京 Kai"
    company.entity.save()
    type(company.accountant).objects.filter(pk=company.accountant.pk).update(username="юля-k")
    company.accountant.refresh_from_db()
    heads = bytes(export(company).content).decode("cp1252").split("\r\n")[0]
    assert '"-k"' in heads
    assert '" Kai 2026-03"' in heads


def test_an_export_never_changes_and_no_voucher_is_in_two_of_one_ledger() -> None:
    company = Company()
    company.billed(8)
    made = export(company, "csv")
    for change in (
        lambda: VoucherExport.objects.update(content=b"x"),
        lambda: ExportedVoucher.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    other = VoucherExport.objects.create(
        legal_entity=company.entity,
        target="csv",
        first_day=MARCH.first,
        last_day=MARCH.last,
        voucher_count=1,
        name="x.csv",
        content=b"x",
        sha256="0" * 64,
        exported_by=company.accountant,
        exported_at=NOW,
    )
    voucher = made.exported.first().voucher
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportedVoucher.objects.create(export=other, voucher=voucher, target="csv")


def test_many_vouchers_are_exported_in_as_many_statements_as_few() -> None:
    few, many = Company(), Company()
    few.billed(8)
    for hours in (1, 2, 3):
        many.billed(hours)
    assert statements(lambda: export(few, "csv")) == statements(lambda: export(many, "csv"))


def test_a_period_is_exported_and_downloaded_in_the_admin() -> None:
    company = Company()
    known_to_datev(company)
    company.billed(8)
    accountant = AdminClient(company.admit(company.accountant, PROJECT_ACCOUNTANT))
    march = FiscalPeriod.objects.get(legal_entity=company.entity, starts_on=MARCH.first)
    shown = accountant.shown("accounting_fiscalperiod_action", march.pk, "export-vouchers")
    assert f"{Voucher.objects.count()} vouchers are exported." in shown.content.decode()
    sent = accountant.confirms(shown, target="datev")
    made = VoucherExport.objects.get()
    assert sent.status_code == 302
    assert f"/voucherexport/{made.pk}/" in sent["Location"]
    page = accountant.shown("accounting_voucherexport_change", made.pk).content.decode()
    assert "Download" in page
    answer = accountant.shown("accounting_voucherexport_download", made.pk)
    assert answer.content == bytes(made.content)
    assert made.name in answer["Content-Disposition"]


def test_others_see_no_export() -> None:
    company, other = Company(), Company()
    other.billed(8)
    made = export(other, "csv")
    stranger = AdminClient(company.admit(company.accountant, FINANCE_CONTROLLER))
    assert stranger.shown("accounting_voucherexport_download", made.pk).status_code == 404
    manager = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    assert manager.get(f"/admin/accounting/voucherexport/{made.pk}/download/").status_code == 302
