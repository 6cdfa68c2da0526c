"""Cash discounts and advances in the tax report: under the tax group, code and rate that they bear (C15)."""

import csv
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounting.balances import Span
from accounting.models import CustomerInvoice, InvoiceTax, WriteOff, WriteOffTax
from accounting.proving import prove
from accounting.reversing_payments import reverse_payments
from accounting.tax_report import (
    accounts_of_tax,
    discounts_behind,
    taxes_of,
    total_of,
    totals_by_code,
)
from core import guarding
from projects.models import Customer, SalesTaxGroup, TaxRate, TaxRule
from projects.roles import PROJECT_ACCOUNTANT
from tests.company import Company, book_rows, only, rows
from tests.company.checking import assert_proven
from tests.company.people import signed_in
from tests.company.receivables import pays
from tests.company.retainers import invoiced as advance
from tests.company.rows import NOW, next_number

pytestmark = pytest.mark.django_db

MARCH, YEAR = Span(date(2026, 3, 1), date(2026, 3, 31)), Span(date(2026, 1, 1), date(2026, 12, 31))
PAID_ON = date(2026, 4, 1)


def discounted(company: Company) -> CustomerInvoice:
    """2 % discount for who pays within ten days; 4 hours are taxed at 20 %, one at 10 %."""
    terms = rows.terms(30, discount_percent=Decimal(2), discount_days=10)
    Customer.objects.filter(pk=company.customer.pk).update(payment_terms=terms)
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=date(2026, 3, 3), percent=Decimal(10))
    company.approved(4, date=date(2026, 3, 2))
    company.approved(1, date=date(2026, 3, 3))
    company.confirm(company.draft())
    (invoice,) = company.invoices()
    return invoice


def paid(company: Company, invoice: CustomerInvoice, amount: str):
    """The invoice is paid in time, less the discount."""
    row = invoice.customer_transaction
    return pays(
        company,
        amount,
        row,
        parts=(amount,),
        on=PAID_ON,
        discounted=frozenset([row.pk]),
        currency=row.currency,
    )


def reported(company: Company, span: Span = YEAR) -> list[tuple[str, ...]]:
    return [
        (str(one.sales_group), f"{one.key.percent:.0f}", f"{one.owed_base:.2f}", f"{one.owed_tax:.2f}")
        for one in totals_by_code(taxes_of(company.entity, span))
    ]


def agrees(company: Company, span: Span = YEAR) -> Decimal:
    """What the report says is owed, which is what its account in the ledger says."""
    owed = total_of(taxes_of(company.entity, span)).owed_tax
    (account,) = accounts_of_tax(company.entity, span)
    assert (owed, account.others) == (account.invoiced + account.written_off, [])
    return owed


def test_a_cash_discount_lowers_the_taxes_of_its_invoice_by_code_and_rate():
    """1,180.00 with 160.00 at 20 % and 20.00 at 10 %; 23.60 of discount are 19.20 and 4.40 of them."""
    company = Company()
    paid(company, discounted(company), "1156.40")
    group = str(company.tax_code.rules.get().sales_tax_group)
    assert reported(company, MARCH) == [(group, "20", "800.00", "160.00"), (group, "10", "200.00", "20.00")]
    assert reported(company) == [(group, "20", "784.00", "156.80"), (group, "10", "196.00", "19.60")]
    assert (agrees(company, MARCH), agrees(company)) == (180, Decimal("176.40"))
    taxes = taxes_of(company.entity, YEAR)
    total = total_of(taxes)
    assert (total.documents, total.tax, total.discounts, total.discount_tax) == (1, 180, 1, Decimal("3.60"))
    behind = discounts_behind(taxes, totals_by_code(taxes))
    assert [(one.place, one.own_base, one.own_tax, one.day) for one in behind] == [
        (0, 16, Decimal("3.20"), PAID_ON),
        (1, 4, Decimal("0.40"), PAID_ON),
    ]
    assert_proven()


def test_a_discount_that_is_taken_back_leaves_the_tax_as_it_was():
    company = Company()
    payment = paid(company, discounted(company), "1156.40")
    reverse_payments(only(payment), on=PAID_ON, reason="returned", actor=company.accountant, at=NOW)
    assert agrees(company) == 180
    assert total_of(taxes_of(company.entity, YEAR)).discounts == 2
    assert_proven()


def test_a_discount_in_another_currency_is_in_the_ledger_to_the_cent():
    """The taxes are converted apart; together they are the line of the voucher, converted once."""
    company = Company(currency="USD")
    company.sells_hours_for("101.10")
    company.rate("USD", "0.905")
    invoice = discounted(company)
    paid(company, invoice, str(invoice.gross_amount - Decimal("11.93")))
    taxes = WriteOffTax.objects.order_by("pk")
    assert [(one.base_amount, one.tax_amount) for one in taxes] == [
        (Decimal("8.09"), Decimal("1.62")),
        (Decimal("2.02"), Decimal("0.20")),
    ]
    assert sum(one.own_tax for one in taxes) == Decimal("1.65")
    agrees(company)
    assert_proven()


