"""Mails of the outbox: none leaves twice unseen, whenever its worker is stopped (O1, record 0041)."""

import smtplib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend

from core.models import Activity, OutboxEntry
from core.outbox import enqueue, settle_doubt
from core.sending import LONGEST, message_id_of, send_pending
from tests.company.checking import refused
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The worker is stopped without a word."""


def letters(keys: Sequence[int]) -> Iterator[tuple[int, EmailMessage]]:
    """A letter to each number; none to nobody, and what is written to thirteen cannot be composed."""
    for key in keys:
        if key == 13:
            raise ValueError("no such person")
        if key:
            yield key, EmailMessage(f"Letter {key}", "Dear reader", to=[f"{key}@example.com"])


def send(at: datetime = NOW) -> int:
    return send_pending({"letter": letters}, clock=lambda: at)


def rows(*columns: str) -> list[Any]:
    return list(OutboxEntry.objects.order_by("pk").values_list(*(columns or ("status", "attempts"))))


def fails_at(
    monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException, *, after: bool = False
) -> None:
    """The server fails the next mail: before it has taken it, or after."""
    real = getattr(EmailBackend, step)

    def failing(self: EmailBackend, *args: Any) -> Any:
        monkeypatch.setattr(EmailBackend, step, real)
        if after:
            real(self, *args)
        raise error

    monkeypatch.setattr(EmailBackend, step, failing)


def test_a_mail_leaves_once_with_an_identity_of_its_own():
    enqueue("letter", [1, 2, 0], at=NOW)
    assert (send(), send()) == (3, 0)
    first, second, _nobody = OutboxEntry.objects.order_by("pk")
    sent = [one.extra_headers["Message-ID"] for one in mail.outbox]
    assert sent == [message_id_of(first), message_id_of(second)]
    assert [one.message()["Message-ID"] for one in mail.outbox] == sent
    assert sent[0].endswith("@localhost>")
    assert rows("status", "done_at", "sending_since") == [("done", NOW, None)] * 3


def test_a_worker_stopped_after_the_server_took_a_mail_never_sends_it_again_by_itself(monkeypatch):
    enqueue("letter", [1, 2], at=NOW)
    fails_at(monkeypatch, "send_messages", Killed(), after=True)
    with pytest.raises(Killed):
        send()
    assert rows("status", "sending_since") == [("sending", NOW), ("pending", None)]

    # The next worker sends the other one. The first may still be on its way for a while.
    assert send(NOW + LONGEST) == 1
    assert rows() == [("sending", 0), ("done", 0)]
    assert send(NOW + LONGEST + timedelta(seconds=1)) == 0
    assert rows("status", "last_error", "sending_since") == [
        ("in_doubt", "The worker was stopped while it was sent.", None),
        ("done", "", None),
    ]
    assert send(NOW + timedelta(days=1)) == 0
    assert [one.subject for one in mail.outbox] == ["Letter 1", "Letter 2"]


def test_a_person_who_sends_it_again_sends_the_same_identity(monkeypatch):
    person = User.objects.create_user("person")
    enqueue("letter", [1], at=NOW)
    fails_at(monkeypatch, "send_messages", Killed(), after=True)
    with pytest.raises(Killed):
        send()
    send(NOW + timedelta(hours=1))
    assert settle_doubt(OutboxEntry.objects.all(), has_left=False, actor=person, at=NOW) == 1
    assert send() == 1
    first, again = (one.extra_headers["Message-ID"] for one in mail.outbox)
    assert first == again
    logged = Activity.objects.get()
    assert (logged.verb, logged.from_state, logged.to_state) == ("to be sent again", "in_doubt", "pending")


def test_a_person_who_knows_that_it_left_takes_it_as_sent(monkeypatch):
    person = User.objects.create_user("person")
    enqueue("letter", [1, 2], at=NOW)
    fails_at(monkeypatch, "send_messages", smtplib.SMTPServerDisconnected("gone"))
    assert send() == 1
    with refused("not-in-doubt"):
        settle_doubt(OutboxEntry.objects.all(), has_left=True, actor=person, at=NOW)
    assert settle_doubt(OutboxEntry.objects.filter(status="in_doubt"), has_left=True, actor=person, at=NOW)
    assert rows("status", "last_error") == [("done", ""), ("done", "")]
    assert send() == 0
    logged = Activity.objects.get()
    assert (logged.verb, logged.from_state, logged.to_state) == ("taken as sent", "in_doubt", "done")


@pytest.mark.parametrize("error", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("silent")])
def test_where_the_connection_breaks_nobody_knows_and_a_person_decides(monkeypatch, error):
    enqueue("letter", [1], at=NOW)
    fails_at(monkeypatch, "send_messages", error, after=True)
    assert send() == 0
    assert rows("status", "attempts", "last_error") == [("in_doubt", 0, str(error))]
    assert (send(), len(mail.outbox)) == (0, 1)


def test_what_the_server_refuses_is_tried_again_and_parked_after_five_times(monkeypatch):
    enqueue("letter", [1], at=NOW)
    for attempt in range(1, 6):
        fails_at(monkeypatch, "send_messages", smtplib.SMTPDataError(554, "no"))
        assert send() == 0
        assert rows("status", "attempts", "sending_since") == [
            ("pending" if attempt < 5 else "parked", attempt, None)
        ]
    assert mail.outbox == []


def test_a_server_that_is_out_of_reach_has_taken_nothing(monkeypatch):
    enqueue("letter", [1], at=NOW)
    fails_at(monkeypatch, "open", ConnectionRefusedError("no server"))
    assert send() == 0
    assert rows("status", "attempts", "last_error") == [("pending", 1, "no server")]
    assert (send(), len(mail.outbox)) == (1, 1)


def test_a_mail_that_cannot_be_composed_sends_no_other_twice():
    enqueue("letter", [1, 13, 2], at=NOW)
    assert (send(), send()) == (2, 0)
    assert [one.subject for one in mail.outbox] == ["Letter 1", "Letter 2"]
    assert rows() == [("done", 0), ("pending", 2), ("done", 0)]


def test_of_two_workers_one_sends(monkeypatch):
    enqueue("letter", [1], at=NOW)
    real, other = EmailBackend.open, []

    def slow(self: EmailBackend) -> Any:
        monkeypatch.setattr(EmailBackend, "open", real)
        # Both have read the row as waiting; the other one is quicker.
        other.append(send())
        return real(self)

    monkeypatch.setattr(EmailBackend, "open", slow)
    assert (send(), other, len(mail.outbox)) == (0, [1], 1)
    assert rows() == [("done", 0)]
