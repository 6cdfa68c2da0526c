"""Advances in dollars of a company with euros in its books: taken off as they were booked (P15, C9)."""

from datetime import date

import pytest
from django.db import connection

from accounting.models import ProjectTransaction, VoucherLine
from accounting.previewing import preview_document
from accounting.proving import prove
from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import Proforma
from core import guarding
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.corrections import correct
from tests.company.retainers import invoiced, position, set_to, to_be_refunded
from tests.company.text import table

pytestmark = pytest.mark.django_db

FEBRUARY, MARCH, APRIL = date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)


def in_dollars(first: str = "0.90", later: str = "0.95", last: str = "0.98") -> Company:
    """A company with euros whose contract is in dollars, at a rate that moves every month."""
    company = Company(currency="USD")
    company.rate("USD", first)
    company.rate("USD", later, date(2026, 3, 1))
    company.rate("USD", last, date(2026, 4, 1))
    return company


def asked_in_february(company: Company, of: str = "1000"):
    """An advance on an invoice of February."""
    retainer = invoiced(company, of, on=FEBRUARY, by=FEBRUARY)
    company.invoices()
    return retainer


def advances(company: Company) -> str:
    (line,) = [one for one in company.ledger().splitlines() if one.startswith("1710")]
    return line.removeprefix("1710 Advances of customers ")


def test_what_is_applied_is_taken_off_at_the_rate_of_the_advance_and_is_revenue_of_that_amount():
    company = in_dollars()
    asked_in_february(company)
    assert company.ledger() == table("""
        1400 Trade receivables      +1200.00 USD = +1080.00 EUR
        1710 Advances of customers  -1000.00 USD = -900.00 EUR
        1776 Sales tax payable       -200.00 USD = -180.00 EUR
    """)

    company.approved(8)
    company.confirm(company.draft(MARCH))
    (invoice,) = company.invoices()
    # 1,000 of the 1,600 are revenue of 900.00, at the rate of the advance; 600 of 570.00, at that of March.
    assert company.voucher(invoice) == table("""
        1400 Trade receivables               +720.00
        1450 Work in progress, sales value  -1600.00
        1710 Advances of customers          +1000.00
        1776 Sales tax payable               -120.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value   +1600.00
    """)
    assert company.ledger() == table("""
        1400 Trade receivables              +1920.00 USD = +1764.00 EUR
        1450 Work in progress, sales value      0.00 USD = 0.00 EUR
        1710 Advances of customers              0.00 USD = 0.00 EUR
        1776 Sales tax payable               -320.00 USD = -294.00 EUR
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1600.00 USD = -1470.00 EUR
        8450 Accrued revenue, sales value       0.00 USD = 0.00 EUR
    """)
    assert_proven()


def test_parts_are_in_proportion_and_the_last_use_takes_the_rest_to_the_cent():
    company = in_dollars(first="0.3333")
    asked_in_february(company, "100.01")
    assert advances(company) == "-100.01 USD = -33.33 EUR"
    for hours, part, left in [
        (1, "33.33", "-66.68 USD = -22.22 EUR"),
        (2, "33.33", "-33.35 USD = -11.11 EUR"),
        (3, "33.35", "0.00 USD = 0.00 EUR"),
    ]:
        company.approved(hours)
        company.confirm(set_to(company, company.draft(MARCH), part))
        company.invoices()
        assert advances(company) == left
    assert_proven()
    booked = ProjectTransaction.objects.filter(base_amount__isnull=False).order_by("pk")
    assert [str(one.base_amount) for one in booked] == ["33.3300", "-11.1100", "-11.1100", "-11.1100"]


def test_one_set_takes_the_parts_in_its_order():
    company = in_dollars()
    retainer = asked_in_february(company)
    for hours, part in [(8, "400"), (4, "600")]:
        company.approved(hours)
        company.confirm(set_to(company, company.draft(MARCH), part))
    assert len(company.invoices()) == 2
    assert advances(company) == "0.00 USD = 0.00 EUR"
    assert position(retainer) == "used_up 1000.00 1000.00 0.00 0.00"
    booked = ProjectTransaction.objects.filter(base_amount__isnull=False).order_by("pk")
    assert [one.base_amount for one in booked] == [900, -360, -540]
    assert_proven()


def test_the_invoice_of_the_advance_and_its_use_may_be_posted_together():
    company = in_dollars()
    invoiced(company, "1000", on=FEBRUARY, by=FEBRUARY)
    company.approved(8)
    company.confirm(company.draft(MARCH))
    assert [one.net_amount for one in company.invoices()] == [1000, 600]
    assert advances(company) == "0.00 USD = 0.00 EUR"
    assert "8400 Invoiced revenue -1600.00 USD = -1470.00 EUR" in company.ledger()
    assert_proven()


