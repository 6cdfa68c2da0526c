"""A broker that hangs or is gone keeps nobody waiting (O1)."""

import socket
import threading

import pytest
from kombu.exceptions import OperationalError

from config import hints
from config.hints import Hints, hint_at_the_outbox
from tests.company import Company

PATIENCE = 30


def test_hints_that_come_while_the_broker_hangs_are_one_and_nobody_waits():
    hangs, given = threading.Event(), threading.Semaphore(0)
    count = []

    def give() -> None:
        count.append(threading.current_thread().name)
        given.release()
        hangs.wait(PATIENCE)

    one = Hints(give)
    one.want()
    assert given.acquire(timeout=PATIENCE)
    for _each in range(20):
        one.want()
    assert count == ["hints"]
    hangs.set()
    assert given.acquire(timeout=PATIENCE)
    assert count == ["hints", "hints"]


def test_a_hint_that_fails_does_not_stop_the_next(caplog: pytest.LogCaptureFixture):
    given = threading.Semaphore(0)

    def give() -> None:
        given.release()
        raise ConnectionError

    one = Hints(give)
    for _each in range(2):
        one.want()
        assert given.acquire(timeout=PATIENCE)
    assert "the broker is out of reach" in caplog.text


def test_a_broker_that_takes_the_connection_and_says_nothing_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(OperationalError):
        hint_at_the_outbox(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")


@pytest.mark.django_db
def test_a_change_is_answered_though_the_hint_hangs(client, monkeypatch: pytest.MonkeyPatch):
    hangs, reached = threading.Event(), threading.Event()

    def give() -> None:
        reached.set()
        hangs.wait(PATIENCE)

    monkeypatch.setattr("config.middleware.HINTS", Hints(give))
    client.force_login(Company().manager)
    answer = client.post("/i18n/setlang/", {"language": "de", "next": "/"})
    assert (answer.status_code, reached.wait(PATIENCE)) == (302, True)
    hangs.set()
    assert hints.BROKER_SECONDS == 1
