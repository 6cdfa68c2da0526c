"""Post proposals: all of them or none, and by somebody else (C6; accounts stand in the scenarios)."""

from datetime import date, timedelta

import pytest

from accounting.blocking import blocking_counts, blocking_journals
from accounting.invoicing import post_proposals
from accounting.models import (
    Account,
    CostRevenueRule,
    CustomerInvoice,
    FiscalPeriod,
    IntegrationJournal,
    InvoiceProposal,
    InvoiceProposalLine,
    PostingAccount,
)
from accounting.states import PeriodStatus, PostingType, ProposalStatus
from billing.models import NumberSeries, Proforma
from billing.states import SeriesKind
from core.models import Activity, OutboxEntry
from projects.models import SalesTaxGroup, TaxCode, TaxRate, TaxRule
from tests.company import Company
from tests.company.checking import refused
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db


def proposed(company: Company, *hours: int) -> list[InvoiceProposal]:
    """A proposal per day's work; the journals are posted."""
    for each in hours:
        company.approved(each)
        company.confirm(company.draft())
    company.journalise()
    return list(company.proposals().order_by("pk"))


def post(company: Company, **options) -> list[CustomerInvoice]:
    return company.post(InvoiceProposal.objects.all(), **options)


def last_number() -> int:
    series = NumberSeries.objects.filter(kind=SeriesKind.CUSTOMER_INVOICE)
    return sum(series.values_list("last_number", flat=True))


def test_a_set_is_posted_with_numbers_in_a_row():
    company = Company()
    proposed(company, 8, 4)
    assert [(one.number, one.net_amount) for one in post(company)] == [
        ("RE-2026-00001", 1600),
        ("RE-2026-00002", 800),
    ]
    assert set(InvoiceProposal.objects.values_list("status", flat=True)) == {ProposalStatus.POSTED}
    assert set(Proforma.objects.values_list("status", flat=True)) == {"posted"}
    assert OutboxEntry.objects.filter(kind="invoice-posted").count() == 2
    assert Activity.objects.filter(verb="posted", to_state="posted").count() >= 2


def test_what_is_posted_is_not_posted_again():
    company = Company()
    proposed(company, 8)
    post(company)
    with refused("already-posted"):
        post(company)


def test_whoever_confirmed_does_not_post():
    company = Company()
    proposed(company, 8)
    with refused("own-confirmation"):
        post_proposals(InvoiceProposal.objects.all(), actor=company.manager, at=NOW)


def test_work_that_is_not_in_the_books_blocks_its_invoice_and_is_named():
    company = Company()
    company.approved(8)
    company.approved(4)
    company.confirm(company.draft())
    company.proposals()
    proposal = InvoiceProposal.objects.get()
    assert blocking_counts([proposal]) == {proposal.pk: 2}
    assert not blocking_journals([proposal]).exists()
    with refused("lines-not-posted") as caught:
        post(company)
    assert "2 of its lines are not posted" in str(caught.value)

    PostingAccount.objects.filter(posting_type=PostingType.WIP_SALES_VALUE).delete()
    company.journalise()
    assert [one.status for one in blocking_journals([proposal])] == ["error"]


def test_one_that_is_blocked_keeps_the_others_back_and_takes_no_number():
    company = Company()
    proposed(company, 8)
    company.approved(4)
    company.confirm(company.draft())
    company.proposals()
    with refused("lines-not-posted"):
        post(company)
    assert last_number() == 0
    assert [one.number for one in company.invoices()] == ["RE-2026-00001", "RE-2026-00002"]


def test_no_invoice_is_dated_in_a_closed_period():
    company = Company()
    proposed(company, 8)
    FiscalPeriod.objects.filter(starts_on=date(2026, 3, 1)).update(status=PeriodStatus.CLOSED)
    with refused("period-closed"):
        post(company)
    (invoice,) = post(company, invoice_date=date(2026, 4, 1))
    assert (invoice.invoice_date, invoice.due_date) == (date(2026, 4, 1), date(2026, 5, 1))


def test_dates_never_go_back_within_a_series():
    company = Company()
    proposed(company, 8)
    post(company, invoice_date=date(2026, 4, 2))
    proposed(company, 4)
    waiting = InvoiceProposal.objects.unposted()
    with refused("date-before-last-number"):
        company.post(waiting, invoice_date=date(2026, 4, 1))
    (invoice,) = company.post(waiting, invoice_date=date(2026, 4, 2))
    assert invoice.number == "RE-2026-00002"


