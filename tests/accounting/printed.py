"""A company that bills a customer abroad at two rates of tax, for tests of what documents say."""

from datetime import date
from decimal import Decimal

from accounting.models import CustomerInvoice
from billing import proforma_facts
from billing.models import Proforma
from billing.totalling import tax_estimates
from core.documents.facts import DocumentFacts
from projects.models import (
    Customer,
    ItemSalesTaxGroup,
    LegalEntity,
    Resource,
    SalesTaxGroup,
    TaxCode,
    TaxRate,
    TaxRule,
    TransactionCategory,
)
from projects.states import BillingType
from tests.company import Company
from tests.company.rows import next_number

# fmt: off
CUSTOMERS = {
    "en-gb": {"name": "Harbour & Pine Ltd", "short_name": "Harbour & Pine", "country": "GB",
              "billing_address": "Accounts payable\n18 Quay Lane\nBristol BS1 0AA", "vat_id": "GB000000107"},
    "de": {"name": "Alpenrand Holzbau GmbH", "short_name": "Alpenrand", "country": "AT",
           "billing_address": "Frau Mag. Lechner\nSeestraße 4\n6900 Bregenz", "vat_id": "ATU00000108"},
    "id": {"name": "PT Samudra Kencana", "short_name": "Samudra", "country": "ID",
           "billing_address": "Jalan Pelabuhan 14\nSurabaya 60177", "vat_id": "00.000.000.0-000.000"},
}
# fmt: on


def company_in(language: str, **customer: str) -> Company:
    """A company at 20 % whose customer lives abroad and reads `language`."""
    company = Company()
    # A short name stands on one line, whatever number of resources there was before.
    Resource.objects.filter(pk=company.resource.pk).update(name="Ada")
    company.resource.name = "Ada"
    columns = {**CUSTOMERS[language], "language": language, "number": "K-1007", **customer}
    Customer.objects.filter(pk=company.customer.pk).update(**columns)
    LegalEntity.objects.filter(pk=company.entity.pk).update(
        name="Nordkai Consulting GmbH",
        short_name="Nordkai",
        address="Kaispeicher 12\n20457 Hamburg",
        country="DE",
        contact="accounts@nordkai.example\n+49 40 555 0100",
        registered_office="Hamburg",
        managing_directors="Marit Olsson",
        register_entry="Amtsgericht Hamburg HRB 000000",
        tax_number="27/000/00000",
        vat_id="DE000000100",
        iban="DE92999999990000041826",
        bic="HALVDEHHXXX",
        bank_name="Hansebank",
    )
    company.entity.refresh_from_db()
    company.customer.refresh_from_db()
    return company


def taxed_at(company: Company, percent: str, **code: str) -> TransactionCategory:
    """A category of time whose work the company's customer pays at another rate, or by another tax code."""
    number = next_number()
    group = ItemSalesTaxGroup.objects.create(code=f"rate-{number}", name=f"Rate {percent}")
    tax_code = TaxCode.objects.create(code=f"code-{number}", name=f"Internal name {number}", **code)
    if not code:
        TaxRate.objects.create(tax_code=tax_code, starts_on=date(2020, 1, 1), percent=Decimal(percent))
    sales_group = SalesTaxGroup.objects.get(rules__tax_code=company.tax_code)
    TaxRule.objects.create(sales_tax_group=sales_group, item_sales_tax_group=group, tax_code=tax_code)
    return TransactionCategory.objects.create(
        name=f"Work {number}", transaction_class="time", unit="h", item_sales_tax_group=group
    )


def of_two_rates(company: Company) -> Proforma:
    """A draft: 8 h at 20 %, 2 h at 7 %, 3 h complimentary and 1 h that the customer never sees."""
    company.approved(8, external_description="Route planner")
    company.approved(2, external_description="Printed manual", category=taxed_at(company, "7"))
    company.approved(
        3, external_description="Introduction", billing_type=BillingType.COMPLIMENTARY, date=date(2026, 3, 5)
    )
    company.approved(1, external_description="Internal rework", billing_type=BillingType.NON_CHARGEABLE)
    return company.draft()


def draft_facts(draft: Proforma) -> DocumentFacts:
    """What the page of a proforma prints."""
    of = Proforma.objects.select_related("contract", "customer", "legal_entity").get(pk=draft.pk)
    return proforma_facts.facts_of(of, tax_estimates([of])[of.pk])


def posted(company: Company, draft: Proforma) -> CustomerInvoice:
    """The invoice of a draft, read back as a reprint reads it."""
    company.confirm(draft)
    (invoice,) = company.invoices()
    return CustomerInvoice.objects.get(pk=invoice.pk)
