"""Drafts of eight hours, and discounts granted on them."""

from billing.models import Proforma
from projects.states import TransactionClass
from tests.company import Company, details_of


def billing_eight_hours():
    company = Company()
    company.approved(8)
    return company, company.draft()


def discounts_of(draft):
    granted = details_of(draft).filter(transaction_class=TransactionClass.DISCOUNT).order_by("pk")
    return [(one.amount, one.external_description) for one in granted]


def totals(draft):
    return Proforma.objects.values_list("net_amount", "tax_amount", "gross_amount").get(pk=draft.pk)
