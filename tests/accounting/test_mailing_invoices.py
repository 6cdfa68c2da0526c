"""Invoices go to their customers by mail: to whom, with what, once, and what is refused (C14)."""

from decimal import Decimal
from hashlib import sha256

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from accounting import mailing_invoices
from accounting.invoice_mails import _about
from accounting.mailing_invoices import invoices_to_send, send_invoices
from accounting.models import CustomerInvoice, HoursList, InvoiceDocument, SentInvoice, SentReceipt
from accounting.outbox_handlers import invoice_to_send, sweep_outbox
from accounting.printing import print_invoices
from core.documents.mail_labels import MAIL_LABELS
from core.models import Activity, OutboxEntry
from core.outbox import enqueue
from core.sweeping import sweep
from projects.models import Customer, Receipt
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused, statements
from tests.company.rows import NOW
from tests.core.pdf_pages import pages_of

pytestmark = pytest.mark.django_db

ADDRESS = "buchhaltung@alster.example"
HOTEL = b"%PDF-1.7 hotel"


@pytest.fixture
def at() -> Company:
    company = Company()
    Customer.objects.filter(pk=company.customer.pk).update(email=ADDRESS, language="de")
    company.accountant.first_name, company.accountant.last_name = "Hanna", "Voss"
    company.accountant.email = "hanna@example.org"
    company.accountant.save()
    return company


def printed(company: Company, quantity: str | int = 8) -> CustomerInvoice:
    invoice = company.billed(quantity)
    print_invoices(only(invoice), at=NOW)
    return CustomerInvoice.objects.get(pk=invoice.pk)


def with_receipt(company: Company, name: str = "hotel.pdf", size: int = len(HOTEL)) -> CustomerInvoice:
    """An invoice over a day of work and a night in a hotel, with its receipt."""
    company.sells_expenses_at_cost_plus("10")
    approval = company.approved(1, "expense", price=Decimal(120))
    Receipt.objects.create(
        entry=approval.entry,
        name=name,
        content_type="application/pdf",
        content=HOTEL,
        size=size,
        sha256=sha256(HOTEL).hexdigest(),
        added_by=company.worker,
        added_at=NOW,
    )
    return printed(company)


def send(*invoices: CustomerInvoice, **options: bool) -> list[SentInvoice]:
    chosen = CustomerInvoice.objects.filter(pk__in=[one.pk for one in invoices])
    actor = CustomerInvoice.objects.get(pk=invoices[0].pk).posted_by
    return send_invoices(chosen, actor=actor, at=NOW, **options)


def test_the_customer_gets_document_hours_and_receipts_in_the_language_of_the_document(at):
    invoice = with_receipt(at)
    (one,) = send(invoice)
    assert not mail.outbox
    sweep_outbox(now=NOW)
    (letter,) = mail.outbox
    assert (letter.to, letter.reply_to) == ([ADDRESS], ["hanna@example.org"])
    assert letter.subject == f"Rechnung {invoice.number}"
    assert letter.body.splitlines() == [
        f"Im Anhang steht die Rechnung {invoice.number} vom 31.03.2026 über 2.078,40\xa0€, zahlbar bis "
        "30.04.2026. Die Stunden dazu stehen in einer eigenen Datei. Belege zu den Auslagen liegen "
        "ebenfalls bei.",
        "",
        "Fragen dazu beantwortet Hanna Voss: hanna@example.org.",
        "",
        at.entity.name,
    ]
    names = [f"{invoice.number}.pdf", f"{invoice.number}-stunden.pdf", "01-hotel.pdf"]
    document, hours = InvoiceDocument.objects.get(), HoursList.objects.get()
    assert [(name, sha256(content).hexdigest()) for name, content, _kind in letter.attachments] == list(
        zip(names, [document.sha256, hours.sha256, SentReceipt.objects.get().sha256], strict=True)
    )
    assert (one.address, one.language, one.number, one.sent_at) == (ADDRESS, "de", invoice.number, NOW)
    assert (one.sent_by, one.has_hours) == (at.accountant, True)
    noted = Activity.objects.get(verb="invoice sent")
    assert (noted.subject_id, noted.facts) == (invoice.pk, {"to": ADDRESS, "customer": str(at.customer)})

    # Another sweep sends nothing twice.
    sweep_outbox(now=NOW)
    assert len(mail.outbox) == 1
    assert_proven()


