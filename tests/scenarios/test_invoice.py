"""From the integration journal to the posted customer invoice, to the account (C1, C6, P1 to P12)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    IntegrationJournalLine,
    ProjectTransaction,
    Voucher,
)
from accounting.posting import Posted
from accounting.setting_up import add_fiscal_year
from billing.models import Proforma
from billing.states import ProformaStatus, Remainder
from projects.states import BillingType
from tests.company import Company
from tests.company.checking import unbalanced
from tests.company.rows import CUT_OFF, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


def test_a_day_that_is_accrued_while_it_waits_for_its_invoice():
    company = Company()
    company.approved(8)
    assert company.ledger() == ""

    assert company.journalise() == Posted(posted=2, failed=0)
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +1600.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value   -1600.00
    """)

    company.confirm(company.draft())
    assert company.journalise() == Posted(posted=0, failed=0)

    (invoice,) = company.invoices()
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (1600, 320, 1920)
    assert company.voucher(invoice) == table("""
        1400 Trade receivables              +1920.00
        1450 Work in progress, sales value  -1600.00
        1776 Sales tax payable               -320.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value   +1600.00
    """)
    assert company.ledger() == table("""
        1400 Trade receivables              +1920.00
        1450 Work in progress, sales value      0.00
        1776 Sales tax payable               -320.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value       0.00
    """)
    assert unbalanced() == []


def test_a_day_that_is_not_accrued():
    company = Company(accrues=False)
    company.approved(8)
    assert company.journalise() == Posted(posted=2, failed=0)
    assert company.ledger() == table("""
        4100 Project cost        +800.00
        4199 Payroll allocation  -800.00
    """)

    company.confirm(company.draft())
    (invoice,) = company.invoices()
    assert company.voucher(invoice) == table("""
        1400 Trade receivables  +1920.00
        1776 Sales tax payable   -320.00
        8400 Invoiced revenue   -1600.00
    """)


def test_the_invoice_tells_everyone_who_needs_to_know():
    company = Company()
    invoice = company.billed(8)
    assert (invoice.number, invoice.series_number) == ("RE-2026-00001", 1)
    assert (invoice.invoice_date, invoice.due_date) == (CUT_OFF, CUT_OFF + timedelta(days=30))
    proforma = Proforma.objects.get()
    assert proforma.status == ProformaStatus.POSTED
    assert (
        proforma.customer_invoice_number,
        proforma.customer_invoice_date,
        proforma.customer_invoice_tax,
    ) == (
        "RE-2026-00001",
        CUT_OFF,
        Decimal(320),
    )
    owed = CustomerTransaction.objects.get()
    assert (owed.customer, owed.amount, owed.base_amount, owed.due_date) == (
        company.customer,
        1920,
        1920,
        invoice.due_date,
    )
    assert list(ProjectTransaction.objects.order_by("pk").values_list("kind", "amount")) == [
        ("cost", Decimal(800)),
        ("sales", Decimal(1600)),
        ("invoiced", Decimal(1600)),
    ]
    (tax,) = invoice.taxes.all()
    assert (tax.tax_code, tax.percent, tax.base_amount, tax.tax_amount) == (company.tax_code, 20, 1600, 320)


def test_hours_written_off_on_the_draft_leave_no_work_in_progress():
    company = Company()
    company.approved(8)
    company.journalise()
    draft = company.draft()
    company.edit(draft, quantity="6")
    company.confirm(draft)
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +1440.00
        1450 Work in progress, sales value      0.00
        1776 Sales tax payable               -240.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1200.00
        8450 Accrued revenue, sales value       0.00
    """)


def test_hours_kept_in_the_backlog_stay_in_the_work_in_progress():
    company = Company()
    company.approved(8)
    company.journalise()
    draft = company.draft()
    company.edit(draft, quantity="6", remainder=Remainder.KEEP)
    company.confirm(draft)
    company.invoices()
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"
    assert company.ledger() == table("""
        1400 Trade receivables              +1440.00
        1450 Work in progress, sales value   +400.00
        1776 Sales tax payable               -240.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1200.00
        8450 Accrued revenue, sales value    -400.00
    """)

    company.confirm(company.draft())
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +1920.00
        1450 Work in progress, sales value      0.00
        1776 Sales tax payable               -320.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value       0.00
    """)


@pytest.mark.parametrize(
    ("changes", "receivable", "tax", "revenue"),
    [
        ({"quantity": "10"}, "+2400.00", "-400.00", "-2000.00"),
        ({"price": "180"}, "+1728.00", "-288.00", "-1440.00"),
    ],
)
def test_the_invoice_takes_back_what_was_accrued_whatever_it_bills(changes, receivable, tax, revenue):
    company = Company()
    company.approved(8)
    company.journalise()
    draft = company.draft()
    company.edit(draft, **changes)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert company.voucher(invoice) == table(f"""
        1400 Trade receivables              {receivable}
        1450 Work in progress, sales value  -1600.00
        1776 Sales tax payable              {tax}
        8400 Invoiced revenue               {revenue}
        8450 Accrued revenue, sales value   +1600.00
    """)


