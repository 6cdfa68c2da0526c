"""SQLite takes no fraction of a ten-thousandth in columns of amounts, prices and quantities (M1)."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from core.fields import FixedPointField
from tests.guards.attacks import run
from tests.guards.guarded_rows import GuardedRows

pytestmark = pytest.mark.django_db

COLUMNS = [
    (model, field)
    for model in apps.get_models()
    if model._meta.managed
    for field in model._meta.local_concrete_fields
    if isinstance(field, FixedPointField)
]


def test_every_column_of_its_table_is_checked():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        tables = dict(cursor.fetchall())
    unchecked = [
        f"{model._meta.db_table}.{field.column}"
        for model, field in COLUMNS
        if f"typeof(\"{field.column}\") = 'integer'" not in tables[model._meta.db_table]
    ]
    assert len(COLUMNS) > 100
    assert unchecked == []


@pytest.mark.parametrize("value", ["0.5", "'a lot'", "x'00'", "1e300"])
@pytest.mark.parametrize(
    ("name", "column"), [("draft", "net_amount"), ("draft_detail", "price"), ("share", "amount")]
)
def test_what_is_no_integer_is_refused(guarded: GuardedRows, name: str, column: str, value: str):
    row = getattr(guarded, name)
    before = getattr(row, column)
    with pytest.raises(IntegrityError, match=f"CHECK constraint failed: {column}"), transaction.atomic():
        run(f"UPDATE {row._meta.db_table} SET {column} = {value} WHERE id = %s", row.pk)
    assert getattr(type(row).objects.get(pk=row.pk), column) == before