def test_a_refund_leaves_an_exchange_difference_and_no_advance():
    company = in_dollars()
    to_be_refunded(company, asked_in_february(company))
    company.confirm(*company.drafts(MARCH))
    company.invoices()
    # 1,200 go back at 0.95, 1,140.00: 900.00 of the advance, 190.00 of tax, 50.00 more than it brought.
    assert company.ledger() == table("""
        1400 Trade receivables      0.00 USD = -60.00 EUR
        1710 Advances of customers  0.00 USD = 0.00 EUR
        1776 Sales tax payable      0.00 USD = +10.00 EUR
        2150 Exchange differences   0.00 USD = +50.00 EUR
    """)
    assert_proven()


def _taken_back(company: Company, proforma: Proforma, *kinds: str) -> None:
    rows = [row for row in billed_rows(proforma) if row.work_item.transaction_class in kinds]
    asked = [
        BilledCorrection(row, amount=row.amount * 0)
        if row.work_item.transaction_class == "retainer"
        else BilledCorrection(row, quantity=row.quantity * 0)
        for row in rows
    ]
    company.confirm(correct(company, *asked, invoice_date=APRIL))
    company.invoices()


def test_a_correction_of_work_and_advance_is_the_exact_opposite_for_the_advance():
    company = in_dollars()
    retainer = asked_in_february(company)
    company.approved(8)
    (applied,) = company.confirm(set_to(company, company.draft(MARCH), "400"))
    company.invoices()
    assert advances(company) == "-600.00 USD = -540.00 EUR"
    assert "8400 Invoiced revenue -1600.00 USD = -1500.00 EUR" in company.ledger()

    _taken_back(company, applied, "retainer", "time")
    # 360.00 as they were taken off; the 1,200 that were asked for in March go back at the rate of April.
    assert advances(company) == "-1000.00 USD = -900.00 EUR"
    assert position(retainer) == "available 1000.00 0.00 0.00 1000.00"
    assert "8400 Invoiced revenue 0.00 USD = +36.00 EUR" in company.ledger()
    assert "2150" not in company.ledger()
    assert_proven()


def test_an_advance_that_is_taken_off_its_invoice_is_owed_again_at_its_own_rate():
    company = in_dollars()
    asked_in_february(company)
    company.approved(8)
    (applied,) = company.confirm(company.draft(MARCH))
    company.invoices()
    _taken_back(company, applied, "retainer")
    # Nobody works for it on this invoice: 1,000 at 0.98 is 980.00, of which 900.00 are owed again.
    assert advances(company) == "-1000.00 USD = -900.00 EUR"
    assert "2150 Exchange differences 0.00 USD = -80.00 EUR" in company.ledger()
    assert_proven()


def test_a_corrected_advance_is_invoiced_again_at_the_rate_of_its_new_invoice():
    company = in_dollars()
    retainer = asked_in_february(company)
    (proforma,) = Proforma.objects.confirmed()
    _taken_back(company, proforma, "retainer")
    assert advances(company) == "0.00 USD = 0.00 EUR"
    company.confirm(*company.drafts(APRIL))
    company.invoices()
    assert advances(company) == "-1000.00 USD = -980.00 EUR"
    company.approved(8)
    company.confirm(company.draft(APRIL))
    company.invoices()
    assert advances(company) == "0.00 USD = 0.00 EUR"
    assert position(retainer) == "used_up 1000.00 1000.00 0.00 0.00"
    assert_proven()


def test_an_advance_pays_for_work_of_two_projects_in_proportion():
    company = in_dollars()
    asked_in_february(company)
    fixed = company.fixed_price_line()
    company.milestone("400", line=fixed, due_on=MARCH)
    company.approved(8)
    company.confirm(company.draft(MARCH))
    company.invoices()
    # 50.00 less revenue, of which a fifth is the milestone's: 380.00 - 10.00, and 1,520.00 - 40.00.
    assert "8400 Invoiced revenue -1600.00 USD = -1480.00 EUR" in company.ledger()
    assert "8410 Invoiced revenue, on account -400.00 USD = -370.00 EUR" in company.ledger()
    assert advances(company) == "0.00 USD = 0.00 EUR"
    assert_proven()


def test_the_preview_of_an_invoice_that_takes_an_advance_off_is_drawn():
    company = in_dollars()
    asked_in_february(company)
    company.approved(8)
    company.confirm(company.draft(MARCH))
    company.journalise()
    (proposal,) = company.proposals()
    assert preview_document(proposal, actor=company.accountant).startswith(b"%PDF")


def test_a_base_amount_that_is_not_what_was_booked_is_named():
    company = in_dollars()
    asked_in_february(company)
    guarding.lift(connection)
    try:
        ProjectTransaction.objects.filter(base_amount=900).update(base_amount=899)
        assert [one.proof.code for one in prove() if one.count] == ["G9b"]
        # Lost on both sides: the account is as it should be, and something is left of what is used up.
        ProjectTransaction.objects.filter(base_amount=899).update(amount=0)
        VoucherLine.objects.filter(account__number="1710").update(base_amount=-899)
        assert "G9b" in [one.proof.code for one in prove() if one.count]
    finally:
        guarding.install(connection)
