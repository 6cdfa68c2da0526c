"""The mails of billing: a review, its answer, a retention to release, a statement of hours (B7, B12, A12)."""

from collections.abc import Iterable, Iterator

from django.core.mail import EmailMessage
from django.utils.translation import override

from billing.models import ProformaReview, Retention, SentStatement
from core.documents.hours_labels import HOURS_LABELS
from core.documents.labels import language_of
from core.mailing import address_of, mail_to
from core.people import person_name
from core.templatetags.display import day, money
from projects.letters import letter


def review_mails(reviews: Iterable[ProformaReview]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each review: to whoever is asked, and to whoever asked when it is answered."""
    for review in reviews:
        reader = review.reviewer if review.is_open else review.asked_by
        proforma = review.proforma
        if not reader.email:
            continue
        context: dict[str, object] = {
            "review": review,
            "proforma": proforma,
            "number": proforma.number,
            "asker": person_name(review.asked_by),
            "reviewer": person_name(review.reviewer),
            "address": address_of("proforma", proforma.number),
        }
        language = proforma.legal_entity.language
        yield review.pk, mail_to([reader.email], "billing/review_mail.txt", context, language=language)


def retention_mails(retentions: Iterable[Retention]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each retention to who manages its contract; none where nobody does, or has no address."""
    for retention in retentions:
        proforma = retention.line.proforma
        manager, language = proforma.contract.manager, proforma.legal_entity.language
        if manager is None or not manager.is_active or not manager.email:
            continue
        with override(language):
            left = money(retention.open_amount, proforma.currency)
        context: dict[str, object] = {
            "retention": retention,
            "proforma": proforma,
            "number": proforma.customer_invoice_number or proforma.number,
            "open": left,
            "address": address_of("retention-release", retention.pk),
        }
        yield retention.pk, mail_to([manager.email], "billing/retention_mail.txt", context, language=language)


def statement_mails(statements: Iterable[SentStatement]) -> Iterator[tuple[int, EmailMessage]]:
    """A mail for each statement to the address it was sent to, in the customer's language, with its document.

    Answers go to whoever sent it. Agreement with contract and entity, and who sent it are loaded.
    """
    for sent in statements:
        line, language = sent.prepaid_hours.contract_line, sent.language
        words = HOURS_LABELS[language_of(language)]
        with override(language):
            month = day(sent.month, "whole_month")
        facts = {"month": month, "line": line.name, "contract": line.contract.number}
        mail = letter(
            sent,
            subject=words["mail_subject"].format(**facts),
            sentences=[words["mail_text"].format(**facts)],
            answer=words["mail_answer"],
            company=line.contract.legal_entity.name,
        )
        mail.attach(f"{sent.number}.pdf", bytes(sent.pdf), "application/pdf")
        yield sent.pk, mail
