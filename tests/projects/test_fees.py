"""A fee that no line by time and material takes is refused with a sentence (matrix 4.1 #12)."""

from decimal import Decimal

import pytest

from projects.approving import approve_entries, change_terms
from projects.models import ContractLine
from projects.states import BillingMethod, BillingType
from projects.submitting import submit_entries
from tests.company import Company, only
from tests.company.checking import refused
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


def test_a_fee_on_a_fixed_price_line_is_not_submitted():
    company = Company()
    ContractLine.objects.update(billing_method=BillingMethod.FIXED_PRICE)
    entry = company.entry(1, "fee", price=Decimal(500))
    with refused("fee-not-billable") as caught:
        submit_entries(only(entry), actor=company.worker, at=NOW)
    assert "has a fixed price, and fees are not billed on it" in str(caught.value)


def test_a_fee_on_no_line_is_not_submitted():
    company = Company()
    ContractLine.objects.update(includes_fee=False)
    entry = company.entry(1, "fee", price=Decimal(500))
    with refused("fee-not-billable") as caught:
        submit_entries(only(entry), actor=company.worker, at=NOW)
    assert "No contract line includes fees of project" in str(caught.value)


def test_a_fee_whose_line_became_a_fixed_price_is_not_approved():
    company = Company()
    approval = company.submitted(1, "fee", price=Decimal(500))
    ContractLine.objects.update(billing_method=BillingMethod.FIXED_PRICE)
    with refused("fee-not-billable"):
        approve_entries(only(approval), actor=company.manager, on=DAY, at=NOW)


def test_not_available_is_no_choice_and_work_without_a_line_has_no_other():
    company = Company()
    approval = company.submitted(8)
    with refused("not-available"):
        change_terms(
            only(approval),
            billable_quantity=None,
            billing_type=BillingType.NOT_AVAILABLE,
            actor=company.manager,
            at=NOW,
        )
    other = company.submitted(8, project=company.fixed_price_line(includes_time=False).project)
    with refused("no-contract-line"):
        change_terms(
            only(other),
            billable_quantity=None,
            billing_type=BillingType.CHARGEABLE,
            actor=company.manager,
            at=NOW,
        )
