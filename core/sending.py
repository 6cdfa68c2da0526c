"""Send the mails of the outbox: a row says that it is being sent before its mail leaves (O1, record 0041)."""

import hashlib
import logging
import smtplib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils.translation import gettext as _

from core.models import OutboxEntry
from core.states import OutboxStatus
from core.sweeping import ENTRIES_PER_SWEEP, isolate, keyed, note_failure

logger = logging.getLogger(__name__)

AT_ONCE = 20
"""Mails that are composed together; each may hold a document."""
LONGEST = timedelta(minutes=15)
"""No mail takes as long: a row that has been sent for longer lost its worker."""
REFUSED = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)
"""What a mail server says of a mail that it has not taken."""

Clock = Callable[[], datetime]
Mails = Iterable[tuple[int, EmailMessage]]
"""Mails by the key that their rows name."""
Composer = Callable[[Sequence[int]], Mails]
"""Writes the mails of these keys; of a key that it leaves out, there is nothing to send any more.

A composer may keep what it prints; doing so twice changes nothing.
"""


def send_pending(composers: Mapping[str, Composer], *, clock: Clock) -> int:
    """Send what waits in the outbox, kind by kind, one mail after the other; return how many rows are done.

    A row is claimed, and the claim committed, before its mail is handed to the server, so that two workers
    never send the same one. What the server refuses is tried again and parked after five failures, as other
    work. Where nobody knows whether the server has taken it - the worker was stopped in between, or the
    connection broke - the row becomes `in_doubt` and waits for a person: it is never sent twice by itself.
    The same row always has the same Message-ID. Holds no transaction of its own (O1).
    """
    _doubt_what_was_left(clock())
    return sum(_send_kind(kind, composer, clock) for kind, composer in composers.items())


def message_id_of(entry: OutboxEntry) -> str:
    """The Message-ID of the mail of a row: who gets a repeated mail recognises it by this."""
    facts = f"{entry.pk} {entry.effect_key} {entry.created_at.isoformat()}"
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<outbox.{hashlib.sha256(facts.encode()).hexdigest()[:32]}@{domain}>"


def _doubt_what_was_left(now: datetime) -> None:
    OutboxEntry.objects.sending().filter(sending_since__lt=now - LONGEST).update(
        status=OutboxStatus.IN_DOUBT,
        sending_since=None,
        last_error=_("The worker was stopped while it was sent."),
    )


def _send_kind(kind: str, composer: Composer, clock: Clock) -> int:
    entries = list(OutboxEntry.objects.pending(kind).order_by("pk")[:ENTRIES_PER_SWEEP])
    by_key = keyed(entries)
    done = 0
    for mails, failures, silent in _composed(list(by_key), composer):
        for key, error in failures.items():
            note_failure(by_key[key], error)
        rows = OutboxEntry.objects.filter(pk__in=[by_key[key].pk for key in silent])
        done += rows.filter(status=OutboxStatus.PENDING).update(status=OutboxStatus.DONE, done_at=clock())
        done += sum(_send(by_key[key], mail, clock) for key, mail in mails)
    return done


def _composed(
    keys: Sequence[int], composer: Composer
) -> Iterator[tuple[list[tuple[int, EmailMessage]], dict[int, Exception], set[int]]]:
    """A few at a time: mails by key, what could not be composed, and keys with nothing to send."""
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        # Each alone where one fails: composing twice changes nothing.
        composed, failures = isolate(some, lambda chosen: list(composer(chosen)))
        mails = [mail for of_some in composed for mail in of_some]
        yield mails, failures, set(some) - set(failures) - {key for key, _mail in mails}


def _send(entry: OutboxEntry, mail: EmailMessage, clock: Clock) -> bool:
    """Hand one mail to the server; whether its row is done now."""
    connection = get_connection()
    try:
        mail.extra_headers["Message-ID"] = message_id_of(entry)
        # Whatever is wrong with the mail or the server so far: nothing has left.
        mail.message()
        connection.open()
    except Exception as error:  # noqa: BLE001 - it is about this mail; the sweeper tries it again
        note_failure(entry, error)
        return False
    try:
        if not _claim(entry, clock()):
            return False
        try:
            connection.send_messages([mail])
        except REFUSED as error:
            note_failure(entry, error, was=OutboxStatus.SENDING)
            return False
        except Exception as error:
            logger.exception("outbox entry %s was perhaps sent", entry.effect_key)
            _mark(entry, status=OutboxStatus.IN_DOUBT, last_error=str(error)[:2000])
            return False
        _mark(entry, status=OutboxStatus.DONE, done_at=clock())
        return True
    finally:
        # The mail has left or not, whatever the server says to a goodbye.
        with suppress(Exception):
            connection.close()


def _claim(entry: OutboxEntry, now: datetime) -> bool:
    """Whether this worker sends it; committed before anything leaves."""
    with transaction.atomic(durable=True):
        waiting = OutboxEntry.objects.filter(pk=entry.pk, status=OutboxStatus.PENDING)
        return waiting.update(status=OutboxStatus.SENDING, sending_since=now) == 1


def _mark(entry: OutboxEntry, **columns: object) -> None:
    OutboxEntry.objects.sending().filter(pk=entry.pk).update(sending_since=None, **columns)
