"""Print invoices and reminders once: bytes and hash are kept; a reprint is marked as a copy (C7, C11)."""

import hashlib
from datetime import date, datetime

from django.db import transaction

from accounting.models import CustomerInvoice, HoursList, InvoiceDocument, Reminder, ReminderDocument
from accounting.querysets import InvoiceQuerySet
from accounting.receivable_querysets import ReminderQuerySet
from accounting.snapshots import facts_of
from core.activity_log import log_activity
from core.documents.document_data import copy_mark, document_data
from core.documents.hours_list import hours_list_data
from core.documents.layouts import layout_from
from core.documents.rendering import packed, render_document, unpacked
from core.outbox import enqueue

TO_SEND = "invoice-to-send"
"""The kind of outbox row that sends an invoice whose customer gets invoices by mail."""


def print_invoices(invoices: InvoiceQuerySet, *, at: datetime) -> int:
    """Render and keep the document of every invoice that has none; printed ones stay as they are (C7).

    Figures are those that were posted, in the invoice's currency. Returns how many were printed. One
    statement reads the rows of each document. Rendering happens outside the transaction that
    stores it: nothing is locked while a page is set. Two printers at once keep the document of
    the first: each invoice is locked while its document is stored. The hours behind it are listed in a
    document of their own; where its customer gets invoices by mail, sending follows (C14). Raises
    RenderingFailed; what was printed before it stays (C7, I6).
    """
    printed = 0
    for invoice in invoices.without_document().select_related("posted_by", "customer").order_by("pk"):
        facts = facts_of(invoice)
        data = document_data(facts, layout=layout_from(invoice.snapshot["layout"]))
        document = InvoiceDocument(
            invoice=invoice, pdf=render_document(data), rendered_of=packed(data), rendered_at=at
        )
        hours = hours_list_data(facts)
        printed += _keep(document, render_document(hours) if hours else b"", at)
    return printed


def reprint(invoice: CustomerInvoice, *, on: date) -> bytes:
    """The invoice again, every page marked as a copy with the day; nothing is stored or locked (C7).

    A copy says what the original said, whatever people and tasks are called today.
    """
    mark = copy_mark(invoice.snapshot["language"], reprinted_on=on, issued_on=invoice.invoice_date)
    original = InvoiceDocument.objects.filter(invoice=invoice).only("rendered_of").first()
    if original is not None:
        return render_document(unpacked(bytes(original.rendered_of)), copy=mark)
    return render_document(
        document_data(facts_of(invoice), layout=layout_from(invoice.snapshot["layout"])), copy=mark
    )


def _keep(document: InvoiceDocument, hours: bytes, at: datetime) -> int:
    invoice = document.invoice
    document.sha256 = hashlib.sha256(document.pdf).hexdigest()
    with transaction.atomic(durable=True):
        # Held while asked again: a second printer waits here, and then sees the first print (C7).
        held = CustomerInvoice.objects.filter(pk=invoice.pk).locked().get()
        if InvoiceDocument.objects.filter(invoice=held).exists():
            return 0
        document.save(force_insert=True)
        if hours:
            listed = HoursList(
                invoice=invoice, pdf=hours, sha256=hashlib.sha256(hours).hexdigest(), rendered_at=at
            )
            listed.save(force_insert=True)
        # Logged by whoever was first, so that the history says once that it was printed.
        facts = {"document": {"sha256": document.sha256}}
        if invoice.customer.sends_invoices:
            enqueue(TO_SEND, [invoice.pk], at=at)
        log_activity("printed", [invoice], actor=invoice.posted_by, at=at, facts=facts)
    return 1


def print_reminders(reminders: ReminderQuerySet, *, at: datetime) -> int:
    """Render and keep the document of every reminder that has none, as it was worded when it was sent (C11).

    Returns how many were printed. Rendering happens outside the transaction that stores it. Two printers at
    once keep the document of the first. Raises RenderingFailed; what was printed before it stays (C7).
    """
    printed = 0
    for reminder in reminders.without_document().select_related("sent_by").order_by("pk"):
        pdf = render_document(reminder.snapshot)
        with transaction.atomic(durable=True):
            held = Reminder.objects.filter(pk=reminder.pk).locked().get()
            if ReminderDocument.objects.filter(reminder=held).exists():
                continue
            document = ReminderDocument(
                reminder=reminder, pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest(), rendered_at=at
            )
            document.save(force_insert=True)
            facts = {"document": {"sha256": document.sha256}}
            log_activity("printed", [reminder], actor=reminder.sent_by, at=at, facts=facts)
        printed += 1
    return printed
