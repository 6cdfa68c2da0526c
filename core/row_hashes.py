"""Hashes that the database makes of its own rows, to be compared with what was noted when they were written.

Both engines know SHA-256 of bytes; SQLite by functions that are registered on every connection. The text of
a row differs between the engines, so a hash holds on the engine that made it.
"""

import hashlib
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Aggregate, Func, TextField


class RowText(Func):
    """Columns of a row as one text, a list in JSON: no two different rows have the same one."""

    function = "json_array"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, function="json_build_array", template="%(function)s(%(expressions)s)::text"
        )


class Sha256(Func):
    """SHA-256 of a text, in hexadecimal digits."""

    function = "sha256_of"
    arity = 1
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
        return self.as_sql(compiler, connection, template=template)


class Sha256OfBytes(Sha256):
    """SHA-256 of bytes, in hexadecimal digits."""

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="encode(sha256(%(expressions)s), 'hex')")


class Sha256OfRows(Aggregate):
    """SHA-256 of a group of texts, whatever the order in which they are read."""

    function = "sha256_of_rows"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        inner = "string_agg(%(expressions)s, E'\\n' ORDER BY %(expressions)s COLLATE \"C\")"
        sql, params = self.as_sql(
            compiler, connection, template=f"encode(sha256(convert_to({inner}, 'UTF8')), 'hex')"
        )
        return sql, (*params, *params)


def sha256_of(value: str | bytes | None) -> str | None:
    """What SQLite answers for SHA-256 of a text or of bytes; nothing of nothing."""
    if value is None:
        return None
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()


class RowsHash:
    """What SQLite answers for a group of texts: sorted as PostgreSQL sorts bytes, then hashed at once."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []

    def step(self, text: str) -> None:
        """Another text of the group."""
        self.texts.append(text.encode())

    def finalize(self) -> str:
        """The hash of all of them."""
        return hashlib.sha256(b"\n".join(sorted(self.texts))).hexdigest()


def register_hashes(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Teach a new connection of SQLite these functions; PostgreSQL has its own."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("sha256_of", 1, sha256_of, deterministic=True)
        connection.connection.create_aggregate("sha256_of_rows", 1, RowsHash)
