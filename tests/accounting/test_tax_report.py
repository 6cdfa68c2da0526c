"""The tax report: what a period owes the tax office, to the cent, beside the ledger (C15)."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounting.balances import Span
from accounting.forms.tax_report import spans_of
from accounting.models import CustomerInvoice, FiscalPeriod, InvoiceProposalLine, InvoiceTax, VoucherLine
from accounting.tax_report import accounts_of_tax, lines_behind, taxes_of, total_of, totals_by_code
from projects.models import Customer, TaxCode, TaxRate
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.corrections import corrected
from tests.company.people import signed_in
from tests.company.retainers import invoiced as advance

pytestmark = pytest.mark.django_db

REPORT = "/admin/ledger/taxes/"
MARCH, YEAR = Span(date(2026, 3, 1), date(2026, 3, 31)), Span(date(2026, 1, 1), date(2026, 12, 31))
CHANGE = date(2026, 3, 3)


def reported(company: Company, span: Span = YEAR) -> list[tuple[str, ...]]:
    return [
        (
            one.code.name if one.code else "outside",
            f"{one.key.percent:.0f}",
            *(str(count) for count in (one.invoices, one.credit_notes)),
            f"{one.base:.2f}",
            f"{one.tax:.2f}",
        )
        for one in totals_by_code(taxes_of(company.entity, span))
    ]


def credited(company: Company) -> CustomerInvoice:
    """Eight hours are invoiced; then two of them are credited."""
    company.approved(8)
    (billed,) = company.confirm(company.draft())
    company.invoices()
    corrected(company, billed, quantity="6")
    (credit,) = company.invoices()
    return credit


@pytest.fixture
def accountant_of():
    return lambda company: signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_invoices_and_credit_notes_by_code_and_rate_agree_with_the_ledger() -> None:
    """1,600.00 at 20 % is invoiced, 400.00 of it credited: 320.00 less 80.00 stand on account 1776."""
    company = Company()
    assert credited(company).gross_amount == -480
    assert reported(company) == [("VAT", "20", "1", "1", "1200.00", "240.00")]
    total = total_of(taxes_of(company.entity, YEAR))
    assert (total.invoiced, total.credited, total.tax) == (320, -80, 240)
    (account,) = accounts_of_tax(company.entity, YEAR)
    assert (account.account.number, account.opening, account.invoiced, account.closing) == (
        "1776",
        0,
        240,
        240,
    )
    assert account.others == []
    assert_proven()


def test_a_document_of_two_rates_counts_in_both_and_once_in_the_sum() -> None:
    company = Company()
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=CHANGE, percent=Decimal(10))
    company.approved(4, date=date(2026, 3, 2))
    company.approved(1, date=CHANGE)
    company.confirm(company.draft())
    company.invoices()
    assert reported(company) == [
        ("VAT", "20", "1", "0", "800.00", "160.00"),
        ("VAT", "10", "1", "0", "200.00", "20.00"),
    ]
    total = total_of(taxes_of(company.entity, YEAR))
    assert (total.documents, total.base, total.tax) == (1, 1000, 180)


def test_an_advance_brings_its_tax_and_takes_it_back_when_it_is_applied() -> None:
    """An advance of 1,000.00 bears 200.00; work of 1,600.00 that it pays in part bears 120.00 more."""
    company = Company()
    advance(company)
    company.invoices()
    assert reported(company) == [("VAT", "20", "1", "0", "1000.00", "200.00")]
    company.billed(8)
    assert reported(company) == [("VAT", "20", "2", "0", "1600.00", "320.00")]
    (account,) = accounts_of_tax(company.entity, YEAR)
    assert account.closing == 320


def test_foreign_invoices_are_reported_in_the_companys_currency_and_each_cent_is_in_one_rate() -> None:
    """Two rates of one invoice in dollars, whose taxes rounded alone would miss the ledger by a cent."""
    company = Company(currency="USD")
    company.sells_hours_for("10.10")
    company.rate("USD", "0.905")
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=CHANGE, percent=Decimal(15))
    company.approved(1, date=date(2026, 3, 2))
    company.approved(1, date=CHANGE)
    company.confirm(company.draft())
    company.invoices()
    taxes = InvoiceTax.objects.order_by("-percent")
    assert [(one.tax_amount, one.own_base, one.own_tax) for one in taxes] == [
        (Decimal("2.02"), Decimal("9.14"), Decimal("1.82")),
        (Decimal("1.52"), Decimal("9.14"), Decimal("1.38")),
    ]
    # 3.54 USD at 0.905 are 3.20 EUR: 1.828 and 1.376 rounded alone would be 3.21, so the larger gives a cent.
    (account,) = accounts_of_tax(company.entity, YEAR)
    assert account.invoiced == total_of(taxes_of(company.entity, YEAR)).tax == Decimal("3.20")
    assert_proven()


def test_reverse_charge_is_reported_with_its_base_and_no_tax() -> None:
    company = Company()
    code = TaxCode.objects.filter(pk=company.tax_code.pk)
    code.update(kind="reverse_charge", reason_en="Tax is owed by the recipient", return_box="21")
    company.billed(8)
    assert reported(company) == [("VAT", "0", "1", "0", "1600.00", "0.00")]


def test_every_line_is_in_one_tax_and_the_lines_of_a_tax_are_its_base() -> None:
    company = Company()
    credited(company)
    company.ready()
    advance(company)
    company.invoices()
    taxes = taxes_of(company.entity, YEAR)
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines_behind(taxes, totals_by_code(taxes)):
        assert line.tax.invoice.proposal_id == line.proposal_id
        sums[line.tax_id] += line.amount
    assert sums == {one.pk: one.base_amount for one in taxes.documents}


def test_a_line_of_a_posted_invoice_stays_in_its_tax() -> None:
    company = Company()
    company.billed(8)
    line = InvoiceProposalLine.objects.get()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        InvoiceProposalLine.objects.update(tax=None)
    assert InvoiceProposalLine.objects.get().tax_id == line.tax_id


def test_the_report_equals_what_plain_python_adds_up_from_vouchers() -> None:
    company = Company()
    credited(company)
    company.billed(5)
    for span in (MARCH, YEAR, Span(date(2026, 4, 1), date(2026, 4, 30))):
        booked = Decimal(0)
        for line in VoucherLine.objects.select_related("voucher", "account"):
            if line.account.number == "1776" and span.first <= line.voucher.date <= span.last:
                booked -= line.base_amount
        assert total_of(taxes_of(company.entity, span)).tax == booked


def test_periods_quarters_and_years_are_offered() -> None:
    company = Company()
    periods = FiscalPeriod.objects.filter(legal_entity=company.entity).select_related("legal_entity")
    spans = spans_of(periods)
    key = company.entity.pk
    assert len(spans) == 12 + 4 + 1
    assert spans[f"q{key}-2026-1"].span == Span(date(2026, 1, 1), date(2026, 3, 31))
    assert spans[f"q{key}-2026-4"].span == Span(date(2026, 10, 1), date(2026, 12, 31))
    assert spans[f"y{key}-2026"].span == YEAR


def test_the_page_leads_from_a_figure_to_the_line_and_the_voucher(accountant_of) -> None:
    company = Company()
    TaxCode.objects.filter(pk=company.tax_code.pk).update(return_box="81")
    credit = credited(company)
    accountant = accountant_of(company)
    data = {"period": f"y{company.entity.pk}-2026"}
    answer = accountant.get(REPORT, data)
    page = text_of(answer)
    assert answer.status_code == 200
    assert (answer.context["difference"], answer.context["total"].tax) == (0, 240)
    assert "Equal" in page
    # People read the name of a tax; its code is a column of the table.
    assert f"Box 81, base of {company.tax_code.name}" in page
    assert f"> {company.tax_code.name}, 20" in page
    original = CustomerInvoice.objects.exclude(pk=credit.pk).get()
    assert f"for {original.number}" in page
    voucher = credit.customer_transaction.voucher
    assert f'<a href="/admin/accounting/voucher/{voucher.pk}/change/">{voucher.number}</a>' in page
    lines = accountant.get(REPORT, {**data, "show": "lines", "code": company.tax_code.pk})
    (group,) = lines.context["groups"]
    assert sorted(row.amount for row, _invoice, _voucher in group["rows"]) == [-1600, 1200, 1600]
    item = group["rows"][0][0].actual.work_item_id
    assert f'href="/trace/work/{item}/"' in text_of(lines)
    outside = accountant.get(REPORT, {**data, "code": "none"})
    assert outside.context["groups"] == []


def test_a_hundred_rows_and_the_next(accountant_of, monkeypatch) -> None:
    monkeypatch.setattr("accounting.views.tax_report.SHOWN", 1)
    company = Company()
    credited(company)
    accountant = accountant_of(company)
    seen, after = [], ""
    while True:
        answer = accountant.get(REPORT, {"period": f"y{company.entity.pk}-2026", "after": after})
        seen += [
            row.own_tax for group in answer.context["groups"] for row, _invoice, _voucher in group["rows"]
        ]
        after = answer.context["next_key"]
        if not after:
            break
    assert seen == [320, -80]
    for strange in ("x", "0-20269999-1", "0-20260301-٣", "\x00"):
        answer = accountant.get(REPORT, {"period": f"y{company.entity.pk}-2026", "after": strange})
        assert answer.context["is_first"], strange


def test_it_is_exported_as_csv_and_as_a_spreadsheet(accountant_of) -> None:
    company = Company()
    credit = credited(company)
    accountant = accountant_of(company)
    data = {"period": f"y{company.entity.pk}-2026"}
    answer = accountant.get(REPORT, {**data, "export": "csv"})
    rows = list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert [(row["document"], row["rate"], row["own_base"], row["own_tax"]) for row in rows][1] == (
        credit.number,
        "20",
        "-400.00",
        "-80.00",
    )
    assert sum(Decimal(row["own_tax"]) for row in rows) == 240
    assert rows[1]["corrects"] == rows[0]["document"]
    exported = accountant.get(REPORT, {**data, "export": "xlsx"})
    book = ZipFile(BytesIO(b"".join(exported.streaming_content)))
    assert any(credit.number.encode() in book.read(name) for name in book.namelist())


def test_statements_do_not_grow_with_documents(accountant_of) -> None:
    company = Company()
    company.billed(8)
    accountant = accountant_of(company)
    data = {"period": f"y{company.entity.pk}-2026"}
    accountant.get(REPORT, data)
    with CaptureQueriesContext(connection) as few:
        accountant.get(REPORT, data)
    company.billed(4)
    company.billed(2)
    with CaptureQueriesContext(connection) as many:
        accountant.get(REPORT, data)
    assert len(many) == len(few)


@pytest.mark.parametrize("data", [{"period": "p999999"}, {"period": "x"}, {"period": ""}])
def test_what_cannot_be_shown_is_said_at_its_field(accountant_of, data) -> None:
    answer = accountant_of(Company()).get(REPORT, data)
    assert answer.status_code == 200
    assert "period" in answer.context["form"].errors
    assert "totals" not in answer.context


def test_other_companies_and_other_roles_see_nothing_of_it(accountant_of) -> None:
    company, other = Company(), Company()
    answer = accountant_of(company).get(REPORT, {"period": f"y{other.entity.pk}-2026"})
    assert "period" in answer.context["form"].errors
    manager: Client = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    assert manager.get(REPORT).status_code == 403
    assert Client().get(REPORT).status_code == 302


def test_a_company_without_periods_says_so(accountant_of) -> None:
    company = Company.bare()
    answer = accountant_of(company).get(REPORT)
    assert answer.status_code == 200
    assert Customer.objects.filter(legal_entity=company.entity).exists()
