"""A12: prepaid hours keep their rates, and counting them again changes rates and nothing else."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from projects.models import Adjustment, PrepaidExpiry, PrepaidHours, PrepaidMonth
from projects.states import EventKind, TransactionType
from tests.company import rows
from tests.guards.attacks import Attack, each, refused, row, steps, update
from tests.guards.guarded_rows import GuardedRows

pytestmark = pytest.mark.django_db

RATES = "prepaid hours keep their line, hours and rates"
BOUGHT = "a month of prepaid hours stays as it was bought"
FINAL = "are never changed: correct what was billed of it"
LEAVE_OUT = "counting prepaid hours writes unbilled sales again at another rate"
ITS_RATE = "prepaid hours have a rate of their agreement"


def _agreement(guarded: GuardedRows) -> PrepaidHours:
    """Ten hours of March at the rate of the guarded sales, beyond them one more."""
    return PrepaidHours.objects.create(
        contract_line=guarded.sales.work_item.contract_line,
        hours=Decimal(10),
        block_rate=guarded.sales.price,
        overage_rate=guarded.sales.price + 1,
        first_month=date(2026, 3, 1),
        last_month=date(2026, 3, 1),
    )


def _month(guarded: GuardedRows) -> PrepaidMonth:
    return PrepaidMonth.objects.create(
        prepaid_hours=_agreement(guarded), month=date(2026, 3, 1), hours=Decimal(10)
    )


def _expiry(guarded: GuardedRows) -> PrepaidExpiry:
    return PrepaidExpiry.objects.create(
        prepaid_month=_month(guarded), hours=Decimal(2), work_item=guarded.sales.work_item
    )


def _counted(guarded: GuardedRows, more: int) -> None:
    """The guarded sales at another price, with the adjustment that the seal asks for."""
    _agreement(guarded)
    opened = rows.event(guarded.company, EventKind.PREPAID_HOURS)
    item, old = guarded.sales.work_item, guarded.sales
    rows.mirror(old, opened, outcome=2)
    price = old.price + more
    rows.actual(item, opened, quantity=old.quantity, price=price, amount=old.quantity * price)
    Adjustment.objects.create(event=opened, work_item=item, quantity=Decimal(0), amount=old.quantity * more)
    rows.seal(opened)


def _at_a_foreign_rate(guarded: GuardedRows) -> None:
    _counted(guarded, 2)


def _with_cost(guarded: GuardedRows) -> None:
    _agreement(guarded)
    opened = rows.event(guarded.company, EventKind.PREPAID_HOURS)
    rows.mirror(guarded.sales.work_item.actuals.get(type=TransactionType.COST), opened, outcome=2)
    rows.seal(opened)


def _with_new_work(guarded: GuardedRows) -> None:
    _agreement(guarded)
    opened = rows.event(guarded.company, EventKind.PREPAID_HOURS)
    rows.actual(rows.work_item(guarded.company, opened), opened)
    rows.seal(opened)


def _to(of: Any, **columns: object) -> tuple[Any, dict[str, Any]]:
    return row(of), columns


@each(
    update("another-rate", RATES, lambda s: _to(_agreement(s), block_rate=Decimal(7))),
    update("another-overage", RATES, lambda s: _to(_agreement(s), overage_rate=Decimal(7))),
    update("another-cap", RATES, lambda s: _to(_agreement(s), roll_over_hours=Decimal(7))),
    update("more-hours", BOUGHT, lambda s: _to(_month(s), hours=Decimal(11))),
    update("less-expired", FINAL, lambda s: _to(_expiry(s), hours=Decimal(1))),
    steps("cost", LEAVE_OUT, _with_cost),
    steps("new-work", LEAVE_OUT, _with_new_work),
    steps("a-foreign-rate", ITS_RATE, _at_a_foreign_rate),
)
def test_prepaid_hours_are_guarded(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def test_the_rate_beyond_the_block_is_written(guarded: GuardedRows) -> None:
    _counted(guarded, 1)
