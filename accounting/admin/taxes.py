"""Sales tax: groups, codes with dated rates, and the rule where two groups meet (C3)."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounting.models import InvoiceTax
from core.admin_kit import ReadOnlyAdmin, ReadOnlyInline, delete_unused_action
from projects.models import ItemSalesTaxGroup, SalesTaxGroup, TaxCode, TaxRate, TaxRule

SAID_OF_CODES = ("return_box",)
"""What others call a tax code: no invoice says it, so it may change at any time."""


class TaxGroupAdmin(ReadOnlyAdmin):
    adds = changes = True
    editable_fields = ("name",)
    list_display = ("code", "name")
    list_display_links = ("code", "name")
    search_fields = ("code", "name")
    fields = ("code", "name")


@admin.register(SalesTaxGroup)
class SalesTaxGroupAdmin(TaxGroupAdmin):
    action_classes: ClassVar = (delete_unused_action(SalesTaxGroup),)


@admin.register(ItemSalesTaxGroup)
class ItemSalesTaxGroupAdmin(TaxGroupAdmin):
    action_classes: ClassVar = (delete_unused_action(ItemSalesTaxGroup),)


class TaxRateInline(ReadOnlyInline):
    """TaxRateInline are added; a rate that may have been used is history."""

    model = TaxRate
    adds = True
    fields = ("starts_on", "percent")


@admin.register(TaxCode)
class TaxCodeAdmin(ReadOnlyAdmin):
    """Kind and code may be changed before the first use; its rates grow by new days."""

    adds = changes = True
    action_classes: ClassVar = (delete_unused_action(TaxCode),)
    list_display = ("code", "name", "kind", "return_box", "reason_en")
    list_display_links = ("code", "name")
    list_filter = ("kind",)
    search_fields = ("code", "name")
    fields = ("code", "name", "kind", "reason_en", "reason_de", "reason_id", *SAID_OF_CODES)
    inlines: ClassVar = [TaxRateInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Once the code is used, only new rates are added, and what reports and other ledgers call it."""
        is_used = obj is not None and InvoiceTax.objects.filter(tax_code=obj).exists()
        return tuple(name for name in self.fields if name not in SAID_OF_CODES) if is_used else ()


@admin.register(TaxRule)
class TaxRuleAdmin(ReadOnlyAdmin):
    adds = changes = True
    editable_fields = ("tax_code",)
    list_display = ("sales_tax_group", "item_sales_tax_group", "tax_code")
    list_filter = ("sales_tax_group", "item_sales_tax_group")
    list_select_related = ("sales_tax_group", "item_sales_tax_group", "tax_code")
    search_fields = ("sales_tax_group__name", "item_sales_tax_group__name", "tax_code__code")
    fields = ("sales_tax_group", "item_sales_tax_group", "tax_code")
