"""Rows that somebody holds are waited for: nothing is parked, lost or reported as done."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import RequestFactory

from core.answering import carry_out, keep_answer
from core.models import FormToken, OutboxEntry
from core.outbox import enqueue
from core.sweeping import MAX_ATTEMPTS, isolate, sweep
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


class Held(Exception):
    sqlstate = "55P03"


def busy() -> OperationalError:
    error = OperationalError("canceling statement due to lock timeout")
    error.__cause__ = Held()
    return error


def posted(user: User, **fields: str) -> Any:
    request = RequestFactory().post("/time/", {"token": "a1", **fields})
    request.user = user
    return request


def test_an_outbox_row_whose_rows_are_held_stays_pending_however_often_it_is_tried() -> None:
    enqueue("letter", [1, 2], at=NOW)
    calls: list[list[int]] = []

    def handler(keys: Any, _now: Any) -> None:
        calls.append(list(keys))
        raise busy()

    for _attempt in range(MAX_ATTEMPTS + 1):
        assert sweep({"letter": handler}, now=NOW) == 0
    assert list(OutboxEntry.objects.values_list("status", "attempts")) == [("pending", 0), ("pending", 0)]
    # Both at once, and never each alone: they would wait for the same rows.
    assert calls == [[1, 2]] * (MAX_ATTEMPTS + 1)
    assert sweep({"letter": lambda keys, now: None}, now=NOW + timedelta(minutes=1)) == 2


def test_items_that_wait_are_not_tried_one_by_one() -> None:
    error = busy()

    def work(items: Any) -> int:
        raise error

    assert isolate(["a", "b"], work) == ([], {"a": error, "b": error})


@pytest.mark.parametrize("payload", [{"no": 1}, {"key": [1]}, {"key": "5"}, [], "x"])
def test_a_row_that_names_no_key_stops_no_other(payload: Any) -> None:
    enqueue("letter", [1], at=NOW)
    OutboxEntry.objects.create(effect_key="letter:bad", kind="letter", payload=payload, created_at=NOW)
    assert sweep({"letter": lambda keys, now: None}, now=NOW) == 1
    bad = OutboxEntry.objects.get(effect_key="letter:bad")
    assert (bad.status, bad.attempts) == ("pending", 1)
    assert bad.last_error.startswith("the payload names no key")


def test_a_form_sent_twice_while_the_first_is_at_work_is_kept_and_not_called_done() -> None:
    user = User.objects.create_user("clicker")
    second = []

    def slow() -> str:
        second.append(carry_out(posted(user), lambda: "twice"))
        return "once"

    first = carry_out(posted(user), slow)
    assert first.result == "once"
    (outcome,) = second
    assert (outcome.result, outcome.first_answer, outcome.failure.status) == (None, None, 409)
    assert [one.code for one in outcome.failure.refusals] == ["still-being-answered"]
    keep_answer(posted(user), "/entries/")
    assert carry_out(posted(user), slow).first_answer == "/entries/"


def test_an_action_that_is_done_stays_done_where_its_address_cannot_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = User.objects.create_user("clerk")
    assert carry_out(posted(user), lambda: "done").result == "done"

    def refuse(*_arguments: Any) -> None:
        raise busy()

    monkeypatch.setattr("core.form_tokens.keep_answer", refuse)
    keep_answer(posted(user), "/entries/")
    assert FormToken.objects.get().answer_url == ""
