"""A temporary table comes before every other one of its name; the guards look past it (J1)."""

import pytest
from django.db import connection

from accounting.models import Voucher
from tests.guards.attacks import any_guard, insert_raw, refused, run
from tests.guards.guarded_rows import GuardedRows

pytestmark = pytest.mark.django_db

POSTGRESQL = connection.vendor == "postgresql"
TEMPORARY = "pg_temp" if POSTGRESQL else "temp"
LASTING = "public" if POSTGRESQL else "main"


def shadow(table: str, change: str) -> None:
    """A temporary table of the same name, in which something else stands."""
    run(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM {LASTING}.{table}")
    run(f"UPDATE {TEMPORARY}.{table} SET {change}")


def test_a_proforma_that_is_a_draft_elsewhere_does_not_open_its_details(guarded: GuardedRows):
    shadow("billing_proforma", "status = 'draft', event_id = NULL")
    with refused(any_guard()):
        run(
            f"UPDATE {LASTING}.billing_invoicelinedetail SET amount = amount + 1 WHERE id = %s",
            guarded.posted_detail.pk,
        )


def test_a_period_that_is_open_elsewhere_does_not_take_vouchers(guarded: GuardedRows):
    run("UPDATE accounting_fiscalperiod SET status = 'closed'")
    shadow("accounting_fiscalperiod", "status = 'open'")
    posted = Voucher.objects.filter(source_id__isnull=False).earliest("pk")
    new = Voucher(
        legal_entity=posted.legal_entity,
        number="MINE-1",
        date=posted.date,
        source_kind=posted.source_kind,
        source_id=-1,
        posted_by=posted.posted_by,
        posted_at=posted.posted_at,
    )
    with refused(any_guard()):
        insert_raw(new)
