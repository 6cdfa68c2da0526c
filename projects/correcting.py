"""Correction journals: approved work is given other values, by reversal and replacement (A10, #10).

An approved entry is never edited. A new one that names it takes its place, with the contract line, the
chargeability and the prices of its new values; what the old one wrote is mirrored exactly.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from projects.approval_querysets import ApprovalQuerySet
from projects.correction_plans import BeforeAndAfter, CorrectedLine, CorrectionPlan, NewValues, sums_of
from projects.journal_numbers import next_sequence
from projects.models import (
    Approval,
    BacklogItem,
    ContractLine,
    CorrectionJournal,
    CorrectionLine,
    Entry,
    ProjectContract,
    Resource,
)
from projects.prepaid_reckoning import count_prepaid_hours
from projects.querysets import EntryQuerySet
from projects.recording import seal_events
from projects.replacing import (
    lock_open_work,
    open_events,
    reasons_against_taking_back,
    replace_approvals,
    work_items_of,
)
from projects.states import ApprovalStatus, EntryStatus, EventKind

BATCH = 500
RELATED = (
    "legal_entity",
    "project",
    "task",
    "resource__legal_entity",
    "role",
    "category",
    "recorded_by",
    "import_batch",
)


@dataclass(frozen=True)
class CorrectionPreview:
    """What a correction would do, or why it is refused."""

    lines: list[CorrectedLine]
    refusals: list[Refusal]

    @property
    def sums(self) -> list[BeforeAndAfter]:
        """Before and after for each currency, sales first; of different currencies nothing is added up."""
        return [*sums_of(self.lines, "sales"), *sums_of(self.lines, "cost")]


def preview_correction(
    entries: EntryQuerySet, values: NewValues, *, actor: User, on: dt.date, at: dt.datetime
) -> CorrectionPreview:
    """What `correct_entries` would write, with every reason against it; writes and locks nothing (#10)."""
    plan = CorrectionPlan.of(list(entries.select_related(*RELATED).order_by("date", "pk")), values)
    work_items = work_items_of([line.old for line in plan.lines])
    reasons = plan.reasons_against(actor, on=on, at=at)
    open_work = BacklogItem.objects.filter(work_item__in=work_items)
    return CorrectionPreview(plan.lines, [*reasons, *reasons_against_taking_back(work_items, open_work)])


def correct_entries(
    entries: EntryQuerySet, values: NewValues, *, reason: str, actor: User, on: dt.date, at: dt.datetime
) -> CorrectionJournal:
    """Correct a set of approved entries of one company: reverse what they wrote, write it with new values.

    The entries end as corrected; a new one takes the place of each, approved by `actor`, with the contract
    line, chargeability and prices of its new values, priced as of its day; what an approver decided about
    quantity and billing type stays. Amounts as in `approval_of`. What is written is dated as its original and
    as its entry, where that day is closed on `on`. Locks the contracts that the work is on or may come to,
    the persons whose days become longer, the approvals, the entries, their open work, then the company.
    Raises Refused: reason-missing, nothing-selected, not-approved, several-companies, own-work,
    nothing-changes, project-closed, other-entity, task-not-of-project, category-of-other-class,
    contract-ended, period-locked, period-missing, too-far-ahead, too-far-back, daily-maximum,
    fee-not-billable, split-not-whole, on-draft, invoiced (A2, A10, D10, matrix 4.1 #10).
    """
    with transaction.atomic(durable=True):
        # Contracts, people, approvals, entries, then backlog items, as everywhere (D10).
        approvals = Approval.objects.filter(entry__in=entries.order_by().values("pk"))
        living = approvals.filter(status=ApprovalStatus.APPROVED)
        _lock_contracts(entries, living, values)
        _lock_people(entries, values)
        list(living.locked())
        chosen = list(entries.select_related(None).select_related(*RELATED).locked())
        plan = CorrectionPlan.of(chosen, values)
        work_items = work_items_of([line.old for line in plan.lines])
        open_work = lock_open_work(work_items)
        refuse_if(
            [
                *_reason_missing(reason),
                *plan.reasons_against(actor, on=on, at=at),
                *reasons_against_taking_back(work_items, open_work),
            ]
        )

        entity = chosen[0].legal_entity
        events = open_events(EventKind.CORRECTION, [entity], actor=actor, on=on, at=at)
        journal = CorrectionJournal.objects.create(
            legal_entity=entity,
            sequence=next_sequence(CorrectionJournal, entity),
            reason=reason,
            created_by=actor,
            created_at=at,
            event=events[entity.pk],
        )
        news = Entry.objects.bulk_create([line.new.entry for line in plan.lines], batch_size=BATCH)
        CorrectionLine.objects.bulk_create(
            [CorrectionLine(journal=journal, entry=new) for new in news], batch_size=BATCH
        )
        for line in plan.lines:
            line.new.decided_by, line.new.decided_at, line.new.comment = actor, at, ""
        replace_approvals([(line.old, line.new) for line in plan.lines], events, on=on)
        Entry.objects.walk(chosen, Entry.correct)
        seal_events(events.values())
        both = [one.contract_line_id for line in plan.lines for one in (line.old, line.new)]
        count_prepaid_hours(both, actor=actor, on=on, at=at)
        _log(journal, plan, actor, at)
        enqueue("actuals-recorded", [event.pk for event in events.values()], at=at)
    return journal


def _lock_contracts(entries: EntryQuerySet, living: ApprovalQuerySet, values: NewValues) -> None:
    """Hold the contracts that the work is on, and those whose lines it may come to, which its project names.

    None of them ends, and no limit of theirs is used up, while the work is written again (A2, A6).
    """
    own = entries.order_by().values("project")
    projects = own if values.project is None else [values.project.pk]
    reached = ContractLine.objects.filter(project__in=projects).values("contract")
    left = living.order_by().values("contract_line__contract")
    list(ProjectContract.objects.filter(Q(pk__in=reached) | Q(pk__in=left)).only("pk").locked())


def _lock_people(entries: EntryQuerySet, values: NewValues) -> None:
    """Hold the persons whose days become longer, people before entries (D10), so that the sums stay true."""
    if values.date is None and values.resource is None:
        return
    own = entries.order_by().values("resource")
    people = Resource.objects.filter(pk__in=own if values.resource is None else [values.resource.pk])
    list(people.order_by("pk").select_for_update(of=("self",)))


def _reason_missing(reason: str) -> Iterator[Refusal]:
    if not reason.strip():
        yield Refusal("reason-missing", _("Give the reason for correcting the entries."))


def _log(journal: CorrectionJournal, plan: CorrectionPlan, actor: User, at: dt.datetime) -> None:
    chosen: Sequence[Entry] = plan.entries
    changes = {line.old.entry_id: line.changes for line in plan.lines}
    facts = {"journal": journal.number, "reason": journal.reason}
    log_activity(
        "corrected",
        chosen,
        actor=actor,
        at=at,
        from_states=states_of(chosen),
        to_state=EntryStatus.CORRECTED,
        changes=changes,
        facts=facts,
    )
    news = [line.new.entry for line in plan.lines]
    log_activity("approved", news, actor=actor, at=at, states=("", EntryStatus.APPROVED), facts=facts)
    log_activity(
        "posted", [journal], actor=actor, at=at, facts={"lines": len(news), "reason": journal.reason}
    )
