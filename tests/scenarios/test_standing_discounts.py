"""Discounts that a contract grants on every draft (B12; decision 21)."""

from decimal import Decimal

import pytest

from billing.adding import refresh_drafts
from billing.correction_rows import BilledCorrection, billed_rows
from billing.discounting import Allowance, change_discount
from billing.models import Discount
from billing.removing import remove_details
from projects.models import ContractLine
from projects.states import TransactionClass
from tests.company import Company, details_of, only
from tests.company.corrections import correct
from tests.company.rows import NOW
from tests.scenarios.granting import discounts_of, totals

pytestmark = pytest.mark.django_db


# --- What a contract grants on every draft ---


def test_a_standing_discount_is_granted_on_every_draft_and_may_be_changed_on_it():
    company = Company()
    ContractLine.objects.filter(pk=company.line.pk).update(
        discount_percent=Decimal(5), discount_reason="Framework agreement"
    )
    company.approved(8)
    draft = company.draft()
    assert discounts_of(draft) == [(Decimal("-80.00"), "Discount 5%: Framework agreement")]
    assert totals(draft) == (1520, 304, 1824)
    (standing,) = Discount.objects.all()
    change_discount(
        standing, Allowance(percent=Decimal(6), reason="This once"), actor=company.manager, at=NOW
    )
    assert totals(draft) == (1504, Decimal("300.80"), Decimal("1804.80"))
    company.confirm(draft)

    company.approved(4)
    second = company.draft()
    assert totals(second) == (760, 152, 912)
    # What is added to the draft is discounted too; a discount that somebody took off stays off.
    company.approved(1)
    company.ready()
    refresh_drafts(only(second), actor=company.manager, at=NOW)
    assert totals(second) == (950, 190, 1140)
    remove_details(
        details_of(second).filter(transaction_class=TransactionClass.DISCOUNT), actor=company.manager, at=NOW
    )
    company.approved(1)
    company.ready()
    refresh_drafts(only(second), actor=company.manager, at=NOW)
    assert totals(second) == (1200, 240, 1440)


def test_credited_in_full_and_billed_again_a_standing_discount_gives_the_same_invoice():
    company = Company()
    ContractLine.objects.filter(pk=company.line.pk).update(discount_percent=Decimal(10))
    company.approved(8)
    (first,) = company.confirm(company.draft())
    everything = [BilledCorrection(row, quantity=Decimal(0)) for row in billed_rows(first)]
    (credit,) = company.confirm(correct(company, *everything))
    assert (credit.net_amount, credit.tax_amount) == (-1440, -288)
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"
    (second,) = company.confirm(company.draft())
    assert (second.net_amount, second.gross_amount) == (first.net_amount, first.gross_amount) == (1440, 1728)
