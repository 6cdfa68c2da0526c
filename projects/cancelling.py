"""Cancel approvals, undo decisions within ten seconds, answer recall requests (A9, #5)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.models import Activity
from core.outbox import enqueue
from core.querysets import Transition
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day
from projects.approval_policy import record_reasons
from projects.approval_querysets import ApprovalQuerySet
from projects.approval_terms import renewed, waiting_again
from projects.contract_terms import ContractTerms
from projects.models import Approval, BacklogItem, Entry, ProjectContract, RecallRequest, WorkItem
from projects.prepaid_reckoning import count_prepaid_hours
from projects.recording import seal_events
from projects.replacing import (
    lock_open_work,
    open_events,
    reasons_against_taking_back,
    take_back,
    work_items_of,
)
from projects.states import ENDED_CONTRACTS, ApprovalStatus, EntryStatus, EventKind
from projects.time_amounts import set_time_amounts

BATCH = 1000
RELATED = (
    "entry__legal_entity",
    "entry__project",
    "entry__task",
    "entry__resource",
    "entry__role",
    "entry__category",
    "contract_line__contract",
    "submitted_by",
)
UNDO_PERIOD = timedelta(seconds=10)
"""How long a decision may be undone by whoever made it, without a reason."""


def cancel_approvals(
    approvals: ApprovalQuerySet, *, comment: str, actor: User, on: date, at: datetime
) -> int:
    """Cancel approvals: their actuals are reversed exactly, and the entries wait for a decision again.

    What waits has the price, billable quantity and billing type it had, which may be changed again; work of
    a contract that has ended gets the terms of today, because no more work resolves to it. A reversal is
    dated as its original; where that day is closed, on `on`. Locks the contracts, the approvals, their
    entries, then the backlog items. Raises Refused: comment-missing, not-approved, own-work, on-draft (the
    message names the draft), invoiced, period-locked (decision 6, matrix 4.1 #5).
    """
    with transaction.atomic(durable=True):
        chosen, entries, work = _locked(approvals)
        refuse_if(
            [
                *_comment_missing(comment),
                *_not_approved(chosen, EntryStatus.APPROVED),
                *_own_work(chosen, actor),
                *_cannot_be_reversed(chosen, work, on),
            ]
        )

        _reverse(chosen, work[0], actor=actor, on=on, at=at)
        _wait_again(chosen, entries, Entry.reopen, at)
        _log("approval cancelled", entries, EntryStatus.SUBMITTED, comment, actor, at)
    return len(chosen)


def undo_approvals(approvals: ApprovalQuerySet, *, actor: User, on: date, at: datetime) -> int:
    """Undo what the actor approved within the last ten seconds; it is cancelled and waits again.

    Amounts, dates and locks as in `cancel_approvals`. Raises Refused: not-approved, not-your-decision,
    too-late, own-work, on-draft, invoiced, period-locked (A9).
    """
    with transaction.atomic(durable=True):
        chosen, entries, work = _locked(approvals)
        refuse_if(
            [
                *_not_approved(chosen, EntryStatus.APPROVED),
                *_not_just_decided(chosen, actor, at, _("Cancel the approval instead.")),
                *_own_work(chosen, actor),
                *_cannot_be_reversed(chosen, work, on),
            ]
        )

        _reverse(chosen, work[0], actor=actor, on=on, at=at)
        _wait_again(chosen, entries, Entry.reopen, at)
        _log("approval undone", entries, EntryStatus.SUBMITTED, "", actor, at)
    return len(chosen)


def undo_returns(approvals: ApprovalQuerySet, *, actor: User, at: datetime) -> int:
    """Undo what the actor sent back within the last ten seconds; it waits again as it was submitted.

    No actual is written. Locks the contracts, the approvals, then their entries. Raises Refused:
    not-returned, changed-since, not-your-decision, too-late (A9).
    """
    with transaction.atomic(durable=True):
        _lock_contracts(approvals)
        chosen = list(approvals.select_related(*RELATED).locked())
        entries = list(Entry.objects.filter(approvals__in=chosen).locked())
        refuse_if(
            [
                *_not_returned(chosen, entries),
                *_not_just_decided(chosen, actor, at, _("Whoever submitted it can submit it again.")),
            ]
        )

        _wait_again(chosen, entries, Entry.submit, at)
        _log("return undone", entries, EntryStatus.SUBMITTED, "", actor, at)
    return len(chosen)


def accept_recalls(approvals: ApprovalQuerySet, *, actor: User, on: date, at: datetime) -> int:
    """Accept recall requests: approvals are reversed as by `cancel_approvals`, and entries can be changed.

    Locks the contracts, the approvals, their entries, the backlog items, then the requests. Raises Refused:
    not-requested, own-work, on-draft (the message names the draft), invoiced, period-locked (A9, matrix 4.1
    #5).
    """
    with transaction.atomic(durable=True):
        chosen, entries, work = _locked(approvals)
        refuse_if(
            [
                *_not_requested(chosen),
                *_own_work(chosen, actor),
                *_cannot_be_reversed(chosen, work, on),
            ]
        )

        _reverse(chosen, work[0], actor=actor, on=on, at=at)
        Entry.objects.walk(entries, Entry.accept_recall)
        _answer(chosen, is_accepted=True, comment="", actor=actor, at=at)
        _log("recall accepted", entries, EntryStatus.RETURNED, "", actor, at)
    return len(chosen)


def refuse_recalls(approvals: ApprovalQuerySet, *, comment: str, actor: User, at: datetime) -> int:
    """Refuse recall requests, with a reason: the entries stay approved, and no actual is written.

    Locks the approvals, their entries, then the requests. Raises Refused: comment-missing, not-requested,
    own-work (A9).
    """
    with transaction.atomic(durable=True):
        chosen = list(approvals.select_related(*RELATED).locked())
        entries = list(Entry.objects.filter(approvals__in=chosen).locked())
        refuse_if([*_comment_missing(comment), *_not_requested(chosen), *_own_work(chosen, actor)])

        Entry.objects.walk(entries, Entry.refuse_recall)
        _answer(chosen, is_accepted=False, comment=comment, actor=actor, at=at)
        _log("recall refused", entries, EntryStatus.APPROVED, comment, actor, at)
    return len(chosen)


Work = tuple[list[WorkItem], list[BacklogItem]]


def _lock_contracts(approvals: ApprovalQuerySet) -> None:
    """Contracts first (D10): one that ends meanwhile would get back work that waits for a decision."""
    contracts = approvals.order_by().values("contract_line__contract")
    list(ProjectContract.objects.filter(pk__in=contracts).only("pk").locked())


def _locked(approvals: ApprovalQuerySet) -> tuple[list[Approval], list[Entry], Work]:
    """Approvals before entries before backlog items (D10), as approving and recalling do."""
    _lock_contracts(approvals)
    chosen = list(approvals.select_related(*RELATED).locked())
    entries = list(Entry.objects.filter(approvals__in=chosen).locked())
    work_items = work_items_of(chosen)
    return chosen, entries, (work_items, lock_open_work(work_items))


def _reverse(
    approvals: Sequence[Approval], work_items: Sequence[WorkItem], *, actor: User, on: date, at: datetime
) -> None:
    entities = [one.entry.legal_entity for one in approvals]
    events = open_events(EventKind.CANCELLATION, entities, actor=actor, on=on, at=at)
    take_back(work_items, events, on=on)
    seal_events(events.values())
    Approval.objects.walk(approvals, Approval.cancel)
    # What was used of prepaid hours is given back to other work of the month (A12).
    count_prepaid_hours((one.contract_line_id for one in approvals), actor=actor, on=on, at=at)
    # The integration journal takes the reversals over after the commit (O1).
    enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)


def _wait_again(
    approvals: Sequence[Approval], entries: Sequence[Entry], step: Transition, at: datetime
) -> None:
    Entry.objects.walk(entries, step)
    ended = [one for one in approvals if _is_of_ended_contract(one)]
    again = [waiting_again(one) for one in approvals if not _is_of_ended_contract(one)]
    Approval.objects.bulk_create(again, batch_size=BATCH)
    if ended:
        # A completed or lost contract takes no more work: these get the terms of today (A3, #14).
        terms = ContractTerms.of([one.entry for one in ended])
        today = [renewed(one, terms) for one in ended]
        set_time_amounts(today)
        again += Approval.objects.bulk_create([waiting_again(one) for one in today], batch_size=BATCH)
    # Without the outbox row that approves by rule: this time a person decides.
    record_reasons(again, at=at)


def _is_of_ended_contract(approval: Approval) -> bool:
    line = approval.contract_line
    return line is not None and line.contract.status in ENDED_CONTRACTS


def _answer(
    approvals: Sequence[Approval], *, is_accepted: bool, comment: str, actor: User, at: datetime
) -> None:
    requests = RecallRequest.objects.unanswered().filter(approval__in=approvals).locked()
    keys = list(requests.values_list("pk", flat=True))
    RecallRequest.objects.filter(pk__in=keys).update(
        is_accepted=is_accepted, comment=comment, decided_by=actor, decided_at=at
    )


def _log(verb: str, entries: Sequence[Entry], to_state: str, comment: str, actor: User, at: datetime) -> None:
    log_activity(
        verb,
        entries,
        actor=actor,
        at=at,
        from_states=states_of(entries),
        to_state=to_state,
        facts={"comment": comment} if comment else None,
    )


def _comment_missing(comment: str) -> Iterable[Refusal]:
    if not comment.strip():
        yield Refusal("comment-missing", _("Give a reason."))


def _not_approved(approvals: Iterable[Approval], status: str) -> Iterable[Refusal]:
    for approval in approvals:
        entry = approval.entry
        if approval.status != ApprovalStatus.APPROVED or entry.status != status:
            yield Refusal(
                "not-approved",
                _("It is “%(status)s”.") % {"status": entry.get_status_display()},
                str(entry),
                _("Only approved entries that nobody has asked back can be cancelled."),
            )


def _not_requested(approvals: Iterable[Approval]) -> Iterable[Refusal]:
    for approval in approvals:
        entry = approval.entry
        if approval.status != ApprovalStatus.APPROVED or entry.status != EntryStatus.RECALL_REQUESTED:
            yield Refusal(
                "not-requested",
                _("It is “%(status)s”, and was not asked back.") % {"status": entry.get_status_display()},
                str(entry),
                _("Reload the page to see what has changed."),
            )


def _not_returned(approvals: Iterable[Approval], entries: Sequence[Entry]) -> Iterable[Refusal]:
    """Entries that were sent back may have been changed since; then they are not submitted again."""
    log = Activity.objects.filter(
        subject_kind=Entry._meta.label_lower, subject_id__in=[entry.pk for entry in entries]
    )
    latest = (
        log.order_by()
        .values("subject_id")
        .annotate(last=Max("pk"), returned=Max("pk", filter=Q(verb="returned")))
    )
    changed = {row["subject_id"] for row in latest if row["last"] != row["returned"]}
    for approval in approvals:
        entry = approval.entry
        if approval.status != ApprovalStatus.REJECTED or entry.status != EntryStatus.RETURNED:
            yield Refusal(
                "not-returned",
                _("It is “%(status)s”.") % {"status": entry.get_status_display()},
                str(entry),
                _("Reload the page to see what has changed."),
            )
        elif entry.pk in changed:
            yield Refusal(
                "changed-since",
                _("It was changed since it was sent back."),
                str(entry),
                _("Wait until it is submitted again."),
            )


def _not_just_decided(
    approvals: Iterable[Approval], actor: User, at: datetime, way_out: str
) -> Iterable[Refusal]:
    for approval in approvals:
        # Undecided submissions are refused by another check.
        if approval.decided_at is None:
            continue
        if approval.decided_by_id != actor.pk:
            yield Refusal("not-your-decision", _("Somebody else decided it."), str(approval.entry), way_out)
        elif at - approval.decided_at > UNDO_PERIOD:
            yield Refusal(
                "too-late",
                _("It was decided more than ten seconds ago."),
                str(approval.entry),
                way_out,
            )


def _own_work(approvals: Iterable[Approval], actor: User) -> Iterable[Refusal]:
    for approval in approvals:
        if actor.pk in (approval.submitted_by_id, approval.worker_id):
            yield Refusal(
                "own-work",
                _("Nobody decides on own work or on what they submitted."),
                str(approval.entry),
                _("Ask another approver of the project."),
            )


def _cannot_be_reversed(approvals: Iterable[Approval], work: Work, on: date) -> Iterable[Refusal]:
    yield from reasons_against_taking_back(*work)
    # A reversal in a closed period is dated `on`, which must be open itself.
    for entity in {one.entry.legal_entity_id: one.entry.legal_entity for one in approvals}.values():
        if entity.is_locked_on(on):
            yield Refusal(
                "period-locked",
                _("%(day)s lies in a closed period.") % {"day": day(on)},
                str(entity),
                _("Ask the controller to reopen the period."),
            )
