"""What people decided about open work outlives its replacement: billing type, description, hold (B1, B11).

When approved work is priced again, evaluated again or corrected, its rows are reversed and written anew from
the approval, which knows nothing of what was decided on the backlog since.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from core.outbox import enqueue
from core.querysets import KEYS_PER_STATEMENT
from projects.billing_types import write_under
from projects.contract_limits import commit_new_work, lock_limits
from projects.models import Actual, ActualEvent, Approval, BacklogItem, ProjectContract
from projects.recording import open_event, record_events, seal_events
from projects.states import BillingType, EventKind

DECIDED = ("hold_reason", "held_by_id", "held_at", "review_on", "external_description")
"""The columns of a backlog item that people decide."""
COLUMNS = [name.removesuffix("_id") for name in DECIDED]
BATCH = 500
DECIDED_ABOUT = (
    ~Q(hold_reason="") | ~Q(external_description="") | Q(actual__event__kind=EventKind.BILLING_TYPE)
)

Part = tuple[int, bool]
"""The key of an approval, and whether its part that was not made billable is meant."""
Decisions = Mapping[Part, "dict[int, BacklogDecision]"]
"""By part, then by the key of the customer who pays."""


@dataclass(frozen=True)
class BacklogDecision:
    """What was decided about one open row; `billing_type` is None where it is as it was approved."""

    billing_type: BillingType | None
    columns: tuple[Any, ...]


def decided_values(item: BacklogItem) -> dict[str, Any]:
    """The columns that people decide about a backlog item, as they are."""
    return {name: getattr(item, name) for name in DECIDED}


def write_decided(items: Sequence[BacklogItem]) -> None:
    """Write those columns of any number of items, which were set in memory."""
    BacklogItem.objects.bulk_update(items, COLUMNS, batch_size=BATCH)


def decisions_about(approvals: Sequence[Approval]) -> Decisions:
    """What was decided about the open rows of approvals, whose backlog items the caller holds.

    One statement for as many approvals as one may name, and two more where something was decided.
    """
    concerned = [
        key
        for keys in _in_parts([one.pk for one in approvals])
        for key in _open_items(keys).filter(DECIDED_ABOUT).values_list("work_item__approval", flat=True)
    ]
    # All of their rows, so that a customer about whom nothing was decided is known as well.
    decided = [item for keys in _in_parts(sorted(set(concerned))) for item in _open_items(keys)]
    as_approved = _as_approved([item.work_item_id for item in decided if _is_changed(item)])
    decisions: dict[Part, dict[int, BacklogDecision]] = defaultdict(dict)
    for item in decided:
        approval = item.work_item.approval
        if approval is not None:
            changed = BillingType(item.billing_type) if _is_changed(item) else None
            part = approval.pk, _approved_type(item, as_approved) != approval.billing_type
            columns = tuple(getattr(item, name) for name in DECIDED)
            decisions[part][item.customer_id] = BacklogDecision(changed, columns)
    return decisions


def keep_decisions(
    decisions: Decisions,
    pairs: Sequence[tuple[Approval, Approval]],
    events: Mapping[int, ActualEvent],
    *,
    on: date,
) -> None:
    """Decide about the rows of new approvals what was decided about those of the old ones they replace.

    Billing types are changed by events of their own, one for each legal entity, in the name of those of
    `events`, which are open. No statement where nothing was decided.
    """
    concerned = {approval for approval, _is_rest in decisions}
    olds = {new.pk: (old.pk, new.billing_type) for old, new in pairs if old.pk in concerned}
    kept: dict[int, tuple[BacklogItem, BacklogDecision]] = {}
    for keys in _in_parts(list(olds)):
        for item in _open_items(keys).locked():
            old, approved = olds[item.work_item.approval_id]
            of_part = decisions.get((old, item.billing_type != approved), {})
            decision = of_part.get(item.customer_id) or _the_same_for_all(of_part.values())
            if decision is not None:
                kept[item.pk] = item, decision
    changed = _change_types(list(kept.values()), events, on=on)
    items = []
    for old_item, decision in kept.values():
        item = changed.get(old_item.pk, old_item)
        for name, value in zip(DECIDED, decision.columns, strict=True):
            setattr(item, name, value)
        items.append(item)
    write_decided(items)


def _change_types(
    kept: Sequence[tuple[BacklogItem, BacklogDecision]], events: Mapping[int, ActualEvent], *, on: date
) -> dict[int, BacklogItem]:
    """The backlog items that stand in the place of those whose billing type was changed, by the old keys."""
    by_type: dict[BillingType, list[BacklogItem]] = defaultdict(list)
    for item, decision in kept:
        if decision.billing_type not in (None, item.billing_type):
            by_type[BillingType(decision.billing_type)].append(item)
    if not by_type:
        return {}
    entities = {item.work_item.legal_entity_id for items in by_type.values() for item in items}
    own = {
        key: open_event(EventKind.BILLING_TYPE, one.legal_entity, actor=one.actor, on=on, at=one.recorded_at)
        for key, one in events.items()
        if key in entities
    }
    record_events(own.values())
    new_keys = {
        item.pk: row.pk
        for billing_type, items in by_type.items()
        for item, row in zip(items, write_under(billing_type, items, own, on=on), strict=True)
    }
    commit_new_work(
        lock_limits(ProjectContract.objects.filter(pk__in=[item.contract_id for item, _decision in kept])),
        own.values(),
    )
    seal_events(own.values())
    moment = next(iter(own.values())).recorded_at
    # The integration journal takes these rows over as well (O1).
    enqueue("actuals-recorded", [event.pk for event in own.values()], at=moment)
    written: dict[int, BacklogItem] = {}
    for keys in _in_parts(list(new_keys.values())):
        written |= BacklogItem.objects.filter(pk__in=keys).in_bulk()
    return {old: written[new] for old, new in new_keys.items()}


def _open_items(approvals: Sequence[int]) -> Any:
    # By their actuals, because the backlog has no index on its work items.
    rows = Actual.objects.filter(work_item__approval__in=approvals).unbilled_sales().unreversed()
    items = BacklogItem.objects.filter(actual__in=rows.values("pk"))
    return items.select_related("actual__event", "work_item__approval")


def _is_changed(item: BacklogItem) -> bool:
    return item.actual.event.kind == EventKind.BILLING_TYPE


Sold = tuple[int, Any, Any]
"""A work item with a quantity and an amount: by these a row is known again under another billing type."""


def _as_approved(work_items: Sequence[int]) -> dict[Sold, int]:
    """The billing types of the rows that were written with work items, which are given by key."""
    types: dict[Sold, int] = {}
    for keys in _in_parts(work_items):
        rows = Actual.objects.filter(work_item__in=keys).unbilled_sales().originals().written_first()
        for key, quantity, amount, billing_type in rows.values_list(
            "work_item", "quantity", "amount", "billing_type"
        ):
            types[key, quantity, amount] = billing_type
    return types


def _approved_type(item: BacklogItem, as_approved: Mapping[Sold, int]) -> int:
    sold = item.work_item_id, item.quantity, item.amount
    return as_approved.get(sold, item.billing_type) if _is_changed(item) else item.billing_type


def _the_same_for_all(decisions: Iterable[BacklogDecision]) -> BacklogDecision | None:
    """What was decided for every customer alike holds for one who comes to pay instead of them."""
    all_of_them = set(decisions)
    return all_of_them.pop() if len(all_of_them) == 1 else None


def _in_parts(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        yield keys[start : start + KEYS_PER_STATEMENT]
