"""What a company of tests sells its work for, beside the hour of its price list."""

from decimal import Decimal
from typing import Any

from projects.models import CategoryPrice, MaterialPrice, PriceList, Role, RolePrice


class Selling:
    """Prices of the list that a company sells by."""

    sales: PriceList
    role: Role
    categories: dict[str, Any]

    def sells_hours_for(self, price: str) -> None:
        RolePrice.objects.filter(price_list=self.sales).update(price=Decimal(price))

    def sells_days_for(self, price: str) -> None:
        RolePrice.objects.create(price_list=self.sales, role=self.role, unit="day", price=Decimal(price))

    def sells_expenses_at_cost_plus(self, percent: str) -> None:
        CategoryPrice.objects.create(
            price_list=self.sales,
            category=self.categories["expense"],
            method="markup",
            markup_percent=Decimal(percent),
        )

    def sells_material_for(self, price: str, product: str = "Cable") -> None:
        MaterialPrice.objects.create(price_list=self.sales, product=product, price=Decimal(price))
