"""What tests check of any verb: refusals that change nothing, numbers of statements, balanced vouchers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import Q, Sum
from django.test.utils import CaptureQueriesContext

from accounting.models import VoucherLine
from accounting.proving import prove
from core.refusals import Refused


@contextmanager
def refused(*codes: str) -> Iterator[Any]:
    """The body is refused for exactly these reasons, and not one row of any table has changed."""
    before = all_rows()
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.codes == codes
    assert all_rows() == before


def statements(do: Callable[[], Any]) -> int:
    """How many statements it takes."""
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


@contextmanager
def unchanged() -> Iterator[None]:
    """Not one row of any table changes in the body."""
    before = all_rows()
    yield
    assert all_rows() == before


def assert_proven() -> None:
    """Every invariant of the books holds: conservation, backlog, claims, reversals, subledgers."""
    assert [str((one.proof.says, one.examples)) for one in prove() if one.count] == []


def unbalanced() -> list[int]:
    """Vouchers whose debits and credits differ, in a currency or in the entity's; always none."""
    by_currency = VoucherLine.objects.order_by().values("voucher", "currency").annotate(a=Sum("amount"))
    by_base = VoucherLine.objects.order_by().values("voucher").annotate(b=Sum("base_amount"))
    wrong = [
        *by_currency.filter(~Q(a=0)).values_list("voucher"),
        *by_base.filter(~Q(b=0)).values_list("voucher"),
    ]
    return sorted({pk for (pk,) in wrong})


def all_rows() -> list[tuple[Any, ...]]:
    """Every row of every table, so that a refused write can be shown to have changed nothing."""
    tables = [model._meta.db_table for model in product_models()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One round trip instead of one per table.
            rows = " UNION ALL ".join(f"SELECT '{name}', t::text FROM {name} t" for name in tables)
            cursor.execute(f"{rows} ORDER BY 1, 2")
            return cursor.fetchall()
        rows_of_all: list[tuple[Any, ...]] = []
        for table in tables:
            cursor.execute(f"SELECT '{table}', * FROM {table} ORDER BY 2")
            rows_of_all.extend(cursor.fetchall())
        return rows_of_all


def product_models() -> list[type[models.Model]]:
    return [
        model
        for label in ("projects", "billing", "accounting")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if not model._meta.proxy
    ]
