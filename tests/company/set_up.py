"""What a company at work has besides its rows: books, a tax, categories and prices."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from accounting.models import CostRevenueProfile
from accounting.setting_up import create_books
from projects.models import (
    Customer,
    ItemSalesTaxGroup,
    PriceList,
    RolePrice,
    SalesTaxGroup,
    TaxCode,
    TaxRate,
    TaxRule,
    TransactionCategory,
)
from projects.states import BillingMethod
from tests.company.rows import NOW, next_number

if TYPE_CHECKING:
    from tests.company.builder import Company

UNITS = {"time": "h", "expense": "pcs", "material": "pcs", "fee": "pcs"}


def open_books(company: "Company", *, accrues: bool, on_account: str) -> None:
    """Books of the year 2026, with profiles that accrue revenue or do not."""
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    create_books(company.entity, first_day=first, last_day=last, actor=company.manager, at=NOW)
    profiles = CostRevenueProfile.objects.filter(legal_entity=company.entity)
    flags = {f"accrues_{kind}": accrues for kind in UNITS}
    profiles.filter(billing_method=BillingMethod.TIME_AND_MATERIAL).update(**flags)
    profiles.filter(billing_method=BillingMethod.FIXED_PRICE).update(on_account=on_account)


def create_tax(company: "Company") -> tuple[TaxCode, ItemSalesTaxGroup]:
    """A tax of 20 % that the company's customer pays on everything of the returned item group."""
    number = next_number()
    domestic = SalesTaxGroup.objects.create(code=f"domestic-{number}", name="Domestic")
    full = ItemSalesTaxGroup.objects.create(code=f"full-{number}", name="Full rate")
    code = TaxCode.objects.create(code=f"vat-{number}", name="VAT")
    TaxRate.objects.create(tax_code=code, starts_on=date(2020, 1, 1), percent=Decimal(20))
    TaxRule.objects.create(sales_tax_group=domestic, item_sales_tax_group=full, tax_code=code)
    Customer.objects.filter(pk=company.customer.pk).update(sales_tax_group=domestic)
    company.entity.milestone_item_tax_group = full
    company.entity.save()
    return code, full


def create_exemption(company: "Company") -> ItemSalesTaxGroup:
    """No tax at all: the company's customer is exempt, and the code says why."""
    code, full = create_tax(company)
    TaxCode.objects.filter(pk=code.pk).update(name="Exempt", kind="exempt", reason_en="Small business")
    return full


def create_category(kind: str, item_group: ItemSalesTaxGroup | None) -> TransactionCategory:
    """The category of all work of a kind."""
    return TransactionCategory.objects.create(
        name=f"{kind} {next_number()}",
        transaction_class=kind,
        unit=UNITS[kind],
        item_sales_tax_group=item_group,
    )


def create_price_list(company: "Company", context: str, currency: str, hour: str) -> PriceList:
    """A price list on which an hour of the company's role has this price; the first one names no currency."""
    known = PriceList.objects.filter(legal_entity=company.entity, context=context)
    prices = PriceList.objects.create(
        legal_entity=company.entity,
        name=f"{context} prices {currency}" if known else f"{context} prices",
        context=context,
        currency=currency,
    )
    RolePrice.objects.create(price_list=prices, role=company.role, price=Decimal(hour))
    return prices
