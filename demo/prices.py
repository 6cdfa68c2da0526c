"""What an hour costs and sells for at the demo company, and how expenses and material are priced."""

from decimal import Decimal

from demo.days import Days, months_after
from projects.models import (
    CategoryPrice,
    LegalEntity,
    MaterialPrice,
    PriceList,
    ProjectContract,
    Role,
    RolePrice,
    TransactionCategory,
)
from projects.states import PriceContext, PriceUnit, SalesPricing

COST = {
    "Consultant": "52.00",
    "Senior consultant": "64.00",
    "Architect": "78.00",
    "Developer": "49.50",
    "Project lead": "72.00",
    "Data scientist": "70.00",
}
SALES = {
    "Consultant": "118.00",
    "Senior consultant": "142.50",
    "Architect": "165.00",
    "Developer": "109.50",
    "Project lead": "155.00",
    "Data scientist": "149.00",
}
# A day is sold for less than eight hours; who has no price for a day costs eight times an hour.
DAYS_SOLD = {"Senior consultant": "1080.00", "Developer": "840.00"}
POUNDS = {
    # Nobody agreed what a data scientist costs there: such an hour waits for a price.
    "Consultant": "104.00",
    "Senior consultant": "125.00",
    "Architect": "146.00",
    "Developer": "96.50",
    "Project lead": "137.00",
}
AGREED = {"Senior consultant": "138.00", "Architect": "160.00"}
MATERIAL = {"Handheld scanner": "389.00", "User manual, printed": "24.50"}


def set_prices(entity: LegalEntity, contracts: dict[int, ProjectContract], days: Days) -> None:
    """Write the cost list, the sales lists in euros and pounds, and the list of one contract."""
    begins = months_after(days.this_month, -14)
    roles = {role.name: role for role in Role.objects.all()}

    def price_list(
        name: str, context: str, currency: str, prices: dict[str, str], **more: object
    ) -> PriceList:
        made = PriceList.objects.create(
            legal_entity=entity, name=name, context=context, currency=currency, starts_on=begins, **more
        )
        RolePrice.objects.bulk_create(
            RolePrice(price_list=made, role=roles[role], price=Decimal(price))
            for role, price in prices.items()
        )
        return made

    price_list("Cost rates", PriceContext.COST, "EUR", COST)
    sales = price_list("Standard rates, EUR", PriceContext.SALES, "EUR", SALES)
    RolePrice.objects.bulk_create(
        RolePrice(price_list=sales, role=roles[role], unit=PriceUnit.DAY, price=Decimal(price))
        for role, price in DAYS_SOLD.items()
    )
    price_list("Standard rates, GBP", PriceContext.SALES, "GBP", POUNDS)
    price_list("Data platform, agreed rates", PriceContext.SALES, "EUR", AGREED, contract=contracts[1])
    CategoryPrice.objects.create(
        price_list=sales,
        category=TransactionCategory.objects.get(name="Travel"),
        method=SalesPricing.MARKUP,
        markup_percent=Decimal(10),
    )
    MaterialPrice.objects.bulk_create(
        MaterialPrice(price_list=sales, product=product, price=Decimal(price))
        for product, price in MATERIAL.items()
    )
