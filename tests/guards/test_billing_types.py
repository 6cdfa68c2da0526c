"""J3: a change of billing type writes unbilled sales again under another billing type, and nothing else."""

from typing import Any

import pytest

from projects.models import BacklogItem
from projects.states import BillingType, EventKind, TransactionType
from tests.company import rows
from tests.guards.attacks import Attack, each, refused, steps
from tests.guards.guarded_rows import GuardedRows

pytestmark = pytest.mark.django_db

LEAVE_OUT = "a change of billing type reverses unbilled sales and writes them again"
ALONE = "what a change of billing type writes differs by its billing type alone"
FREE = BillingType.NON_CHARGEABLE


def _changed(guarded: GuardedRows, **columns: Any) -> None:
    opened = rows.event(guarded.company, EventKind.BILLING_TYPE)
    rows.mirror(guarded.sales, opened, outcome=2)
    rows.actual(guarded.sales.work_item, opened, billing_type=FREE, **columns)
    rows.seal(opened)


def _with_cost(guarded: GuardedRows) -> None:
    opened = rows.event(guarded.company, EventKind.BILLING_TYPE)
    rows.mirror(guarded.sales.work_item.actuals.get(type=TransactionType.COST), opened, outcome=2)
    rows.seal(opened)


def _with_new_work(guarded: GuardedRows) -> None:
    opened = rows.event(guarded.company, EventKind.BILLING_TYPE)
    rows.actual(rows.work_item(guarded.company, opened), opened)
    rows.seal(opened)


def _at_another_price(guarded: GuardedRows) -> None:
    _changed(guarded, price=guarded.sales.price + 1)


@each(
    steps("cost", LEAVE_OUT, _with_cost),
    steps("new-work", LEAVE_OUT, _with_new_work),
    steps("another-price", ALONE, _at_another_price),
)
def test_a_seal_refuses(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def test_another_billing_type_is_accepted(guarded: GuardedRows) -> None:
    before = BacklogItem.objects.get(actual=guarded.sales)
    _changed(guarded)
    after = BacklogItem.objects.get(work_item=before.work_item, billing_type=FREE)
    assert (after.billing_type, after.quantity, after.amount) == (FREE, before.quantity, before.amount)
