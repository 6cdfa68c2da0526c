"""What roundings left the payers of a line short of, by calendar month and by side (decision 8).

An hour sells for a cent, so that half of it is what no payer can have: whoever had too much has less next.
"""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from projects.models import Actual, Customer
from projects.states import BillingType, TransactionType
from tests.company import Company
from tests.company.rows import DAY

pytestmark = pytest.mark.django_db

FIRST, LAST, NEXT = date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)


@pytest.fixture
def at() -> Company:
    company = Company()
    company.sells_hours_for("0.01")
    return company


def unbilled(of: BillingType, what: str, *customers: Customer) -> list[Decimal]:
    """Sum of quantity or amount of each customer's unbilled sales of a billing type."""
    rows = Actual.objects.filter(type=TransactionType.UNBILLED_SALES, billing_type=of).order_by()
    sums = dict(rows.values_list("work_item__customer").annotate(sum=Sum(what)))
    return [sums.get(one.pk, Decimal(0)) for one in customers]


def cents(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


@pytest.mark.parametrize("other", [FIRST, LAST])
def test_the_first_and_the_last_day_of_a_month_belong_to_it(at, other):
    payers = at.is_shared_by("50", "50")
    at.approved(1, date=other)
    assert at.unbilled_of(*payers) == cents("0.01", "0")
    at.approved(1, date=DAY)
    assert at.unbilled_of(*payers) == cents("0.01", "0.01")


def test_the_next_month_begins_anew(at):
    payers = at.is_shared_by("50", "50")
    at.approved(1, date=LAST)
    at.approved(1, date=NEXT)
    assert at.unbilled_of(*payers) == cents("0.02", "0")


def test_what_is_not_billed_of_an_approval_is_shared_by_itself(at):
    payers = at.is_shared_by("50", "50")
    for _each in range(2):
        at.approved(2, billable=1)
    assert at.unbilled_of(*payers) == cents("0.02", "0.02")
    for billing_type in (BillingType.CHARGEABLE, BillingType.NON_CHARGEABLE):
        assert unbilled(billing_type, "amount", *payers) == cents("0.01", "0.01"), billing_type


def test_so_are_its_hours(at):
    payers = at.is_shared_by("50", "50")
    for _each in range(2):
        at.approved("0.0002", billable="0.0001")
    for billing_type in (BillingType.CHARGEABLE, BillingType.NON_CHARGEABLE):
        assert unbilled(billing_type, "quantity", *payers) == cents("0.0001", "0.0001"), billing_type


def test_work_that_is_not_chargeable_is_shared_as_a_whole_whatever_would_be_billable(at):
    payers = at.is_shared_by("50", "50")
    for _each in range(3):
        at.approved(3, billable=1, billing_type=BillingType.NON_CHARGEABLE)
    assert unbilled(BillingType.NON_CHARGEABLE, "amount", *payers) == cents("0.05", "0.04")


def test_work_given_away_and_work_that_is_billed_owe_each_other_nothing(at):
    payers = at.is_shared_by("50", "50")
    at.approved(1, billing_type=BillingType.COMPLIMENTARY)
    at.approved(1)
    assert unbilled(BillingType.COMPLIMENTARY, "amount", *payers) == cents("0.01", "0")
    assert unbilled(BillingType.CHARGEABLE, "amount", *payers) == cents("0.01", "0")


def test_what_a_draft_changed_since_does_not_change_who_owes_what(at):
    payers = at.is_shared_by("50", "50")
    at.approved(1)
    at.ready()
    for draft in at.drafts():
        at.edit(draft, price="5")
        at.confirm(draft)
    at.approved(1)
    assert at.unbilled_of(*payers) == cents("0", "0.01")


def test_cost_is_shared_as_sales_are(at):
    payers = at.is_shared_by("33.33", "33.33", "33.34")
    for _each in range(3):
        at.approved("0.0001")
    cost = Actual.objects.filter(type=TransactionType.COST).order_by()
    sums = dict(cost.values_list("work_item__customer").annotate(sum=Sum("amount")))
    assert [sums[one.pk] for one in payers] == cents("0.01", "0.01", "0.01")
