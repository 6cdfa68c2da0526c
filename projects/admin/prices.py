"""Price lists with their role, category and material prices (A7)."""

from typing import ClassVar

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.utils.translation import gettext_lazy as _

from core.admin_kit import ReadOnlyAdmin, ReadOnlyInline, columns
from projects.models import CategoryPrice, MaterialPrice, PriceList, RolePrice


class RolePriceInline(ReadOnlyInline):
    model = RolePrice
    adds = changes = True
    fields = ("role", "unit", "price", "ends_on")


class CategoryPriceInline(ReadOnlyInline):
    model = CategoryPrice
    adds = changes = True
    fields = ("category", "method", "unit", "price", "markup_percent", "ends_on")


class MaterialPriceInline(ReadOnlyInline):
    model = MaterialPrice
    adds = changes = True
    fields = ("product", "unit", "price", "ends_on")


@admin.register(PriceList)
class PriceListAdmin(ReadOnlyAdmin):
    adds = changes = True
    editable_fields = ("name", "starts_on", "ends_on")
    list_display = (
        "name",
        "context",
        "currency",
        columns.day("starts_on", _("effective from")),
        columns.day("ends_on", _("effective to")),
        "contract",
    )
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter), "context", "currency")
    list_select_related = ("contract",)
    search_fields = ("name", "contract__number")
    fields = ("legal_entity", "name", "context", "currency", "starts_on", "ends_on", "contract")
    inlines: ClassVar = [RolePriceInline, CategoryPriceInline, MaterialPriceInline]
