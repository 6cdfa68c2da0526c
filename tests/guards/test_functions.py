"""On PostgreSQL: a function that was replaced or a trigger that sleeps is named, and written again (J1)."""

from collections.abc import Callable

import pytest
from django.db import connection

from core import guarding
from tests.guards.attacks import run

pytestmark = pytest.mark.django_db

WEAKER = [
    ("function", lambda: replace("guard_detail_claims", "RETURNS trigger", "RETURN NULL;")),
    ("refuse", lambda: replace("guard_refuse", "RETURNS trigger", "RETURN NEW;")),
    ("stop", lambda: run(
        "CREATE OR REPLACE FUNCTION guard_stop(reason text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$"
    )),
    ("path", lambda: run("ALTER FUNCTION guard_detail_claims() RESET search_path")),
    ("replica", lambda: run(
        "ALTER TABLE billing_invoicelinedetail ENABLE REPLICA TRIGGER guard_detail_claims"
    )),
    ("disabled", lambda: run("ALTER TABLE billing_invoicelinedetail DISABLE TRIGGER guard_detail_claims")),
]  # fmt: skip


def replace(name: str, returns: str, body: str) -> None:
    run(
        f"CREATE OR REPLACE FUNCTION {name}() {returns} LANGUAGE plpgsql "
        f"SET search_path = public, pg_temp AS $$ BEGIN {body} END $$"
    )


@pytest.mark.parametrize("weaken", [one for _name, one in WEAKER], ids=[name for name, _one in WEAKER])
def test_what_was_weakened_is_named_and_written_again(weaken: Callable[[], None]):
    assert guarding.missing(connection) == []
    weaken()
    named = {guard.name for guard in guarding.missing(connection)}
    assert named & {"guard_detail_claims", "guard_projects_actual_is_final"}
    guarding.install(connection)
    assert guarding.missing(connection) == []