def test_a_day_given_away_on_the_draft_takes_its_accrual_back_and_asks_for_nothing():
    company = Company()
    company.approved(8)
    company.journalise()
    draft = company.draft()
    company.edit(draft, billing_type=BillingType.COMPLIMENTARY)
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert (invoice.net_amount, invoice.gross_amount) == (0, 0)
    assert company.voucher(invoice) == table("""
        1450 Work in progress, sales value  -1600.00
        8450 Accrued revenue, sales value   +1600.00
    """)
    assert not CustomerTransaction.objects.exists()


@pytest.mark.parametrize("billing_type", [BillingType.NON_CHARGEABLE, BillingType.COMPLIMENTARY])
def test_work_nobody_pays_for_is_never_accrued(billing_type):
    company = Company()
    company.approved(8, billing_type=billing_type)
    assert company.journalise() == Posted(posted=2, failed=0)
    assert company.ledger() == table("""
        4100 Project cost        +800.00
        4199 Payroll allocation  -800.00
    """)
    assert [line.is_accrued for line in IntegrationJournalLine.objects.order_by("pk")] == [False, False]

    company.confirm(company.draft())
    (invoice,) = company.invoices()
    assert invoice.gross_amount == 0
    assert not Voucher.objects.filter(source_kind="customer_invoice").exists()


def test_billable_hours_are_accrued_and_the_others_are_not():
    company = Company()
    company.approved(8, billable=6)
    company.journalise()
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +1200.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value   -1200.00
    """)


def test_a_milestone_on_account_in_profit_and_loss():
    company = Company(on_account="profit_and_loss")
    company.milestone("5000")
    company.confirm(*company.drafts())
    (invoice,) = company.invoices()
    assert (
        company.voucher(invoice)
        == company.ledger()
        == table("""
        1400 Trade receivables             +6000.00
        1776 Sales tax payable             -1000.00
        8410 Invoiced revenue, on account  -5000.00
    """)
    )


def test_a_milestone_on_account_in_the_balance():
    company = Company(on_account="balance")
    company.milestone("5000")
    company.confirm(*company.drafts())
    (invoice,) = company.invoices()
    assert (
        company.voucher(invoice)
        == company.ledger()
        == table("""
        1400 Trade receivables    +6000.00
        1470 Invoiced on account  -5000.00
        1776 Sales tax payable    -1000.00
    """)
    )


def test_expenses_and_material_credit_their_own_accounts():
    company = Company()
    company.sells_expenses_at_cost_plus("10")
    company.sells_material_for("75")
    company.approved(1, "expense", price=Decimal(500))
    company.approved(5, "material", price=Decimal(50), product="Cable")
    company.approved(1, "fee", price=Decimal(500))
    assert company.journalise() == Posted(posted=5, failed=0)
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +1425.00
        1590 Expense integration             -500.00
        4100 Project cost                    +750.00
        4400 Cost of items                   -250.00
        8450 Accrued revenue, sales value   -1425.00
    """)


def test_hours_for_a_fixed_price_cost_and_are_not_accrued():
    company = Company()
    fixed = company.fixed_price_line()
    company.approved(8, project=fixed.project)
    assert company.journalise() == Posted(posted=1, failed=0)
    assert company.ledger() == table("""
        4100 Project cost        +800.00
        4199 Payroll allocation  -800.00
    """)


def test_one_invoice_of_hours_a_milestone_and_something_by_hand():
    company = Company()
    company.approved(8)
    company.milestone("5000")
    draft = company.draft()
    company.add_by_hand(draft, company.line, quantity=Decimal(3), price=Decimal(200))
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert (invoice.net_amount, invoice.tax_amount) == (7200, 1440)
    assert company.voucher(invoice) == table("""
        1400 Trade receivables              +8640.00
        1450 Work in progress, sales value  -1600.00
        1776 Sales tax payable              -1440.00
        8400 Invoiced revenue               -2200.00
        8410 Invoiced revenue, on account   -5000.00
        8450 Accrued revenue, sales value   +1600.00
    """)


def test_numbers_follow_the_dates_and_start_again_every_year():
    company = Company(tax=False)
    for day in (date(2026, 5, 31), date(2026, 4, 30)):
        company.approved(8)
        company.ready()
        company.confirm(*company.drafts(day))
    company.invoices()
    assert list(CustomerInvoice.objects.order_by("number").values_list("number", "invoice_date")) == [
        ("RE-2026-00001", date(2026, 4, 30)),
        ("RE-2026-00002", date(2026, 5, 31)),
    ]

    next_year = {"first_day": date(2027, 1, 1), "last_day": date(2027, 12, 31)}
    add_fiscal_year(company.entity, **next_year, actor=company.accountant, at=NOW)
    company.approved(8)
    company.ready()
    company.confirm(*company.drafts(date(2027, 1, 4)))
    (invoice,) = company.invoices()
    assert invoice.number == "RE-2027-00001"


def test_tax_is_rounded_once_on_the_sum_of_the_group():
    company = Company()
    for _each in range(3):
        company.approved("0.1", "fee", price=Decimal("0.30"))
    draft = company.draft()
    assert (draft.net_amount, draft.tax_amount) == (Decimal("0.09"), Decimal("0.02"))
