"""Write, reverse and replace the actuals of approvals: shared by the verbs about approved work (A10).

Actuals are never changed: they are reversed exactly, and their replacements are new rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Sum
from django.utils.translation import gettext as _

from core.querysets import KEYS_PER_STATEMENT
from core.refusals import Refusal
from projects.actual_querysets import ActualQuerySet
from projects.actuals import Payers, facts_of, payers_of
from projects.backlog_decisions import decisions_about, keep_decisions
from projects.contract_limits import commit_new_work, lock_limits
from projects.models import (
    Actual,
    ActualEvent,
    Adjustment,
    Approval,
    BacklogItem,
    LegalEntity,
    ProjectContract,
    RecallRequest,
    WorkItem,
)
from projects.recording import (
    mirror,
    open_event,
    record_actuals,
    record_adjustments,
    record_events,
    record_work_items,
)
from projects.shares import OwedShares
from projects.states import ActualOutcome, BillingStatus, EventKind, TransactionType
from projects.time_amounts import set_time_amounts

BATCH = 1000

Events = Mapping[int, ActualEvent]
"""One open event for each legal entity of a set, by the key of the legal entity."""


def open_events(
    kind: EventKind, entities: Iterable[LegalEntity], *, actor: User, on: date, at: datetime
) -> dict[int, ActualEvent]:
    """Write one event for each legal entity of a set; the caller seals them when all rows are written."""
    events = {
        entity.pk: open_event(kind, entity, actor=actor, on=on, at=at)
        # Each entity once, in order of key, however often the set names it.
        for entity in sorted({one.pk: one for one in entities}.values(), key=lambda one: one.pk)
    }
    record_events(events.values())
    return events


def record_facts(approvals: Iterable[Approval], payers: Payers, events: Events) -> list[WorkItem]:
    """Write the work items of approvals with their cost and unbilled sales, a share for each payer.

    Approvals have entry, legal entity, contract line and contract loaded. Amounts are those of the
    approvals; shares add up to the whole (decision 8). What is unbilled is checked against the limits of its
    contract. Locks the lines that several customers pay, and the limits. Returns the work items (A6, matrix
    4.1 #2-#8, #12).
    """
    approvals = list(approvals)
    owed = OwedShares.of(approvals, payers)
    facts = [
        fact
        for one in approvals
        for fact in facts_of(one, payers[one.contract_line_id], events[one.entry.legal_entity_id], owed)
    ]
    record_work_items([work_item for work_item, _rows in facts])
    record_actuals([row for _work_item, rows in facts for row in rows])
    contracts = {work_item.contract_id for work_item, _rows in facts if work_item.contract_id is not None}
    commit_new_work(lock_limits(ProjectContract.objects.filter(pk__in=contracts)), events.values())
    return [work_item for work_item, _rows in facts]


def lock_open_work(work_items: Sequence[WorkItem]) -> list[BacklogItem]:
    """The backlog rows of work items, held until the transaction ends: no draft takes them meanwhile."""
    return [
        row
        for keys in _in_parts([one.pk for one in work_items])
        # By their actuals, because the backlog has no index on its work items.
        for row in BacklogItem.objects.filter(actual__in=_open_sales(keys).values("pk")).locked()
    ]


def reasons_against_taking_back(
    work_items: Sequence[WorkItem], open_work: Iterable[BacklogItem]
) -> Iterator[Refusal]:
    """Why work cannot be taken back: it is on a draft, or it was billed (decision 6).

    Codes: on-draft, invoiced. `open_work` are the locked backlog rows of the work items.
    """
    named = {one.pk: str(one) for one in work_items}
    for row in open_work:
        if row.status == BillingStatus.ON_DRAFT:
            yield Refusal(
                "on-draft",
                _("It is on draft %(number)s.") % {"number": row.proforma_number},
                named[row.work_item_id],
                _("Remove it from the draft first."),
            )
    for pk in billed_among(named):
        yield Refusal(
            "invoiced",
            _("It was invoiced."),
            named[pk],
            _("Take all of it back first: open its proforma and choose “Correct”."),
        )


def take_back(work_items: Sequence[WorkItem], events: Events, *, on: date, with_cost: bool = True) -> int:
    """Reverse the cost and the open unbilled sales of work items exactly; their originals end as adjusted.

    `with_cost` false keeps the cost, as when a contract is lost (#14). A reversal is dated as its original;
    where that day lies in a closed period, on `on`. What the seal expects of each work item is lowered by as
    much. Statements do not depend on the number of rows. Returns how many rows were written. The caller
    locked the open work and refused for `reasons_against_taking_back` before (matrix 4.1 #5, #10, #13-#16).
    """
    types = [TransactionType.UNBILLED_SALES, *([TransactionType.COST] if with_cost else [])]
    by_entity: dict[int, list[int]] = defaultdict(list)
    for work_item in work_items:
        by_entity[work_item.legal_entity_id].append(work_item.pk)
    written = 0
    for entity_id, keys in by_entity.items():
        event = events[entity_id]
        for part in _in_parts(keys):
            open_rows = Actual.objects.filter(work_item__in=part, type__in=types).unreversed()
            # Added up before the mirrors are there, which would take the rows out of the sum.
            record_adjustments(_lowered(event, part))
            written += mirror(
                open_rows,
                event=event.pk,
                accounting_date=event.legal_entity.open_day_of("accounting_date", on),
                outcome=ActualOutcome.ADJUSTED,
            )
    return written


def replace_approvals(
    pairs: Sequence[tuple[Approval, Approval]], events: Events, *, on: date, keeps_quantities: bool = False
) -> list[WorkItem]:
    """Take back what old approvals wrote, and write what the new ones say in their place.

    Each pair is an approved approval and the one that takes its place, not written yet; entry, legal entity
    and contract line are loaded. The old ones end as replaced. The caller locked the open work and refused
    before. What was decided on the backlog stays: billing types, descriptions, holds. Returns the new work
    items (matrix 4.1 #10, #13, #15, #16, B1, B11).
    """
    olds = [old for old, _new in pairs]
    news = [new for _old, new in pairs]
    # Read while the rows that they are about are still open.
    decisions = decisions_about(olds)
    take_back(work_items_of(olds), events, on=on)
    # Before the new ones are written: an entry has one living approval.
    Approval.objects.walk(olds, Approval.end_as_replaced)
    set_time_amounts(news, keeps_quantities=keeps_quantities)
    Approval.objects.bulk_create(news, batch_size=BATCH)
    _hand_over_recall_requests({old.pk: new for old, new in pairs})
    work_items = record_facts(news, payers_of(news), events)
    keep_decisions(decisions, pairs, events, on=on)
    return work_items


def _hand_over_recall_requests(successors: Mapping[int, Approval]) -> None:
    """Move open recall requests to the approval that took the place of the old one."""
    waiting = [
        request
        for keys in _in_parts(list(successors))
        for request in RecallRequest.objects.filter(approval__in=keys, is_accepted__isnull=True)
    ]
    for request in waiting:
        request.approval = successors[request.approval_id]
    RecallRequest.objects.bulk_update(waiting, ["approval"], batch_size=BATCH)


def work_items_of(approvals: Sequence[Approval]) -> list[WorkItem]:
    """The work items of approvals in order of key, in statements that do not depend on how many."""
    return [
        work_item
        for keys in _in_parts([one.pk for one in approvals])
        for work_item in WorkItem.objects.filter(approval__in=keys).order_by("pk")
    ]


def _lowered(event: ActualEvent, keys: Sequence[int]) -> list[Adjustment]:
    """By how much taking back lowers what may be billed of each work item."""
    sums = (
        _open_sales(keys)
        .order_by()
        .values_list("work_item")
        .annotate(quantity=Sum("quantity"), amount=Sum("amount"))
    )
    return [
        Adjustment(event=event, work_item_id=pk, quantity=-quantity, amount=-amount)
        for pk, quantity, amount in sums.order_by("work_item")
        if quantity or amount
    ]


def _open_sales(keys: Sequence[int]) -> ActualQuerySet:
    return Actual.objects.filter(work_item__in=keys).unbilled_sales().unreversed()


def billed_among(keys: Iterable[int]) -> list[int]:
    """Those of the work items, given and returned by key, of which something is billed."""
    billed: set[int] = set()
    for part in _in_parts(list(keys)):
        rows = Actual.objects.filter(work_item__in=part).billed_sales().unreversed()
        billed.update(rows.values_list("work_item", flat=True))
    return sorted(billed)


def _in_parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        yield keys[start : start + KEYS_PER_STATEMENT]
