"""Give open work of prepaid months the rate it has to have: within the block, or beyond it (A12).

Called by verbs inside their transaction, after they wrote or took back work; they hold the contracts.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User

from core.activity_log import log_activity
from core.money import ZERO, times
from core.outbox import enqueue
from core.querysets import KEYS_PER_STATEMENT
from projects.backlog_decisions import decided_values, write_decided
from projects.contract_limits import commit_new_work, lock_limits
from projects.models import (
    Actual,
    ActualEvent,
    Adjustment,
    BacklogItem,
    PrepaidHours,
    ProjectContract,
    WorkItem,
)
from projects.prepaid_use import PrepaidUse, UsedRow, use_of
from projects.querysets import ContractQuerySet
from projects.recording import mirror, record_actuals, record_adjustments, seal_events
from projects.replacing import open_events
from projects.states import ActualOutcome, BillingStatus, BillingType, EventKind, TransactionType

Part = tuple[Decimal, Decimal]
"""Hours at a price per hour."""


@dataclass(frozen=True)
class Divided:
    """A work item whose open rows are to be others: what is open now, and what takes its place."""

    agreement: PrepaidHours
    work_item: int
    rows: Sequence[UsedRow]
    parts: Sequence[Part]


def count_prepaid_hours(lines: Iterable[int | None], *, actor: User, on: date, at: datetime) -> int:
    """Give open work on these contract lines, by key, the rates that their prepaid hours say.

    Hours beyond the block of a month have the overage rate, the latest first, and hours that rolled in from a
    month of another rate have that one, the earliest first; an entry across a boundary is divided. Rows are
    reversed and written again, dated as their originals, in a closed period `on`; amounts are hours times
    rate in the contract's currency, rounded once. What is billed or on a draft stays. What was decided about
    a row holds for what takes its place; what exceeds a limit waits (A6). One statement where no line has
    prepaid hours, otherwise a number that does not depend on how many rows. Locks the backlog items; the
    caller holds the contracts. Returns how many work items were written again (A12).
    """
    keys = {key for key in lines if key is not None}
    related = "contract_line__contract__legal_entity"
    agreements = list(PrepaidHours.objects.filter(contract_line__in=keys).select_related(related))
    return _count(agreements, actor=actor, on=on, at=at)


def lock_prepaid(contracts: ContractQuerySet) -> list[ProjectContract]:
    """Lock those of these contracts that have prepaid hours, before anything else of them (D10, A12)."""
    prepaid = PrepaidHours.objects.order_by().values("contract_line__contract")
    chosen = contracts.filter(pk__in=prepaid).select_related("legal_entity")
    return list(chosen.locked())


def count_prepaid_hours_of(contracts: Sequence[int], *, actor: User, at: datetime) -> int:
    """Count the prepaid hours of all lines of contracts, by key, after billing has taken or given back work.

    What `count_prepaid_hours` does, on the day of the legal entity; one statement where no line has prepaid
    hours. The caller holds the contracts. Returns how many work items were written again (A12).
    """
    if not contracts:
        return 0
    related = "contract_line__contract__legal_entity"
    agreements = list(
        PrepaidHours.objects.filter(contract_line__contract__in=contracts).select_related(related)
    )
    if not agreements:
        return 0
    on = agreements[0].contract_line.contract.legal_entity.day_of(at)
    return _count(agreements, actor=actor, on=on, at=at)


def _count(agreements: Sequence[PrepaidHours], *, actor: User, on: date, at: datetime) -> int:
    divided = [one for use in use_of(agreements) for one in _divided(use)]
    items = _locked([row.pk for one in divided for row in one.rows])
    divided = [one for one in divided if _may_change(one, items, on)]
    if divided:
        _write(divided, items, actor=actor, on=on, at=at)
    return len(divided)


def _divided(use: PrepaidUse) -> Iterable[Divided]:
    of_item: dict[int, list[UsedRow]] = defaultdict(list)
    for row in use.rows:
        if row.is_open and row.quantity > 0:
            of_item[row.work_item].append(row)
    for work_item, rows in of_item.items():
        terms = use.terms_of(rows[0])
        over = sum((use.plan.over.get(row.pk, ZERO) for row in rows), ZERO)
        rolled = sum((use.plan.rolled.get(row.pk, ZERO) for row in rows), ZERO)
        inside = sum((row.quantity for row in rows), ZERO) - over - rolled
        at_rates = [
            (rolled, use.rolled_rates.get(terms.month)),
            (inside, terms.block_rate),
            (over, terms.overage_rate),
        ]
        parts = [(hours, price) for hours, price in at_rates if hours and price is not None]
        if sorted(parts) != sorted((row.quantity, row.price) for row in rows):
            yield Divided(use.agreement, work_item, rows, parts)


def _locked(keys: Sequence[int]) -> dict[int, BacklogItem]:
    items: dict[int, BacklogItem] = {}
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        part = BacklogItem.objects.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT])
        related = part.select_related("actual", "work_item__approval")
        items |= {item.pk: item for item in related.locked()}
    return items


def _may_change(one: Divided, items: dict[int, BacklogItem], on: date) -> bool:
    """Whether its rows are still open and on no draft, and their day or today is in an open period."""
    entity = one.agreement.contract_line.contract.legal_entity
    mine = [items.get(row.pk) for row in one.rows]
    return all(
        item is not None
        and item.status != BillingStatus.ON_DRAFT
        and not (entity.is_locked_on(item.actual.accounting_date) and entity.is_locked_on(on))
        for item in mine
    )


def _write(
    divided: Sequence[Divided], items: dict[int, BacklogItem], *, actor: User, on: date, at: datetime
) -> None:
    entities = [one.agreement.contract_line.contract.legal_entity for one in divided]
    events = open_events(EventKind.PREPAID_HOURS, entities, actor=actor, on=on, at=at)
    for entity, event in events.items():
        mine = [one for one in divided if one.agreement.contract_line.contract.legal_entity_id == entity]
        _reverse([row.pk for one in mine for row in one.rows], event, on)
    written = [(one, row) for one in divided for row in _rows(one, items, events, on)]
    record_actuals(row for _one, row in written)
    record_adjustments(_adjustments(divided, written, items))
    contracts = {one.agreement.contract_line.contract_id for one in divided}
    limited = lock_limits(ProjectContract.objects.filter(pk__in=contracts))
    failed = {item.pk for item in commit_new_work(limited, events.values())}
    _stay_as_decided(written, items, failed)
    seal_events(events.values())
    work_items: list[WorkItem] = [items[one.rows[0].pk].work_item for one in divided]
    log_activity("prepaid hours counted", work_items, actor=actor, at=at)
    # The integration journal takes reversals and new rows over after the commit (O1).
    enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)


def _reverse(keys: Sequence[int], event: ActualEvent, on: date) -> None:
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        mirror(
            Actual.objects.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT]),
            event=event.pk,
            accounting_date=event.legal_entity.open_day_of("accounting_date", on),
            outcome=ActualOutcome.ADJUSTED,
        )


def _rows(
    one: Divided, items: dict[int, BacklogItem], events: dict[int, ActualEvent], on: date
) -> Iterable[Actual]:
    contract = one.agreement.contract_line.contract
    entity, old = contract.legal_entity, items[one.rows[0].pk]
    dated = old.actual.accounting_date
    for hours, price in one.parts:
        yield Actual(
            work_item_id=one.work_item,
            event=events[entity.pk],
            type=TransactionType.UNBILLED_SALES,
            billing_type=BillingType.CHARGEABLE,
            quantity=hours,
            price=price,
            amount=_amount(old.work_item, hours, price, contract.currency),
            accounting_date=on if entity.is_locked_on(dated) else dated,
        )


def _amount(item: WorkItem, hours: Decimal, price: Decimal, currency: str) -> Decimal:
    # What was approved as a whole at this rate has the amount it was approved with (J5).
    approval = item.approval
    if approval is not None and approval.sales_price == price and item.quantity == hours:
        return item.amount
    return times(hours, price, currency)


def _adjustments(
    divided: Sequence[Divided], written: Sequence[tuple[Divided, Actual]], items: dict[int, BacklogItem]
) -> Iterable[Adjustment]:
    """By how much the approved amounts change; hours stay as they are (J3)."""
    changes = {one.work_item: -sum((items[row.pk].amount for row in one.rows), ZERO) for one in divided}
    events: dict[int, ActualEvent] = {}
    for one, row in written:
        changes[one.work_item] += row.amount
        events[one.work_item] = row.event
    for work_item, amount in changes.items():
        if amount:
            yield Adjustment(event=events[work_item], work_item_id=work_item, quantity=ZERO, amount=amount)


def _stay_as_decided(
    written: Sequence[tuple[Divided, Actual]], items: dict[int, BacklogItem], failed: set[int]
) -> None:
    """New items are as ready, held and described as the one they stand for."""
    described, ready = [], []
    for one, row in written:
        old = items[one.rows[0].pk]
        values = decided_values(old)
        if any(values.values()):
            described.append(BacklogItem(pk=row.pk, **values))
        if old.status == BillingStatus.READY and row.pk not in failed:
            ready.append(BacklogItem(pk=row.pk))
    write_decided(described)
    BacklogItem.objects.walk(ready, BacklogItem.mark_ready)
