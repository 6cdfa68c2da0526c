"""A year of a company's hours: the books agree with sums in plain Python on every day that is asked (X8).

`COUNTINGHOUSE_HOURS=FOLDER` takes the year 2014 of the real files there, instead of rows that are made up.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from accounting.ageing import ageing_of
from accounting.balances import Span, balances_of, summed
from accounting.models import BankAccount, CustomerInvoice, CustomerTransaction, FiscalPeriod
from accounting.paying import enter_payments
from accounting.receivable_checks import NewPayment
from accounting.tax_report import accounts_of_tax, taxes_of, totals_by_code
from projects.layouts import known_mappings
from projects.models import ItemSalesTaxGroup, LegalEntity, SalesTaxGroup, TaxCode, TaxRate, TaxRule
from real_hours.steps import Hours
from real_hours.taxes import give_groups
from tests.company.checking import assert_proven, unbalanced
from tests.scenarios.hours_files import RATES, made_up, real_year, rows_of, written
from tests.scenarios.hours_sums import (
    FALLS_ON,
    FULL,
    REDUCED,
    Billed,
    Paid,
    ageing,
    invoices_of,
    payments_of,
    tax_report,
    trial_balance,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


KNOWN = {
    2014: (527, Decimal("4815.71"), Decimal("604983.29")),
    2023: (240, Decimal("1103.58"), Decimal("135509.21")),
}
"""Rows, hours and their value; of the real year as an independent program has counted them."""


def taxed(year: int) -> partial[None]:
    """A tax that falls amid a month of the year, on everything."""
    group = SalesTaxGroup.objects.create(code="domestic", name="Domestic")
    items = ItemSalesTaxGroup.objects.create(code="work", name="Work")
    code = TaxCode.objects.create(code="vat", name="VAT")
    TaxRate.objects.create(tax_code=code, starts_on=date(2000, 1, 1), percent=FULL)
    TaxRate.objects.create(tax_code=code, starts_on=date(year, *FALLS_ON), percent=REDUCED)
    TaxRule.objects.create(sales_tax_group=group, item_sales_tax_group=items, tax_code=code)
    return partial(give_groups, group=group, items=items)


def bill(files: tuple[Path, Path], year: int) -> Hours:
    """From the import to the invoices of each month, the last one on the first of January."""
    way = Hours(
        mapping=known_mappings()["sip"],
        rates=RATES,
        through=date(year + 1, 1, 1),
        write=lambda _text: None,
        give_groups=taxed(year),
    )
    way.bill(*files, monthly=True, printing=False)
    return way


def pay(way: Hours, paid: list[Paid]) -> None:
    """Enter the payments by the verb, each for its invoice."""
    bank = BankAccount.objects.get(legal_entity=way.entity)
    posted = CustomerInvoice.objects.select_related("customer", "proposal__proforma__contract")
    known = {(one.proposal.proforma.contract.name, one.invoice_date): one for one in posted}
    rows = dict(CustomerTransaction.objects.values_list("invoice", "pk"))
    payments = []
    for one in paid:
        invoice = known[one.invoice.project, one.invoice.day]
        shares = {rows[invoice.pk]: one.amount}
        payments.append(NewPayment(invoice.customer, bank, one.day, one.amount, "EUR", shares=shares))
    enter_payments(payments, actor=way.people["accountant"], at=way.now)


def days_asked(year: int) -> Iterator[date]:
    """The middle and the last day of every month, and the day of the last invoices."""
    for month in range(1, 13):
        yield date(year, month, 15)
        yield date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    yield date(year + 1, 1, 1)


def test_trial_balance_tax_report_and_ageing_agree_with_sums_of_the_file(tmp_path):
    real = real_year(2014, tmp_path)
    year = 2014 if real else 2023
    files = real or written(made_up(240, 355, date(2023, 1, 6)), tmp_path)
    way = bill(files, year)
    rows = rows_of(*files)
    assert (len(rows), sum(row.hours for row in rows), sum(row.amount for row in rows)) == KNOWN[year]
    invoices = invoices_of(rows)
    pay(way, paid := payments_of(invoices, date(year + 1, 1, 1)))

    assert_invoices(invoices)
    for on in days_asked(year):
        assert_trial_balance(way.entity, trial_balance(rows, invoices, paid, on), on)
        aged = ageing_of(CustomerTransaction.objects.filter(legal_entity=way.entity), on)
        names = {one.customer.name.removeprefix("Customer of "): list(one.parts) for one in aged}
        assert names == ageing(invoices, paid, on), on
    for period in FiscalPeriod.objects.filter(legal_entity=way.entity):
        assert_tax_report(way.entity, invoices, Span(period.starts_on, period.ends_on))
    assert_tax_report(way.entity, invoices, Span(date(year, 1, 1), date(year + 1, 1, 1)))
    assert unbalanced() == []
    assert_proven()


def assert_invoices(invoices: list[Billed]) -> None:
    posted = CustomerInvoice.objects.select_related("proposal__proforma__contract")
    shown = sorted(
        (one.invoice_date, one.proposal.proforma.contract.name, one.due_date, one.net_amount, one.tax_amount)
        for one in posted
    )
    assert shown == [(one.day, one.project, one.due, one.net, one.tax) for one in invoices]


def assert_trial_balance(entity: LegalEntity, expected: dict[str, object], on: date) -> None:
    balances = balances_of(entity, Span(date(on.year, 1, 1), on))
    shown = {one.account.number: one.closing for one in balances if one.account and one.closing}
    assert shown == expected, on
    total = summed(balances)
    assert (total.debit, total.closing) == (total.credit, 0)


def assert_tax_report(entity: LegalEntity, invoices: list[Billed], span: Span) -> None:
    """By rate, and their sum on the account of the tax."""
    reported = totals_by_code(taxes_of(entity, span))
    shown = {one.key.percent: (one.invoices, one.base, one.tax) for one in reported if one.key}
    expected = tax_report(invoices, span.first, span.last)
    assert shown == expected, span
    (account,) = accounts_of_tax(entity, span)
    assert account.invoiced == sum(tax for _count, _base, tax in expected.values())
