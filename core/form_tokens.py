"""One intent of one user has one effect, however often its form arrives and whatever breaks (I7)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.models import FormToken
from core.refusals import Refusal, Refused

FORM_TOKEN = re.compile(r"[0-9A-Za-z]{1,64}")
# After this long without an answer the form may be tried again; should the first attempt still run, one of
# the two is rolled back.
RETRY_AFTER = timedelta(seconds=30)

REUSED = Refusal(
    code="form-already-used",
    message=_("This form was sent before with other content."),
    way_out=_("Reload the page and fill in the form again."),
)
ANSWER_LOST = Refusal(
    code="answer-lost",
    message=_("What this form asks for was done before, at least in part; only its answer was lost."),
    way_out=_("Reload the page to see what was done."),
)
SENT_AGAIN = Refusal(
    code="sent-again",
    message=_("The same form was sent again meanwhile, and has replaced this one."),
    way_out=_("Reload the page to see what was done."),
)


@dataclass
class Attempt:
    """One try to do what a form asks for; only one try of a form can commit."""

    token: str
    key: str
    is_recorded: bool = False

    def note_recorded(self) -> None:
        """The effect is committed with its record; further transactions need none."""
        self.is_recorded = True


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def claim(token: str, *, user: Any, content_sha256: str, at: datetime) -> Attempt | str:
    """Claim a form's token: an attempt when there is something to do, else the address of the first answer.

    The address is empty while the first one is still being answered. A token without an effect, whose attempt
    broke, is claimed again after `RETRY_AFTER`. Raises Refused: form-already-used when the token came from
    somebody else or with other content, answer-lost when the effect is there and its answer is not.
    """
    attempt = Attempt(token, uuid4().hex)
    claimed = {"user": user, "content_sha256": content_sha256, "used_at": at, "attempt": attempt.key}
    known, is_first = FormToken.objects.get_or_create(token=token, defaults=claimed)
    if is_first:
        return attempt
    if known.user_id != user.pk or known.content_sha256 != content_sha256:
        raise Refused([REUSED])
    if known.answer_url or at < known.used_at + RETRY_AFTER:
        return known.answer_url
    if known.has_effect:
        raise Refused([ANSWER_LOST])
    broken = FormToken.objects.filter(token=token, attempt=known.attempt, has_effect=False)
    return attempt if broken.update(attempt=attempt.key, used_at=at) else ""


@contextmanager
def recording_effects_of(attempt: Attempt | None) -> Iterator[None]:
    """Record what verbs write inside as the effect of this attempt; without one nothing is recorded."""
    outer = _current.set(attempt)
    try:
        yield
    finally:
        _current.reset(outer)


def record_effect() -> None:
    """Record in the transaction of a verb that its form has had its effect; nothing outside of a form.

    Whoever writes the activity log calls it, as every change does. Locks the row of the token until the
    transaction ends. Raises Refused: sent-again when another attempt took over, so that this one is undone.
    """
    attempt = _current.get()
    if attempt is None or attempt.is_recorded:
        return
    mine = FormToken.objects.filter(token=attempt.token, attempt=attempt.key)
    if not mine.update(has_effect=True):
        raise Refused([SENT_AGAIN])
    # Not before: a transaction that is rolled back takes the record with it.
    transaction.on_commit(attempt.note_recorded)


def answer_of(token: str, *, user: Any, content_sha256: str) -> str:
    """The address that the same form of the same user was answered with; empty where it was not."""
    same = FormToken.objects.filter(token=token, user=user, content_sha256=content_sha256)
    return same.values_list("answer_url", flat=True).first() or ""


def keep_answer(token: str, address: str) -> None:
    """Keep the address of the first answer for those that come later."""
    FormToken.objects.filter(token=token).update(answer_url=address[:300])


def release(attempt: Attempt) -> None:
    """Forget the token of a form that was refused, so that it may be sent again."""
    FormToken.objects.filter(token=attempt.token, attempt=attempt.key).delete()
