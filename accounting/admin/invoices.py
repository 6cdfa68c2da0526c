"""Customer invoices and the customer subledger: read, downloaded, reprinted, never changed (C6, C7)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from accounting.admin.reminder_actions import Dispute, StopCustomer
from accounting.admin.reminders import reminders_panel
from accounting.admin.send_invoices import (
    SendInvoices,
    SentFilter,
    load_sent,
    sent_badge,
    sent_panel,
)
from accounting.admin.settlements import settlements_panel
from accounting.models import CustomerInvoice, CustomerTransaction, HoursList, InvoiceDocument, Voucher
from accounting.payment_states import payment_badge
from accounting.printing import print_invoices, reprint
from accounting.querysets import InvoiceQuerySet
from accounting.reminder_levels import last_reminders, reminded_words
from accounting.states import VoucherSource
from billing.admin.amounts import amounts_panel
from core.admin_kit import (
    AdminAction,
    Cell,
    Panel,
    ReadOnlyAdmin,
    change_url,
    columns,
    link_to,
    show_refusals,
    signed_in_user,
    waiting_rows,
)
from core.documents.rendering import NotDrawn
from core.drawing import not_drawn
from core.templatetags import display

TO_PRINT = ngettext_lazy(
    "%(count)s customer invoice not printed yet", "%(count)s customer invoices not printed yet", "count"
)
TO_SEND = ngettext_lazy("%(count)s customer invoice to send", "%(count)s customer invoices to send", "count")
OVERDUE = ngettext_lazy("%(count)s customer invoice overdue", "%(count)s customer invoices overdue", "count")


class PaymentFilter(admin.SimpleListFilter):
    """Whether an invoice is paid, derived from its settlements."""

    title, parameter_name = _("payment"), "payment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Not paid in full, and of these what should have been."""
        return [("open", _("Not paid in full")), ("overdue", _("Overdue"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Every invoice where nothing is chosen, or something that nobody offers."""
        if self.value() == "overdue":
            return queryset.overdue(timezone.localdate())
        return queryset.unpaid() if self.value() == "open" else queryset


class PrintNow(AdminAction):
    name, label, permission = "print", _("Print now"), "accounting.post_invoice"

    def is_available(self, obj: CustomerInvoice) -> bool:
        """An invoice is printed once."""
        return not InvoiceDocument.objects.filter(invoice=obj).exists()

    def run(
        self, targets: InvoiceQuerySet, *, actor: User, at: datetime, cleaned_data: dict[str, Any]
    ) -> int:
        """Call the verb."""
        return print_invoices(targets, at=at)

    def get_success_message(self, result: int) -> str:
        """What has a document is left as it is."""
        return ngettext("%(count)s document printed.", "%(count)s documents printed.", result) % {
            "count": result
        }


@admin.register(CustomerInvoice)
class InvoiceAdmin(ReadOnlyAdmin):
    """Posted is posted."""

    list_display = (
        "number",
        "customer",
        columns.day("invoice_date", _("invoice date")),
        columns.day("due_on", _("due date"), ordering="due_date"),
        columns.amount("net", _("net")),
        columns.amount("tax_amount", _("tax")),
        columns.amount("gross_amount", _("to pay")),
        columns.amount("open_amount", _("open")),
        "payment_state",
        "reminded",
        "document_state",
        "sent_state",
    )
    list_filter = (PaymentFilter, SentFilter, ("legal_entity", RelatedOnlyFieldListFilter), "currency")
    list_select_related = ("customer",)
    search_fields = ("number", "customer__name", "customer__number", "proposal__proforma__number")
    date_hierarchy = "invoice_date"
    fieldsets = (
        (None, {"fields": ("number", "legal_entity", "customer", "invoice_date", "due")}),
        (_("Posted"), {"fields": ("proposal", "posted_by", "posted_at")}),
    )
    action_classes: ClassVar = (SendInvoices, PrintNow, Dispute, StopCustomer)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With its net and what of each is open."""
        rows: Any = super().get_queryset(request)
        return rows.with_open().with_net()

    def get_waiting(self, request: HttpRequest) -> Iterable[Cell | None]:
        """Invoices that the worker has not printed yet, and those that should have been paid."""
        invoices = CustomerInvoice.objects.visible_to(signed_in_user(request))
        yield waiting_rows(invoices.without_document(), TO_PRINT)
        yield waiting_rows(invoices.to_send(), TO_SEND, sent="due")
        yield waiting_rows(invoices.overdue(timezone.localdate()), OVERDUE, payment="overdue")

    def load_for_rows(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Which invoices of the page are printed, and the last reminder of each."""
        reminders = last_reminders(row.pk for row in rows)
        documents = InvoiceDocument.objects.filter(invoice__in=[row.pk for row in rows])
        printed = set(documents.values_list("invoice", flat=True))
        for row in rows:
            row.is_printed, row.reminder = row.pk in printed, reminders.get(row.pk)
        load_sent(rows)

    @admin.display(description=_("due date"))
    def due(self, row: CustomerInvoice) -> str:
        return display.day(row.due_on)

    @admin.display(description=_("payment"))
    def payment_state(self, row: Any) -> str:
        return payment_badge(row, timezone.localdate())

    @admin.display(description=_("reminder"))
    def reminded(self, row: Any) -> str:
        return reminded_words(row.reminder)

    @admin.display(description=_("document"))
    def document_state(self, row: Any) -> str:
        if row.is_printed:
            return display.badge("done", "", _("Printed"))
        return display.badge("pending", "", _("Not printed yet"))

    @admin.display(description=_("sent"))
    def sent_state(self, row: Any) -> str:
        return sent_badge(row.mail)

    def get_links(self, request: HttpRequest, obj: CustomerInvoice) -> Iterable[tuple[Any, str]]:
        """The document as it was first printed, and a copy of it."""
        if InvoiceDocument.objects.filter(invoice=obj).exists():
            yield _("Open PDF"), reverse("admin:accounting_customerinvoice_document", args=[obj.pk])
            if HoursList.objects.filter(invoice=obj).exists():
                yield _("List of hours"), reverse("admin:accounting_customerinvoice_hours", args=[obj.pk])
            yield _("Reprint as a copy"), reverse("admin:accounting_customerinvoice_copy", args=[obj.pk])

    def get_panels(self, request: HttpRequest, obj: CustomerInvoice) -> Iterable[Panel]:
        """Amounts, taxes, document and hash, voucher, where it came from."""
        yield amounts_panel(obj.proposal.proforma, obj.net_amount, obj.tax_amount)
        yield Panel(
            _("Tax by rate"),
            (_("Tax"), _("Tax group"), _("Rate"), _("Base"), _("Tax amount")),
            [
                (
                    Cell(tax.tax_code or _("Without tax code")),
                    Cell(tax.sales_tax_group or "–"),
                    Cell(display.percent(tax.percent), is_figure=True),
                    Cell(display.money(tax.base_amount, obj.currency), is_figure=True),
                    Cell(display.money(tax.tax_amount, obj.currency), is_figure=True),
                )
                for tax in obj.taxes.select_related("tax_code", "sales_tax_group")
            ],
            _("No tax."),
        )
        owed = CustomerTransaction.objects.filter(invoice=obj).first()
        if owed is not None:
            yield settlements_panel(owed)
            yield reminders_panel(obj)
        yield sent_panel(obj, request.user)
        yield self._documents(obj)

    @staticmethod
    def _documents(obj: CustomerInvoice) -> Panel:
        printed = InvoiceDocument.objects.filter(invoice=obj).only("sha256", "rendered_at").first()
        voucher = Voucher.objects.filter(source_kind=VoucherSource.CUSTOMER_INVOICE, source_id=obj.pk).first()
        proforma = obj.proposal.proforma
        rows = [
            (Cell(_("Contract")), link_to(proforma.contract), Cell("")),
            (Cell(_("Proforma")), link_to(proforma), Cell(display.day(proforma.invoice_date))),
            (Cell(_("Voucher")), link_to(voucher), Cell(display.day(voucher.date) if voucher else "")),
        ]
        if printed:
            rows.append(
                (
                    Cell(_("Printed")),
                    Cell(display.moment(printed.rendered_at)),
                    Cell(f"SHA-256 {printed.sha256}"),
                )
            )
        return Panel(_("Documents"), (_("What"), _("Which"), _("Mark")), rows)

    def get_urls(self) -> list[URLPattern]:
        """The document and its copy have addresses of their own."""
        view = self.admin_site.admin_view
        own = [
            path("<int:key>/invoice.pdf", view(self.document), name="accounting_customerinvoice_document"),
            path("<int:key>/hours.pdf", view(self.hours), name="accounting_customerinvoice_hours"),
            path("<int:key>/copy.pdf", view(self.copy), name="accounting_customerinvoice_copy"),
        ]
        return own + super().get_urls()

    def document(self, request: HttpRequest, key: int) -> HttpResponse:
        """The stored bytes, as they were first printed."""
        invoice = self._seen(request, key)
        document = InvoiceDocument.objects.filter(invoice=invoice).first()
        if document is None:
            raise Http404
        return _pdf(bytes(document.pdf), f"{invoice.number}.pdf")

    def hours(self, request: HttpRequest, key: int) -> HttpResponse:
        """The list of hours, as it was first printed."""
        invoice = self._seen(request, key)
        listed = HoursList.objects.filter(invoice=invoice).first()
        if listed is None:
            raise Http404
        return _pdf(bytes(listed.pdf), f"{invoice.number}-hours.pdf")

    def copy(self, request: HttpRequest, key: int) -> HttpResponse:
        """The same facts, every page marked as a copy of today."""
        invoice = self._seen(request, key)
        today = invoice.legal_entity.day_of(timezone.now())
        try:
            content = reprint(invoice, on=today)
        except NotDrawn as error:
            show_refusals(request, not_drawn(error.missing, invoice))
            return HttpResponseRedirect(change_url(CustomerInvoice, key))
        return _pdf(content, f"{invoice.number}-copy.pdf")

    def _seen(self, request: HttpRequest, key: int) -> CustomerInvoice:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request).select_related("legal_entity"), pk=key)


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
