"""Posted customer invoices: the list, and each as it was printed (C6)."""

from typing import Any

from django.db.models import DateField, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from accounting.filters.invoices import InvoiceFilter
from accounting.models import CustomerInvoice, InvoiceDocument
from accounting.tables.invoices import InvoiceTable
from core.pages import DetailPage, ListPage, SavedView
from projects.views.page_defaults import today_of

PERMISSION = "accounting.view_customerinvoice"


class Invoices(ListPage):
    """All that is posted, in every currency."""

    permission, title, url_name = PERMISSION, _("Customer invoices"), "invoices"
    purpose = _("What was posted and printed; nothing of it ever changes")
    filterset_class, table_class = InvoiceFilter, InvoiceTable
    amount_field, net_field = "gross_amount", "net"
    saved_views = [
        SavedView(_("All")),
        SavedView(_("Not paid in full"), "due=unpaid"),
        SavedView(_("Overdue"), "due=overdue"),
    ]

    def get_queryset(self) -> QuerySet[CustomerInvoice]:
        rows = CustomerInvoice.objects.visible_to(self.user).with_printed().with_open()
        # What is late is said of each row, for the day of the reader.
        today = Value(today_of(self.request), output_field=DateField())
        return rows.with_net().annotate(today=today).select_related("customer").defer("snapshot")


class InvoicePdf(DetailPage):
    """The printed bytes of one invoice, as they were first rendered."""

    permission, slug_field, slug_url_kwarg = PERMISSION, "number", "number"

    def get_queryset(self) -> QuerySet[CustomerInvoice]:
        return CustomerInvoice.objects.visible_to(self.user).defer("snapshot")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The stored file."""
        return printed(self.object)


def printed(invoice: CustomerInvoice) -> HttpResponse:
    """The stored file, named after the invoice; 404 while it has not been printed yet."""
    document = get_object_or_404(InvoiceDocument, invoice=invoice)
    disposition = f'inline; filename="{invoice.number}.pdf"'
    headers = {"Content-Disposition": disposition, "ETag": f'"{document.sha256}"'}
    return HttpResponse(bytes(document.pdf), content_type="application/pdf", headers=headers)
