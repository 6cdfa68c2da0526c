"""Advances of contracts that several customers pay for, each taxed as its own payer is (B3, C3)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing.models import Proforma, Retainer
from projects.models import (
    ContractLineCustomer,
    Customer,
    Project,
)
from tests.company import Company, rows
from tests.company.checking import assert_proven
from tests.company.retainers import fresh, planned, position, ready, taxed_at, to_be_refunded
from tests.company.rows import CUT_OFF, DAY, next_number
from tests.company.text import table

pytestmark = pytest.mark.django_db


def two_payers(company: Company) -> tuple[Customer, Customer]:
    """Three quarters are paid at 20 %, one quarter by a customer who is taxed at 10 %."""
    one, other = company.is_shared_by("75", "25")
    taxed_at(company, other, "10")
    return one, other


def figures(drafts: list[Proforma]) -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    """Net, tax and total of each customer's draft."""
    return {one.customer_id: (one.net_amount, one.tax_amount, one.gross_amount) for one in drafts}


def test_each_payer_is_asked_for_its_own_advance_with_its_own_tax_and_gets_it_taken_off():
    company = Company()
    one, other = two_payers(company)
    of_one, of_other = ready(company, "1000", name="A"), ready(company, "400", name="B", customer=other)
    drafts = company.drafts(CUT_OFF)
    assert figures(drafts) == {one.pk: (1000, 200, 1200), other.pk: (400, 40, 440)}
    company.confirm(*drafts)

    company.approved(10)
    company.ready()
    drafts = company.drafts(CUT_OFF)
    # 2,000 of work: 1,500 less 1,000 at 20 %, and 500 less 400 at 10 %.
    assert figures(drafts) == {one.pk: (500, 100, 600), other.pk: (100, 10, 110)}
    company.confirm(*drafts)
    assert [position(each) for each in (of_one, of_other)] == [
        "used_up 1000.00 1000.00 0.00 0.00",
        "used_up 400.00 400.00 0.00 0.00",
    ]
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +2350.00
        1450 Work in progress, sales value      0.00
        1710 Advances of customers              0.00
        1776 Sales tax payable               -350.00
        4100 Project cost                   +1000.00
        4199 Payroll allocation             -1000.00
        8400 Invoiced revenue               -2000.00
        8450 Accrued revenue, sales value       0.00
    """)
    assert_proven()


def test_the_advance_of_one_payer_never_pays_for_the_other():
    company = Company()
    one, other = two_payers(company)
    of_other = ready(company, "5000", customer=other)
    company.confirm(*company.drafts(CUT_OFF))
    company.approved(10)
    company.ready()
    drafts = company.drafts(CUT_OFF)
    assert figures(drafts) == {one.pk: (1500, 300, 1800), other.pk: (0, 0, 0)}
    assert position(of_other) == "available 5000.00 0.00 500.00 4500.00"
    company.confirm(*drafts)
    # What is left goes back with the tax of its payer.
    to_be_refunded(company, of_other)
    (refund,) = company.drafts(CUT_OFF)
    assert figures([refund]) == {other.pk: (-4500, -450, -4950)}
    company.confirm(refund)
    company.invoices()
    assert position(of_other) == "refunded 5000.00 5000.00 0.00 0.00"
    assert "1710 Advances of customers 0.00" in company.ledger()
    assert_proven()


def test_a_payer_without_tax_gets_back_what_was_asked_without_tax():
    company = Company()
    _one, other = company.is_shared_by("50", "50")
    taxed_at(company, other, "0")
    retainer = ready(company, "300", customer=other)
    company.confirm(*company.drafts(CUT_OFF))
    company.approved(8)
    company.ready()
    drafts = company.drafts(CUT_OFF)
    assert figures(drafts)[other.pk] == (500, 0, 500)
    company.confirm(*drafts)
    company.invoices()
    assert position(retainer) == "used_up 300.00 300.00 0.00 0.00"
    assert_proven()


def test_one_payer_on_hold_keeps_nothing_of_the_other_back():
    company = Company()
    one, other = two_payers(company)
    ready(company, "1000", name="A")
    held = ready(company, "400", name="B", customer=other)
    Customer.objects.filter(pk=other.pk).update(is_on_hold=True)
    assert figures(company.drafts(CUT_OFF)) == {one.pk: (1000, 200, 1200)}
    assert fresh(held).status == "ready"
    Customer.objects.filter(pk=other.pk).update(is_on_hold=False)
    assert figures(company.drafts(CUT_OFF)) == {other.pk: (400, 40, 440)}


def test_an_advance_stands_on_the_first_line_that_its_own_payer_pays_for():
    company = Company()
    other = rows.customer(company.entity, currency="EUR")
    taxed_at(company, other, "10")
    project = Project.objects.create(
        legal_entity=company.entity, number=f"P{next_number()}", name="Second", customer=company.customer
    )
    second = rows.contract_line(company.contract, other, project=project, name="Second line")
    retainer = planned(company, "600", customer=other)
    assert retainer.contract_line == second
    of_first = planned(company, "900")
    assert of_first.contract_line == company.line
    for each in (retainer, of_first):
        Retainer.objects.filter(pk=each.pk).update(status="ready")
    drafts = company.drafts(CUT_OFF)
    assert figures(drafts) == {company.customer.pk: (900, 180, 1080), other.pk: (600, 60, 660)}
    company.confirm(*drafts)
    # Work on either line is paid for by the advance of its own payer alone.
    company.approved(8, project=project)
    company.ready()
    (draft,) = company.drafts(CUT_OFF)
    assert figures([draft]) == {other.pk: (1000, 100, 1100)}
    assert {line.contract_line_id: line.amount for line in draft.lines.all()}[second.pk] == 1000
    company.confirm(draft)
    company.invoices()
    assert_proven()


def test_a_customer_who_pays_no_more_still_gets_its_balance_back():
    company = Company()
    _one, other = two_payers(company)
    retainer = ready(company, "400", customer=other)
    company.confirm(*company.drafts(CUT_OFF))
    company.invoices()
    ContractLineCustomer.objects.filter(contract_line=company.line, customer=other).delete()
    ContractLineCustomer.objects.filter(contract_line=company.line).update(
        split_percent=100, is_rounding=True
    )
    company.approved(8, date=DAY + timedelta(days=1))
    company.ready()
    to_be_refunded(company, retainer)
    drafts = company.drafts(CUT_OFF)
    assert figures(drafts) == {company.customer.pk: (1600, 320, 1920), other.pk: (-400, -40, -440)}
    company.confirm(*drafts)
    company.invoices()
    assert position(retainer) == "refunded 400.00 400.00 0.00 0.00"
    assert_proven()
