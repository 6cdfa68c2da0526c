"""Change the billing type of unbilled work: chargeable, non-chargeable or complimentary (B1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import Changes, log_activity
from core.money import sum_by
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from projects.backlog_decisions import decided_values, write_decided
from projects.billing_types import write_under
from projects.contract_limits import commit_new_work, lock_limits
from projects.models import BacklogItem, ProjectContract, WorkItem
from projects.prepaid_reckoning import count_prepaid_hours
from projects.querysets import BacklogQuerySet
from projects.recording import seal_events
from projects.replacing import open_events
from projects.states import DECIDED_TYPES, BillingStatus, BillingType, EventKind


@dataclass(frozen=True)
class TypeChange:
    """What was changed: how many items, by how much the chargeable amount rose, and what limits keep back."""

    count: int
    chargeable: dict[str, Decimal]
    over_limit: Sequence[BacklogItem]

    def __len__(self) -> int:
        return self.count


def change_billing_type(
    items: BacklogQuerySet,
    billing_type: BillingType,
    *,
    reason: str,
    actor: User,
    on: date,
    at: datetime,
) -> TypeChange:
    """Give open work another billing type: its unbilled sales are reversed and written again under it.

    Quantity, price, amount and cost stay; amounts are in each contract's currency and not rounded again. Both
    rows are dated as the original, in a closed period `on`. What was ready stays ready, holds and
    descriptions stay; what becomes chargeable and exceeds a limit waits and names the limit (A6). One event
    for each legal entity. Locks the contracts, then the items. Raises Refused: reason-missing,
    not-a-billing-type, nothing-selected, on-draft, same-billing-type, in-process, typed-fact,
    period-locked (B1, A6, #10, #11b).
    """
    with transaction.atomic(durable=True):
        # Contracts come first (D10): none of them ends, and no limit is used up, meanwhile.
        contracts = ProjectContract.objects.filter(pk__in=items.order_by().values("contract"))
        held = [contract.pk for contract in contracts.only("pk").locked()]
        related = ("actual__event", "work_item__legal_entity")
        chosen = list(items.with_in_process().select_related(*related).locked())
        refuse_if(
            [
                *_reasons_against_words(billing_type, reason, chosen),
                *_reasons_against(chosen, billing_type, on),
            ]
        )

        entities = [item.work_item.legal_entity for item in chosen]
        events = open_events(EventKind.BILLING_TYPE, entities, actor=actor, on=on, at=at)
        rows = write_under(billing_type, chosen, events, on=on)
        over_limit = commit_new_work(
            lock_limits(ProjectContract.objects.filter(pk__in=held)), events.values()
        )
        failed = {item.pk for item in over_limit}
        _stay_as_decided(chosen, [row.pk for row in rows], failed)
        seal_events(events.values())
        # Work that is not chargeable uses no prepaid hours (A12).
        count_prepaid_hours((item.contract_line_id for item in chosen), actor=actor, on=on, at=at)
        _log(chosen, billing_type, reason, actor=actor, at=at)
        # The integration journal takes reversals and new rows over after the commit (O1).
        enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)
    return TypeChange(len(chosen), chargeable_change(chosen, billing_type), over_limit)


def changeable_to(items: BacklogQuerySet, billing_type: int) -> BacklogQuerySet:
    """Those of the items that may get this billing type: the same conditions as the verb checks."""
    free = items.with_in_process().filter(is_in_process=False).off_draft()
    return free.exclude(billing_type=billing_type).exclude(actual__event__kind=EventKind.ENTRY_JOURNAL)


def chargeable_change(items: Iterable[BacklogItem], billing_type: BillingType) -> dict[str, Decimal]:
    """By how much the chargeable amount of these items rises, by currency; negative where it falls."""
    sign = {True: 1, False: -1}
    becomes = billing_type == BillingType.CHARGEABLE
    return sum_by(
        (item.currency, sign[becomes] * item.amount)
        for item in items
        if becomes or item.billing_type == BillingType.CHARGEABLE
    )


def _stay_as_decided(olds: Sequence[BacklogItem], keys: Sequence[int], failed: set[int]) -> None:
    """New items are as ready, held and described as those that they stand for; `keys` in the same order."""
    new_keys = dict(zip((old.pk for old in olds), keys, strict=True))
    described = []
    for old in olds:
        values = decided_values(old)
        if any(values.values()):
            described.append(BacklogItem(pk=new_keys[old.pk], **values))
    write_decided(described)
    ready = [old for old in olds if old.status == BillingStatus.READY and new_keys[old.pk] not in failed]
    BacklogItem.objects.walk([BacklogItem(pk=new_keys[old.pk]) for old in ready], BacklogItem.mark_ready)


def _log(
    items: Sequence[BacklogItem], billing_type: BillingType, reason: str, *, actor: User, at: datetime
) -> None:
    """On the work items, which outlive their backlog items: the old and the new billing type, and why."""
    work_items: dict[int, WorkItem] = {item.work_item_id: item.work_item for item in items}
    changes: dict[int, Changes] = {
        item.work_item_id: {"billing_type": [_label(item.billing_type), _label(billing_type)]}
        for item in items
    }
    log_activity(
        "billing type changed",
        work_items.values(),
        actor=actor,
        at=at,
        changes=changes,
        facts={"reason": reason.strip()},
    )


def _label(billing_type: int) -> str:
    return BillingType(billing_type).name.lower()


def _reasons_against_words(
    billing_type: int, reason: str, chosen: Sequence[BacklogItem]
) -> Iterable[Refusal]:
    if not reason.strip():
        yield Refusal("reason-missing", _("Give the reason for changing the billing type."))
    if billing_type not in DECIDED_TYPES:
        message = _("Work is chargeable, non-chargeable or complimentary.")
        yield Refusal("not-a-billing-type", message, "", _("Choose one of the three."))
    if not chosen:
        message = _("None of the chosen work is in the backlog any more.")
        yield Refusal("nothing-selected", message, "", _("Reload the page to see what has changed."))


def _reasons_against(items: Iterable[BacklogItem], billing_type: int, on: date) -> Iterable[Refusal]:
    for item in items:
        subject = str(item.work_item)
        if item.status == BillingStatus.ON_DRAFT:
            message = _("It is on draft %(number)s.") % {"number": item.proforma_number}
            yield Refusal("on-draft", message, subject, _("Change it there, or take it off the draft first."))
        elif item.billing_type == billing_type:
            message = _("It is %(type)s already.") % {"type": item.get_billing_type_display()}
            yield Refusal("same-billing-type", message, subject, _("Choose another billing type."))
        if item.is_in_process:  # type: ignore[attr-defined]
            message = _("It is on a cancellation journal.")
            yield Refusal("in-process", message, subject, _("Confirm or discard that journal first."))
        # A cancellation journal finds what it cancels by the row that was typed (#11b).
        elif item.actual.event.kind == EventKind.ENTRY_JOURNAL:
            message = _("An entry journal wrote it.")
            way_out = _("Cancel it by a cancellation journal, and write it again with the billing type.")
            yield Refusal("typed-fact", message, subject, way_out)
        entity = item.work_item.legal_entity
        if entity.is_locked_on(item.actual.accounting_date) and entity.is_locked_on(on):
            message = _("The period of its day and today's are closed.")
            yield Refusal("period-locked", message, subject, _("Ask the controller to reopen the period."))


__all__ = ["TypeChange", "change_billing_type", "changeable_to", "chargeable_change"]
