"""Contracts that keep a share back, and what of it is released."""

from datetime import date
from decimal import Decimal

from billing.models import Proforma, Retention
from billing.releasing import release_retentions
from projects.models import ProjectContract
from tests.company import Company
from tests.company.rows import NOW

LATER = date(2026, 6, 30)


def keeping(percent="10", **terms):
    """A company whose contract keeps a tenth of each invoice back for three months."""
    company = Company()
    terms = {"retention_percent": Decimal(percent), "retention_months": 3} | terms
    ProjectContract.objects.filter(pk=company.contract.pk).update(**terms)
    return company


def invoiced(company, hours=8):
    company.approved(hours)
    (confirmed,) = company.confirm(company.draft())
    company.invoices()
    return confirmed


def totals(draft):
    return Proforma.objects.values_list("net_amount", "tax_amount", "gross_amount").get(pk=draft.pk)


def amounts():
    """Kept, released, on drafts and open of the one retention."""
    one = Retention.objects.with_amounts().get()
    return one.kept, one.released, one.drafted, one.open_amount


def release(company, amount=None, on=LATER, **options):
    return release_retentions(
        Retention.objects.confirmed(),
        amount=amount,
        invoice_date=on,
        actor=company.manager,
        at=NOW,
        **options,
    )
