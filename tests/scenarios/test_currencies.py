"""Work sold in pounds by a company with euros in its books, to the cent (C9, G8)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import CustomerTransaction, IntegrationJournalLine
from accounting.posting import Posted
from projects.models import RolePrice
from tests.company import Company
from tests.company.checking import refused, unbalanced
from tests.company.text import table

pytestmark = pytest.mark.django_db


def in_pounds(hour: str = "250", cost: str = "120", *, tax: bool = False) -> Company:
    company = Company(currency="GBP", tax=tax)
    company.sells_hours_for(hour)
    RolePrice.objects.filter(price_list=company.costs).update(price=Decimal(cost))
    return company


def test_four_hours_at_250_pounds_and_a_rate_of_one_and_a_quarter():
    company = in_pounds()
    company.rate("GBP", "1.25")
    company.approved(4)
    assert company.actuals() == table("""
        cost      chargeable  +4   +480.00
        unbilled  chargeable  +4  +1000.00  not_ready
    """)

    assert company.journalise() == Posted(posted=2, failed=0)
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +1000.00 GBP = +1250.00 EUR
        4100 Project cost                    +480.00
        4199 Payroll allocation              -480.00
        8450 Accrued revenue, sales value   -1000.00 GBP = -1250.00 EUR
    """)

    company.confirm(company.draft())
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +1000.00 GBP = +1250.00 EUR
        1450 Work in progress, sales value      0.00 GBP = 0.00 EUR
        4100 Project cost                    +480.00
        4199 Payroll allocation              -480.00
        8400 Invoiced revenue               -1000.00 GBP = -1250.00 EUR
        8450 Accrued revenue, sales value       0.00 GBP = 0.00 EUR
    """)
    owed = CustomerTransaction.objects.get()
    assert (owed.currency, owed.amount, owed.base_amount) == ("GBP", 1000, 1250)


def test_the_accrual_is_taken_back_at_the_rate_at_which_it_was_made():
    company = in_pounds()
    company.rate("GBP", "1.25")
    company.rate("GBP", "1.30", date(2026, 3, 15))
    company.approved(4)
    company.journalise()
    company.confirm(company.draft())
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +1000.00 GBP = +1300.00 EUR
        1450 Work in progress, sales value      0.00 GBP = 0.00 EUR
        4100 Project cost                    +480.00
        4199 Payroll allocation              -480.00
        8400 Invoiced revenue               -1000.00 GBP = -1300.00 EUR
        8450 Accrued revenue, sales value       0.00 GBP = 0.00 EUR
    """)


def test_the_cent_that_converting_line_by_line_leaves_has_its_own_line():
    company = in_pounds("101.01", tax=True)
    company.rate("GBP", "1.2345")
    company.approved(1)
    company.journalise()
    company.confirm(company.draft())
    (invoice,) = company.invoices()
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (
        Decimal("101.01"),
        Decimal("20.20"),
        Decimal("121.21"),
    )
    assert company.ledger() == table("""
        1400 Trade receivables              +121.21 GBP = +149.63 EUR
        1450 Work in progress, sales value     0.00 GBP = 0.00 EUR
        1776 Sales tax payable               -20.20 GBP = -24.94 EUR
        4100 Project cost                   +120.00
        4199 Payroll allocation             -120.00
        8400 Invoiced revenue               -101.01 GBP = -124.70 EUR
        8450 Accrued revenue, sales value      0.00 GBP = 0.00 EUR
        8990 Rounding differences              0.00 GBP = +0.01 EUR
    """)
    assert unbalanced() == []


def test_without_a_rate_the_sale_waits_and_the_invoice_is_refused():
    company = in_pounds()
    company.approved(4)
    assert company.journalise() == Posted(posted=1, failed=0)
    assert company.ledger() == table("""
        4100 Project cost        +480.00
        4199 Payroll allocation  -480.00
    """)
    company.confirm(company.draft())
    waiting = company.proposals()
    with refused("lines-not-posted", "exchange-rate-missing"):
        company.post(waiting)

    company.rate("GBP", "1.25")
    (invoice,) = company.invoices()
    assert invoice.net_amount == 1000
    assert IntegrationJournalLine.objects.posted().count() == 2
    assert "1400 Trade receivables +1000.00 GBP = +1250.00 EUR" in company.ledger()


def test_pounds_and_euros_are_never_added_up():
    company = in_pounds()
    company.rate("GBP", "1.25")
    company.approved(4)
    draft = company.draft()
    assert (draft.currency, draft.net_amount, draft.gross_amount) == ("GBP", 1000, 1000)
