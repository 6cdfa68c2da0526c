"""Layouts of proformas and invoices: chosen for companies, customers, contracts and single proposals."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from core.admin_kit import ReadOnlyAdmin, ReadOnlyInline, delete_unused_action
from core.templatetags import display
from projects.models import DocumentLayout, DocumentSectionName

TEXTS = tuple(f"{place}_{language}" for language in ("en", "de", "id") for place in ("before", "after"))


class NamedSectionInline(ReadOnlyInline):
    """The headings of a layout whose sections have names of their own."""

    model = DocumentSectionName
    adds = changes = deletes = True
    extra = 1
    fields = (
        *("position", "heading_en", "heading_de", "heading_id"),
        *("role", "category", "transaction_class"),
    )


@admin.register(DocumentLayout)
class DocumentLayoutAdmin(ReadOnlyAdmin):
    """Invoices keep the layout they were posted with, so layouts may be changed at any time."""

    adds = changes = True
    action_classes: ClassVar = (delete_unused_action(DocumentLayout),)
    editable_fields = ("name", "rows", "sections", "row_order", "has_annex", *TEXTS)
    list_display = ("name", "rows", "sections", "row_order", "annexed", "used_by", "agreed_by")
    search_fields = ("name",)
    inlines: ClassVar = [NamedSectionInline]
    fieldsets = (
        (None, {"fields": ("name", "rows", "sections", "row_order", "has_annex")}),
        (
            _("Texts in the customer’s language"),
            {
                "fields": TEXTS,
                "description": _("Printed on proformas and invoices, not on credit notes."),
            },
        ),
    )

    def get_queryset(self, request: Any) -> Any:
        """With how many customers and contracts have them."""
        counts = {
            "by_customers": Count("customers", distinct=True),
            "by_contracts": Count("contracts", distinct=True),
        }
        return super().get_queryset(request).annotate(**counts)

    @admin.display(description=_("annex"))
    def annexed(self, row: DocumentLayout) -> str:
        return str(_("Yes")) if row.has_annex else display.NOTHING

    @admin.display(description=_("customers"))
    def used_by(self, row: Any) -> str:
        return display.number(row.by_customers)

    @admin.display(description=_("contracts"))
    def agreed_by(self, row: Any) -> str:
        return display.number(row.by_contracts)
