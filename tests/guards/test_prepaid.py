"""A12: prepaid hours keep their rates, and counting them again changes rates and nothing else."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.models import SentStatement
from projects.models import Adjustment, PrepaidExpiry, PrepaidHours, PrepaidMonth
from projects.states import EventKind, TransactionType
from tests.company import rows
from tests.guards.attacks import Attack, delete_raw, each, refused, row, steps, update
from tests.guards.guarded_rows import GuardedRows

pytestmark = pytest.mark.django_db

LINE = "prepaid hours keep their line and first month"
BOUGHT = "a month of prepaid hours stays as it was bought"
FINAL = "are never changed: correct what was billed of it"
AS_SENT = "sent statements are never changed: send the statement of the month once more"
LEAVE_OUT = "counting prepaid hours writes unbilled sales again at another rate"
ITS_RATE = "prepaid hours have a rate of their month"


def _agreement(guarded: GuardedRows) -> PrepaidHours:
    """Ten hours of March at the rate of the guarded sales, beyond them one more."""
    return _month(guarded).prepaid_hours


def _month(guarded: GuardedRows) -> PrepaidMonth:
    agreement = PrepaidHours.objects.create(
        contract_line=guarded.sales.work_item.contract_line,
        first_month=date(2026, 2, 1),
        last_month=date(2026, 3, 1),
    )
    PrepaidMonth.objects.create(
        prepaid_hours=agreement,
        month=date(2026, 2, 1),
        hours=Decimal(10),
        block_rate=guarded.sales.price + 5,
        overage_rate=guarded.sales.price + 6,
        roll_over_hours=Decimal(5),
    )
    return PrepaidMonth.objects.create(
        prepaid_hours=agreement,
        month=date(2026, 3, 1),
        hours=Decimal(10),
        block_rate=guarded.sales.price,
        overage_rate=guarded.sales.price + 1,
    )


def _expiry(guarded: GuardedRows) -> PrepaidExpiry:
    return PrepaidExpiry.objects.create(
        prepaid_month=_month(guarded), hours=Decimal(2), rate=Decimal(1), work_item=guarded.sales.work_item
    )


def _sent(guarded: GuardedRows) -> SentStatement:
    return SentStatement.objects.create(
        prepaid_hours=_agreement(guarded),
        month=date(2026, 3, 1),
        customer=guarded.company.customer,
        address="a@example.org",
        language="en-gb",
        number="C-2026-03",
        pdf=b"%PDF-",
        sha256="0" * 64,
        sent_by=guarded.company.manager,
        sent_at=rows.NOW,
    )


def _sent_is_deleted(guarded: GuardedRows) -> None:
    delete_raw(row(_sent(guarded)))


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


def _over_as_in_the_month_before(guarded: GuardedRows) -> None:
    _counted(guarded, 6)


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
    update("another-begin", LINE, lambda s: _to(_agreement(s), first_month=date(2026, 1, 1))),
    update("another-rate", BOUGHT, lambda s: _to(_month(s), block_rate=Decimal(7))),
    update("another-overage", BOUGHT, lambda s: _to(_month(s), overage_rate=Decimal(7))),
    update("another-cap", BOUGHT, lambda s: _to(_month(s), roll_over_hours=Decimal(7))),
    update("more-hours", BOUGHT, lambda s: _to(_month(s), hours=Decimal(11))),
    update("less-expired", FINAL, lambda s: _to(_expiry(s), hours=Decimal(1))),
    update("another-recipient", AS_SENT, lambda s: _to(_sent(s), address="b@example.org")),
    update("another-document", AS_SENT, lambda s: _to(_sent(s), pdf=b"")),
    steps("never-sent", AS_SENT, _sent_is_deleted),
    steps("cost", LEAVE_OUT, _with_cost),
    steps("new-work", LEAVE_OUT, _with_new_work),
    steps("a-foreign-rate", ITS_RATE, _at_a_foreign_rate),
    steps("an-old-overage", ITS_RATE, _over_as_in_the_month_before),
)
def test_prepaid_hours_are_guarded(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def test_the_rate_beyond_the_block_is_written(guarded: GuardedRows) -> None:
    _counted(guarded, 1)


def test_the_rate_at_which_hours_rolled_in_is_written(guarded: GuardedRows) -> None:
    _counted(guarded, 5)
