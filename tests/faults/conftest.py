"""A database that processes share: what one of them commits, the other finds."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections


def _at_postgresql() -> str:
    """The address of the database that the tests have made on the server."""
    at = connections["default"].settings_dict
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


@pytest.fixture
def environment(transactional_db: None, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a process that works on the database of this test.

    On PostgreSQL that is the database of the tests. SQLite's tests live in memory, where no other process
    gets: so the test moves to a file in a folder of its own, and goes back afterwards.
    """
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    own = inherited | {"COUNTINGHOUSE_MODE": "demo", "COUNTINGHOUSE_VAR": str(tmp_path)}
    if connections["default"].vendor == "postgresql":
        yield own | {"DATABASE_URL": _at_postgresql()}
        return
    in_memory, name = connections["default"], str(tmp_path / "countinghouse.sqlite3")
    in_memory.ensure_connection()
    file = sqlite3.connect(name)
    in_memory.connection.backup(file)
    file.close()
    connections.settings["default"] = {**in_memory.settings_dict, "NAME": name}
    connections["default"] = connections.create_connection("default")
    yield own
    connections["default"].close()
    connections.settings["default"] = in_memory.settings_dict
    connections["default"] = in_memory
