"""What changes between the invoice of an advance and its use: tax, holds, the rate, the contract (B3, C3)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import CustomerInvoice
from accounting.snapshots import facts_of
from billing.correction_rows import BilledCorrection, billed_rows
from billing.ending import complete_contracts, lose_contracts
from billing.models import Proforma
from projects.contracting import hold_contracts, resume_contracts
from projects.maintaining import hold_customers, release_customers
from projects.models import Customer, ProjectContract, TaxRate
from tests.company import Company
from tests.company.checking import assert_proven, refused
from tests.company.corrections import correct
from tests.company.retainers import invoiced, position, set_to, taxed_at, to_be_refunded
from tests.company.rows import CUT_OFF, DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

AVAILABLE = "available 1000.00 0.00 0.00 1000.00"
USED_UP = "used_up 1000.00 1000.00 0.00 0.00"


def asked(company: Company):
    """An advance of 1,000 on an invoice of 1,200, at 20 %."""
    retainer = invoiced(company)
    company.invoices()
    return retainer


def totals(draft: Proforma) -> tuple[Decimal, Decimal, Decimal]:
    return draft.net_amount, draft.tax_amount, draft.gross_amount


def taxes(invoice: CustomerInvoice) -> list[tuple[Decimal, Decimal, Decimal]]:
    return list(invoice.taxes.order_by("pk").values_list("percent", "base_amount", "tax_amount"))


def printed(invoice: CustomerInvoice) -> list[tuple[Decimal, Decimal | None]]:
    """Amount and rate of each line of the document."""
    lines = [line for section in facts_of(invoice).sections for line in section.lines]
    return [(line.amount, line.tax_rate) for line in lines]


# --- The customer is taxed otherwise --------------------------------------------------------------


def test_an_advance_gives_back_the_tax_it_was_asked_with():
    company = Company()
    retainer = asked(company)
    taxed_at(company, company.customer, "10")
    company.approved(8)
    draft = company.draft()
    # 1,600 of work at 10 %, less 1,000 with the 200 of tax that were asked for at 20 %.
    assert totals(draft) == (600, -40, 560)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert taxes(invoice) == [(20, -1000, -200), (10, 1600, 160)]
    assert printed(invoice) == [(1600, 10), (-1000, 20)]
    assert position(retainer) == USED_UP
    # All in all the work is taxed at 10 %, and the customer pays 1,760.
    assert company.ledger() == table("""
        1400 Trade receivables              +1760.00
        1450 Work in progress, sales value      0.00
        1710 Advances of customers              0.00
        1776 Sales tax payable               -160.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value       0.00
    """)
    assert_proven()


def test_less_of_an_advance_fits_where_its_tax_is_higher_than_that_of_the_work():
    company = Company()
    retainer = asked(company)
    taxed_at(company, company.customer, "0")
    company.approved(5)
    draft = company.draft()
    # 1,000 of work without tax are paid by 833.33 of the advance with its 166.67 of tax, exactly.
    assert totals(draft) == (Decimal("166.67"), Decimal("-166.67"), 0)
    company.confirm(draft)
    company.invoices()
    assert position(retainer) == "available 1000.00 833.33 0.00 166.67"
    assert_proven()


def test_a_higher_rate_is_asked_for_on_the_work_alone():
    company = Company()
    asked(company)
    taxed_at(company, company.customer, "30")
    company.approved(8)
    draft = company.draft()
    assert totals(draft) == (600, 280, 880)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert taxes(invoice) == [(30, 1600, 480), (20, -1000, -200)]
    assert_proven()


def test_a_refund_gives_back_what_was_paid_however_the_customer_is_taxed():
    company = Company()
    retainer = asked(company)
    taxed_at(company, company.customer, "10")
    to_be_refunded(company, retainer)
    (draft,) = company.drafts()
    assert totals(draft) == (-1000, -200, -1200)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert printed(invoice) == [(1000, 20)]
    assert company.ledger() == table("""
        1400 Trade receivables    0.00
        1710 Advances of customers 0.00
        1776 Sales tax payable    0.00
    """)
    assert_proven()


def test_a_correction_takes_the_advance_back_with_the_tax_it_was_taken_off_with():
    company = Company()
    retainer = asked(company)
    taxed_at(company, company.customer, "10")
    company.approved(8)
    (applied,) = company.confirm(set_to(company, company.draft(), "400"))
    company.invoices()
    assert totals(applied) == (1200, 80, 1280)
    taxed_at(company, company.customer, "30")
    rows = [
        BilledCorrection(row, amount=row.amount * 0)
        if row.work_item.transaction_class == "retainer"
        else BilledCorrection(row, quantity=row.quantity * 0)
        for row in billed_rows(applied)
    ]
    (credit,) = company.confirm(correct(company, *rows))
    assert totals(credit) == (-1200, -80, -1280)
    company.invoices()
    assert position(retainer) == AVAILABLE
    assert "1776 Sales tax payable -200.00" in company.ledger()
    assert_proven()


def test_another_rate_of_the_same_tax_changes_nothing_of_the_advance():
    company = Company()
    asked(company)
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=date(2026, 3, 10), percent=Decimal(25))
    company.approved(8, date=date(2026, 3, 12))
    draft = company.draft()
    assert totals(draft) == (600, 200, 800)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert printed(invoice) == [(1600, 25), (-1000, 20)]
    assert_proven()


# --- Payer and contract are held ------------------------------------------------------------------


def test_a_payer_on_hold_keeps_the_advance_and_gets_it_taken_off_once_released():
    company = Company()
    retainer = asked(company)
    company.approved(8)
    company.ready()
    customers = Customer.objects.filter(pk=company.customer.pk)
    hold_customers(customers, reason="Disputed", on=DAY, actor=company.manager, at=NOW)
    with refused("customer-on-hold"):
        company.drafts(CUT_OFF)
    assert position(retainer) == AVAILABLE
    release_customers(customers, actor=company.manager, at=NOW)
    (draft,) = company.drafts(CUT_OFF)
    assert totals(draft) == (600, 120, 720)
    assert_proven()


def test_a_draft_of_a_payer_who_is_held_since_holds_the_advance_and_is_not_confirmed():
    company = Company()
    retainer = asked(company)
    company.approved(8)
    draft = company.draft()
    customers = Customer.objects.filter(pk=company.customer.pk)
    hold_customers(customers, reason="Disputed", on=DAY, actor=company.manager, at=NOW)
    with refused("customer-on-hold"):
        company.confirm(draft)
    assert position(retainer) == "on_draft 1000.00 0.00 1000.00 0.00"
    release_customers(customers, actor=company.manager, at=NOW)
    company.confirm(draft)
    assert position(retainer) == USED_UP
    assert_proven()


def test_a_contract_with_a_balance_is_held_and_resumed_but_neither_completed_nor_lost():
    company = Company()
    retainer = asked(company)
    contracts = ProjectContract.objects.filter(pk=company.contract.pk)
    with refused("advance-left"):
        complete_contracts(contracts, actor=company.manager, at=NOW)
    with refused("advance-left"):
        lose_contracts(contracts, actor=company.manager, on=DAY, at=NOW)
    hold_contracts(contracts, actor=company.manager, at=NOW)
    company.approved(8)
    company.ready()
    with refused("contract-not-confirmed"):
        company.drafts()
    resume_contracts(contracts, actor=company.manager, at=NOW)
    company.confirm(set_to(company, company.draft(), "600"))
    to_be_refunded(company, retainer)
    company.confirm(*company.drafts())
    company.invoices()
    assert position(retainer) == "refunded 1000.00 1000.00 0.00 0.00"
    complete_contracts(contracts, actor=company.manager, at=NOW)
    # 1,200 for the advance, 1,000 of work with 200 of tax, and 400 with 80 back.
    assert "1400 Trade receivables +1920.00" in company.ledger()
    assert "1710 Advances of customers 0.00" in company.ledger()
    assert_proven()


def test_the_currency_of_the_customer_is_not_that_of_the_advance():
    company = Company()
    retainer = asked(company)
    Customer.objects.filter(pk=company.customer.pk).update(currency="USD")
    company.approved(8)
    draft = company.draft()
    assert (draft.currency, *totals(draft)) == ("EUR", 600, 120, 720)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert (invoice.currency, invoice.gross_amount) == ("EUR", 720)
    assert position(retainer) == USED_UP
    assert_proven()