def test_an_advance_is_taken_off_under_its_own_tax_group():
    """The customer moves to a group of the same rate: the advance gives back under the one it asked under."""
    company = Company()
    domestic = str(company.tax_code.rules.get().sales_tax_group)
    advance(company)
    company.invoices()
    number = next_number()
    abroad = SalesTaxGroup.objects.create(code=f"eu-{number}", name=f"Europe {number}")
    TaxRule.objects.create(
        sales_tax_group=abroad, item_sales_tax_group=company.item_group, tax_code=company.tax_code
    )
    Customer.objects.filter(pk=company.customer.pk).update(sales_tax_group=abroad)
    invoice = company.billed(8)
    # The document asks for one tax of 20 % on what the advance leaves.
    (printed,) = invoice.snapshot["taxes"]
    assert (Decimal(printed["base"]), Decimal(printed["tax"]), invoice.tax_amount) == (600, 120, 120)
    assert sorted(reported(company)) == sorted(
        [(domestic, "20", "0.00", "0.00"), (str(abroad), "20", "1600.00", "320.00")]
    )
    taxes = InvoiceTax.objects.filter(invoice=invoice).order_by("base_amount")
    assert [(one.sales_tax_group.name, one.base_amount, one.tax_amount) for one in taxes] == [
        (domestic, -1000, -200),
        (abroad.name, 1600, 320),
    ]
    assert agrees(company) == 320
    assert_proven()


def test_the_page_and_the_file_lead_to_each_discount():
    company = Company()
    invoice = discounted(company)
    paid(company, invoice, "1156.40")
    accountant = signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))
    data = {"period": f"y{company.entity.pk}-2026"}
    page = accountant.get("/admin/ledger/taxes/", {**data, "show": "discounts"})
    assert (page.context["difference"], len(page.context["groups"])) == (0, 2)
    text = " ".join(page.content.decode().split())
    voucher = WriteOff.objects.get().pk
    assert "Less tax of cash discounts taken" in text
    (row,) = page.context["groups"][0]["rows"]
    assert (row[1].pk, row[2].source_id, row[2].source_kind) == (invoice.pk, voucher, "write_off")
    assert f'/admin/accounting/voucher/{row[2].pk}/change/">{row[2].number}</a>' in text
    answer = accountant.get("/admin/ledger/taxes/", {**data, "export": "csv"})
    lines = list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert [(one["kind"], one["own_base"], one["own_tax"]) for one in lines] == [
        ("Invoice", "800.00", "160.00"),
        ("Invoice", "200.00", "20.00"),
        ("Cash discount", "-16.00", "-3.20"),
        ("Cash discount", "-4.00", "-0.40"),
    ]
    assert sum(Decimal(one["own_tax"]) for one in lines) == Decimal("176.40")


@pytest.mark.parametrize(
    ("columns", "because"),
    [
        ({"percent": Decimal(19)}, "a cash discount lowers taxes that its invoice asks for"),
        ({"base_amount": Decimal(16)}, "come to no more than the discount"),
    ],
)
def test_the_database_refuses_other_taxes_and_more_than_the_discount(columns, because):
    company = Company()
    paid(company, discounted(company), "1156.40")
    before = list(WriteOffTax.objects.values_list())
    taken = WriteOff.objects.get()
    tax = WriteOffTax.objects.earliest("pk")
    known = {name: getattr(tax, name) for name in ("sales_tax_group", "tax_code", "percent")}
    with pytest.raises(IntegrityError, match=because), transaction.atomic():
        book_rows.discount_tax(taken, **known | columns)
    assert list(WriteOffTax.objects.values_list()) == before


FAULTS: list[tuple[str, Callable[[], object], set[str]]] = [
    ("the rate of a discount", lambda: WriteOffTax.objects.update(percent=Decimal(16)), {"C11l"}),
    ("the group of a discount", lambda: WriteOffTax.objects.update(sales_tax_group=None), {"C11l"}),
    ("its tax in euros", lambda: WriteOffTax.objects.update(own_tax=Decimal(1)), {"C11j"}),
    ("the group of a tax", lambda: InvoiceTax.objects.update(sales_tax_group=None), {"C11l", "G7g", "J1e"}),
]


@pytest.mark.parametrize(("what", "plant", "named"), FAULTS, ids=[one[0] for one in FAULTS])
def test_a_planted_fault_is_named(what: str, plant: Callable[[], object], named: set[str]):
    company = Company()
    paid(company, discounted(company), "1156.40")
    guarding.lift(connection)
    try:
        plant()
        assert {finding.proof.code for finding in prove() if finding.count} == named
    finally:
        guarding.install(connection)
