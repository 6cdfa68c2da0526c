"""The mails of accounting: reminders and statements to customers, and that reminders were proposed (C11)."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db.models import Q

from accounting.models import Reminder, ReminderProposal, SentAccountStatement
from core.documents.formats import Formats
from core.documents.labels import language_of
from core.documents.reminder_labels import REMINDER_LABELS
from core.documents.statement_labels import STATEMENT_LABELS
from core.mailing import address_of, mail_to
from projects.letters import letter
from projects.models import LegalEntity

SEND_REMINDERS = "send_reminder"


def reminder_mails(reminders: Iterable[Reminder]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each reminder to the address it was sent to, in the customer's language, with its document.

    Answers go to whoever sent it. Company, document and who sent it are loaded.
    """
    for sent in reminders:
        tag = language_of(sent.language)
        words = REMINDER_LABELS[tag]
        region = sent.language.replace("_", "-").partition("-")[2].upper()
        amount = Formats.of(tag, region, sent.currency).money(sent.open_amount + sent.fee)
        facts = {"title": words[f"title_{sent.level}"], "amount": amount, "company": sent.legal_entity.name}
        mail = letter(
            sent,
            subject=words["mail_subject"].format(**facts),
            sentences=[words["mail_text"].format(**facts)],
            answer=words["mail_answer"],
            company=sent.legal_entity.name,
        )
        mail.attach(f"{sent.number}.pdf", bytes(sent.document.pdf), "application/pdf")
        yield sent.pk, mail


def account_mails(statements: Iterable[SentAccountStatement]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each statement of an account to the address it was sent to, in the customer's language.

    Answers go to whoever sent it. Customer with company, and who sent it are loaded.
    """
    for sent in statements:
        tag = language_of(sent.language)
        words = STATEMENT_LABELS[tag]
        region = sent.language.replace("_", "-").partition("-")[2].upper()
        formats, company = Formats.of(tag, region, sent.currency), sent.customer.legal_entity.name
        first, last = formats.day(sent.first_day), formats.day(sent.last_day)
        said = {"first": first, "last": last, "amount": formats.money(sent.balance)}
        mail = letter(
            sent,
            subject=words["mail_subject"].format(day=last, company=company),
            sentences=[words["mail_text"].format(**said)],
            answer=words["mail_answer"],
            company=company,
        )
        mail.attach(f"{sent.number}.pdf", bytes(sent.pdf), "application/pdf")
        yield sent.pk, mail


def proposal_mails(entities: Iterable[LegalEntity]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each company to everybody there who may send reminders: so many letters wait for a look."""
    for entity in entities:
        rows = ReminderProposal.objects.filter(invoice__legal_entity=entity)
        newest = rows.order_by("-proposed_on").values_list("proposed_on", flat=True).first()
        count = rows.waiting(newest).count() if newest else 0
        letters = rows.letters(newest).count() if newest else 0
        may = Q(groups__permissions__codename=SEND_REMINDERS) | Q(user_permissions__codename=SEND_REMINDERS)
        people = User.objects.filter(may, is_active=True, entity_memberships__legal_entity=entity)
        addresses = sorted(set(people.exclude(email="").values_list("email", flat=True)))
        if letters and addresses:
            context: dict[str, object] = {
                "count": count,
                "letters": letters,
                "company": entity.name,
                "address": address_of("admin:accounting_reminder_review"),
            }
            yield (
                entity.pk,
                mail_to(
                    addresses, "accounting/reminders_proposed_mail.txt", context, language=entity.language
                ),
            )
