import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from tests.guards.guarded_rows import GuardedRows, build

# SQLite has one writer at a time, so there is no race to run, and its triggers call no functions.
collect_ignore = [] if connection.vendor == "postgresql" else ["test_functions.py", "test_races.py"]
if connection.vendor == "postgresql":
    # Its columns have types.
    collect_ignore.append("test_fixed_point_columns.py")


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[GuardedRows]:
    """The guarded rows, built once for all tests of a module and taken away after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def guarded(built: GuardedRows, db: None) -> GuardedRows:
    """The guarded rows for one test, whose writes are rolled back; its objects are the test's own."""
    return copy.deepcopy(built)
