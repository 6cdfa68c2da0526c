"""The terms of a contract on its page: discount and retention."""

from decimal import Decimal

import pytest
from django.urls import reverse

from projects.models import ContractLine, ProjectContract

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company):
    return company


def page_of(manager, company) -> str:
    page = manager.get(reverse("contract", args=[company.contract.number])).content.decode()
    return " ".join(page.split())


def test_discount_and_retention_stand_among_the_terms(manager, company):
    assert page_of(manager, company).count("<dd> none </dd>") >= 2
    ContractLine.objects.filter(pk=company.line.pk).update(
        discount_percent=Decimal(3), discount_reason="Framework agreement"
    )
    ProjectContract.objects.filter(pk=company.contract.pk).update(
        retention_percent=Decimal(10), retention_months=3, retention_condition="Acceptance"
    )
    page = page_of(manager, company)
    assert f"{company.line.name}: 3%, Framework agreement" in page
    assert "10%, released 3 months after the invoice (Acceptance)" in page
