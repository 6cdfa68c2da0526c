"""Customers who share a contract: each with its own tax, each held by itself (C3, decision 19)."""

import pytest

from projects.models import Customer, LegalEntity, SalesTaxGroup
from projects.states import SalesTaxGroupMethod
from tests.company import Company
from tests.company.checking import refused
from tests.company.rows import next_number

pytestmark = pytest.mark.django_db


def two_payers() -> tuple[Company, Customer, Customer]:
    """Sixty and forty percent of eight ready hours at 200; the second customer pays no tax."""
    company = Company()
    first, second = company.is_shared_by("60", "40")
    abroad = SalesTaxGroup.objects.create(code=f"abroad-{next_number()}", name="Abroad")
    LegalEntity.objects.filter(pk=company.entity.pk).update(tax_group_method=SalesTaxGroupMethod.CUSTOMER)
    Customer.objects.filter(pk=second.pk).update(sales_tax_group=abroad)
    company.approved(8)
    company.ready()
    return company, first, second


def hold(customer: Customer, *, is_on_hold: bool = True) -> None:
    Customer.objects.filter(pk=customer.pk).update(is_on_hold=is_on_hold)


def asked(company: Company) -> list[tuple[int, int, int]]:
    return [(draft.customer_id, draft.net_amount, draft.tax_amount) for draft in company.drafts()]


def test_each_customer_is_taxed_by_its_own_group():
    company, first, second = two_payers()
    assert asked(company) == [(first.pk, 960, 192), (second.pk, 640, 0)]


def test_a_customer_on_hold_stops_nobody_else():
    company, first, second = two_payers()
    hold(second)
    assert asked(company) == [(first.pk, 960, 192)]
    assert company.backlog().splitlines()[-1] == "2026-03-02 chargeable +3.2 +640.00 ready"
    with refused("customer-on-hold"):
        company.drafts()
    hold(second, is_on_hold=False)
    assert asked(company) == [(second.pk, 640, 0)]


def test_the_customer_who_signed_may_be_on_hold_while_another_pays():
    company, first, second = two_payers()
    hold(first)
    assert asked(company) == [(second.pk, 640, 0)]
