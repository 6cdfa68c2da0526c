"""Work sold in pounds by a company with euros in its books, to the cent (C9, G8)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import CustomerTransaction, IntegrationJournalLine
from accounting.posting import Posted
from projects.models import RolePrice
from tests.telling import refused, table, unbalanced
from tests.trade import Trade

pytestmark = pytest.mark.django_db


def in_pounds(hour: str = "250", cost: str = "120", *, tax: bool = False) -> Trade:
    trade = Trade(currency="GBP", tax=tax)
    trade.sells_hours_for(hour)
    RolePrice.objects.filter(price_list=trade.costs).update(price=Decimal(cost))
    return trade


def test_four_hours_at_250_pounds_and_a_rate_of_one_and_a_quarter():
    trade = in_pounds()
    trade.rate("GBP", "1.25")
    trade.approved(4)
    assert trade.actuals() == table("""
        cost      chargeable  +4   +480.00
        unbilled  chargeable  +4  +1000.00  not_ready
    """)

    assert trade.journalise() == Posted(posted=2, failed=0)
    assert trade.ledger() == table("""
        1450 Work in progress, sales value  +1000.00 GBP = +1250.00 EUR
        4100 Project cost                    +480.00
        4199 Payroll allocation              -480.00
        8450 Accrued revenue, sales value   -1000.00 GBP = -1250.00 EUR
    """)

    trade.confirm(trade.draft())
    trade.invoices()
    assert trade.ledger() == table("""
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
    trade = in_pounds()
    trade.rate("GBP", "1.25")
    trade.rate("GBP", "1.30", date(2026, 3, 15))
    trade.approved(4)
    trade.journalise()
    trade.confirm(trade.draft())
    trade.invoices()
    assert trade.ledger() == table("""
        1400 Trade receivables              +1000.00 GBP = +1300.00 EUR
        1450 Work in progress, sales value      0.00 GBP = 0.00 EUR
        4100 Project cost                    +480.00
        4199 Payroll allocation              -480.00
        8400 Invoiced revenue               -1000.00 GBP = -1300.00 EUR
        8450 Accrued revenue, sales value       0.00 GBP = 0.00 EUR
    """)


def test_the_cent_that_converting_line_by_line_leaves_has_its_own_line():
    trade = in_pounds("101.01", tax=True)
    trade.rate("GBP", "1.2345")
    trade.approved(1)
    trade.journalise()
    trade.confirm(trade.draft())
    (invoice,) = trade.invoices()
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (
        Decimal("101.01"),
        Decimal("20.20"),
        Decimal("121.21"),
    )
    assert trade.ledger() == table("""
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
    trade = in_pounds()
    trade.approved(4)
    assert trade.journalise() == Posted(posted=1, failed=0)
    assert trade.ledger() == table("""
        4100 Project cost        +480.00
        4199 Payroll allocation  -480.00
    """)
    trade.confirm(trade.draft())
    waiting = trade.proposals()
    with refused("lines-not-posted", "exchange-rate-missing"):
        trade.post(waiting)

    trade.rate("GBP", "1.25")
    (invoice,) = trade.invoices()
    assert invoice.net_amount == 1000
    assert IntegrationJournalLine.objects.posted().count() == 2
    assert "1400 Trade receivables +1000.00 GBP = +1250.00 EUR" in trade.ledger()


def test_pounds_and_euros_are_never_added_up():
    trade = in_pounds()
    trade.rate("GBP", "1.25")
    trade.approved(4)
    draft = trade.draft()
    assert (draft.currency, draft.net_amount, draft.gross_amount) == ("GBP", 1000, 1000)
