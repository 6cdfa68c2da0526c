"""What every test shares.

Tests that commit (`transaction=True`) are cleaned up by emptying the tables, which the guards rightly refuse.
So the guards against emptying are lifted for exactly that moment; the migrate signal that follows the flush
puts them back.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings

from core import guarding
from core.refusals import Refusal
from tests.machine_words import MACHINE_DATE, machine_words_of

# How many times as many examples the property tests draw, and others each time. Without it they draw the same
# ones each time, so that a change is never refused for what an earlier one left.
SEARCH = int(os.environ.get("COUNTINGHOUSE_SEARCH", "0"))

# A slow machine is no counterexample; what was found once belongs into a test, not into a folder.
settings.register_profile(
    "countinghouse",
    deadline=None,
    database=None,
    derandomize=not SEARCH,
    max_examples=60 * max(SEARCH, 1),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("countinghouse")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Leave PostgreSQL to its estimates by size while tests run.

    Its collector of statistics does not see what a test has not committed: it takes full tables for empty, so
    that the planner then puts loops into loops over hundreds of rows.
    """
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'ALTER TABLE "{table}" SET (autovacuum_enabled = off)')


# Folders whose tests take long: a browser, threads, workers that are killed, thousands of drawn examples,
# hundreds of attacks on the database, the admin over a whole month, the commands of the how-to pages.
SLOW_FOLDERS = {"admin", "browser", "docs", "faults", "guards", "properties", "races"}
# Files and tests of these kinds elsewhere: pages through the client, hostile input, many rows against few,
# every file of the repository read word by word, every proof broken once.
SLOW_KINDS = ("test_pages_", "hostile", "statements", "test_law", "test_words", "test_proving")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark slow tests by folder and kind; slow modules elsewhere carry the mark themselves."""
    for item in items:
        if item.path.parent.name in SLOW_FOLDERS or any(kind in item.nodeid for kind in SLOW_KINDS):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def speak_the_default_language() -> Iterator[None]:
    """Let no test hear the language of the page that the test before it asked for."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def refusals_speak_to_people() -> Iterator[None]:
    """No refusal of any test has a date of a machine in it, or the name of a column or a constraint."""
    write = Refusal.__init__

    def write_and_listen(self: Refusal, *args: Any, **kwargs: Any) -> None:
        write(self, *args, **kwargs)
        assert machine_words_of(f"{self.message} {self.way_out}") == []
        # A cell of a week is named by its day alone: the form finds it by that name and never shows it.
        is_cell = MACHINE_DATE.fullmatch(self.subject) is not None
        assert is_cell or MACHINE_DATE.search(self.subject) is None, f"a refusal is about {self.subject}"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Refusal, "__init__", write_and_listen)
        yield


EMPTYING = {"postgresql": "BEFORE TRUNCATE", "sqlite": "DELETE ON"}


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
