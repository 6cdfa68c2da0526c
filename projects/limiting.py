"""Reset not-to-exceed limits of open work and check them again, many at a time (A6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import Changes, log_activity
from core.refusals import Refusal, refuse_if
from projects.contract_limits import commit, lock_limits, set_status
from projects.models import BacklogItem, ProjectContract
from projects.querysets import BacklogQuerySet
from projects.states import NotToExceedStatus


@dataclass(frozen=True)
class LimitCheck:
    """How many items were checked, and those of them that exceed a limit."""

    count: int
    failed: Sequence[BacklogItem]


def reset_limits(items: BacklogQuerySet, *, actor: User, at: datetime) -> int:
    """Reset the limit check of open items, so that they do not count and others may fit.

    Acts on what is chargeable and on no draft, and leaves the rest of the set alone; returns how many items.
    Amounts stay as approved. Locks the contracts that have limits, then the items. Raises Refused:
    nothing-to-check (A6).
    """
    with transaction.atomic(durable=True):
        chosen = _locked(items)
        refuse_if(_nothing(chosen))

        before = _statuses(chosen)
        set_status(chosen, NotToExceedStatus.NOT_EVALUATED)
        _log("limit reset", chosen, before, actor=actor, at=at)
    return len(chosen)


def check_limits(items: BacklogQuerySet, *, actor: User, at: datetime) -> LimitCheck:
    """Check open items against their limits again, in order of date: earlier work is within the limit first.

    Acts on what is chargeable and on no draft, and leaves the rest of the set alone. What fails is not ready
    any more and names the limit. Amounts are in each contract's currency. Locks the contracts that have
    limits, then the items. Raises Refused: nothing-to-check (A6).
    """
    with transaction.atomic(durable=True):
        chosen = _locked(items)
        refuse_if(_nothing(chosen))

        before = _statuses(chosen)
        failed = commit(chosen)
        _log("limit checked", chosen, before, actor=actor, at=at)
    return LimitCheck(len(chosen), failed)


def _locked(items: BacklogQuerySet) -> list[BacklogItem]:
    # Contracts first (D10): two checks of the same limit wait for each other instead of both taking its rest.
    lock_limits(ProjectContract.objects.filter(pk__in=items.order_by().values("contract")))
    return list(items.chargeable().off_draft().select_related("work_item").locked())


def _nothing(items: Sequence[BacklogItem]) -> Iterable[Refusal]:
    if not items:
        yield Refusal(
            "nothing-to-check",
            _("None of the selected entries can be checked against a limit."),
            "",
            _("Choose chargeable entries that are on no draft."),
        )


def _statuses(items: Sequence[BacklogItem]) -> dict[int, str]:
    return {item.pk: item.not_to_exceed_status for item in items}


def _log(
    verb: str, items: Sequence[BacklogItem], before: dict[int, str], *, actor: User, at: datetime
) -> None:
    """Log what changed on the work items, which outlive their backlog items."""
    after = dict(BacklogItem.objects.filter(pk__in=list(before)).values_list("pk", "not_to_exceed_status"))
    changes: dict[int, Changes] = {
        item.work_item_id: {"not_to_exceed_status": [before[item.pk], after[item.pk]]}
        for item in items
        if before[item.pk] != after[item.pk]
    }
    work_items = {item.work_item_id: item.work_item for item in items if item.work_item_id in changes}
    log_activity(verb, work_items.values(), actor=actor, at=at, changes=changes)