@pytest.mark.parametrize(
    ("lack", "code", "words"),
    [
        (
            lambda: PostingAccount.objects.filter(posting_type=PostingType.INVOICED_REVENUE).delete(),
            "account-missing",
            "No account is set for the posting type Invoiced revenue.",
        ),
        (
            lambda: PostingAccount.objects.filter(posting_type=PostingType.SALES_TAX_PAYABLE).delete(),
            "account-missing",
            "No account is set for the posting type Sales tax payable.",
        ),
        (
            lambda: CostRevenueRule.objects.all().delete(),
            "profile-missing",
            "No cost and revenue profile applies to Time and material lines.",
        ),
        (
            lambda: TaxRate.objects.all().delete(),
            "tax-rate-missing",
            "Tax code VAT has no rate on the invoice date.",
        ),
        (
            lambda: InvoiceProposal.objects.update(sales_tax_group=None),
            "sales-tax-group-missing",
            "It has no sales tax group.",
        ),
        (
            lambda: InvoiceProposalLine.objects.update(item_sales_tax_group=None),
            "item-tax-group-missing",
            "Some of its lines have no item sales tax group.",
        ),
        (
            lambda: TaxRule.objects.all().delete(),
            "tax-rule-missing",
            "No tax code is set where Domestic × Full rate meet.",
        ),
    ],
)
def test_what_is_missing_in_the_set_up_is_named(lack, code, words):
    company = Company()
    proposed(company, 8)
    lack()
    with refused(code) as caught:
        post(company)
    assert words in str(caught.value)
    assert last_number() == 0


def test_by_the_invoice_date_tax_is_that_of_the_day_of_posting_and_not_of_the_estimate():
    company = Company()
    company.is_taxed_by_invoice_date()
    TaxRate.objects.create(tax_code=company.tax_code, starts_on=date(2026, 4, 1), percent=10)
    (proposal,) = proposed(company, 8)
    assert proposal.proforma.tax_amount == 320
    (invoice,) = post(company, invoice_date=date(2026, 4, 1))
    assert (invoice.tax_amount, invoice.gross_amount) == (160, 1760)
    assert Proforma.objects.get().customer_invoice_tax == 160
    assert "1776 Sales tax payable -160.00" in company.voucher(invoice)


def test_the_accountant_may_change_tax_groups_due_date_and_dimension():
    company = Company()
    proposed(company, 8)
    due = CUT_OFF + timedelta(days=10)
    abroad = SalesTaxGroup.objects.create(code="abroad", name="Abroad")
    code = TaxCode.objects.create(code="abroad", name="Abroad", kind="exempt", reason_en="Not taxable here")
    TaxRule.objects.create(sales_tax_group=abroad, item_sales_tax_group=company.item_group, tax_code=code)
    InvoiceProposal.objects.update(sales_tax_group=abroad, due_date=due, dimension="north")
    (invoice,) = post(company)
    assert (invoice.tax_amount, invoice.gross_amount, invoice.due_date) == (0, 1600, due)
    (tax,) = invoice.taxes.all()
    assert (tax.tax_code, tax.percent, tax.base_amount) == (code, 0, 1600)
    account = Account.objects.get(legal_entity=company.entity, number="8400")
    assert account.lines.get().dimension == "north"


def test_what_the_invoice_says_is_frozen_with_it():
    company = Company()
    proposed(company, 8)
    InvoiceProposal.objects.update(note="Thank you")
    (invoice,) = post(company)
    frozen = invoice.snapshot
    assert (frozen["customer"]["name"], frozen["seller"]["name"]) == (
        company.customer.name,
        company.entity.name,
    )
    assert frozen["payment_terms"] == "Payable without deduction within 30 days."
    assert frozen["notes"] == ["Thank you"]
    assert frozen["taxes"] == [
        {"label": "VAT", "rate": "20.0000", "base": "1600.0000", "tax": "320.00", "note": ""}
    ]
    assert frozen["rates"] == [[company.item_group.pk, "2020-01-01", "20.0000", None]]
    assert frozen["tax_date"] == "supply"


def test_nothing_to_post_is_nothing_posted():
    company = Company()
    assert company.post(InvoiceProposal.objects.none()) == []
    assert not IntegrationJournal.objects.exists()
