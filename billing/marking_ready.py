"""Mark what may be invoiced, hold back what may not, and say why (B1, B2)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import MilestoneShare
from billing.next_parts import NextParts
from billing.querysets import MilestoneShareQuerySet
from billing.states import MilestoneStatus
from core.activity_log import as_text, log_activity, states_of
from core.querysets import KEYS_PER_STATEMENT, Transition
from core.refusals import Refusal, refuse_if
from projects.models import BacklogItem, WorkItem
from projects.querysets import BacklogQuerySet
from projects.states import BillingStatus, HoldReason, NotToExceedStatus

NOT_HELD = {"hold_reason": HoldReason.NONE, "held_by": None, "held_at": None, "review_on": None}
"""The columns of an item that nobody holds back."""


def mark_ready(items: BacklogQuerySet, *, actor: User, at: datetime) -> int:
    """Let backlog items enter invoices. Items on hold are released by it.

    Quantity and amount stay as they were approved; returns how many items. Locks the items. Raises Refused,
    naming each row: not-markable, limit-exceeded, no-price, in-process (B1, A6, A7, #11b).
    """
    with transaction.atomic(durable=True):
        chosen = list(items.with_in_process().select_related("work_item").locked())
        refuse_if(_reasons_against(chosen))

        # Marking releases a hold: whoever marks has decided that the reason is gone.
        BacklogItem.objects.walk(chosen, BacklogItem.mark_ready, **NOT_HELD)
        _log(chosen, BillingStatus.READY, HoldReason.NONE, actor, at)
    return len(chosen)


def mark_not_ready(
    items: BacklogQuerySet, *, reason: str = HoldReason.NONE, actor: User, at: datetime
) -> int:
    """Take ready items back; with a reason they are on hold and say so.

    Locks the items. Raises Refused: not-ready (B1).
    """
    with transaction.atomic(durable=True):
        chosen = list(items.select_related("work_item").locked())
        refuse_if(_not_in(chosen, BillingStatus.READY, "not-ready"))

        held = _held(reason, None, actor, at) if reason else NOT_HELD
        BacklogItem.objects.walk(chosen, BacklogItem.mark_not_ready, **held)
        _log(chosen, BillingStatus.NOT_READY, reason, actor, at)
    return len(chosen)


def hold(
    items: BacklogQuerySet,
    *,
    reason: str,
    review_on: date | None = None,
    actor: User,
    on: date,
    at: datetime,
) -> int:
    """Put items on hold with a reason, and a day on which somebody looks at them again.

    What was ready is not ready any more; what is on hold already gets the new reason and day. Locks the
    items. Raises Refused: reason-missing, review-in-the-past, on-draft (B1).
    """
    with transaction.atomic(durable=True):
        chosen = list(items.select_related("work_item").locked())
        refuse_if([*_unclear_hold(reason, review_on, on), *_on_drafts(chosen)])

        held = _held(reason, review_on, actor, at)
        ready = [item for item in chosen if item.status == BillingStatus.READY]
        BacklogItem.objects.walk(ready, BacklogItem.mark_not_ready)
        _write(chosen, held)
        _log(chosen, BillingStatus.NOT_READY, reason, actor, at, review_on)
    return len(chosen)


def release(items: BacklogQuerySet, *, actor: User, at: datetime) -> int:
    """End the hold of items; they are not ready until somebody marks them. Locks them.

    Raises Refused: not-on-hold (B1).
    """
    with transaction.atomic(durable=True):
        chosen = list(items.select_related("work_item").locked())
        refuse_if(
            Refusal(
                "not-on-hold",
                _("It is not on hold."),
                str(item),
                _("Choose items that are on hold."),
            )
            for item in chosen
            if not item.hold_reason
        )

        _write(chosen, NOT_HELD)
        _log(chosen, BillingStatus.NOT_READY, HoldReason.NONE, actor, at)
    return len(chosen)


def mark_milestones_ready(
    shares: MilestoneShareQuerySet, *, parts: NextParts | None = None, actor: User, at: datetime
) -> int:
    """Let milestone shares enter invoices, and set what goes next of those in `parts`: all of it or nothing.

    Locks the contracts of `parts`, then the shares. Raises Refused: not-markable, and as `set_next_parts`
    (B2).
    """
    step = _Step(MilestoneShare.mark_ready, MilestoneStatus.NOT_READY, MilestoneStatus.READY)
    return _milestones(shares, step, parts, actor, at)


def mark_milestones_not_ready(
    shares: MilestoneShareQuerySet, *, parts: NextParts | None = None, actor: User, at: datetime
) -> int:
    """Take ready milestone shares back, and set what goes next of those in `parts`: all of it or nothing.

    Locks the contracts of `parts`, then the shares. Raises Refused: not-markable, and as `set_next_parts`
    (B2).
    """
    step = _Step(MilestoneShare.mark_not_ready, MilestoneStatus.READY, MilestoneStatus.NOT_READY)
    return _milestones(shares, step, parts, actor, at)


@dataclass(frozen=True)
class _Step:
    """A transition of milestone shares, and the states that it leads from and to."""

    transition: Transition
    source: str
    target: str


def _milestones(
    shares: MilestoneShareQuerySet, step: _Step, parts: NextParts | None, actor: User, at: datetime
) -> int:
    with transaction.atomic(durable=True):
        held = parts.lock(beside=shares) if parts is not None else ()
        chosen = list(shares.select_related("milestone", "customer").locked())
        # Asked under the lock: somebody may have drafted one of them since the page was shown.
        against = [
            Refusal(
                "not-markable",
                _("It is “%(status)s”.") % {"status": share.get_status_display()},
                str(share),
                _("Reload the page to see what has changed."),
            )
            for share in chosen
            if share.status != step.source
        ]
        refuse_if([*against, *(parts.reasons(held) if parts is not None else ())])

        if parts is not None:
            parts.store(held, actor=actor, at=at)
        MilestoneShare.objects.walk(chosen, step.transition)
        verb = step.target.replace("_", " ")
        log_activity(verb, chosen, actor=actor, at=at, from_states=states_of(chosen), to_state=step.target)
    return len(chosen)


def _reasons_against(items: Iterable[BacklogItem]) -> Iterable[Refusal]:
    yield from _not_in(items, BillingStatus.NOT_READY, "not-markable")
    for item in items:
        # Refused here and not on the draft: the batch bills what is ready without another look (A6).
        if item.not_to_exceed_status == NotToExceedStatus.FAILED:
            message = _("It exceeds a not-to-exceed limit.")
            yield Refusal("limit-exceeded", message, str(item), _("Raise the limit and check it again."))
        # A missing price would bill the work for nothing (A7).
        if not item.work_item.is_priced:
            message = _("No price list has a price for it.")
            yield Refusal("no-price", message, str(item), _("Add the price, then price unbilled work again."))

        # The database would reverse it under the draft (#11b).
        if item.is_in_process:  # type: ignore[attr-defined]
            message = _("It is on a cancellation journal.")
            yield Refusal("in-process", message, str(item), _("Confirm or discard that journal first."))


def _not_in(items: Iterable[BacklogItem], status: str, code: str) -> Iterable[Refusal]:
    for item in items:
        if item.status != status:
            message = _("It is “%(status)s”.") % {"status": item.get_status_display()}
            yield Refusal(code, message, str(item), _("Reload the page to see what has changed."))


def _unclear_hold(reason: str, review_on: date | None, on: date) -> Iterable[Refusal]:
    if not reason:
        yield Refusal("reason-missing", _("Give the reason for the hold."), "", _("Choose one of the list."))
    if review_on is not None and review_on < on:
        message = _("The day to look at it again lies in the past.")
        yield Refusal("review-in-the-past", message, "", _("Choose today or a later day."))


def _on_drafts(items: Iterable[BacklogItem]) -> Iterable[Refusal]:
    for item in items:
        if item.status == BillingStatus.ON_DRAFT:
            message = _("It is on draft %(number)s.") % {"number": item.proforma_number}
            yield Refusal("on-draft", message, str(item), _("Take it off the draft first."))


def _held(reason: str, review_on: date | None, actor: User, at: datetime) -> dict[str, Any]:
    return {"hold_reason": reason, "held_by": actor, "held_at": at, "review_on": review_on}


def _write(items: Sequence[BacklogItem], values: Mapping[str, Any]) -> None:
    # No transition: an item on hold is not ready and stays so, with a reason.
    keys = [item.pk for item in items]
    for start in range(0, len(keys), KEYS_PER_STATEMENT):
        BacklogItem.objects.filter(pk__in=keys[start : start + KEYS_PER_STATEMENT]).update(**values)


def _log(
    items: list[BacklogItem],
    to_state: str,
    reason: str,
    actor: User,
    at: datetime,
    review_on: date | None = None,
) -> None:
    """Log on the work items, which outlive their backlog items, what state and what hold they came from.

    A work item may have two backlog items in different positions, so those that were alike are logged
    together: usually all of them, in one statement.
    """
    alike: dict[tuple[str, str, date | None], list[WorkItem]] = defaultdict(list)
    for item in items:
        alike[item.status, item.hold_reason, item.review_on].append(item.work_item)
    for (from_state, old_reason, old_day), work_items in alike.items():
        hold = {"hold_reason": [old_reason, str(reason)]} if old_reason != reason else {}
        if old_day != review_on:
            hold["review_on"] = [as_text(old_day), as_text(review_on)]
        log_activity(
            "held" if reason else "released" if from_state == to_state else to_state.replace("_", " "),
            work_items,
            actor=actor,
            at=at,
            states=(from_state, to_state),
            changes={one.pk: hold for one in work_items},
        )
