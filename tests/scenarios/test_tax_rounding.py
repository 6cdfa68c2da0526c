"""Which way a company rounds its taxes: estimate, invoice and books agree to the cent (decision 13, M2)."""

from decimal import Decimal

import pytest

from accounting.models import InvoiceTax
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.corrections import corrected

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("hour", "direction", "tax"),
    [
        ("33.33", "nearest", "6.67"),
        ("33.33", "up", "6.67"),
        ("33.33", "down", "6.66"),
        ("33.31", "nearest", "6.66"),
        ("33.31", "up", "6.67"),
        ("33.31", "down", "6.66"),
    ],
)
def test_a_tax_is_rounded_as_the_company_says(hour: str, direction: str, tax: str) -> None:
    """20 % of 33.33 are 6.666, and of 33.31 are 6.662."""
    company = Company(accrues=False)
    company.sells_hours_for(hour)
    company.entity.tax_rounding = direction
    company.entity.save()
    company.approved(1)
    draft = company.draft()
    assert (draft.net_amount, draft.tax_amount) == (Decimal(hour), Decimal(tax))
    company.confirm(draft)
    (invoice,) = company.invoices()
    assert invoice.tax_amount == Decimal(tax)
    assert_proven()


def test_a_credit_rounds_as_far_from_zero_as_its_invoice_did() -> None:
    """Down is towards zero: what was invoiced with 6.66 is given back with 6.66."""
    company = Company(accrues=False)
    company.sells_hours_for("33.33")
    company.entity.tax_rounding = "down"
    company.entity.save()
    company.approved(1)
    (billed,) = company.confirm(company.draft())
    company.invoices()
    corrected(company, billed, quantity="0")
    company.invoices()
    taxes = InvoiceTax.objects.order_by("pk").values_list("tax_amount", flat=True)
    assert list(taxes) == [Decimal("6.66"), Decimal("-6.66")]
    assert_proven()
