"""Processes that post the same proposals at once: `python -m tests.faults.posters PROCESSES MOST`.

Each posts those of its own customers, MOST at a time, and now and then some that another may be posting. The
first ones are killed in the middle, each at another statement of its posting; who takes their place has its
first posting undone in the middle. How often is written as JSON.
"""

import itertools
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

ACTORS = "accountant"
FIRST, EVERY = 3, 4
"""At which statement of a posting the first process is killed, and by how many later each other one."""
MEDDLES, FEW = 3, 4
"""After how many turns a process posts a few that may be those of others."""


class Undone(Exception):
    """A transaction fails in the middle, for whatever reason."""


class Fault:
    """Kills the process, or undoes its transaction, at one statement; once."""

    def __init__(self, place: int, *, is_fatal: bool):
        self.place, self.is_fatal, self.count = place, is_fatal, 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.count += 1
        if self.count == self.place:
            if self.is_fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            self.place = 0
            raise Undone
        return execute(*arguments)


def work(number: int, processes: int, most: int, pipe: int) -> None:
    """Post until nothing of its own is left."""
    from django.db import DatabaseError, connection

    from core.querysets import ChangedMeanwhile
    from core.refusals import Refused

    fault = Fault(FIRST + EVERY * (number % processes), is_fatal=number < processes)
    dice = random.Random(number)
    turns = itertools.count(1)
    with connection.execute_wrapper(fault):
        while mine := _unposted(of=number % processes, among=processes):
            meddles = next(turns) % MEDDLES == 0
            chosen = dice.sample(every := _unposted(), min(len(every), FEW)) if meddles else mine[:most]
            fault.count = 0
            try:
                _post(chosen)
            except Undone:
                os.write(pipe, b"undone\n")
            except (Refused, ChangedMeanwhile):
                os.write(pipe, b"refused\n")
            except DatabaseError:
                os.write(pipe, b"stopped\n")
            else:
                os.write(pipe, b"posted\n")


def _unposted(of: int = 0, among: int = 1) -> list[int]:
    """The keys of proposals, of every so manieth customer; originals stand before what corrects them."""
    from accounting.models import InvoiceProposal

    waiting = InvoiceProposal.objects.unposted().order_by("pk").values_list("pk", "proforma__customer")
    return [key for key, customer in waiting if customer % among == of]


def _post(keys: list[int]) -> None:
    from django.contrib.auth.models import User

    from accounting.invoicing import post_proposals
    from accounting.models import InvoiceProposal
    from tests.company.rows import NOW

    actor = User.objects.filter(username__startswith=ACTORS).earliest("pk")
    post_proposals(InvoiceProposal.objects.filter(pk__in=keys), actor=actor, at=NOW)


def main(processes: int, most: int) -> None:
    """Keep so many at work; one that was killed is followed by another."""
    reading, writing = os.pipe()
    ends: Counter[str] = Counter()
    started = waiting = processes
    for number in range(processes):
        _start(number, processes, most, writing)
    while waiting:
        _pid, status = os.wait()
        if os.WIFSIGNALED(status):
            ends["killed"] += 1
            _start(started, processes, most, writing)
            started += 1
        else:
            ends["finished" if status == 0 else "failed"] += 1
            waiting -= 1
    os.close(writing)
    with os.fdopen(reading) as said:
        ends.update(said.read().split())
    sys.stdout.write(json.dumps(ends))


def _start(number: int, processes: int, most: int, pipe: int) -> None:
    if os.fork() == 0:
        work(number, processes, most, pipe)
        os._exit(0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    main(*map(int, sys.argv[1:]))
