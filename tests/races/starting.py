"""The starting gun: the same action by many people in the same moment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection

from core.querysets import ChangedMeanwhile
from core.refusals import Refused

PATIENCE = 60
MARKS = [pytest.mark.usefixtures("shared")]
if connection.vendor == "postgresql":
    MARKS.append(pytest.mark.django_db(transaction=True))
NO = (Refused, ChangedMeanwhile, DatabaseError)


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What each action returned, or the exception that refused it; every thread has its own connection."""
    gun = threading.Barrier(len(actions))
    answers: list[Any] = [None] * len(actions)

    def run(place: int, action: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            gun.wait(PATIENCE)
            answers[place] = action()
        except NO as no:
            answers[place] = no
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    return answers


def codes(answers: list[Any]) -> list[str]:
    """The codes of those who were refused, in order; anything else that went wrong shows itself."""
    return sorted(
        code if isinstance(answer, Refused) else repr(answer)
        for answer in answers
        if isinstance(answer, NO)
        for code in (answer.codes if isinstance(answer, Refused) else [""])
    )
