"""The mails of billing: somebody is asked to look at a proforma, and somebody has answered (B7)."""

from collections.abc import Iterable, Iterator

from django.core.mail import EmailMessage

from billing.models import ProformaReview
from core.mailing import address_of, mail_to
from core.people import person_name


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
