"""The mail of an invoice to its customer, with what was sent (C14)."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.mail import EmailMessage

from accounting.models import CustomerInvoice, SentInvoice
from core.documents.formats import Formats
from core.documents.labels import language_of
from core.documents.mail_labels import MAIL_LABELS
from projects.letters import letter

PDF = "application/pdf"
LOADED = ("sent_by", "invoice__legal_entity", "invoice__document", "invoice__hours_list")
"""What `invoice_mails` reads of each, with what `FOLLOWED` names beside."""
FOLLOWED = ("receipts__receipt", "invoice__instalments")


def invoice_mails(sent: Iterable[SentInvoice]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each invoice to the address it was sent to, in the language of its document.

    Amounts and dates are written as the document writes them. Answers go to whoever sent it. What `LOADED`
    and `FOLLOWED` name is loaded.
    """
    for one in sent:
        invoice, receipts = one.invoice, list(one.receipts.all())
        words = MAIL_LABELS[language_of(one.language)]
        said = [_about(invoice, one.language, words)]
        said += [words["hours"]] if one.has_hours else []
        said += [words["receipts"]] if receipts else []
        mail = letter(
            one,
            subject=words[f"{_kind(invoice)}_subject"].format(number=invoice.number),
            sentences=said,
            answer=words["answer"],
            company=invoice.legal_entity.name,
        )
        mail.attach(f"{invoice.number}.pdf", bytes(invoice.document.pdf), PDF)
        if one.has_hours:
            mail.attach(f"{invoice.number}-{words['hours_file']}.pdf", bytes(invoice.hours_list.pdf), PDF)
        for nth, its in enumerate(receipts, 1):
            # Two receipts may have one name, and a mail with two files of one name loses one of them.
            name = f"{nth:02d}-{Path(its.name).name}"
            mail.attach(name, bytes(its.receipt.content), its.receipt.content_type)
        yield one.pk, mail


def _kind(invoice: CustomerInvoice) -> str:
    return "credit" if invoice.gross_amount < 0 else "invoice"


def _said(invoice: CustomerInvoice) -> str:
    """Which sentence fits: a last day alone would ask for the whole of what is due in parts."""
    if invoice.gross_amount <= 0:
        return "credit" if invoice.gross_amount else "nothing"
    return "instalments" if invoice.instalments.all() else "invoice"


def _about(invoice: CustomerInvoice, tag: str, words: dict[str, str]) -> str:
    region = tag.replace("_", "-").partition("-")[2].upper()
    formats = Formats.of(language_of(tag), region, invoice.currency)
    return words[_said(invoice)].format(
        number=invoice.number,
        date=formats.day(invoice.invoice_date),
        amount=formats.money(abs(invoice.gross_amount)),
        due=formats.day(invoice.due_date),
    )
