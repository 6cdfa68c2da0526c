"""Sales tax: groups, codes with dated rates, and the rule where two groups meet (C3)."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounting.models import InvoiceTax
from core.admin_kit import Rows, Window
from projects.models import ItemSalesTaxGroup, SalesTaxGroup, TaxCode, TaxRate, TaxRule


class GroupWindow(Window):
    adds = changes = True
    editable = ("name",)
    list_display = ("code", "name")
    list_display_links = ("code", "name")
    search_fields = ("code", "name")
    fields = ("code", "name")


admin.site.register(SalesTaxGroup, GroupWindow)
admin.site.register(ItemSalesTaxGroup, GroupWindow)


class Rates(Rows):
    """Rates are added; a rate that may have been used is history."""

    model = TaxRate
    adds = True
    fields = ("starts_on", "percent")


def is_used(code: TaxCode) -> bool:
    """Whether a posted invoice names the code."""
    return InvoiceTax.objects.filter(tax_code=code).exists()


@admin.register(TaxCode)
class TaxCodeWindow(Window):
    """Kind and code may be changed before the first use; its rates grow by new days."""

    adds = changes = True
    list_display = ("code", "name", "kind", "reason_en")
    list_display_links = ("code", "name")
    list_filter = ("kind",)
    search_fields = ("code", "name")
    fields = ("code", "name", "kind", "reason_en", "reason_de", "reason_id")
    inlines: ClassVar = [Rates]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Once used, nothing but new rates (RELIABILITY 6.2)."""
        return self.fields if obj is not None and is_used(obj) else ()


@admin.register(TaxRule)
class TaxRuleWindow(Window):
    adds = changes = True
    editable = ("tax_code",)
    list_display = ("sales_tax_group", "item_sales_tax_group", "tax_code")
    list_filter = ("sales_tax_group", "item_sales_tax_group")
    list_select_related = ("sales_tax_group", "item_sales_tax_group", "tax_code")
    search_fields = ("sales_tax_group__name", "item_sales_tax_group__name", "tax_code__code")
    fields = ("sales_tax_group", "item_sales_tax_group", "tax_code")
