"""Mails to customers: their form, and the address that they need (A12, C14)."""

from collections.abc import Iterator
from typing import Protocol

from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from core.mailing import mail_to
from core.people import person_name
from core.refusals import Refusal

TEMPLATE = "projects/customer_mail.txt"


class Sent(Protocol):
    """Something that was sent to a customer: to which address, in which language, by whom."""

    address: str
    language: str

    @property
    def sent_by(self) -> User: ...


def letter(sent: Sent, *, subject: str, sentences: list[str], answer: str, company: str) -> EmailMessage:
    """The mail of something sent to a customer, to the address it was sent to; files are still to attach.

    `answer` names who answers questions, with {sender} and {address}; answers go to whoever sent it, who is
    loaded.
    """
    sender = {"sender": person_name(sent.sent_by), "address": sent.sent_by.email}
    context: dict[str, object] = {
        "subject": subject,
        "text": " ".join(sentences),
        "answer": answer.format(**sender) if sent.sent_by.email else "",
        "company": company,
    }
    mail = mail_to([sent.address], TEMPLATE, context, language=sent.language)
    mail.reply_to = [sent.sent_by.email] if sent.sent_by.email else []
    return mail


def without_address(customer: object, subject: object, way_out: str) -> Iterator[Refusal]:
    """Why nothing is sent to a customer whose address nobody entered."""
    yield Refusal(
        "address-missing",
        _("%(customer)s has no e-mail address.") % {"customer": customer},
        str(subject),
        way_out,
    )
