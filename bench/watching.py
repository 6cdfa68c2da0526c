"""Somebody looks at the page of a run while it works: what it says, as a user would see it."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import Client

EVERY = 0.5
"""Seconds between two looks at the page of a run."""

DONE = re.compile(r"<b>([\d,]+) of ([\d,]+) (?:contracts|proformas)</b>")


@contextmanager
def watched(client: Client, address: str) -> Iterator[list[str]]:
    """Look at the page of a run every now and then; what it said, each progress once.

    The client is signed in before, because that writes, and the run writes all the time.
    """
    progress: list[str] = []
    is_over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(client, address, progress, is_over))
    watcher.start()
    try:
        yield progress
    finally:
        is_over.set()
        watcher.join()


def _watch(client: Client, address: str, progress: list[str], is_over: threading.Event) -> None:
    try:
        while not is_over.wait(EVERY):
            for done, due in DONE.findall(client.get(address).content.decode()):
                said = f"{done}/{due}"
                if said not in progress:
                    progress.append(said)
    finally:
        # A thread has a connection of its own.
        connection.close()
