"""The ledger lines of an invoice, prepared in memory: signs, sums, rounding, what is missing (C6, G8)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.advance_bases import AdvanceBooks
from accounting.invoice_posting_lines import PreparedInvoice, names_of, prepare_invoice, sums_of
from accounting.models import Account, CostRevenueRule, InvoiceProposal, PostingAccount
from accounting.posting_context import PostingContext
from accounting.states import PostingType
from projects.models import TaxRate
from projects.states import BillingType
from projects.tax_rules import tax_rules
from tests.company import Company
from tests.company.checking import statements

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 31)


def proposed(company: Company, *hours: int) -> InvoiceProposal:
    for each in hours:
        company.approved(each)
    company.confirm(company.draft())
    company.journalise()
    return company.proposals().select_related("proforma", "legal_entity").get()


def prepared(company: Company, proposal: InvoiceProposal, day: date = DAY) -> PreparedInvoice:
    rules = tax_rules()
    sums = sums_of([proposal], rules, day)
    return prepare_invoice(
        proposal, sums[proposal.pk], PostingContext.of(company.entity), rules, AdvanceBooks(), day
    )


def lines_of(invoice: PreparedInvoice) -> list[tuple[str, Decimal, Decimal]]:
    numbers = dict(Account.objects.values_list("pk", "number"))
    return [(numbers[line.account_id], line.amount, line.base_amount) for line in invoice.lines]


def test_the_customer_owes_gross_and_the_accrual_is_taken_back():
    company = Company()
    invoice = prepared(company, proposed(company, 8, 4))
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (2400, 480, 2880)
    assert (invoice.base_amount, invoice.problems) == (2880, [])
    assert lines_of(invoice) == [
        ("1400", 2880, 2880),
        ("8400", -2400, -2400),
        ("1776", -480, -480),
        ("8450", 2400, 2400),
        ("1450", -2400, -2400),
    ]


def test_only_the_line_of_the_customer_names_one():
    company = Company()
    proposal = proposed(company, 8)
    InvoiceProposal.objects.update(dimension="north")
    proposal.dimension = "north"
    invoice = prepared(company, proposal)
    assert [line.customer_id for line in invoice.lines] == [company.customer.pk, None, None, None, None]
    key = company.project.pk
    assert [line.project_id for line in invoice.lines] == [None, key, None, key, key]
    # What was accrued goes back to where it was booked, and that was on no dimension.
    assert [line.dimension for line in invoice.lines] == ["north", "north", "north", "", ""]


def test_each_line_is_converted_once_at_the_rate_of_the_day():
    company = Company(currency="GBP", accrues=False)
    company.sells_hours_for("33.33")
    company.rate("GBP", "1.1111", date(2026, 1, 1))
    company.rate("GBP", "2", date(2026, 4, 1))
    proposal = proposed(company, 1)
    assert lines_of(prepared(company, proposal)) == [
        ("1400", Decimal("40.00"), Decimal("44.44")),
        ("8400", Decimal("-33.33"), Decimal("-37.03")),
        ("1776", Decimal("-6.67"), Decimal("-7.41")),
    ]
    later = prepared(company, proposal, date(2026, 4, 1))
    assert [line.base_amount for line in later.lines] == [80, Decimal("-66.66"), Decimal("-13.34")]
    assert later.base_amount == 80


def test_what_rounding_leaves_over_stands_on_a_line_of_its_own():
    company = Company(currency="GBP", accrues=False)
    company.sells_hours_for("10.01")
    company.rate("GBP", "1.2475", date(2026, 1, 1))
    # 12.01, 10.01 and 2.00 pounds are 14.9825, 12.4875 and 2.495 euros.
    assert lines_of(prepared(company, proposed(company, 1))) == [
        ("1400", Decimal("12.01"), Decimal("14.98")),
        ("8400", Decimal("-10.01"), Decimal("-12.49")),
        ("1776", Decimal("-2.00"), Decimal("-2.50")),
        ("8990", Decimal(0), Decimal("0.01")),
    ]


def test_what_nobody_pays_for_is_on_no_line():
    company = Company()
    company.approved(4, billing_type=BillingType.COMPLIMENTARY)
    invoice = prepared(company, proposed(company))
    assert (invoice.net_amount, invoice.tax_amount, invoice.base_amount) == (0, 0, 0)
    assert lines_of(invoice) == []


def test_a_milestone_is_invoiced_on_account():
    company = Company()
    company.milestone("5000")
    invoice = prepared(company, proposed(company))
    assert lines_of(invoice) == [("1400", 6000, 6000), ("8410", -5000, -5000), ("1776", -1000, -1000)]


def test_everything_that_is_missing_is_noted_once():
    company = Company()
    company.milestone("5000")
    proposal = proposed(company, 8, 4)
    CostRevenueRule.objects.filter(profile__name="Fixed price").delete()
    missing = [PostingType.CUSTOMER_BALANCE, PostingType.SALES_TAX_PAYABLE]
    PostingAccount.objects.filter(posting_type__in=missing).delete()
    invoice = prepared(company, proposal)
    assert names_of(invoice.problems) == [
        ("account", "Customer balance"),
        ("profile", "Fixed price"),
        ("account", "Sales tax payable"),
    ]


def test_without_a_rate_nothing_is_prepared():
    company = Company()
    proposal = proposed(company, 8)
    TaxRate.objects.all().delete()
    invoice = prepared(company, proposal)
    assert (names_of(invoice.problems), invoice.lines) == ([("tax-rate", "VAT")], [])


def test_without_an_exchange_rate_nothing_is_prepared():
    company = Company(currency="GBP")
    company.rate("GBP", "1.25", date(2026, 1, 1))
    proposal = proposed(company, 8)
    invoice = prepared(company, proposal, date(2025, 12, 31))
    assert (names_of(invoice.problems), invoice.lines) == ([("exchange-rate", "GBP")], [])


def test_sums_of_any_number_of_proposals_take_three_statements():
    company = Company()
    proposed(company, 8, 4)
    company.approved(2)
    company.confirm(company.draft())
    company.journalise()
    proposals = list(company.proposals().order_by("pk"))
    rules = tax_rules()
    assert statements(lambda: sums_of(proposals, rules)) == 3
    sums = sums_of(proposals, rules)
    assert [sum(net for _row, net in sums[one.pk].revenue) for one in proposals] == [2400, 400]
    accrued = [sorted((one.amount, one.base_amount) for one in sums[each.pk].accrued) for each in proposals]
    assert accrued == [[(-2400, -2400), (2400, 2400)], [(-400, -400), (400, 400)]]
    assert {one.project_id for each in proposals for one in sums[each.pk].accrued} == {company.project.pk}
