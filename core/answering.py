"""One answer to every failure of an action: the same on a page, in the admin and in a command.

A refusal names its reasons. Rows that changed meanwhile, a rule that the database keeps, and rows that
somebody else holds are answered in words as well; nothing was changed, and what was sent is kept.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import form_tokens
from core.kept_forms import OWNER_FIELD
from core.querysets import ChangedMeanwhile
from core.refusals import Refusal, Refused

logger = logging.getLogger(__name__)

TOKEN_FIELD = "token"  # noqa: S105 - the name of a form field
# What a form is sent with beside its content; two sendings that differ only here are the same form.
NOT_CONTENT = frozenset(
    {"csrfmiddlewaretoken", TOKEN_FIELD, OWNER_FIELD, "expect", "index", "confirmed", "again"}
)

CHANGED = Refusal(
    "changed-meanwhile",
    _("Somebody changed these rows a moment ago."),
    way_out=_("Reload the page, then try again."),
)
CONTRADICTED = Refusal(
    "contradicts-the-database",
    _("This contradicts what somebody else saved a moment ago."),
    way_out=_("Reload the page, check the rows, then try again."),
)
GONE = Refusal(
    "gone-meanwhile",
    _("Somebody deleted a moment ago what this is about."),
    way_out=_("Go back to the list, and choose again among what is there."),
)
BUSY = Refusal(
    "rows-are-busy",
    _("Somebody else is changing the same rows right now."),
    way_out=_("Wait a moment, then try again."),
)

STILL_AT_WORK = Refusal(
    "still-being-answered",
    _("This form was sent a moment ago and is still being worked on."),
    way_out=_("Wait half a minute, then send it again: it is done once."),
)

REFUSED, CONFLICT = 422, 409

# PostgreSQL: what a guard raises; a lock that was waited for too long, a deadlock, a cancelled statement.
GUARD_STATE = "23000"
BUSY_STATES = frozenset({"55P03", "40P01", "40001", "57014"})
GUARD_NAME = "SQLITE_CONSTRAINT_TRIGGER"
BUSY_NAMES = ("SQLITE_BUSY", "SQLITE_LOCKED")


@dataclass(frozen=True)
class Failure:
    """Why an action did not happen: every reason in words, and the status of the response that says so."""

    refusals: tuple[Refusal, ...]
    status: int


@dataclass(frozen=True)
class Outcome:
    """The outcome of an action: its result, the address of its first answer, or why it failed."""

    result: Any = None
    first_answer: str | None = None
    failure: Failure | None = None


def failure_of(error: BaseException) -> Failure | None:
    """The answer to an error; None for a programming error, which must not be hidden."""
    if isinstance(error, Refused):
        return Failure(error.refusals, REFUSED)
    if isinstance(error, ChangedMeanwhile):
        return Failure((CHANGED,), CONFLICT)
    if isinstance(error, ObjectDoesNotExist):
        # A verb reads again, under its locks, what the page has found before it.
        logger.warning("a verb did not find its row", exc_info=error)
        return Failure((GONE,), CONFLICT)
    if isinstance(error, IntegrityError):
        return Failure((_refusal_of_database(error),), CONFLICT)
    return Failure((BUSY,), CONFLICT) if is_busy(error) else None


def is_busy(error: BaseException) -> bool:
    """Whether the rows were held by somebody else for too long: nothing is wrong, and later it will work."""
    if not isinstance(error, OperationalError):
        return False
    state, name = _state_of(error)
    return state in BUSY_STATES or name.startswith(BUSY_NAMES)


def carry_out(request: HttpRequest, action: Callable[[], Any]) -> Outcome:
    """Call the verb of a form, once for each form however often it is sent (I7).

    A form that was answered before is answered with the address of its first answer; while that one is still
    being found, with a failure that keeps the form, because it may yet be refused. Whatever fails gives the
    token back, so that the form may be sent again; so it may, a while later, where the process was killed
    before it did anything. Call `keep_answer` with the address that the person is led to. Raises errors that
    have no answer (`failure_of`).
    """
    token = _token_of(request)
    try:
        claimed = _claim(request, token) if token else None
    except Exception as error:
        failure = failure_of(error)
        if failure is None:
            raise
        return Outcome(failure=Failure(failure.refusals, CONFLICT))
    if claimed == "":
        return Outcome(failure=Failure((STILL_AT_WORK,), CONFLICT))
    if isinstance(claimed, str):
        return Outcome(first_answer=claimed)
    try:
        with form_tokens.recording_effects_of(claimed):
            return Outcome(result=action())
    except BaseException as error:
        # A token that stayed in use would answer the next try with an empty first answer.
        if claimed:
            form_tokens.release(claimed)
        failure = failure_of(error)
        if failure is None:
            raise
        return Outcome(failure=failure)


def first_answer(request: HttpRequest) -> str:
    """Where the same form led when it was sent before; empty where it was not, or is being answered now."""
    token = _token_of(request)
    if not form_tokens.FORM_TOKEN.fullmatch(token):
        return ""
    return form_tokens.answer_of(token, user=request.user, content_sha256=_content_of(request))


def keep_answer(request: HttpRequest, address: str) -> None:
    """Keep the address of a form's answer for the same form sent again."""
    token = _token_of(request)
    if not token:
        return
    try:
        form_tokens.keep_answer(token, address)
    except OperationalError as error:
        # What was asked for is done; only a second sending of the form would miss the address.
        if not is_busy(error):
            raise


def _token_of(request: HttpRequest) -> str:
    return request.POST.get(TOKEN_FIELD, "")


def _claim(request: HttpRequest, token: str) -> form_tokens.Attempt | str:
    if not form_tokens.FORM_TOKEN.fullmatch(token):
        raise SuspiciousOperation("a form token is not one of ours")
    content = _content_of(request)
    return form_tokens.claim(token, user=request.user, content_sha256=content, at=timezone.now())


def _content_of(request: HttpRequest) -> str:
    # Sorted, because the same form may name its fields in another order when it is sent again.
    sent = sorted((name, values) for name, values in request.POST.lists() if name not in NOT_CONTENT)
    # With the address: the same fields sent to another action are another form.
    return sha256(repr([request.path, *sent]).encode()).hexdigest()


def _refusal_of_database(error: IntegrityError) -> Refusal:
    """A guard's own sentence, written for people; for other constraints what they mean to a person."""
    if _says(error, GUARD_STATE, GUARD_NAME):
        return Refusal("refused-by-the-database", str(error).splitlines()[0])
    return CONTRADICTED


def _says(error: BaseException, state: str, name: str) -> bool:
    return (state, "") == _state_of(error) or ("", name) == _state_of(error)


def _state_of(error: BaseException) -> tuple[str, str]:
    """The SQLSTATE of PostgreSQL or the error name of SQLite, of the driver's error below Django's."""
    # From the error of the driver: Django has one class for a lock, a full disk and a lost connection.
    cause = error.__cause__
    return str(getattr(cause, "sqlstate", "") or ""), str(getattr(cause, "sqlite_errorname", "") or "")
