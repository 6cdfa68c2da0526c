"""J2-J6 and K3: what actuals may say of one another, what a seal demands, and who moves the backlog."""

import re
from decimal import Decimal

from django.db import connection

from projects.models import Actual, ActualEventSeal, Adjustment, BacklogItem, WorkItem
from projects.states import (
    ActualOutcome,
    BillingType,
    ContractStatus,
    EventKind,
    TransactionClass,
    TransactionType,
)
from tests.company import rows
from tests.guards.attacks import Attack, each, insert, refused, steps
from tests.guards.guarded_rows import GuardedRows, actual, billing, confirmed, mirror_of

MIRROR = "a reversal is the exact negation of an original"
BILLS = "billed sales bill an original unbilled-sales actual"
SEALED = "a sealed event takes no more"
CONSERVED = "unbilled plus billed rows differ"
DRAFTED = "work on a draft is not taken back"
BOUNDED = "stay between nothing and the whole of a work item"
TAKEN = re.compile(r"(?i)unique|are never changed")
ENDED = "a contract that has ended takes no unbilled sales"
OPEN = "only an open unbilled-sales actual has a backlog item"


def taken_back(guarded: GuardedRows, of: Actual) -> Actual:
    """The mirror of claimed sales in an event that confirms no draft."""
    return actual(
        guarded,
        work_item=of.work_item,
        reverses=of,
        price=of.price,
        quantity=-of.quantity,
        amount=-of.amount,
        event=guarded.event(EventKind.CANCELLATION),
    )


def _opened_on(guarded: GuardedRows, status: ContractStatus) -> Actual:
    """Unbilled sales, in order but for the contract, which has ended."""
    at = guarded.company
    ended = rows.contract(at.entity, at.customer, status=status)
    line = rows.contract_line(ended, at.customer, project=at.project)
    item = rows.work_item(at, guarded.event(EventKind.APPROVAL), contract=ended, contract_line=line)
    columns = {"reverses": None, "outcome": ActualOutcome.OPEN, "quantity": item.quantity}
    return actual(guarded, work_item=item, event=item.event, amount=item.amount, **columns)


@each(
    insert("another-amount", MIRROR, lambda s: actual(s, amount=-s.sales.amount + 1)),
    insert("same-sign", MIRROR, lambda s: actual(s, quantity=s.sales.quantity, amount=s.sales.amount)),
    insert("another-quantity", MIRROR, lambda s: actual(s, quantity=Decimal("-7.9999"))),
    insert("another-price", MIRROR, lambda s: actual(s, price=Decimal("100.0001"))),
    insert("another-type", MIRROR, lambda s: actual(s, type=TransactionType.COST)),
    insert("another-billing-type", MIRROR, lambda s: actual(s, billing_type=BillingType.COMPLIMENTARY)),
    insert("another-work-item", MIRROR, lambda s: actual(s, work_item=s.claimed.work_item)),
    insert("of-what-is-on-a-draft", DRAFTED, lambda s: taken_back(s, s.claimed)),
    insert("of-nothing", MIRROR, lambda s: actual(s, reverses=None, reverses_id=7_777_777)),
    insert(
        "of-a-mirror",
        MIRROR,
        lambda s: actual(
            s, work_item=s.billed.work_item, reverses=mirror_of(s.billed), quantity=8, amount=800
        ),
    ),
    insert("bills-a-cost", BILLS, lambda s: billing(s, Actual.objects.cost().first())),
    insert("bills-another-item", BILLS, lambda s: billing(s, s.claimed)),
    insert(
        "bills-a-mirror",
        BILLS,
        lambda s: billing(s, mirror_of(s.billed), work_item=s.billed.work_item),
    ),
    insert("bills-nothing", BILLS, lambda s: billing(s, s.sales, bills=None, bills_id=7_777_777)),
    insert(
        "unbilled-without-contract",
        "unbilled sales name contract, contract line, customer and project",
        lambda s: actual(
            s,
            work_item=rows.work_item(s.company, s.event(), contract=None, contract_line=None, customer=None),
            reverses=None,
            outcome=ActualOutcome.OPEN,
        ),
    ),
    insert("unbilled-on-a-lost-contract", ENDED, lambda s: _opened_on(s, ContractStatus.LOST)),
    insert("unbilled-on-a-completed-contract", ENDED, lambda s: _opened_on(s, ContractStatus.COMPLETED)),
    insert("actual-after-the-seal", f"{SEALED} actuals", lambda s: actual(s, event=s.sales.event)),
    insert(
        "work-item-after-the-seal",
        f"{SEALED} work items",
        lambda s: _copy(s.sales.work_item),
    ),
    insert(
        "adjustment-after-the-seal",
        f"{SEALED} adjustments",
        lambda s: Adjustment(event=s.sales.event, work_item=s.claimed.work_item, quantity=1, amount=100),
    ),
)
def test_the_journal_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def _copy(item: WorkItem) -> WorkItem:
    item.pk = None
    item._state.adding = True
    return item


