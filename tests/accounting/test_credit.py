"""Credit limit and hold: whoever posts sees it, and a customer on hold is not invoiced (C11)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.credit import credit_of
from accounting.invoicing import posting_outlook
from accounting.models import CustomerInvoice, InvoiceProposal
from projects.maintaining import hold_customers, release_customers
from projects.models import Customer
from projects.roles import PROJECT_ACCOUNTANT
from tests.admin.admin_client import AdminClient
from tests.company import Company, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.receivables import owed
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


def proposed(company: Company) -> InvoiceProposal:
    """1,600.00 and tax, confirmed and not posted yet."""
    company.approved(8)
    company.confirm(company.draft())
    company.journalise()
    return company.proposals().get()


def limited(company: Company, limit: str) -> Customer:
    Customer.objects.filter(pk=company.customer.pk).update(credit_limit=Decimal(limit))
    return Customer.objects.select_related("legal_entity").get(pk=company.customer.pk)


def test_what_is_open_and_what_is_confirmed_count_against_the_limit():
    company = Company()
    proposed(company)
    owed(company, "500", "-100")
    customer = limited(company, "2400")
    position = credit_of([customer], DAY)[customer.pk]
    assert (position.open_base, position.confirmed, position.left) == (400, 1920, 80)
    assert not position.is_over
    customer = limited(company, "2319.99")
    assert credit_of([customer], DAY)[customer.pk].is_over
    Customer.objects.update(credit_limit=None)
    customer.refresh_from_db()
    assert credit_of([customer], DAY)[customer.pk].left is None


def test_a_currency_without_a_rate_is_named_and_not_counted():
    company = Company(currency="USD")
    company.rate("USD", "0.80")
    proposed(company)
    customer = limited(company, "100")
    before = credit_of([customer], date(2000, 1, 1))[customer.pk]
    assert (before.confirmed, before.unknown) == (0, ("USD",))
    assert credit_of([customer], NOW.date())[customer.pk].confirmed == 1536


def test_a_customer_put_on_hold_after_confirmation_is_not_invoiced_until_released():
    company = Company()
    proposal = proposed(company)
    mine = Customer.objects.filter(pk=company.customer.pk)
    hold_customers(mine, reason="insolvency", on=DAY, actor=company.manager, at=NOW)
    with refused("customer-on-hold") as caught:
        company.post(only(proposal))
    assert "is on hold: insolvency." in str(caught.value)
    assert [one.code for one in posting_outlook(only(proposal), actor=company.accountant).refusals] == [
        "customer-on-hold"
    ]
    release_customers(mine.all(), actor=company.manager, at=NOW)
    company.post(only(proposal))
    assert CustomerInvoice.objects.count() == 1
    assert_proven()


def test_the_statements_do_not_depend_on_how_many_customers():
    company = Company()
    owed(company, "10")
    customer = limited(company, "5")
    other = Company()
    owed(other, "10")
    both = [customer, limited(other, "5")]
    assert statements(lambda: credit_of([customer], DAY)) == 3
    assert statements(lambda: credit_of(both, DAY)) == 3


def test_pages_say_that_a_customer_is_beyond_its_limit():
    company = Company()
    proposal = proposed(company)
    company.admit(company.accountant, PROJECT_ACCOUNTANT)
    customer = limited(company, "1000")
    client = AdminClient(company.accountant)
    page = client.shown("accounting_statement", customer.pk).content.decode()
    said = f"{customer} is beyond its credit limit by €920.00."
    assert said in page
    assert "Confirmed, not posted, with tax" in page
    assert said in client.shown("accounting_invoiceproposal_action", proposal.pk, "post").content.decode()
