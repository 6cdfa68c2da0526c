"""Send posted invoices and credit notes to their customers; the outbox sends the mails (C14)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Manager
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from accounting.models import CustomerInvoice, HoursList, InvoiceDocument, SentInvoice, SentReceipt
from accounting.querysets import InvoiceQuerySet
from billing.models import InvoiceLineDetail
from billing.recorded_parts import PRINTED
from core.activity_log import log_activity
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from projects.letters import without_address
from projects.models import Customer, Receipt

ASKED = "invoice-mail"
"""The kind of outbox row that becomes a mail to the customer."""
MOST_BYTES = 15_000_000
"""What a mail holds: many servers take 20 megabytes, and files grow by a third on the way."""
BATCH = 500


@dataclass(frozen=True)
class ToSend:
    """An invoice with what its mail would hold, in bytes; `receipts` are loaded without their content."""

    invoice: CustomerInvoice
    document_size: int | None
    hours_size: int | None
    was_sent: bool
    receipts: Sequence[Receipt]

    @property
    def is_printed(self) -> bool:
        """Whether there is a document."""
        return self.document_size is not None

    @property
    def has_hours(self) -> bool:
        """Whether there is a list of hours."""
        return self.hours_size is not None

    def size(self, *, with_hours: bool, with_receipts: bool) -> int:
        """How many bytes would be attached."""
        receipts = sum(one.size for one in self.receipts) if with_receipts else 0
        return (self.document_size or 0) + (self.hours_size or 0 if with_hours else 0) + receipts


def invoices_to_send(invoices: InvoiceQuerySet) -> list[ToSend]:
    """The invoices with what is there to send, in order of their numbers; writes and locks nothing.

    Six statements, whatever the number of invoices.
    """
    return _with_files(list(invoices.select_related("customer").order_by("pk")))


def reasons_against_sending(
    chosen: Iterable[ToSend], *, again: bool, with_hours: bool, with_receipts: bool
) -> list[Refusal]:
    """Why these are not sent: address-missing, not-printed, sent-before, mail-too-large (C14)."""
    asked = {"again": again, "with_hours": with_hours, "with_receipts": with_receipts}
    return [one for each in chosen for one in _reasons(each, **asked)]


def send_invoices(
    invoices: InvoiceQuerySet,
    *,
    actor: User,
    at: datetime,
    again: bool = False,
    with_hours: bool = True,
    with_receipts: bool = True,
) -> list[SentInvoice]:
    """Send printed invoices to the e-mail addresses of their customers, all of them or none.

    Each mail has the document as it was printed, in its language; the list of hours and the receipts of
    expenses unless they are left out. What was sent before is sent again only when `again` says so. What
    went to whom is kept; the mails leave after the commit. Locks the invoices, then the customers. The number
    of statements does not depend on how many invoices. Raises Refused: address-missing, not-printed,
    sent-before, mail-too-large (C14, O1).
    """
    with transaction.atomic(durable=True):
        locked = list(invoices.select_related("customer").locked())
        # The address that is read here is the one that is written to.
        list(Customer.objects.filter(pk__in={one.customer_id for one in locked}).locked())
        chosen = _with_files(locked)
        asked = {"again": again, "with_hours": with_hours, "with_receipts": with_receipts}
        refuse_if(reasons_against_sending(chosen, **asked))

        sent = [_sent(one, with_hours, actor, at) for one in chosen]
        SentInvoice.objects.bulk_create(sent, batch_size=BATCH)
        if with_receipts:
            SentReceipt.objects.bulk_create(_receipts_of(sent, chosen), batch_size=BATCH)
        facts = {one.invoice_id: {"to": one.address, "customer": str(one.customer)} for one in sent}
        log_activity("invoice sent", locked, actor=actor, at=at, own_facts=facts)
        enqueue(ASKED, [one.pk for one in sent], at=at)
    return sent


def _sent(one: ToSend, with_hours: bool, actor: User, at: datetime) -> SentInvoice:
    invoice, customer = one.invoice, one.invoice.customer
    return SentInvoice(
        invoice=invoice,
        customer=customer,
        address=customer.email,
        language=invoice.snapshot["language"],
        number=invoice.number,
        has_hours=with_hours and one.has_hours,
        sent_by=actor,
        sent_at=at,
    )


def _receipts_of(sent: Iterable[SentInvoice], chosen: Iterable[ToSend]) -> Iterator[SentReceipt]:
    for one, its in zip(sent, chosen, strict=True):
        for receipt in its.receipts:
            yield SentReceipt(sent=one, receipt=receipt, name=receipt.name, sha256=receipt.sha256)


def _with_files(invoices: Sequence[CustomerInvoice]) -> list[ToSend]:
    keys = [one.pk for one in invoices]
    printed, hours = _sizes(InvoiceDocument.objects, keys), _sizes(HoursList.objects, keys)
    sent = set(SentInvoice.objects.filter(invoice__in=keys).values_list("invoice", flat=True))
    receipts = _receipts(keys)
    return [
        ToSend(one, printed.get(one.pk), hours.get(one.pk), one.pk in sent, receipts.get(one.pk, ()))
        for one in invoices
    ]


def _sizes(documents: Manager[Any], keys: Sequence[int]) -> dict[int, int]:
    """How many bytes the document of each invoice has; one statement, no content is read."""
    rows = documents.filter(invoice__in=keys).annotate(size=Length("pdf"))
    return dict(rows.values_list("invoice", "size"))


def _receipts(keys: Sequence[int]) -> Mapping[int, list[Receipt]]:
    """The receipts of the expenses that each invoice names, without their content; two statements."""
    invoice, entry = "line__proforma__proposal__customer_invoice", "actual__work_item__approval__entry"
    named = InvoiceLineDetail.objects.filter(
        **{f"{invoice}__in": keys, f"{entry}__receipts__isnull": False},
        billing_type__in=PRINTED,
        corrects__isnull=True,
    )
    pairs = sorted(set(named.order_by().values_list(invoice, entry)))
    by_entry = Receipt.objects.by_entry({one for _invoice, one in pairs}) if pairs else {}
    kept: dict[int, list[Receipt]] = defaultdict(list)
    for key, one in pairs:
        kept[key] += by_entry.get(one, [])
    return kept


# --- Reasons against ------------------------------------------------------------------------------


def _reasons(one: ToSend, *, again: bool, with_hours: bool, with_receipts: bool) -> Iterator[Refusal]:
    invoice = one.invoice
    if not invoice.customer.email:
        way_out = _("Enter it on the customer’s page, then send the invoice.")
        yield from without_address(invoice.customer, invoice, way_out)
    if not one.is_printed:
        way_out = _("Wait a moment, or choose Print now.")
        yield Refusal("not-printed", _("It is not printed yet."), str(invoice), way_out)
    if one.was_sent and not again:
        way_out = _("Tick that it goes out again, or leave it out.")
        yield Refusal("sent-before", _("It was sent before."), str(invoice), way_out)
    if one.size(with_hours=with_hours, with_receipts=with_receipts) > MOST_BYTES:
        message = _("What would be attached is too large for one mail.")
        yield Refusal("mail-too-large", message, str(invoice), _way_out_of_size(one, with_receipts))


def _way_out_of_size(one: ToSend, with_receipts: bool) -> str:
    if with_receipts and one.size(with_hours=True, with_receipts=False) <= MOST_BYTES:
        return _("Send it without receipts.")
    if one.size(with_hours=False, with_receipts=False) <= MOST_BYTES:
        return _("Send it without the list of hours and without receipts.")
    return _("Save its document, and hand it over another way.")