@each(
    insert("reversed-twice", TAKEN, lambda s: actual(s, reverses=s.billed, work_item=s.billed.work_item)),
    insert("billed-twice", TAKEN, lambda s: billing(s, s.billed, work_item=s.billed.work_item)),
    insert(
        "sealed-twice",
        TAKEN,
        lambda s: ActualEventSeal(key=s.sales.event.seal_id, event=s.sales.event),
    ),
)
def test_once_is_once(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


# --- Seals ---


def _seal_foreign_key(guarded: GuardedRows) -> None:
    opened, other = guarded.event(), guarded.event()
    rows.mirror(guarded.sales, opened)
    ActualEventSeal.objects.create(key=other.seal_id, event=opened)


def _born_with(
    guarded: GuardedRows, *, hours: str, sold: str, cost: bool = True, kind: int = EventKind.APPROVAL
) -> None:
    opened = guarded.event(kind)
    item = rows.work_item(guarded.company, opened, hours)
    if cost:
        rows.cost(item, opened)
    rows.actual(item, opened, quantity=Decimal(sold), amount=Decimal(sold) * 100, price=Decimal(100))
    rows.seal(opened)


def _overdrawn(guarded: GuardedRows) -> None:
    """Bill an item again that is wholly billed: more than the whole, however the event balances."""
    opened, item = guarded.event(), guarded.billed.work_item
    rows.actual(item, opened, type=TransactionType.BILLED_SALES)
    rows.actual(item, opened, quantity=-item.quantity, amount=-item.amount, price=Decimal(100))
    rows.seal(opened)


def _credited_beyond_nothing(guarded: GuardedRows) -> None:
    opened, item = guarded.event(EventKind.CONFIRMATION), guarded.sales.work_item
    rows.actual(item, opened, type=TransactionType.BILLED_SALES, quantity=-item.quantity, amount=-item.amount)
    rows.actual(item, opened)
    rows.seal(opened)


def _negative_item_billed_upwards(guarded: GuardedRows) -> None:
    opened = guarded.event()
    item = rows.work_item(guarded.company, opened, "-2")
    rows.actual(item, opened, quantity=Decimal(-4), amount=Decimal(-400))
    rows.actual(item, opened, type=TransactionType.BILLED_SALES, quantity=Decimal(2), amount=Decimal(200))
    rows.seal(opened)


def _billed_with_cost(guarded: GuardedRows) -> None:
    opened = guarded.event()
    rows.cost(guarded.sales.work_item, opened)
    rows.seal(opened)


@each(
    steps("key-of-another-event", "a seal closes the event that names it", _seal_foreign_key),
    steps("empty-event", "an event without actuals is not sealed", lambda s: rows.seal(s.event())),
    steps("billed-more-quantity", CONSERVED, lambda s: confirmed(s, "9", "800")),
    steps("billed-less-quantity", CONSERVED, lambda s: confirmed(s, "7", "800")),
    steps("billed-another-amount", CONSERVED, lambda s: confirmed(s, "8", "800.0001")),
    steps("billed-nothing", CONSERVED, lambda s: rows.seal(rows.mirror(s.sales, s.event()).event)),
    steps(
        "adjusted-by-another-amount",
        CONSERVED,
        lambda s: confirmed(s, "7", "700", adjusted=("-1", "-99")),
    ),
    steps("born-with-less", CONSERVED, lambda s: _born_with(s, hours="8", sold="7")),
    steps("billed-beyond-the-whole", BOUNDED, _overdrawn),
    steps("credited-beyond-nothing", BOUNDED, _credited_beyond_nothing),
    steps("negative-item-billed-upwards", BOUNDED, _negative_item_billed_upwards),
    steps(
        "approved-without-cost",
        "a work item lacks its cost row",
        lambda s: _born_with(s, hours="8", sold="8", cost=False),
    ),
    steps("confirmed-with-cost", "writes no cost: leave the cost rows out", _billed_with_cost),
)
def test_a_seal_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_an_event_without_its_seal_is_not_committed(guarded: GuardedRows):
    with refused("seal"):
        rows.mirror(guarded.sales, guarded.event())
        connection.check_constraints()


def test_true_confirmations_are_sealed(guarded: GuardedRows):
    """The rules above refuse nothing that is right: the whole, and less with an adjustment that says so."""
    confirmed(guarded, "8", "800")
    guarded.sales = guarded.claimed
    confirmed(guarded, "7", "700", adjusted=("-1", "-100"))
    _born_with(guarded, hours="8", sold="8")
    connection.check_constraints()
    assert list(BacklogItem.objects.values_list("quantity", flat=True).order_by("pk")) == [
        Decimal("0.5"),
        Decimal(8),
    ]


def test_a_fee_is_approved_without_cost(guarded: GuardedRows):
    opened = guarded.event(EventKind.APPROVAL)
    item = rows.work_item(guarded.company, opened, transaction_class=TransactionClass.FEE)
    rows.actual(item, opened)
    rows.seal(opened)
    connection.check_constraints()
    assert ActualEventSeal.objects.filter(event=opened).count() == 1
