"""Retentions in dollars of a company with euros in its books: released as they were booked (P18, C9)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from accounting.models import InvoiceProposal, ProjectTransaction
from accounting.proving import prove
from billing.correction_rows import BilledCorrection, billed_rows
from billing.models import Proforma, Retention
from billing.releasing import release_retentions
from core import guarding
from projects.models import ProjectContract
from tests.company import Company, only
from tests.company.checking import assert_proven, refused
from tests.company.corrections import correct
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

MARCH, APRIL, JUNE = date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 30)


def keeping(first: str = "0.90", later: str = "0.95", last: str = "0.80") -> Company:
    """A contract in dollars that keeps a tenth back until the end of June, at a rate that moves."""
    company = Company(currency="USD")
    company.rate("USD", first)
    company.rate("USD", later, date(2026, 4, 1))
    company.rate("USD", last, date(2026, 6, 1))
    terms = {"retention_percent": Decimal(10), "retention_months": 3}
    ProjectContract.objects.filter(pk=company.contract.pk).update(**terms)
    return company


def kept_in_march(company: Company, hours: int = 8) -> Proforma:
    company.approved(hours)
    (confirmed,) = company.confirm(company.draft(MARCH))
    company.invoices()
    return confirmed


def release(company: Company, amount: str | None = None) -> Proforma:
    part = None if amount is None else Decimal(amount)
    by = {"invoice_date": JUNE, "actor": company.manager, "at": NOW}
    (draft,) = release_retentions(Retention.objects.confirmed(), amount=part, **by)
    (confirmed,) = company.confirm(draft)
    return confirmed


def account(company: Company, number: str) -> str:
    return next((line for line in company.ledger().splitlines() if line.startswith(number)), "")


def test_what_is_released_leaves_its_account_at_what_it_was_booked_with():
    company = keeping()
    kept_in_march(company)
    # 160.00 of 1,600.00, at 0.90.
    assert account(company, "1410") == "1410 Retentions receivable +160.00 USD = +144.00 EUR"
    release(company, "100")
    (first,) = company.invoices()
    # 100.00 are owed at 0.80, and were kept back at 90.00: 10.00 are lost.
    assert company.voucher(first) == table("""
        1400 Trade receivables      +100.00
        1410 Retentions receivable  -100.00
        2150 Exchange differences      0.00
    """)
    assert account(company, "1410") == "1410 Retentions receivable +60.00 USD = +54.00 EUR"
    release(company)
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +1920.00 USD = +1712.00 EUR
        1410 Retentions receivable             0.00 USD = 0.00 EUR
        1450 Work in progress, sales value     0.00 USD = 0.00 EUR
        1776 Sales tax payable               -320.00 USD = -288.00 EUR
        2150 Exchange differences              0.00 USD = +16.00 EUR
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1600.00 USD = -1440.00 EUR
        8450 Accrued revenue, sales value      0.00 USD = 0.00 EUR
    """)
    assert_proven()


def test_the_last_release_takes_the_rest_to_the_cent():
    company = keeping(first="0.3333")
    kept_in_march(company)
    assert account(company, "1410") == "1410 Retentions receivable +160.00 USD = +53.33 EUR"
    for part, left in (
        ("53.33", "+106.67 USD = +35.55 EUR"),
        ("53.33", "+53.34 USD = +17.78 EUR"),
        (None, "0.00 USD = 0.00 EUR"),
    ):
        release(company, part)
        company.invoices()
        assert account(company, "1410") == f"1410 Retentions receivable {left}"
    assert_proven()


def test_a_correction_keeps_the_rest_at_the_rate_of_its_invoice():
    company = keeping()
    first = kept_in_march(company)
    eight = next(row for row in billed_rows(first) if row.quantity == 8)
    company.confirm(correct(company, BilledCorrection(eight, quantity=Decimal(6)), invoice_date=APRIL))
    company.invoices()
    # 144.00 come back and 108.00 stay, at 0.90, although April has 0.95.
    assert account(company, "1410") == "1410 Retentions receivable +120.00 USD = +108.00 EUR"
    release(company)
    company.invoices()
    assert account(company, "1410") == "1410 Retentions receivable 0.00 USD = 0.00 EUR"
    assert_proven()


def test_a_release_is_not_posted_before_what_kept_it_back():
    company = keeping()
    company.approved(8)
    (first,) = company.confirm(company.draft(MARCH))
    released = release(company)
    company.journalise()
    company.propose()
    with refused("retention-not-posted"):
        company.post(only(InvoiceProposal.objects.get(proforma=released)))
    # In one set each comes in its turn.
    assert [one.proposal.proforma_id for one in company.post(company.proposals())] == [first.pk, released.pk]
    assert account(company, "1410") == "1410 Retentions receivable 0.00 USD = 0.00 EUR"
    assert_proven()


def test_a_base_amount_that_is_not_what_was_booked_is_named():
    company = keeping()
    kept_in_march(company)
    guarding.lift(connection)
    try:
        ProjectTransaction.objects.filter(base_amount=-144).update(base_amount=-143)
        assert [one.proof.code for one in prove() if one.count] == ["G10b"]
    finally:
        guarding.install(connection)
