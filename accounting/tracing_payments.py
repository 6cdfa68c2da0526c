"""How invoices were paid: what settled them, what was reminded of, what is open (X5, C11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.models import CustomerInvoice, CustomerPayment, CustomerTransaction, ReminderItem, Settlement
from accounting.states import VoucherSource


@dataclass(frozen=True)
class TracedSettlement:
    """A part of an invoice that was settled: with what, on which day, how much, and whether it was undone.

    `amount` is in the currency of the invoice; below zero it undoes another one.
    """

    day: date
    what: str
    reference: str
    amount: Decimal
    is_undone: bool
    url: str


@dataclass
class TracedPayments:
    """An invoice or credit note with all that settled it, and the reminders that named it.

    `invoice` carries `open_amount`, what is open of it by now.
    """

    invoice: CustomerInvoice
    settlements: list[TracedSettlement] = field(default_factory=list)
    reminders: list[ReminderItem] = field(default_factory=list)


def payments_of(invoices: Iterable[CustomerInvoice]) -> list[TracedPayments]:
    """The life of invoices after they were posted, in their order: four statements, none for no invoice."""
    by_key = {one.pk: TracedPayments(one) for one in invoices}
    if not by_key:
        return []
    related = ("debit__invoice", "credit__invoice", "debit__voucher", "credit__voucher", "reversed_by")
    settled = (
        Settlement.objects.filter(Q(debit__invoice__in=by_key) | Q(credit__invoice__in=by_key))
        .select_related(*related)
        .defer("debit__invoice__snapshot", "credit__invoice__snapshot")
        .order_by("pk")
    )
    rows = list(settled)
    payments = _payments_among(rows)
    for one in rows:
        for mine, other in ((one.debit, one.credit), (one.credit, one.debit)):
            if mine.invoice_id in by_key:
                by_key[mine.invoice_id].settlements.append(_settlement(one, other, payments))
    items = ReminderItem.objects.filter(invoice__in=by_key).select_related("reminder").order_by("pk")
    for item in items.defer("reminder__snapshot"):
        by_key[item.invoice_id].reminders.append(item)
    return list(by_key.values())


def _payments_among(settlements: Iterable[Settlement]) -> Mapping[int, CustomerPayment]:
    keys = {
        side.voucher.source_id
        for one in settlements
        for side in (one.debit, one.credit)
        if side.voucher.source_kind == VoucherSource.CUSTOMER_PAYMENT
    }
    return CustomerPayment.objects.select_related("bank_booking").in_bulk(keys) if keys else {}


def _settlement(
    one: Settlement, other: CustomerTransaction, payments: Mapping[int, CustomerPayment]
) -> TracedSettlement:
    voucher, reference = other.voucher, ""
    what = voucher.get_source_kind_display()
    url = reverse("admin:accounting_voucher_change", args=[voucher.pk])
    if other.invoice is not None:
        is_credit = other.invoice.gross_amount < 0
        words = _("Credit note %(number)s") if is_credit else _("Invoice %(number)s")
        what = words % {"number": other.invoice.number}
        url = reverse("trace-invoice", args=[other.invoice.number])
    elif voucher.source_kind == VoucherSource.CUSTOMER_PAYMENT and voucher.source_id in payments:
        payment = payments[voucher.source_id]
        booking = payment.bank_booking
        reference = payment.reference or (booking.reference or booking.text if booking else "")
        url = reverse("admin:accounting_customerpayment_change", args=[payment.pk])
    is_undone = one.reverses_id is not None or hasattr(one, "reversed_by")
    return TracedSettlement(one.date, str(what), reference, one.amount, is_undone, url)
