"""The guards stand after every migration step and after a flush; one taken down is named, and returns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core import checks
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.models.signals import pre_migrate
from django.test import override_settings

from core import guarding
from core.apps import check_guards, install_guards, lift_guards
from projects.models import Actual
from tests.company import Company, rows
from tests.guards.attacks import run

pytestmark = pytest.mark.slow

APPS = ("accounting", "billing", "core", "projects")
VICTIM = "guard_backlog_steps"


def _drop(name: str, table: str) -> None:
    run(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor == "postgresql" else ""))


def _said() -> list[tuple[str, str]]:
    return [(each.id, each.msg) for each in check_guards(databases=["default"])]


@pytest.mark.django_db
def test_every_guard_stands():
    assert guarding.missing(connection) == []
    assert _said() == []


@pytest.mark.django_db
def test_every_app_has_guards():
    tables = {guard.table.split("_")[0] for guard in guarding.written(connection.vendor)}
    assert tables == set(APPS)


@pytest.mark.django_db
def test_every_guard_has_a_name_of_its_own():
    places = [(guard.name, guard.table) for guard in guarding.written(connection.vendor)]
    assert len(places) == len(set(places))


@pytest.mark.django_db
def test_a_guard_taken_down_is_named_and_returns():
    _drop(VICTIM, "projects_backlogitem")
    assert [guard.name for guard in guarding.missing(connection)] == [VICTIM]
    assert _said() == [("countinghouse.W001", f"Database 'default' lacks guards: {VICTIM}.")]
    assert [guard.name for guard in guarding.install(connection)] == [VICTIM]
    assert _said() == []


FORGED = {
    "postgresql": (
        f"CREATE TRIGGER {VICTIM} BEFORE UPDATE ON projects_backlogitem FOR EACH ROW WHEN (false) "
        "EXECUTE FUNCTION guard_refuse('never')"
    ),
    "sqlite": f"CREATE TRIGGER {VICTIM} BEFORE UPDATE ON projects_backlogitem WHEN false BEGIN SELECT 1; END",
}


@pytest.mark.django_db
def test_a_guard_replaced_by_a_weaker_one_is_named_and_returns():
    _drop(VICTIM, "projects_backlogitem")
    run(FORGED[connection.vendor])
    assert [guard.name for guard in guarding.missing(connection)] == [VICTIM]
    guarding.install(connection)
    assert guarding.missing(connection) == []


@pytest.mark.django_db
def test_a_guard_nobody_asks_for_any_more_is_removed():
    run(FORGED[connection.vendor].replace(VICTIM, "guard_of_yesterday"))
    guarding.install(connection)
    with pytest.raises(Exception, match="guard_of_yesterday"):
        _drop("guard_of_yesterday", "projects_backlogitem")


@pytest.mark.django_db
def test_the_check_runs_with_the_database_checks():
    _drop(VICTIM, "projects_backlogitem")
    said = checks.run_checks(tags=["database"], databases=["default"])
    assert "countinghouse.W001" in [each.id for each in said]


@pytest.mark.django_db
def test_migrating_lifts_the_guards_only_where_it_must():
    """SQLite cannot rename a table while triggers name it; PostgreSQL keeps its guards throughout."""
    lift_guards(using="default", plan=[])
    assert guarding.missing(connection) == []
    sender = apps.get_app_config("core")
    pre_migrate.send(sender, using="default", plan=["a step"], app_config=sender)
    lifted = len(guarding.missing(connection))
    assert lifted == (len(guarding.written("sqlite")) if connection.vendor == "sqlite" else 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", [1, 2])
def test_a_flush_passes_and_the_guards_return(round_: int):
    """Each round finds an empty database under guard, though the one before committed facts."""
    assert guarding.missing(connection) == []
    assert not Actual.objects.exists()
    with transaction.atomic():
        rows.approved_hours(Company.bare())


@pytest.fixture
def empty_database(
    tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> Iterator[BaseDatabaseWrapper]:
    """A database of its own, without a table, beside the one of the tests."""
    alias, name = "steps", str(tmp_path / "steps.sqlite3")
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            name = f"{connection.settings_dict['NAME']}_steps"
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
        connections.databases[alias] = {**connection.settings_dict, "NAME": name}
        yield connections[alias]
        connections[alias].close()
        del connections[alias], connections.databases[alias]
        if connection.vendor == "postgresql":
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name}")


def _migrate(database: BaseDatabaseWrapper, target: tuple[str, str | None]) -> int:
    """One step as the migrate command takes it, between the hooks; returns how many guards stand after."""
    executor = MigrationExecutor(database)
    plan = executor.migration_plan([target])
    lift_guards(using=database.alias, plan=plan)
    executor.migrate([target], plan)
    install_guards(using=database.alias)
    assert guarding.missing(database) == []
    return len(guarding._present(database))


@override_settings(MIGRATION_MODULES={})
def test_the_guards_stand_after_every_migration_step(empty_database: BaseDatabaseWrapper):
    """Up from nothing, one migration at a time, and an app down again: every table there is under guard."""
    graph = MigrationLoader(empty_database).graph
    steps = [key for key in graph._generate_plan(graph.leaf_nodes(), True) if key[0] in APPS]
    standing = [_migrate(empty_database, step) for step in steps]
    assert standing == sorted(standing)
    assert standing[-1] == len(guarding.written(connection.vendor))
    assert 0 < _migrate(empty_database, ("accounting", None)) < standing[-1]
