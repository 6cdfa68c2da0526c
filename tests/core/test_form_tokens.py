"""A form has its effect once, also when the process that works on it is killed before or after it (I7)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import RequestFactory

from core import form_tokens
from core.activity_log import log_activity
from core.answering import CONFLICT, Outcome, carry_out, keep_answer
from core.models import Activity, FormToken
from core.refusals import Refusal, Refused
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process ends here: nothing behind it runs."""


@pytest.fixture
def at() -> Company:
    return Company.bare()


@pytest.fixture
def killed_for_good(monkeypatch):
    """No process that was killed gives its token back."""
    monkeypatch.setattr(form_tokens, "release", lambda attempt: None)


def sent_by(at: Company, **fields: str):
    request = RequestFactory().post("/post/", {"token": "a1", **fields})
    request.user = at.manager
    return request


def doing(at: Company, *, then: BaseException | None = None, before_commit: bool = False):
    """An action that changes the entity in a transaction, and is killed before its commit or after it."""

    def act() -> str:
        with transaction.atomic():
            log_activity("books created", [at.entity], actor=at.manager, at=NOW)
            if then and before_commit:
                raise then
        if then:
            raise then
        return "done"

    return act


def sent_a_while_ago() -> None:
    FormToken.objects.update(used_at=NOW - timedelta(days=1))


def times_done(at: Company) -> int:
    return Activity.objects.filter(subject_id=at.entity.pk, verb="books created").count()


def codes_of(outcome: Outcome) -> list[str]:
    assert outcome.failure is not None
    assert outcome.failure.status == CONFLICT
    return [refusal.code for refusal in outcome.failure.refusals]


def test_what_was_killed_before_its_commit_is_done_when_it_is_sent_again(at, killed_for_good):
    with pytest.raises(Killed):
        carry_out(sent_by(at), doing(at, then=Killed(), before_commit=True))
    assert (times_done(at), FormToken.objects.get().has_effect) == (0, False)

    # Whether the first one still works on it nobody can know at once.
    assert codes_of(carry_out(sent_by(at), doing(at))) == ["still-being-answered"]
    assert times_done(at) == 0

    sent_a_while_ago()
    assert carry_out(sent_by(at), doing(at)).result == "done"
    keep_answer(sent_by(at), "/there/")
    assert carry_out(sent_by(at), doing(at)).first_answer == "/there/"
    assert times_done(at) == 1


def test_what_was_killed_after_its_commit_is_never_done_again(at, killed_for_good):
    with pytest.raises(Killed):
        carry_out(sent_by(at), doing(at, then=Killed()))
    assert (times_done(at), FormToken.objects.get().has_effect) == (1, True)

    assert codes_of(carry_out(sent_by(at), doing(at))) == ["still-being-answered"]
    sent_a_while_ago()
    assert codes_of(carry_out(sent_by(at), doing(at))) == ["answer-lost"]
    assert times_done(at) == 1


def test_of_two_attempts_that_both_run_one_is_undone(at):
    def slow() -> None:
        with transaction.atomic():
            # Half a minute later, and the first one has not written anything yet.
            sent_a_while_ago()
            assert carry_out(sent_by(at), doing(at)).result == "done"
            doing(at)()

    outcome = carry_out(sent_by(at), slow)
    assert outcome.failure is not None
    assert [refusal.code for refusal in outcome.failure.refusals] == ["sent-again"]


def test_who_was_overtaken_leaves_the_token_to_the_other(at):
    sent = sent_by(at)
    first = form_tokens.claim("a1", user=at.manager, content_sha256="0", at=NOW)
    second = form_tokens.claim("a1", user=at.manager, content_sha256="0", at=NOW + timedelta(seconds=30))
    assert isinstance(first, form_tokens.Attempt)
    assert isinstance(second, form_tokens.Attempt)

    with form_tokens.recording_effects_of(first), pytest.raises(Refused), transaction.atomic():
        doing(at)()
    assert (times_done(at), FormToken.objects.get().has_effect) == (0, False)
    form_tokens.release(first)
    with form_tokens.recording_effects_of(second):
        doing(at)()
    assert (times_done(at), FormToken.objects.get().has_effect) == (1, True)
    assert sent.POST["token"] == FormToken.objects.get().token


def test_an_effect_that_was_rolled_back_is_none(at):
    reason = Refusal("on-hold", "It waits.")
    refused = carry_out(sent_by(at), doing(at, then=Refused([reason]), before_commit=True))
    assert refused.failure is not None
    assert refused.failure.refusals == (reason,)
    assert (times_done(at), FormToken.objects.count()) == (0, 0)

    # Sent again at once: a refusal gives the token back.
    assert carry_out(sent_by(at), doing(at)).result == "done"
    assert times_done(at) == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_transaction_of_an_attempt_needs_no_record(at, django_assert_num_queries):
    attempt = form_tokens.claim("a1", user=at.manager, content_sha256="0", at=NOW)
    with form_tokens.recording_effects_of(attempt):
        doing(at)()
        with django_assert_num_queries(3):  # begin, the row of the log, commit
            doing(at)()
    assert FormToken.objects.get().has_effect


def test_nothing_is_recorded_outside_of_a_form(at, django_assert_num_queries):
    doing(at)()
    assert (times_done(at), FormToken.objects.count()) == (1, 0)


def test_other_content_with_the_same_token_is_refused(at):
    assert carry_out(sent_by(at, day="1"), doing(at)).result == "done"
    assert codes_of(carry_out(sent_by(at, day="2"), doing(at))) == ["form-already-used"]
    assert times_done(at) == 1