def test_the_list_of_hours_names_every_entry_and_no_amount(at):
    at.approved("2.5", external_description="Workshop")
    printed(at, "8")
    (lines,) = pages_of(bytes(HoursList.objects.get().pdf))
    said = " ".join(lines)
    assert "Stundennachweis" in said
    assert "Workshop" in said
    assert "10,50" in said
    assert "2.100,00" not in said


def test_an_invoice_without_hours_has_no_list_of_hours(at):
    at.sells_expenses_at_cost_plus("10")
    at.approved(1, "expense", price=Decimal(120))
    at.confirm(at.draft())
    at.journalise()
    (invoice,) = at.invoices()
    print_invoices(only(invoice), at=NOW)
    assert not HoursList.objects.exists()
    (one,) = send(invoice)
    assert not one.has_hours


def test_hours_and_receipts_may_be_left_out(at):
    invoice = with_receipt(at)
    send(invoice, with_hours=False, with_receipts=False)
    sweep_outbox(now=NOW)
    assert [name for name, _content, _kind in mail.outbox[0].attachments] == [f"{invoice.number}.pdf"]


def test_it_is_sent_again_only_knowingly_and_to_the_address_of_today(at):
    invoice = printed(at)
    send(invoice)
    with refused("sent-before"):
        send(invoice)
    Customer.objects.update(email="neu@alster.example")
    send(invoice, again=True)
    sweep_outbox(now=NOW)
    assert [letter.to for letter in mail.outbox] == [[ADDRESS], ["neu@alster.example"]]
    assert [one.address for one in SentInvoice.objects.order_by("pk")] == [ADDRESS, "neu@alster.example"]


def test_what_is_not_printed_has_no_address_or_is_too_large_is_refused_with_all_reasons(at):
    invoice = at.billed()
    Customer.objects.update(email="")
    with refused("address-missing", "not-printed"):
        send(invoice)


def test_receipts_that_no_mail_holds_are_refused_and_may_be_left_out(at):
    invoice = with_receipt(at, size=mailing_invoices.MOST_BYTES + 1)
    with refused("mail-too-large"):
        send(invoice)
    assert len(send(invoice, with_receipts=False)) == 1


def test_the_document_and_the_list_of_hours_count_as_well(at, monkeypatch):
    invoice = with_receipt(at, size=1000)
    document, hours = len(bytes(invoice.document.pdf)), len(bytes(invoice.hours_list.pdf))
    monkeypatch.setattr(mailing_invoices, "MOST_BYTES", document + hours + 999)
    with refused("mail-too-large") as said:
        send(invoice)
    assert said.value.refusals[0].way_out == "Send it without receipts."
    monkeypatch.setattr(mailing_invoices, "MOST_BYTES", document + hours - 1)
    with refused("mail-too-large") as said:
        send(invoice, with_receipts=False)
    assert said.value.refusals[0].way_out == "Send it without the list of hours and without receipts."
    monkeypatch.setattr(mailing_invoices, "MOST_BYTES", document)
    assert len(send(invoice, with_hours=False, with_receipts=False)) == 1


def test_a_mail_that_does_not_leave_says_why_and_keeps_no_other(at, monkeypatch):
    first, second = printed(at), printed(at)
    one, _other = send(first, second)
    deliver = EmailBackend.send_messages

    def refuses(backend, letters):
        if letters[0].subject.endswith(first.number):
            raise OSError("mailbox unknown")
        return deliver(backend, letters)

    monkeypatch.setattr(EmailBackend, "send_messages", refuses)
    sweep_outbox(now=NOW)
    entry = OutboxEntry.objects.get(effect_key=f"invoice-mail:{one.pk}")
    assert "mailbox unknown" in entry.last_error
    assert [letter.subject for letter in mail.outbox] == [f"Rechnung {second.number}"]


