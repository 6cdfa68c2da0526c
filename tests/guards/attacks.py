"""How forbidden writes are tried: the same write in every way that leads into the database.

An attack is an insert, an update, a delete, or several steps. Each must be refused in the words of its rule
and must leave every row of every table as it was.
"""

import datetime
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from core import guarding
from core.fields import FixedPointField
from tests.company.checking import all_rows
from tests.guards.guarded_rows import GuardedRows


@contextmanager
def refused(because: str | re.Pattern[str]) -> Iterator[None]:
    """The body is refused by the database, in these words, and nothing of it remains."""
    words = re.escape(because) if isinstance(because, str) else because
    before = all_rows()
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        yield
    assert all_rows() == before


MESSAGE = re.compile(r"(?:RAISE\(ABORT, |guard_stop\(|guard_refuse\(|guard_before_seal\()'((?:[^']|'')*)'")


def any_guard() -> re.Pattern[str]:
    """The words of every guard there is: for rows that meet several rules, whichever refuses them first."""
    messages = {text for guard in guarding.written(connection.vendor) for text in MESSAGE.findall(guard.sql)}
    return re.compile("|".join(re.escape(text.replace("''", "'")) for text in sorted(messages)))


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


# --- Ways into the database ---


def insert_raw(row: models.Model) -> None:
    written = [field for field in row._meta.concrete_fields if not field.generated]
    fields = [field for field in written if row.pk is not None or not field.primary_key]
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    names, marks = ", ".join(field.column for field in fields), ", ".join(["%s"] * len(fields))
    run(f"INSERT INTO {row._meta.db_table} ({names}) VALUES ({marks})", *values)


def insert_saved(row: models.Model) -> None:
    row.save(force_insert=True)


def insert_in_bulk(row: models.Model) -> None:
    type(row)._base_manager.bulk_create([row])


def update_raw(rows: models.QuerySet, changes: dict[str, Any]) -> None:
    fields = {rows.model._meta.get_field(name): value for name, value in changes.items()}
    settings = ", ".join(f"{field.column} = %s" for field in fields)
    values = [
        field.get_db_prep_save(getattr(value, "pk", value), connection) for field, value in fields.items()
    ]
    key = rows.model._meta.pk.column
    for pk in rows.values_list("pk", flat=True):
        prepared = rows.model._meta.pk.get_db_prep_value(pk, connection)
        run(f"UPDATE {rows.model._meta.db_table} SET {settings} WHERE {key} = %s", *values, prepared)


def update_saved(rows: models.QuerySet, changes: dict[str, Any]) -> None:
    _changed(rows.get(), changes).save(force_update=True)


def update_queryset(rows: models.QuerySet, changes: dict[str, Any]) -> None:
    rows.update(**changes)


def update_in_bulk(rows: models.QuerySet, changes: dict[str, Any]) -> None:
    rows.model._base_manager.bulk_update([_changed(rows.get(), changes)], list(changes))


def _changed(row: models.Model, changes: dict[str, Any]) -> models.Model:
    for name, value in changes.items():
        # Past the descriptor of the state machine, which refuses before the database is asked.
        row.__dict__[row._meta.get_field(name).attname] = getattr(value, "pk", value)
    return row


def delete_raw(rows: models.QuerySet) -> None:
    key = rows.model._meta.pk
    for pk in rows.values_list("pk", flat=True):
        value = key.get_db_prep_value(pk, connection)
        run(f"DELETE FROM {rows.model._meta.db_table} WHERE {key.column} = %s", value)


def delete_unasked(rows: models.QuerySet) -> None:
    """As Django deletes when it has nothing to collect: one statement, no look at what points here."""
    rows._raw_delete(rows.db)


INSERTS = [insert_raw, insert_saved, insert_in_bulk]
UPDATES = [update_raw, update_saved, update_queryset, update_in_bulk]
DELETES = [delete_raw, delete_unasked]


# --- Attacks ---


@dataclass(frozen=True)
class Attack:
    """One forbidden write by one way: what is done, and the words of the refusal."""

    name: str
    because: str | re.Pattern[str]
    strike: Callable[[GuardedRows], None]


def insert(
    name: str, because: str | re.Pattern[str], row: Callable[[GuardedRows], models.Model]
) -> list[Attack]:
    return [Attack(f"{name}-{way.__name__}", because, _then(way, row)) for way in INSERTS]


def update(
    name: str,
    because: str | re.Pattern[str],
    rows: Callable[[GuardedRows], tuple[models.QuerySet, dict[str, Any]]],
) -> list[Attack]:
    return [
        Attack(f"{name}-{way.__name__}", because, lambda guarded, way=way: way(*rows(guarded)))
        for way in UPDATES
    ]


def delete(
    name: str, because: str | re.Pattern[str], rows: Callable[[GuardedRows], models.QuerySet]
) -> list[Attack]:
    return [Attack(f"{name}-{way.__name__}", because, _then(way, rows)) for way in DELETES]


def steps(name: str, because: str | re.Pattern[str], do: Callable[[GuardedRows], Any]) -> list[Attack]:
    return [Attack(name, because, do)]


def _then(way: Callable[[Any], None], what: Callable[[GuardedRows], Any]) -> Callable[[GuardedRows], None]:
    return lambda guarded: way(what(guarded))


def row(of: models.Model) -> models.QuerySet:
    """The queryset of exactly this row."""
    return type(of)._base_manager.filter(pk=of.pk)


ANOTHER = [
    (models.UUIDField, uuid.UUID(int=7)),
    (models.BooleanField, True),
    (FixedPointField, Decimal("7777")),
    (models.DateTimeField, datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)),
    (models.DateField, datetime.date(2001, 1, 1)),
    (models.JSONField, {"forged": True}),
    (models.BinaryField, b"forged"),
    (models.IntegerField, 7777),
    (models.AutoField, 7_777_777),
    (models.Field, "x"),
]


def another(field: models.Field) -> Any:
    """A value that the column does not have in the guarded rows, whatever its type."""
    column = field.target_field if isinstance(field, models.ForeignKey) else field
    return next(value for kind, value in ANOTHER if isinstance(column, kind))


def each(*attacks: list[Attack]) -> Any:
    """Run the test once per attack and way."""
    flat = [attack for group in attacks for attack in group]
    return pytest.mark.parametrize("attack", flat, ids=[attack.name for attack in flat])
