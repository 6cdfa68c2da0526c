import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.faults.conftest import environment

__all__ = ["environment", "shared"]


@pytest.fixture
def shared(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> Iterator[None]:
    """A database that threads share and in which commits are commits.

    PostgreSQL is that already. SQLite's tests live in memory, where nobody waits for a lock: so the race gets
    a file of its own, as in the shop, and the connection is put back afterwards.
    """
    if connections["default"].vendor == "postgresql":
        request.getfixturevalue("transactional_db")
        yield
        return
    in_memory, name = connections["default"], str(tmp_path / "race.sqlite3")
    with django_db_blocker.unblock():
        in_memory.ensure_connection()
        assert not in_memory.in_atomic_block  # the copy would wait for it for ever
        file = sqlite3.connect(name)
        in_memory.connection.backup(file)
        file.close()
        connections.settings["default"] = {**in_memory.settings_dict, "NAME": name}
        connections["default"] = connections.create_connection("default")
        yield
        connections["default"].close()
    connections.settings["default"] = in_memory.settings_dict
    connections["default"] = in_memory
