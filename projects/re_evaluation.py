"""Apply contract terms again to work that was recorded before them (matrix 4.1 #13, #15, #16).

What is billed or on a draft stays as it is; of everything else, what the terms decide otherwise is taken
back and written again. Submissions that wait for their approver get the current terms as well.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Q

from core.activity_log import log_activity
from core.outbox import enqueue
from projects.approval_terms import TERMS, renewed
from projects.contract_terms import ContractTerms
from projects.models import Approval, LegalEntity, Project, ProjectContract
from projects.prepaid_reckoning import count_prepaid_hours
from projects.recording import seal_events
from projects.replacing import (
    billed_among,
    lock_open_work,
    open_events,
    replace_approvals,
    work_items_of,
)
from projects.states import ApprovalStatus, BillingStatus, ContractStatus, EventKind
from projects.time_amounts import set_time_amounts

BATCH = 1000
RELATED = (
    "entry__legal_entity",
    "entry__project",
    "entry__resource",
    "entry__role",
    "entry__category",
    "contract_line__contract",
    "submitted_by",
)
Pair = tuple[Approval, Approval]
"""An approval, and its unsaved copy under the current terms."""


def evaluate_again(
    contracts: Sequence[ProjectContract],
    projects: Iterable[Project],
    lines: Collection[int],
    *,
    days: tuple[date, date] | None = None,
    actor: User,
    on: date,
    at: datetime,
) -> int:
    """Apply the terms of `contracts`, which were just confirmed or changed, to the work of `projects`.

    Written again is work that moves to another line, into or out of one of the contracts, and all work of
    `lines`, given by key, whose terms have changed; with `days`, a first and a last one, that between them.
    One event for each legal entity; reversals are dated as their originals, in a closed period `on`.
    Statements do not depend on how many entries there are. Locks the approvals, then their open work. Returns
    how many entries were written again.
    """
    known = list(_of_projects({one.pk for one in projects}))
    if days is not None:
        first, last = days
        known = [one for one in known if first <= one.entry.date <= last]
    terms = ContractTerms.of([approval.entry for approval in known])
    own = {one.pk for one in contracts}
    _apply_to_waiting(_following(known, ApprovalStatus.SUBMITTED, terms, own, lines))
    # Drafts are left out: their shares may be incomplete, and confirming them applies their terms.
    approved = _following(known, ApprovalStatus.APPROVED, terms.without_drafts(), own, lines)
    return _write_again(_untouched_by_billing(approved), actor=actor, on=on, at=at)


def renew_waiting(contracts: Sequence[ProjectContract], projects: Iterable[Project]) -> None:
    """Move submissions that wait for their approver off contracts that ended; approved work stays.

    Locks the approvals.
    """
    known = list(_of_projects({one.pk for one in projects}))
    terms = ContractTerms.of([approval.entry for approval in known])
    own = {one.pk for one in contracts}
    _apply_to_waiting(_following(known, ApprovalStatus.SUBMITTED, terms, own, ()))


def _of_projects(projects: Collection[int]) -> Iterable[Approval]:
    """What waits or was approved; what a completed contract took stays with it."""
    living = [ApprovalStatus.SUBMITTED, ApprovalStatus.APPROVED]
    on_completed = Q(contract_line__contract__status=ContractStatus.COMPLETED)
    rows = Approval.objects.filter(status__in=living, entry__project__in=projects).exclude(on_completed)
    return rows.select_related(*RELATED).locked()


def _following(
    known: Iterable[Approval],
    status: ApprovalStatus,
    terms: ContractTerms,
    contracts: Collection[int],
    lines: Collection[int],
) -> list[Pair]:
    pairs = [(old, renewed(old, terms)) for old in known if old.status == status]
    return [pair for pair in pairs if _follows(*pair, contracts, lines)]


def _follows(old: Approval, new: Approval, contracts: Collection[int], lines: Collection[int]) -> bool:
    if old.contract_line_id == new.contract_line_id:
        return old.contract_line_id in lines
    involved = {one.contract_line.contract_id for one in (old, new) if one.contract_line is not None}
    return not involved.isdisjoint(contracts)


def _apply_to_waiting(pairs: Sequence[Pair]) -> None:
    set_time_amounts([new for _old, new in pairs], [old for old, _new in pairs])
    for old, new in pairs:
        for name in TERMS:
            setattr(old, name, getattr(new, name))
    Approval.objects.bulk_update([old for old, _new in pairs], TERMS, batch_size=BATCH)


def _untouched_by_billing(pairs: Sequence[Pair]) -> list[Pair]:
    """Those of which no payer's part is billed or on a draft."""
    work_items = work_items_of([old for old, _new in pairs])
    # Locked, so that no draft takes the work while it is being replaced.
    open_work = lock_open_work(work_items)
    asked_for = {row.work_item_id for row in open_work if row.status == BillingStatus.ON_DRAFT}
    asked_for |= set(billed_among([one.pk for one in work_items]))
    kept = {one.approval_id for one in work_items if one.pk in asked_for}
    return [(old, new) for old, new in pairs if old.pk not in kept]


def _write_again(pairs: Sequence[Pair], *, actor: User, on: date, at: datetime) -> int:
    if not pairs:
        return 0
    entries = [old.entry for old, _new in pairs]
    entities: list[LegalEntity] = [entry.legal_entity for entry in entries]
    events = open_events(EventKind.RE_EVALUATION, entities, actor=actor, on=on, at=at)
    replace_approvals(pairs, events, on=on)
    seal_events(events.values())
    both = [one.contract_line_id for pair in pairs for one in pair]
    count_prepaid_hours(both, actor=actor, on=on, at=at)
    log_activity("re-evaluated", entries, actor=actor, at=at)
    # The integration journal takes reversals and new rows over after the commit (O1).
    enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)
    return len(pairs)
