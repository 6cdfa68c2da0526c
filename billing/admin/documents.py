"""Proformas, to look at: they are worked on in the pages. Number series, before their first number."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.models import NumberSeries, Proforma
from core.admin_kit import Cell, Panel, Shown, Window, link_to
from core.templatetags import display


@admin.register(Proforma)
class ProformaWindow(Window):
    list_display = (
        "number",
        "customer",
        "contract",
        Shown.day("invoice_date", _("invoice date")),
        Shown.amount("net_amount", _("net")),
        Shown.amount("gross_amount", _("total")),
        Shown.state(_("status")),
        "customer_invoice_number",
    )
    list_filter = ("status", ("legal_entity", RelatedOnlyFieldListFilter), "currency")
    list_select_related = ("customer", "contract")
    search_fields = ("number", "customer__name", "contract__number", "customer_invoice_number")
    date_hierarchy = "invoice_date"
    fieldsets = (
        (None, {"fields": ("number", "legal_entity", "contract", "customer", "description", "status")}),
        (_("Dates"), {"fields": ("invoice_date", "cut_off_date", "scheduled_for")}),
        (
            _("Amounts"),
            {"fields": ("currency", "net_amount", "tax_amount", "gross_amount", "sales_tax_group")},
        ),
        (_("People"), {"fields": ("created_by", "created_at", "confirmed_by", "confirmed_at")}),
        (
            _("Invoice"),
            {"fields": ("customer_invoice_number", "customer_invoice_date", "customer_invoice_tax")},
        ),
    )

    def panels(self, request: HttpRequest, thing: Proforma) -> Iterable[Panel]:
        """Its lines."""
        rows = [
            (
                link_to(line.contract_line, line.name),
                Cell(display.money(line.amount, thing.currency), is_figure=True),
            )
            for line in thing.lines.select_related("contract_line")
        ]
        yield Panel(_("Lines"), (_("Line"), _("Amount")), rows, _("No line."))


@admin.register(NumberSeries)
class NumberSeriesWindow(Window):
    """A prefix may be chosen until the first number is taken; then the series runs by itself."""

    adds = changes = True
    editable = ("prefix",)
    list_display = ("legal_entity", "kind", "year", "prefix", "last_number")
    list_display_links = ("kind",)
    list_filter = (("legal_entity", RelatedOnlyFieldListFilter), "kind", "year")
    list_select_related = ("legal_entity",)
    search_fields = ("prefix",)
    fields = ("legal_entity", "kind", "year", "prefix", "last_number")
    readonly_fields = ("last_number",)

    def is_open(self, thing: Any) -> bool:
        """Before the first number (RELIABILITY 6.2)."""
        return thing.last_number == 0
