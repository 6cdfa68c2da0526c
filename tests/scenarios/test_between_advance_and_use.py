"""What changes between the invoice of an advance and its use: tax, holds, the rate, the contract (B3, C3)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from accounting.models import CustomerInvoice, InvoiceProposal, InvoiceProposalLine
from accounting.reviewing import review_proposal_lines, review_proposals
from accounting.snapshots import facts_of
from billing.correction_rows import BilledCorrection, billed_rows
from billing.ending import complete_contracts, lose_contracts
from billing.models import Proforma
from billing.removing import remove_details
from projects.contracting import hold_contracts, resume_contracts
from projects.maintaining import hold_customers, release_customers
from projects.models import (
    Customer,
    ItemSalesTaxGroup,
    ProjectContract,
    SalesTaxGroup,
    TaxCode,
    TaxRate,
    TaxRule,
)
from tests.company import Company, only
from tests.company.checking import assert_proven, refused
from tests.company.corrections import correct
from tests.company.retainers import applied_on, apply_to, invoiced, position, set_to, taxed_at, to_be_refunded
from tests.company.rows import CUT_OFF, DAY, NOW, next_number
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


def _asked_without_a_group(company: Company):
    """An advance of 1,000 that was confirmed without a tax group; its customer is taxed at 20 % since."""
    group = Customer.objects.get(pk=company.customer.pk).sales_tax_group
    Customer.objects.filter(pk=company.customer.pk).update(sales_tax_group=None)
    retainer = invoiced(company)
    Customer.objects.filter(pk=company.customer.pk).update(sales_tax_group=group)
    return retainer


def _posted_as_exempt(company: Company) -> None:
    """The accountant chooses the group of who pays no tax, and posts."""
    exempt = SalesTaxGroup.objects.create(code=f"exempt-{next_number()}", name="Exempt")
    code = TaxCode.objects.create(
        code=f"exempt-{next_number()}", name="Exempt", kind="exempt", reason_en="Abroad"
    )
    TaxRate.objects.create(tax_code=code, starts_on=date(2020, 1, 1), percent=Decimal(0))
    TaxRule.objects.create(sales_tax_group=exempt, item_sales_tax_group=company.item_group, tax_code=code)
    review_proposals(company.proposals(), {"sales_tax_group": exempt}, actor=company.accountant, at=NOW)
    (invoice,) = company.invoices()
    assert (invoice.net_amount, invoice.tax_amount) == (1000, 0)


def test_an_advance_asked_for_without_tax_is_taken_off_without_tax():
    company = Company()
    retainer = _asked_without_a_group(company)
    _posted_as_exempt(company)
    company.approved(8)
    draft = company.draft()
    # 1,600 of work at 20 %, less exactly the 1,000 that were paid.
    assert totals(draft) == (600, 320, 920)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert taxes(invoice) == [(20, 1600, 320), (0, -1000, 0)]
    assert [amount for amount, _rate in printed(invoice)] == [1600, -1000]
    assert position(retainer) == USED_UP
    assert company.ledger() == table("""
        1400 Trade receivables              +1920.00
        1450 Work in progress, sales value      0.00
        1710 Advances of customers              0.00
        1776 Sales tax payable               -320.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value       0.00
    """)
    assert_proven()


def test_an_advance_of_no_group_bears_no_tax_before_it_is_posted_and_its_group_then_stays():
    company = Company()
    retainer = _asked_without_a_group(company)
    company.approved(4)
    draft = company.draft()
    # 800 of work with 160 of tax: the net goes to zero, and the tax is left to pay.
    assert totals(draft) == (0, 160, 160)
    assert position(retainer) == "available 1000.00 0.00 800.00 200.00"
    group = Customer.objects.get(pk=company.customer.pk).sales_tax_group
    company.propose()
    with refused("advance-taken-off"):
        review_proposals(company.proposals(), {"sales_tax_group": group}, actor=company.accountant, at=NOW)
    remove_details(only(applied_on(draft)), actor=company.manager, at=NOW)
    review_proposals(company.proposals(), {"sales_tax_group": group}, actor=company.accountant, at=NOW)
    (invoice,) = company.invoices()
    assert invoice.gross_amount == 1200
    # Posted with tax, it is taken off with that tax.
    assert totals(apply_to(company, draft)) == (0, 0, 0)
    assert_proven()


def test_the_line_of_an_advance_keeps_its_item_tax_group():
    company = Company()
    invoiced(company)
    company.propose()
    other = ItemSalesTaxGroup.objects.create(code=f"other-{next_number()}", name="Other")
    lines = InvoiceProposalLine.objects.all()
    with refused("advance-keeps-its-group"):
        review_proposal_lines(lines, {"item_sales_tax_group": other}, actor=company.accountant, at=NOW)
    with pytest.raises(DatabaseError, match="keeps the item sales tax group"), transaction.atomic():
        lines.update(item_sales_tax_group=other)


def test_the_database_keeps_the_tax_of_an_advance_that_is_taken_off():
    company = Company()
    retainer = invoiced(company)
    company.approved(8)
    applied = applied_on(company.draft())
    company.propose()
    proposals = InvoiceProposal.objects.filter(proforma__lines__details__retainer=retainer)
    for rows, columns, why in (
        (
            only(proposals.get()),
            {"sales_tax_group": None},
            "keeps its tax group",
        ),
        (only(applied), {"sales_tax_group": None}, "a detail of a retainer keeps what it does"),
        (only(applied), {"is_taxed_apart": False}, "a detail of a retainer keeps what it does"),
        (only(applied), {"tax_date": date(2027, 1, 1)}, "a detail of a retainer keeps what it does"),
    ):
        with pytest.raises(DatabaseError, match=why), transaction.atomic():
            rows.update(**columns)
    applied.delete()
    applied.pk, applied.sales_tax_group = None, None
    with pytest.raises(DatabaseError, match="bears the tax that it was invoiced with"), transaction.atomic():
        applied.save(force_insert=True)


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
