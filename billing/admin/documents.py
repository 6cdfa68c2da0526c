"""Proformas, which are only shown here and changed in the pages, and number series."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.admin.amounts import amounts_panel
from billing.models import NumberSeries, Proforma
from core.admin_kit import Cell, Panel, ReadOnlyAdmin, columns, link_to
from core.templatetags import display


@admin.register(Proforma)
class ProformaAdmin(ReadOnlyAdmin):
    list_display = (
        "number",
        "customer",
        "contract",
        columns.day("invoice_date", _("invoice date")),
        columns.amount("net", _("net")),
        columns.amount("gross_amount", _("to pay")),
        columns.state(_("status")),
        "customer_invoice_number",
    )
    list_filter = ("status", ("legal_entity", RelatedOnlyFieldListFilter), "currency")
    list_select_related = ("customer", "contract")
    search_fields = ("number", "customer__name", "contract__number", "customer_invoice_number")
    date_hierarchy = "invoice_date"
    fieldsets = (
        (None, {"fields": ("number", "legal_entity", "contract", "customer", "description", "status")}),
        (_("Dates"), {"fields": ("invoice_date", "cut_off_date", "scheduled_for")}),
        (_("Tax"), {"fields": ("currency", "sales_tax_group")}),
        (_("People"), {"fields": ("created_by", "created_at", "confirmed_by", "confirmed_at")}),
        (
            _("Invoice"),
            {"fields": ("customer_invoice_number", "customer_invoice_date", "customer_invoice_tax")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the net of each."""
        rows: Any = super().get_queryset(request)
        return rows.with_net()

    def get_panels(self, request: HttpRequest, obj: Proforma) -> Iterable[Panel]:
        """Its amounts and lines."""
        yield amounts_panel(obj, obj.net_amount, obj.tax_amount)
        rows = [
            (
                link_to(line.contract_line, line.name),
                Cell(display.money(line.amount, obj.currency), is_figure=True),
            )
            for line in obj.lines.select_related("contract_line")
        ]
        yield Panel(_("Lines"), (_("Line"), _("Amount")), rows, _("No line."))


@admin.register(NumberSeries)
class NumberSeriesAdmin(ReadOnlyAdmin):
    """A prefix may be chosen until the first number is taken; then the series runs by itself."""

    adds = changes = True
    editable_fields = ("prefix",)
    list_display = ("legal_entity", "kind", "year", "prefix", "last_number")
    list_display_links = ("kind",)
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter), "kind", "year")
    list_select_related = ("legal_entity",)
    search_fields = ("prefix",)
    fields = ("legal_entity", "kind", "year", "prefix", "last_number")
    readonly_fields = ("last_number",)

    def is_changeable(self, obj: Any) -> bool:
        """Until the first number is taken."""
        return obj.last_number == 0
