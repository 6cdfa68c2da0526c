"""J2-J6 and K3: what actuals may say of one another, what a seal demands, and who moves the backlog."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from projects.models import Actual, ActualEventSeal, Adjustment, BacklogItem, WorkItem
from projects.states import (
    ActualOutcome,
    BillingStatus,
    BillingType,
    ContractStatus,
    EventKind,
    TransactionClass,
    TransactionType,
)
from tests.company import rows
from tests.guards.attacks import Attack, delete, each, insert, refused, row, steps, update
from tests.guards.guarded_rows import GuardedRows

MIRROR = "a reversal is the exact negation of an original"
BILLS = "billed sales bill an original unbilled-sales actual"
SEALED = "a sealed event takes no more"
CONSERVED = "unbilled plus billed rows differ"
DRAFTED = "work on a draft is not taken back"
BOUNDED = "stay between nothing and the whole of a work item"
TAKEN = re.compile(r"(?i)unique|are never changed")
ENDED = "a contract that has ended takes no unbilled sales"
OPEN = "only an open unbilled-sales actual has a backlog item"


def _actual(guarded: GuardedRows, **columns: object) -> Actual:
    """An unsaved mirror of the open sales, spoilt by `columns`."""
    of = guarded.sales
    values = {
        "work_item": of.work_item,
        "event": columns.get("event") or guarded.event(),
        "type": of.type,
        "billing_type": of.billing_type,
        "quantity": -of.quantity,
        "price": of.price,
        "amount": -of.amount,
        "accounting_date": rows.DAY,
        "reverses": of,
        "outcome": ActualOutcome.ADJUSTED,
    }
    return Actual(**values | columns)


def _billing(guarded: GuardedRows, of: Actual, **columns: object) -> Actual:
    values = {
        "type": TransactionType.BILLED_SALES,
        "reverses": None,
        "bills": of,
        "outcome": ActualOutcome.OPEN,
        "quantity": of.quantity,
        "amount": of.amount,
    }
    return _actual(guarded, **values | columns)


def _taken_back(guarded: GuardedRows, of: Actual) -> Actual:
    """The mirror of claimed sales in an event that confirms no draft."""
    return _actual(
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
    return _actual(guarded, work_item=item, event=item.event, amount=item.amount, **columns)


def _mirror_of(original: Actual) -> Actual:
    return Actual.objects.get(reverses=original)


@each(
    insert("another-amount", MIRROR, lambda s: _actual(s, amount=-s.sales.amount + 1)),
    insert("same-sign", MIRROR, lambda s: _actual(s, quantity=s.sales.quantity, amount=s.sales.amount)),
    insert("another-quantity", MIRROR, lambda s: _actual(s, quantity=Decimal("-7.9999"))),
    insert("another-price", MIRROR, lambda s: _actual(s, price=Decimal("100.0001"))),
    insert("another-type", MIRROR, lambda s: _actual(s, type=TransactionType.COST)),
    insert("another-billing-type", MIRROR, lambda s: _actual(s, billing_type=BillingType.COMPLIMENTARY)),
    insert("another-work-item", MIRROR, lambda s: _actual(s, work_item=s.claimed.work_item)),
    insert("of-what-is-on-a-draft", DRAFTED, lambda s: _taken_back(s, s.claimed)),
    insert("of-nothing", MIRROR, lambda s: _actual(s, reverses=None, reverses_id=7_777_777)),
    insert(
        "of-a-mirror",
        MIRROR,
        lambda s: _actual(
            s, work_item=s.billed.work_item, reverses=_mirror_of(s.billed), quantity=8, amount=800
        ),
    ),
    insert("bills-a-cost", BILLS, lambda s: _billing(s, Actual.objects.cost().first())),
    insert("bills-another-item", BILLS, lambda s: _billing(s, s.claimed)),
    insert(
        "bills-a-mirror",
        BILLS,
        lambda s: _billing(s, _mirror_of(s.billed), work_item=s.billed.work_item),
    ),
    insert("bills-nothing", BILLS, lambda s: _billing(s, s.sales, bills=None, bills_id=7_777_777)),
    insert(
        "unbilled-without-contract",
        "unbilled sales name contract, contract line, customer and project",
        lambda s: _actual(
            s,
            work_item=rows.work_item(s.company, s.event(), contract=None, contract_line=None, customer=None),
            reverses=None,
            outcome=ActualOutcome.OPEN,
        ),
    ),
    insert("unbilled-on-a-lost-contract", ENDED, lambda s: _opened_on(s, ContractStatus.LOST)),
    insert("unbilled-on-a-completed-contract", ENDED, lambda s: _opened_on(s, ContractStatus.COMPLETED)),
    insert("actual-after-the-seal", f"{SEALED} actuals", lambda s: _actual(s, event=s.sales.event)),
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
    insert("reversed-twice", TAKEN, lambda s: _actual(s, reverses=s.billed, work_item=s.billed.work_item)),
    insert("billed-twice", TAKEN, lambda s: _billing(s, s.billed, work_item=s.billed.work_item)),
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


def _confirmed(
    guarded: GuardedRows, quantity: str, amount: str, *, adjusted: tuple[str, str] | None = None
) -> None:
    """Take the open sales back, bill them at these figures, and seal."""
    opened = guarded.event()
    rows.mirror(guarded.sales, opened)
    _billed_row(guarded, opened, quantity, amount).save()
    if adjusted is not None:
        quantity, amount = adjusted
        Adjustment.objects.create(
            event=opened, work_item=guarded.sales.work_item, quantity=quantity, amount=amount
        )
    rows.seal(opened)


def _billed_row(guarded: GuardedRows, opened: object, quantity: str, amount: str) -> Actual:
    return _billing(guarded, guarded.sales, event=opened, quantity=Decimal(quantity), amount=Decimal(amount))


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
    steps("billed-more-quantity", CONSERVED, lambda s: _confirmed(s, "9", "800")),
    steps("billed-less-quantity", CONSERVED, lambda s: _confirmed(s, "7", "800")),
    steps("billed-another-amount", CONSERVED, lambda s: _confirmed(s, "8", "800.0001")),
    steps("billed-nothing", CONSERVED, lambda s: rows.seal(rows.mirror(s.sales, s.event()).event)),
    steps(
        "adjusted-by-another-amount",
        CONSERVED,
        lambda s: _confirmed(s, "7", "700", adjusted=("-1", "-99")),
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
    _confirmed(guarded, "8", "800")
    guarded.sales = guarded.claimed
    _confirmed(guarded, "7", "700", adjusted=("-1", "-100"))
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


# --- Backlog ---


def test_the_journal_opens_and_closes_the_backlog(guarded: GuardedRows):
    item = BacklogItem.objects.get(pk=guarded.sales.pk)
    values = (item.work_item, item.contract, item.contract_line, item.customer, item.project, item.currency)
    work = guarded.sales.work_item
    assert values == (work, work.contract, work.contract_line, work.customer, work.project, "EUR")
    assert (item.transaction_date, item.billing_type, item.quantity, item.amount) == (
        rows.DAY,
        BillingType.CHARGEABLE,
        Decimal(8),
        Decimal(800),
    )
    assert (item.status, item.hold_reason, item.not_to_exceed_status) == ("not_ready", "", "not_applicable")
    _confirmed(guarded, "8", "800")
    assert not BacklogItem.objects.filter(pk=guarded.sales.pk).exists()


def _backlog(of: Actual, **columns: object) -> BacklogItem:
    work = of.work_item
    values = {
        "actual": of,
        "work_item": work,
        "contract": work.contract,
        "contract_line": work.contract_line,
        "customer": work.customer,
        "project": work.project,
        "currency": work.currency,
        "transaction_date": work.transaction_date,
        "billing_type": of.billing_type,
        "quantity": of.quantity,
        "amount": of.amount,
    }
    return BacklogItem(**values | columns)


def _item(guarded: GuardedRows) -> BacklogItem:
    return BacklogItem.objects.get(pk=guarded.sales.pk)


BEYOND = {"not_to_exceed_status": "failed", "exceeded_limit": "contract", "exceeded_by": 200}


def ready(guarded: GuardedRows) -> Any:
    """The backlog item, marked ready."""
    items = row(_item(guarded))
    items.update(status="ready")
    return items


@each(
    insert("of-a-cost", OPEN, lambda s: _backlog(Actual.objects.cost().first())),
    insert("of-what-is-billed", OPEN, lambda s: _backlog(s.billed)),
    insert("of-a-mirror", OPEN, lambda s: _backlog(_mirror_of(s.billed))),
    delete("while-the-actual-stands", "an open actual keeps its backlog item", lambda s: row(_item(s))),
    update(
        "not-ready-to-draft",
        "one step at a time",
        lambda s: (row(_item(s)), {"status": "on_draft", "proforma_number": "P1"}),
    ),
    update("a-draft-without-name", "draft_is_named", lambda s: (ready(s), {"status": "on_draft"})),
    update("a-name-without-draft", "draft_is_named", lambda s: (row(_item(s)), {"proforma_number": "P1"})),
    update("ready-beyond-its-limit", "beyond_its_limit", lambda s: (ready(s), BEYOND)),
    update("beyond-no-limit", "failed_limit", lambda s: (row(_item(s)), BEYOND | {"exceeded_limit": ""})),
    update("to-posted", "one step at a time", lambda s: (row(_item(s)), {"status": "posted"})),
)
def test_the_backlog_refuses(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


MUTABLE = {
    "status",
    "hold_reason",
    "held_by",
    "held_at",
    "review_on",
    "external_description",
    "not_to_exceed_status",
    "proforma_number",
    "exceeded_limit",
    "exceeded_by",
}
REPEATED = [field for field in BacklogItem._meta.concrete_fields if field.name not in MUTABLE]


@pytest.mark.parametrize("field", REPEATED, ids=[field.name for field in REPEATED])
def test_a_backlog_item_repeats_its_actual(guarded: GuardedRows, field: object):
    value = {"currency": "USD", "transaction_date": rows.CUT_OFF}.get(field.name, 7)
    with refused("a backlog item repeats its actual"):
        row(_item(guarded)).update(**{field.attname: value})


def test_hold_and_limit_of_a_backlog_item_change(guarded: GuardedRows):
    changed = row(_item(guarded)).update(hold_reason="waiting", **BEYOND)
    assert (changed, _item(guarded).hold_reason) == (1, "waiting")


def test_a_status_is_not_a_claim(guarded: GuardedRows):
    """Walking the whole machine there and back leaves the item as it was."""
    for step, number in (("ready", ""), ("on_draft", "P1"), ("ready", ""), ("not_ready", "")):
        assert row(_item(guarded)).update(status=step, proforma_number=number) == 1
    assert _item(guarded).status == BillingStatus.NOT_READY
