"""Ask for an approved entry back, with a reason (A9)."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.refusals import Refusal, refuse_if
from projects.models import Approval, Entry, RecallRequest
from projects.querysets import EntryQuerySet
from projects.replacing import reasons_against_taking_back, work_items_of
from projects.states import ApprovalStatus, EntryStatus

BATCH = 1000


def request_recalls(entries: EntryQuerySet, *, reason: str, actor: User, at: datetime) -> int:
    """Ask the approver to give approved entries back, so that they can be changed; nothing financial happens.

    Whoever submitted an entry, or whose work it is, may ask until it is invoiced. On a draft it may be asked
    for: the approver sees which. Locks the approvals, then the entries. Raises Refused: reason-missing,
    not-approved, not-yours, invoiced (A9).
    """
    with transaction.atomic(durable=True):
        approved = Approval.objects.filter(
            entry__in=entries.order_by().values("pk"), status=ApprovalStatus.APPROVED
        )
        approvals = {one.entry_id: one for one in approved.locked()}
        chosen = list(entries.select_related(None).locked())
        refuse_if(
            [
                *_reason_missing(reason),
                *_not_approved(chosen),
                *_not_yours(chosen, approvals, actor),
                # What is on a draft may still be taken off it, so the approver decides about that.
                *reasons_against_taking_back(work_items_of(list(approvals.values())), ()),
            ]
        )

        Entry.objects.walk(chosen, Entry.request_recall)
        RecallRequest.objects.bulk_create(
            [
                RecallRequest(
                    approval=approvals[entry.pk], reason=reason, requested_by=actor, requested_at=at
                )
                for entry in chosen
            ],
            batch_size=BATCH,
        )
        log_activity(
            "recall requested",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=EntryStatus.RECALL_REQUESTED,
            facts={"reason": reason},
        )
    return len(chosen)


def _reason_missing(reason: str) -> Iterable[Refusal]:
    if not reason.strip():
        yield Refusal("reason-missing", _("Give the reason for asking it back."))


def _not_approved(entries: Iterable[Entry]) -> Iterable[Refusal]:
    for entry in entries:
        if entry.status != EntryStatus.APPROVED:
            yield Refusal(
                "not-approved",
                _("It is “%(status)s”.") % {"status": entry.get_status_display()},
                str(entry),
                _("Only approved entries are asked back; submitted ones are recalled at once."),
            )


def _not_yours(entries: Iterable[Entry], approvals: dict[int, Approval], actor: User) -> Iterable[Refusal]:
    for entry in entries:
        approval = approvals.get(entry.pk)
        if approval is not None and actor.pk not in (approval.submitted_by_id, approval.worker_id):
            yield Refusal(
                "not-yours",
                _("Only the person who submitted it, or whose work it is, may ask for it back."),
                str(entry),
                _("Cancel the approval instead, if you may."),
            )