def test_where_the_customer_is_set_so_it_is_sent_by_itself_once(at):
    Customer.objects.update(sends_invoices=True)
    invoice = at.billed()
    sweep_outbox(now=NOW)
    sweep_outbox(now=NOW)
    sweep_outbox(now=NOW)
    assert [letter.subject for letter in mail.outbox] == [f"Rechnung {invoice.number}"]
    assert SentInvoice.objects.get().sent_by == at.accountant
    assert not CustomerInvoice.objects.to_send().exists()


def test_without_an_address_it_waits_for_a_person_who_sees_the_reason(at):
    Customer.objects.update(sends_invoices=True, email="")
    invoice = at.billed()
    sweep_outbox(now=NOW)
    sweep_outbox(now=NOW)
    assert CustomerInvoice.objects.to_send().get() == invoice
    entry = OutboxEntry.objects.get(kind="invoice-to-send")
    assert "has no e-mail address" in entry.last_error


@pytest.mark.parametrize(
    ("language", "due_later", "nothing"),
    [
        (
            "en-gb",
            "Attached is invoice {0} of 31 Mar 2026 over €1,920.00. It is payable in instalments, as "
            "stated on it.",
            "Attached is invoice {0} of 31 Mar 2026 over €0.00. Nothing is to be paid.",
        ),
        (
            "de",
            "Im Anhang steht die Rechnung {0} vom 31.03.2026 über 1.920,00 €. Sie ist in Raten zahlbar, wie "
            "auf ihr angegeben.",
            "Im Anhang steht die Rechnung {0} vom 31.03.2026 über 0,00 €. Zu zahlen ist nichts.",
        ),
    ],
)
def test_the_mail_asks_for_instalments_and_for_nothing_where_nothing_is_due(at, language, due_later, nothing):
    terms = rows.terms(60, instalments="30 14\n70 60")
    Customer.objects.update(payment_terms=terms, language=language)
    (one,) = send(printed(at), with_hours=False)
    invoice = one.invoice
    words = MAIL_LABELS[language[:2]]
    assert _about(invoice, language, words).replace("\xa0", " ") == due_later.format(invoice.number)
    invoice.gross_amount = Decimal(0)
    assert _about(invoice, language, words).replace("\xa0", " ") == nothing.format(invoice.number)


def test_those_that_wait_are_sent_together_and_one_that_is_refused_keeps_no_other_back(at, monkeypatch):
    first, second, unprinted = printed(at), printed(at), at.billed()
    asked = []

    def noted(chosen, **acting):
        asked.append(sorted(chosen.values_list("pk", flat=True)))
        return send_invoices(chosen, **acting)

    monkeypatch.setattr("accounting.outbox_handlers.send_invoices", noted)
    invoice_to_send([first.pk, second.pk], NOW)
    assert asked == [[first.pk, second.pk]]
    third = printed(at)
    with transaction.atomic():
        enqueue("invoice-to-send", [third.pk, unprinted.pk], at=NOW)
    sweep({"invoice-to-send": invoice_to_send}, now=NOW)
    sent = SentInvoice.objects.order_by("pk").values_list("invoice", flat=True)
    assert list(sent) == [first.pk, second.pk, third.pk]
    entry = OutboxEntry.objects.get(effect_key=f"invoice-to-send:{unprinted.pk}")
    assert (entry.attempts, "It is not printed yet." in entry.last_error) == (1, True)


def test_one_or_three_invoices_take_the_same_statements(at):
    counts = []
    for invoices in ([printed(at)], [printed(at), printed(at), printed(at)]):
        chosen = CustomerInvoice.objects.filter(pk__in=[one.pk for one in invoices])
        counts.append(
            (
                statements(lambda rows=chosen: invoices_to_send(rows)),
                statements(lambda rows=chosen: send_invoices(rows, actor=at.accountant, at=NOW)),
            )
        )
    assert counts[0] == counts[1]
