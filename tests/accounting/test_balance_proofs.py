"""Cost and estimates in the balance that are not what was posted there are named (G11, G12, X6)."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.db.models import F

from accounting.models import IntegrationJournalLine, RevenueEstimate
from accounting.proving import prove
from core import guarding
from tests.accounting.test_moving_costs import company_with_cost_in_the_balance
from tests.accounting.test_recognising import estimate, fixed_price, post, worked
from tests.company import Company
from tests.company.checking import assert_proven

pytestmark = pytest.mark.django_db


@pytest.fixture
def unguarded() -> Iterator[None]:
    yield
    guarding.install(connection)


def broken() -> set[str]:
    return {one.proof.code for one in prove() if one.count}


def test_cost_in_the_balance_that_no_line_holds(unguarded: None):
    company: Company = company_with_cost_in_the_balance()
    company.approved(8)
    company.journalise()
    assert_proven()
    guarding.lift(connection)
    assert IntegrationJournalLine.objects.filter(is_held=True).update(is_held=False) == 1
    assert "G11" in broken()


def test_an_estimate_that_is_not_what_its_voucher_left_in_the_balance(unguarded: None):
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, total_cost="2400")
    post(company)
    assert_proven()
    guarding.lift(connection)
    assert RevenueEstimate.objects.update(amount=F("amount") + 1) == 1
    assert "G12" in broken()
