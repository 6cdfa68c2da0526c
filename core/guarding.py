"""Guards: rules that the database itself enforces, for every way of writing.

A guard is a trigger. An app keeps its guards in a package `guards`: what they refuse is in files of SQL,
one per topic and engine, and is read here. They are no migrations: rebuilding a table on SQLite drops its
triggers silently, so they are installed again after every migrate (D5).

A file names each guard in a line `-- guard <name> on <table>`; the comment below it cites the rule and says
why. Messages are sentences for people: they name what to do instead, and no code.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.utils import translation
from django.utils.module_loading import module_has_submodule

PREFIX = "guard_"
COMMENT = re.compile(r"\A(--.*\n)+")
MARKER = re.compile(r"^-- guard (?P<name>\w+) on (?P<table>\w+)$", re.MULTILINE)

# A temporary table comes before every other one of its name, unless a function says where it looks (J1). The
# path is that of the connection that installs the guards, with temporary tables last.
LANGUAGE, PINNED = "LANGUAGE plpgsql", "LANGUAGE plpgsql SET search_path FROM CURRENT"
FUNCTION = re.compile(r"FUNCTION (?P<name>guard_\w+)\(.*?AS \$\$(?P<body>.*?)\$\$", re.DOTALL)
CALLED = re.compile(r"\bguard_\w+(?=\()")

# What every guard on PostgreSQL ends in: the same exception as RAISE(ABORT) on SQLite, an IntegrityError.
STOP = """
CREATE OR REPLACE FUNCTION guard_stop(reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = reason, ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE OR REPLACE FUNCTION guard_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END $$;
""".replace(LANGUAGE, PINNED)
# A guard that is switched off counts as missing, also for replicas alone, and so does one in another schema.
PRESENT = {
    "postgresql": """
        SELECT t.tgname, c.relname, coalesce(obj_description(t.oid, 'pg_trigger'), '')
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND starts_with(t.tgname, 'guard_')
          AND c.relnamespace = current_schema()::regnamespace
    """,
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'guard_*'",
}
FUNCTIONS = """
    SELECT proname, prosrc FROM pg_proc
    WHERE starts_with(proname, 'guard_') AND pronamespace = current_schema()::regnamespace
      AND 'search_path=' || quote_ident(current_schema()) || ', pg_temp' = ANY (proconfig)
"""


@dataclass(frozen=True)
class Guard:
    """One trigger on one table, with all it needs; `name` is the trigger's."""

    name: str
    table: str
    sql: str

    def signature(self, vendor: str) -> str:
        """What the database says of this guard when it stands there exactly as written here."""
        return self.sql if vendor == "sqlite" else hashlib.sha256(self.sql.encode()).hexdigest()


def load(package: str, vendor: str) -> list[Guard]:
    """Read the guards of an app for one engine from its files `<topic>.<vendor>.sql`."""
    guards: list[Guard] = []
    for file in sorted(files(package).iterdir(), key=lambda each: each.name):
        if file.name.endswith(f".{vendor}.sql"):
            guards.extend(_parse(file.read_text(encoding="utf-8").replace(LANGUAGE, PINNED)))
    return guards


def _parse(text: str) -> Iterator[Guard]:
    heads = list(MARKER.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        # SQLite keeps a trigger from its CREATE on, so the comment above is no part of what is compared.
        sql = COMMENT.sub("", text[head.end() : end].strip())
        yield Guard(PREFIX + head["name"], head["table"], sql.removesuffix(";"))


def append_only(vendor: str, model: type[models.Model], way_out: str) -> list[Guard]:
    """Refuse to update, delete, truncate or replace rows of `model`; `way_out` says what to do instead (J1).

    REPLACE on SQLite deletes the rows that conflict with any unique key, and by default fires no trigger
    for it: so a row that would replace another is refused before it is inserted, for every such key.
    """
    table = model._meta.db_table
    refusal = f"{_called(model)} are never changed: {way_out}"
    if vendor == "postgresql":
        return [
            Guard(
                f"{PREFIX}{table}_{name}",
                table,
                f"CREATE TRIGGER {PREFIX}{table}_{name} BEFORE {events} ON {table}\n"
                f"FOR EACH {level} EXECUTE FUNCTION guard_refuse('{refusal}')",
            )
            for name, events, level in [
                ("is_final", "UPDATE OR DELETE", "ROW"),
                # TRUNCATE fires no trigger for single rows, so it needs one of its own.
                ("is_not_emptied", "TRUNCATE", "STATEMENT"),
            ]
        ]
    stop = f"BEGIN\n    SELECT RAISE(ABORT, '{refusal}');\nEND"
    return [
        Guard(
            f"{PREFIX}{table}_{name}",
            table,
            f"CREATE TRIGGER {PREFIX}{table}_{name} BEFORE {event} ON {table}\n{condition}{stop}",
        )
        for name, event, condition in [
            ("is_not_updated", "UPDATE", ""),
            ("is_not_deleted", "DELETE", ""),
            ("is_not_replaced", "INSERT", f"WHEN {_stands_in_the_way(model)}\n"),
        ]
    ]


def no_replacing(vendor: str, model: type[models.Model]) -> list[Guard]:
    """Refuse INSERT OR REPLACE over a row of a table whose rows may change, but only by listed steps (J1)."""
    if vendor != "sqlite":
        return []
    name, table = f"{PREFIX}{model._meta.db_table}_is_not_replaced", model._meta.db_table
    refusal = f"{_called(model)} are not replaced: update the row, or insert another"
    when = f"WHEN {_stands_in_the_way(model)}\nBEGIN\n    SELECT RAISE(ABORT, '{refusal}');\nEND"
    return [Guard(name, table, f"CREATE TRIGGER {name} BEFORE INSERT ON {table}\n{when}")]


def _called(model: type[models.Model]) -> str:
    """The rows of a model in English, whatever language is spoken: a guard is written once for everybody."""
    with translation.override(None):
        return str(model._meta.verbose_name_plural).replace("'", "''")


def _stands_in_the_way(model: type[models.Model]) -> str:
    """SQL: a row exists that shares a unique key with NEW. NULL equals nothing, as in the key itself."""
    # REPLACE removes whatever shares any unique key with the new row, not the primary key alone.
    keys = [[field.name] for field in model._meta.concrete_fields if field.unique]
    keys += [
        list(constraint.fields)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
    ]
    conflicts = []
    for key in keys:
        columns = [model._meta.get_field(name).column for name in key]
        same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
        conflicts.append(f"EXISTS (SELECT 1 FROM {model._meta.db_table} WHERE {same})")  # noqa: S608 - names of the models
    return " OR ".join(conflicts)


def written(vendor: str) -> list[Guard]:
    """Every guard that the installed apps ask for on one engine."""
    return [
        guard
        for app in apps.get_app_configs()
        if module_has_submodule(app.module, "guards")
        for guard in import_module(f"{app.name}.guards").guards(vendor)
    ]


def _present(connection: BaseDatabaseWrapper) -> dict[tuple[str, str], str]:
    with connection.cursor() as cursor:
        cursor.execute(PRESENT[connection.vendor])
        return {(name, table): signature for name, table, signature in cursor.fetchall()}


def missing(connection: BaseDatabaseWrapper) -> list[Guard]:
    """Guards that are absent, switched off or out of date, of the tables that exist.

    On PostgreSQL one also counts as missing where a function that it leads to is not as written.
    """
    # Before the first migration of an app its tables do not exist, so they cannot have triggers.
    present, tables = _present(connection), set(connection.introspection.table_names())
    changed = _changed_functions(connection)
    return [
        guard
        for guard in written(connection.vendor)
        if guard.table in tables
        and (
            present.get((guard.name, guard.table)) != guard.signature(connection.vendor)
            or changed & set(CALLED.findall(guard.sql))
        )
    ]


def _changed_functions(connection: BaseDatabaseWrapper) -> set[str]:
    """Functions of guards that are not as written, or look for tables elsewhere, and what calls them."""
    if connection.vendor != "postgresql":
        return set()
    everything = [STOP, *(guard.sql for guard in written(connection.vendor))]
    bodies = {one["name"]: one["body"] for sql in everything for one in FUNCTION.finditer(sql)}
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        standing = dict(cursor.fetchall())
    changed = {name for name, body in bodies.items() if standing.get(name) != body}
    while callers := {
        name for name, body in bodies.items() if name not in changed and changed & set(CALLED.findall(body))
    }:
        changed |= callers
    return changed


def install(connection: BaseDatabaseWrapper) -> list[Guard]:
    """Make the guards of a database what the code says, and return those that had to be written.

    Guards that are installed as written are left alone, so that a live database is not locked for nothing.
    """
    wanted = {(guard.name, guard.table) for guard in written(connection.vendor)}
    lacking = missing(connection)
    # In one transaction: at no moment is a guard dropped and not written again.
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        _drop(connection, cursor, [place for place in _present(connection) if place not in wanted])
        _drop(connection, cursor, [(guard.name, guard.table) for guard in lacking])
        if connection.vendor == "postgresql" and lacking:
            cursor.execute(
                "SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)"
            )
            cursor.execute(STOP)
        for guard in lacking:
            cursor.execute(guard.sql)
            if connection.vendor == "postgresql":
                # PostgreSQL rewrites the text of a trigger, so a hash in its comment says what was installed.
                signature = guard.signature(connection.vendor)
                cursor.execute(f"COMMENT ON TRIGGER {guard.name} ON {guard.table} IS '{signature}'")
    return lacking


def lift(connection: BaseDatabaseWrapper, against: str = "") -> None:
    """Remove guards: all of them before SQLite rebuilds tables, or those `against` one kind of statement.

    A test run lifts those against what its engine empties tables with; nothing else has a reason to.
    """
    matching = {(guard.name, guard.table) for guard in written(connection.vendor) if against in guard.sql}
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        standing = _present(connection)
        _drop(connection, cursor, [place for place in standing if not against or place in matching])


def _drop(connection: BaseDatabaseWrapper, cursor: CursorWrapper, places: Iterable[tuple[str, str]]) -> None:
    for name, table in places:
        suffix = f" ON {table}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")


def switched_off(connection: BaseDatabaseWrapper) -> list[str]:
    """The switches of an SQLite connection that its guards rely on and that are off."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        states = {
            pragma: cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
            for pragma in ("foreign_keys", "recursive_triggers")
        }
    return [pragma for pragma, state in states.items() if not state]
