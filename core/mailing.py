"""Mails of the product: a text in the reader's language, rendered from a template."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import override


def mail_to(
    addresses: Sequence[str], template: str, context: Mapping[str, object], *, language: str
) -> EmailMessage:
    """A mail whose template holds the subject in its first line, an empty one, and the text below."""
    with override(language):
        # A mail is plain text: an ampersand stays one.
        plain = Context(dict(context), autoescape=False)
        text = get_template(template).template.render(plain)  # type: ignore[attr-defined]
        subject, _empty, text = text.lstrip().split("\n", 2)
    # A line break in a subject would begin another header; names that people typed may hold one.
    return EmailMessage(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, list(addresses))


def address_of(url_name: str, *args: object) -> str:
    """The full address of a page, for those who read it outside of the product."""
    return f"{settings.BASE_URL}{reverse(url_name, args=args)}"
