"""J1: facts are never updated, deleted, emptied or replaced, whoever asks and in whatever way."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from accounting.models import (
    BankBooking,
    BankFile,
    CustomerInvoice,
    CustomerPayment,
    CustomerTransaction,
    EstimateEvent,
    InvoiceDocument,
    InvoiceInstalment,
    InvoiceTax,
    OpeningItem,
    ProjectTransaction,
    Reminder,
    ReminderDocument,
    ReminderItem,
    Revaluation,
    RevaluationLine,
    SentAccountStatement,
    Settlement,
    Voucher,
    VoucherLine,
    VoucherSeal,
    WriteOff,
    WriteOffTax,
)
from core.models import Activity
from projects.models import (
    Actual,
    ActualEvent,
    ActualEventSeal,
    Adjustment,
    AgreedRate,
    CorrectionJournal,
    CorrectionLine,
    WorkItem,
)
from tests.company.checking import all_rows
from tests.guards.attacks import (
    DELETES,
    another,
    any_guard,
    delete_raw,
    refused,
    row,
    run,
    update_in_bulk,
    update_queryset,
    update_raw,
    update_saved,
)
from tests.guards.guarded_rows import GuardedRows

FINAL: list[type[models.Model]] = [
    Actual,
    ActualEvent,
    ActualEventSeal,
    Activity,
    Adjustment,
    AgreedRate,
    BankBooking,
    BankFile,
    CorrectionJournal,
    CorrectionLine,
    CustomerInvoice,
    CustomerPayment,
    CustomerTransaction,
    EstimateEvent,
    InvoiceDocument,
    InvoiceInstalment,
    InvoiceTax,
    OpeningItem,
    ProjectTransaction,
    Revaluation,
    RevaluationLine,
    Reminder,
    ReminderDocument,
    ReminderItem,
    SentAccountStatement,
    Settlement,
    Voucher,
    VoucherLine,
    VoucherSeal,
    WorkItem,
    WriteOff,
    WriteOffTax,
]
COLUMNS = [(model, field) for model in FINAL for field in model._meta.concrete_fields]
# Where a row meets several rules at once, whichever speaks first has refused it.
BY_A_GUARD = any_guard()
WIPES = {
    "postgresql": ["TRUNCATE {table} CASCADE"],
    "sqlite": [
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "REPLACE INTO {table} SELECT * FROM {table}",
        "INSERT OR IGNORE INTO {table} SELECT * FROM {table}",
        "UPDATE OR REPLACE {table} SET {pk} = (SELECT max({pk}) FROM {table})",
    ],
}[connection.vendor]


@pytest.fixture(params=["ON", "OFF"])
def guarded_deletes(request: pytest.FixtureRequest) -> Iterator[str]:
    """With and, on SQLite, without the pragma that lets delete triggers see what a REPLACE removes."""
    if connection.vendor == "sqlite":
        run(f"PRAGMA recursive_triggers = {request.param}")
    yield request.param
    if connection.vendor == "sqlite":
        run("PRAGMA recursive_triggers = ON")


@pytest.mark.parametrize(("model", "field"), COLUMNS, ids=[f"{m.__name__}.{f.name}" for m, f in COLUMNS])
def test_no_column_of_a_fact_changes(guarded: GuardedRows, model: type[models.Model], field: models.Field):
    victim = row(model._base_manager.order_by("pk").first())
    with refused("are never changed: "):
        victim.update(**{field.attname: another(field)})


@pytest.mark.parametrize("way", [update_raw, update_saved, update_queryset, update_in_bulk])
@pytest.mark.parametrize("model", FINAL)
def test_no_way_updates_a_fact(guarded: GuardedRows, model: type[models.Model], way: Any):
    """Not even to what it says already: the last column, by raw SQL, a save, a queryset and in bulk."""
    victim = model._base_manager.order_by("pk").last()
    field = model._meta.concrete_fields[-1]
    with refused("are never changed: "):
        way(row(victim), {field.name: getattr(victim, field.attname)})


@pytest.mark.parametrize("way", DELETES)
@pytest.mark.parametrize("model", FINAL)
def test_no_way_deletes_a_fact(guarded: GuardedRows, model: type[models.Model], way: Any):
    with refused("are never changed: "):
        way(row(model._base_manager.order_by("pk").last()))


@pytest.mark.parametrize("model", FINAL)
def test_django_does_not_delete_a_fact(guarded: GuardedRows, model: type[models.Model]):
    """Either what points at it or the guard says no."""
    before = all_rows()
    with pytest.raises(IntegrityError), transaction.atomic():
        model._base_manager.order_by("pk").last().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        model._base_manager.all().delete()
    assert all_rows() == before


@pytest.mark.parametrize("model", FINAL)
def test_upserting_does_not_change_a_fact(guarded: GuardedRows, model: type[models.Model]):
    victim = model._base_manager.order_by("pk").last()
    field = [one for one in model._meta.concrete_fields if not one.primary_key][-1]
    with refused(BY_A_GUARD):
        model._base_manager.bulk_create(
            [victim], update_conflicts=True, unique_fields=[model._meta.pk.name], update_fields=[field.name]
        )


@pytest.mark.parametrize("command", WIPES)
@pytest.mark.parametrize("model", FINAL)
def test_facts_are_not_wiped(
    guarded: GuardedRows, model: type[models.Model], command: str, guarded_deletes: str
):
    """By the commands that reach rows without an UPDATE or DELETE, each as its engine knows them."""
    connection.check_constraints()
    with refused(BY_A_GUARD):
        run(command.format(table=model._meta.db_table, pk=model._meta.pk.column))


@pytest.mark.parametrize(
    ("model", "key"),
    [
        (Actual, "reverses_id"),
        (Actual, "bills_id"),
        (ActualEventSeal, "event_id"),
        (CustomerInvoice, "number"),
        (InvoiceDocument, "invoice_id"),
        (ProjectTransaction, "actual_id"),
        (Voucher, "number"),
        (VoucherSeal, "voucher_id"),
    ],
)
def test_facts_are_not_replaced_by_another_key(
    guarded: GuardedRows, model: type[models.Model], key: str, guarded_deletes: str
):
    """A row with a new id that shares another unique key takes the place of the old one, were it let."""
    table, pk = model._meta.db_table, model._meta.pk
    columns = ", ".join(field.column for field in model._meta.concrete_fields if not field.primary_key)
    new = f"CAST('{uuid.uuid4().hex}' AS uuid)" if isinstance(pk, models.UUIDField) else "7777777"
    if connection.vendor == "sqlite":
        verb, otherwise, new = "REPLACE", "", new.replace("uuid", "text")
    else:
        verb = "INSERT"
        otherwise = f"ON CONFLICT ({key}) WHERE {key} IS NOT NULL DO UPDATE SET {key} = excluded.{key}"
    with refused(BY_A_GUARD):
        run(
            f"{verb} INTO {table} ({pk.column}, {columns}) "
            f"SELECT {new}, {columns} FROM {table} WHERE {key} IS NOT NULL LIMIT 1 {otherwise}"
        )


def test_the_guarded_rows_hold_every_kind_of_fact(guarded: GuardedRows):
    """The tests above prove nothing about a table without rows."""
    assert [model.__name__ for model in FINAL if not model._base_manager.exists()] == []
    with refused("are never changed: "):
        delete_raw(Actual._base_manager.all())
