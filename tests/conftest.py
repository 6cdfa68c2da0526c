"""What every test shares.

Tests that commit (`transaction=True`) are cleaned up by emptying the tables, which the guards rightly refuse.
So the guards against emptying are lifted for exactly that moment; the migrate signal that follows the flush
puts them back.
"""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck, settings

from projects import guarding

# A slow machine is no counterexample; what was found once belongs into a test, not into a folder.
settings.register_profile(
    "house", deadline=None, database=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


EMPTYING = {"postgresql": "BEFORE TRUNCATE", "sqlite": "BEFORE DELETE"}


@pytest.fixture(autouse=True, scope="session")
def guards_let_the_flush_pass() -> Iterator[None]:
    """Lift the guards before a transactional test empties the database; they stand again before the next."""
    flush = TransactionTestCase._fixture_teardown

    def flush_without_guards(self: TransactionTestCase) -> None:
        aliases = self._databases_names(include_mirrors=False)
        for alias in aliases:
            guarding.lift(connections[alias], against=EMPTYING[connections[alias].vendor])
        flush(self)
        for alias in aliases:
            guarding.install(connections[alias])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_without_guards)
        yield
