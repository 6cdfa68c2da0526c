"""The hint to the workers that there is something to do: given beside the answer, never in its way.

A hint is worth nothing but time: every task finds its work in rows, and the sweeper looks every few seconds
anyway. So a broker that hangs, or is gone, must cost no reader an answer.
"""

import logging
import threading
from collections.abc import Callable

from config.celery import app
from config.tasks import sweep

logger = logging.getLogger(__name__)

BROKER_SECONDS = 1.0
"""How long the broker may take to connect, and for each answer, before the hint is given up."""
HINT_SECONDS = 30
"""A hint that no worker has read by then is worth nothing."""


class Hints:
    """Gives hints from one thread of its own for each process; those that come while it is busy are one."""

    def __init__(self, give: Callable[[], None]):
        self._give = give
        self._is_wanted = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def want(self) -> None:
        """Let a hint be given soon; returns at once, whatever the broker does."""
        self._is_wanted.set()
        with self._starting:
            # A process that was forked has the object without its thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._is_wanted.wait():
            self._is_wanted.clear()
            try:
                self._give()
            except Exception:  # noqa: BLE001 - whatever the broker does, the next hint is tried again
                logger.warning("the broker is out of reach; the sweeper looks by itself", exc_info=True)


def hint_at_the_outbox(url: str | None = None) -> None:
    """Tell the workers to look into the outbox. Raises what the broker's client raises, after a second."""
    limits = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
    with app.connection_for_write(url, transport_options=limits) as connection:
        app.send_task(sweep.name, connection=connection, retry=False, expires=HINT_SECONDS)


HINTS = Hints(hint_at_the_outbox)
