"""What came of it, as text: rows of actuals, the backlog, balances; and refusals that change nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q, Sum
from django.test.utils import CaptureQueriesContext

from accounting.models import VoucherLine
from core.refusals import Refused
from projects.models import Actual, BacklogItem
from projects.states import ActualOutcome, BillingStatus, BillingType, TransactionType
from tests.guards.scene import photograph

KINDS = {
    TransactionType.COST: "cost",
    TransactionType.UNBILLED_SALES: "unbilled",
    TransactionType.BILLED_SALES: "billed",
}


def table(text: str) -> str:
    """What a test wrote as a block of text, without the indentation and the alignment."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def quantity(of: Decimal) -> str:
    return f"{of.normalize():+f}"


def amount(of: Decimal) -> str:
    return f"{of:+.2f}" if of else "0.00"


@contextmanager
def refused(*codes: str) -> Iterator[Any]:
    """The body is refused for exactly these reasons, and not one row of any table has changed."""
    before = photograph()
    with pytest.raises(Refused) as caught:
        yield caught
    assert caught.value.codes == codes
    assert photograph() == before


def statements(do: Callable[[], Any]) -> int:
    """How many statements it takes."""
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def unbalanced() -> list[int]:
    """Vouchers whose debits and credits differ, in a currency or in the entity's; always none."""
    by_currency = VoucherLine.objects.order_by().values("voucher", "currency").annotate(a=Sum("amount"))
    by_base = VoucherLine.objects.order_by().values("voucher").annotate(b=Sum("base_amount"))
    wrong = [
        *by_currency.filter(~Q(a=0)).values_list("voucher"),
        *by_base.filter(~Q(b=0)).values_list("voucher"),
    ]
    return sorted({pk for (pk,) in wrong})


def balance(number: str, name: str, currency: str, of: Decimal, base: Decimal, own: str) -> str:
    """An account and its balance; a foreign one in the entity's own currency too."""
    if currency == own:
        return f"{number} {name} {amount(of)}"
    return f"{number} {name} {amount(of)} {currency} = {amount(base)} {own}"


def waiting(item: BacklogItem) -> str:
    """One open item: date, billing type, quantity, amount, status, and why it is held."""
    status = [BillingStatus(item.status).name.lower(), *([item.hold_reason] if item.hold_reason else [])]
    kind = word(BillingType(item.billing_type))
    return " ".join([str(item.transaction_date), kind, quantity(item.quantity), amount(item.amount), *status])


def place_of(row: Actual) -> tuple[Any, ...]:
    """Events in order; of each work item cost, unbilled by size, mirrors, billed."""
    return (
        row.event_id,
        row.work_item_id,
        row.type,
        row.reverses_id is not None,
        -abs(row.quantity),
        row.billing_type,
    )


def row_text(row: Actual) -> str:
    """One actual: type, billing type, quantity, amount, and for unbilled sales what became of them."""
    return " ".join(
        [
            KINDS[TransactionType(row.type)],
            word(BillingType(row.billing_type)),
            quantity(row.quantity),
            amount(row.amount),
            *_status(row),
        ]
    )


def _status(row: Actual) -> list[str]:
    if row.reverses_id is not None:
        return ["mirror"]
    if row.type != TransactionType.UNBILLED_SALES:
        return []
    mirrors = list(row.mirror.all())
    if mirrors:
        return [ActualOutcome(mirrors[0].outcome).name.lower()]
    return [BillingStatus(row.backlog_item.status).name.lower()]


def word(of: BillingType) -> str:
    return of.name.lower().replace("_", "-")
