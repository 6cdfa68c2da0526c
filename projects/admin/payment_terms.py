"""Payment terms: net days, end of month, cash discount, instalments; agreed with customers and contracts."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin_kit import ReadOnlyAdmin, columns, delete_unused_action
from core.templatetags import display
from projects.due_days import instalments_in
from projects.models import PaymentTerms


@admin.register(PaymentTerms)
class PaymentTermsAdmin(ReadOnlyAdmin):
    """Invoices keep the dates they were posted with, so terms may be changed at any time."""

    adds = changes = True
    action_classes: ClassVar = (delete_unused_action(PaymentTerms),)
    editable_fields = (
        *("name", "net_days", "is_end_of_month", "discount_percent", "discount_days", "instalments"),
    )
    list_display = (
        *("name", "net_days", "from_month_end"),
        columns.rate("discount_percent", _("cash discount in percent")),
        *("discount_days", "in_parts", "used_by"),
    )
    search_fields = ("name",)
    fields = editable_fields

    def get_queryset(self, request: Any) -> Any:
        """With how many customers have them."""
        return super().get_queryset(request).annotate(agreed=Count("customers"))

    @admin.display(description=_("from the end of the month"))
    def from_month_end(self, row: PaymentTerms) -> str:
        return str(_("End of month")) if row.is_end_of_month else display.NOTHING

    @admin.display(description=_("instalments"))
    def in_parts(self, row: PaymentTerms) -> str:
        parts = instalments_in(row.instalments)
        said = [
            ngettext("%(percent)s after %(days)s day", "%(percent)s after %(days)s days", one.days)
            % {"percent": display.percent(one.percent), "days": one.days}
            for one in parts
        ]
        return ", ".join(said) or display.NOTHING

    @admin.display(description=_("customers"))
    def used_by(self, row: Any) -> str:
        return display.number(row.agreed)
