"""Write unbilled sales again under another billing type: reversal and replacement, nothing else differs (B1).

Nothing is refused here: the verbs that call this have locked the rows and checked them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from core.querysets import KEYS_PER_STATEMENT
from projects.models import Actual, ActualEvent, BacklogItem
from projects.recording import mirror, record_actuals
from projects.states import ActualOutcome, BillingType, TransactionType


def write_under(
    billing_type: BillingType,
    items: Sequence[BacklogItem],
    events: Mapping[int, ActualEvent],
    *,
    on: date,
) -> list[Actual]:
    """Reverse the open actuals of locked backlog items and write them again under another billing type.

    Quantity, price and amount stay, in the currency they have, and cost is not touched. `events` are one open
    event for each legal entity, by its key. Both rows are dated as the original, in a closed period `on`.
    Items have their actual and work item loaded. Returns the new rows in the order of the items; the database
    replaces the backlog items. Statements do not depend on how many items (J2, J3).
    """
    by_entity: dict[int, list[int]] = defaultdict(list)
    for item in items:
        by_entity[item.work_item.legal_entity_id].append(item.pk)
    for entity, keys in by_entity.items():
        event = events[entity]
        for start in range(0, len(keys), KEYS_PER_STATEMENT):
            mirror(
                Actual.objects.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT]),
                event=event.pk,
                accounting_date=event.legal_entity.open_day_of("accounting_date", on),
                outcome=ActualOutcome.ADJUSTED,
            )
    return record_actuals(
        _again(item, billing_type, events[item.work_item.legal_entity_id], on) for item in items
    )


def _again(item: BacklogItem, billing_type: BillingType, event: ActualEvent, on: date) -> Actual:
    old = item.actual
    is_closed = event.legal_entity.is_locked_on(old.accounting_date)
    return Actual(
        work_item_id=old.work_item_id,
        event=event,
        type=TransactionType.UNBILLED_SALES,
        billing_type=billing_type,
        quantity=old.quantity,
        price=old.price,
        amount=old.amount,
        accounting_date=on if is_closed else old.accounting_date,
    )
