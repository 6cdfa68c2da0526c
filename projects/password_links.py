"""A forgotten password: whoever knows their mail address is sent a link to choose another one (A13)."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import log_activity
from core.models import PasswordRequest
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if

FORGOTTEN = "password-forgotten"
"""The kind of outbox row that becomes a mail with a link to choose another password."""

PERIOD = timedelta(minutes=15)
MOST_FROM_ONE_ADDRESS = 5
MOST_TO_ONE_PERSON = 2


def ask_for_password_link(mail: str, *, asked_from: str, at: datetime) -> None:
    """Send a link to choose another password to the active users with this mail address.

    Duration and answer are the same whether somebody has the address or not: the mail is sent by the outbox.
    In a quarter of an hour, one network address may ask for five mail addresses, and two mails go to one mail
    address. Locks nothing: one too many at the same moment does no harm. Raises Refused: asked-too-often
    (A13).
    """
    with transaction.atomic(durable=True):
        PasswordRequest.objects.filter(asked_at__lt=at - PERIOD).delete()
        refuse_if(_too_often(asked_from))

        hashed = hashlib.sha256(mail.strip().lower().encode()).hexdigest()
        to_same = PasswordRequest.objects.filter(mail_sha256=hashed).count()
        PasswordRequest.objects.create(mail_sha256=hashed, asked_from=asked_from, asked_at=at)
        people = User.objects.filter(email__iexact=mail.strip(), is_active=True).exclude(email="")
        keys = [one.pk for one in people] if to_same < MOST_TO_ONE_PERSON else []
        enqueue(FORGOTTEN, keys, at=at, again=f"@{at.isoformat()}")


def note_changed_password(user: User, *, at: datetime) -> None:
    """Write into the history that somebody chose another password; the password itself is Django's (S4)."""
    with transaction.atomic(durable=True):
        log_activity("password changed", [user], actor=user, at=at)


def _too_often(asked_from: str) -> Iterable[Refusal]:
    if PasswordRequest.objects.filter(asked_from=asked_from).count() >= MOST_FROM_ONE_ADDRESS:
        message = _("Links were asked for five times from here within a quarter of an hour.")
        yield Refusal("asked-too-often", message, way_out=_("Wait a little, or ask the administrator."))
