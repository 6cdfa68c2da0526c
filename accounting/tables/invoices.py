"""Posted customer invoices."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounting.payment_states import payment_badge, payment_state
from core.pages import AmountColumn, DayColumn, ListTable, TextColumn
from core.templatetags.display import icon


class PdfColumn(TextColumn):
    """Link to the printed invoice; while it is being printed there is none."""

    def render(self, value: Any, record: Any) -> str:
        """The link, named after its invoice."""
        address = reverse("invoice-pdf", args=[record.number])
        label = _("%(number)s as PDF") % {"number": record.number}
        return format_html(
            '<a href="{}" target="_blank" rel="noopener" aria-label="{}">{} PDF</a>',
            address,
            label,
            icon("download"),
        )


class PaymentColumn(TextColumn):
    """How far an invoice is paid, and whether it is late."""

    def render(self, value: Any, record: Any) -> str:
        """Word, icon and colour."""
        return payment_badge(record, record.today)

    def value(self, value: Any, record: Any) -> str:
        """The word alone, for files."""
        return str(payment_state(record, record.today)[1])


class InvoiceTable(ListTable):
    """Newest first."""

    caption, identity = _("Posted invoices"), "number"
    empty = _("No invoice has been posted yet.")
    number = TextColumn(verbose_name=_("Number"), slot="title")
    customer = TextColumn(accessor="customer__name", verbose_name=_("Customer"), slot="subtitle", wide=True)
    invoice_date = DayColumn(verbose_name=_("Date"))
    due_date = DayColumn(accessor="due_on", order_by="due_date", verbose_name=_("Due"))
    payment = PaymentColumn(accessor="due_date", verbose_name=_("Payment"), orderable=False, slot="status")
    net_amount = AmountColumn(accessor="net", of="currency", verbose_name=_("Net"))
    tax_amount = AmountColumn(of="currency", verbose_name=_("Tax"))
    gross_amount = AmountColumn(of="currency", with_currency=True, verbose_name=_("To pay"), slot="value")
    open_amount = AmountColumn(of="currency", verbose_name=_("Open"), orderable=False, wide=True)
    document = PdfColumn(
        accessor="printed",
        verbose_name=_("Document"),
        orderable=False,
        exclude_from_export=True,
        slot="line",
        default=_("Being printed"),
    )

    class Meta:
        order_by = ("-number",)
