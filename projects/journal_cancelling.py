"""Cancellation journals: take back actuals that entry journals wrote; what is confirmed stays (#11b)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day
from projects.actual_querysets import ActualQuerySet
from projects.journal_numbers import next_sequence
from projects.models import (
    Actual,
    BacklogItem,
    CancellationJournal,
    CancellationLine,
    WorkItem,
)
from projects.querysets import FactJournalQuerySet
from projects.recording import seal_events
from projects.replacing import lock_open_work, open_events, reasons_against_taking_back, take_back
from projects.states import (
    ActualOutcome,
    AdjustmentStatus,
    BillingStatus,
    CancellationStatus,
    EventKind,
    HoldReason,
)

BATCH = 500


@dataclass(frozen=True)
class RowsInProcess:
    """The journal that will take rows back, and which rows of the selection it leaves alone, and why."""

    journal: CancellationJournal
    ignored: list[str]


def choose_actuals(actuals: ActualQuerySet, *, reason: str, actor: User, at: datetime) -> RowsInProcess:
    """Choose actuals of entry journals to be taken back; they are in process until the journal is confirmed.

    Others in the selection are left alone and named: what approvals or proformas wrote, reversals, and what
    is adjusted, on a draft, invoiced or chosen already. What was ready to invoice is so no more. Nothing
    financial happens. Locks the open work, then the company. Raises Refused: reason-missing,
    nothing-to-cancel, several-companies (#11b).
    """
    with transaction.atomic(durable=True):
        rows = list(actuals.with_statuses().select_related("work_item__legal_entity", "event").order_by("pk"))
        open_work = lock_open_work([row.work_item for row in rows])
        held = {item.actual_id: item for item in open_work}
        ignored = {row.pk: why for row in rows if (why := _why_left_alone(row, held.get(row.pk)))}
        chosen = [row for row in rows if row.pk not in ignored]
        refuse_if([*_reason_missing(reason), *_cannot_be_chosen(chosen, list(ignored.values()))])

        entity = chosen[0].work_item.legal_entity
        journal = CancellationJournal.objects.create(
            legal_entity=entity,
            sequence=next_sequence(CancellationJournal, entity),
            reason=reason,
            created_by=actor,
            created_at=at,
        )
        CancellationLine.objects.bulk_create(
            [CancellationLine(journal=journal, actual=row) for row in chosen], batch_size=BATCH
        )
        # Not ready any more, so that no draft takes it before the journal is confirmed.
        ready = [
            held[row.pk] for row in chosen if row.pk in held and held[row.pk].status == BillingStatus.READY
        ]
        BacklogItem.objects.walk(ready, BacklogItem.mark_not_ready, hold_reason=HoldReason.NONE)
        facts = {"lines": len(chosen), "reason": reason}
        states = ("", CancellationStatus.IN_PROCESS)
        log_activity("added", [journal], actor=actor, at=at, states=states, facts=facts)
    return RowsInProcess(journal, list(ignored.values()))


def confirm_cancellations(journals: FactJournalQuerySet, *, actor: User, on: date, at: datetime) -> int:
    """Reverse the chosen actuals exactly; the originals end as adjusted. This is final.

    A reversal is dated as its original; where that day is closed, on `on`. Locks the journals, then the open
    work. Returns how many actuals. Raises Refused: not-in-process, taken-back-meanwhile, on-draft,
    invoiced, period-locked (#11b).
    """
    with transaction.atomic(durable=True):
        chosen = list(journals.select_related("legal_entity").locked())
        in_process = [one for one in chosen if one.status == CancellationStatus.IN_PROCESS]
        rows = CancellationLine.objects.filter(journal__in=in_process)
        lines = list(rows.select_related("actual__work_item"))
        work_items = [line.actual.work_item for line in lines]
        refuse_if(
            [
                *_not_in_process(chosen),
                *_closed_on(chosen, on),
                *_taken_back_meanwhile(lines),
                *reasons_against_taking_back(work_items, lock_open_work(work_items)),
            ]
        )

        events = []
        for journal in chosen:
            own = [line.actual.work_item for line in lines if line.journal_id == journal.pk]
            events.append(_reverse(journal, own, actor=actor, on=on, at=at))
        CancellationJournal.objects.bulk_update(chosen, ["event"], batch_size=BATCH)
        CancellationJournal.objects.walk(
            chosen, CancellationJournal.confirm, confirmed_by=actor, confirmed_at=at
        )
        log_activity(
            "confirmed",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=CancellationStatus.CONFIRMED,
        )
        enqueue("actuals-recorded", events, at=at)
    return len(lines)


def discard_cancellations(journals: FactJournalQuerySet, *, actor: User, at: datetime) -> int:
    """Discard journals that are in process: their actuals can be chosen again. Their numbers are not reused.

    Locks the journals. Raises Refused: not-in-process (#11b).
    """
    with transaction.atomic(durable=True):
        chosen = list(journals.locked())
        refuse_if(_not_in_process(chosen))

        CancellationLine.objects.filter(journal__in=chosen).delete()
        CancellationJournal.objects.walk(chosen, CancellationJournal.discard)
        log_activity(
            "discarded",
            chosen,
            actor=actor,
            at=at,
            from_states=states_of(chosen),
            to_state=CancellationStatus.DISCARDED,
        )
    return len(chosen)


def _reverse(
    journal: CancellationJournal, work_items: Sequence[WorkItem], *, actor: User, on: date, at: datetime
) -> int:
    entity = journal.legal_entity
    events = open_events(EventKind.JOURNAL_CANCELLATION, [entity], actor=actor, on=on, at=at)
    take_back(work_items, events, on=on)
    seal_events(events.values())
    journal.event = events[entity.pk]
    return journal.event.pk


def _why_left_alone(row: Actual, item: BacklogItem | None) -> str:
    """Why a row of the selection is not taken back, as a sentence that names it; empty for none."""
    subject = f"{row.work_item}, {row}"
    if row.event.kind != EventKind.ENTRY_JOURNAL:
        return _("%(row)s: no entry journal wrote it.") % {"row": subject}
    if row.adjustment_status != AdjustmentStatus.NONE:  # type: ignore[attr-defined]
        status = AdjustmentStatus(row.adjustment_status).label  # type: ignore[attr-defined]
        return _("%(row)s: it is “%(status)s” already.") % {"row": subject, "status": status}
    if item is not None and item.status == BillingStatus.ON_DRAFT:
        return _("%(row)s: it is on draft %(number)s.") % {"row": subject, "number": item.proforma_number}
    if row.ending == ActualOutcome.INVOICED:  # type: ignore[attr-defined]
        return _("%(row)s: it was invoiced.") % {"row": subject}
    return ""


def _cannot_be_chosen(chosen: Sequence[Actual], ignored: Sequence[str]) -> Iterator[Refusal]:
    if not chosen:
        yield Refusal(
            "nothing-to-cancel",
            _("None of the selected actuals can be cancelled."),
            way_out=" ".join(ignored) or _("Select actuals that an entry journal wrote."),
        )
    if len({row.work_item.legal_entity_id for row in chosen}) > 1:
        yield Refusal(
            "several-companies",
            _("The actuals belong to several companies."),
            way_out=_("Cancel them company by company."),
        )


def _reason_missing(reason: str) -> Iterator[Refusal]:
    if not reason.strip():
        yield Refusal("reason-missing", _("Give the reason for cancelling the actuals."))


def _not_in_process(journals: Iterable[CancellationJournal]) -> Iterator[Refusal]:
    for journal in journals:
        if journal.status != CancellationStatus.IN_PROCESS:
            yield Refusal(
                "not-in-process",
                _("It is “%(status)s”.") % {"status": journal.get_status_display()},
                journal.number,
                _("Reload the page to see what has changed."),
            )


def _taken_back_meanwhile(lines: Sequence[CancellationLine]) -> Iterator[Refusal]:
    """Unbilled sales may have gone with their contract, when that was lost."""
    gone = Actual.objects.filter(reverses__cancellation_line__in=lines).values_list("reverses", flat=True)
    keys = set(gone)
    for line in lines:
        if line.actual_id in keys:
            yield Refusal(
                "taken-back-meanwhile",
                _("It was taken back already."),
                str(line.actual),
                _("Discard this journal and select the others again."),
            )


def _closed_on(journals: Iterable[CancellationJournal], on: date) -> Iterator[Refusal]:
    """What lies in a closed period is reversed on the day of the cancellation, which must be open."""
    for entity in {journal.legal_entity_id: journal.legal_entity for journal in journals}.values():
        if entity.is_locked_on(on):
            yield Refusal(
                "period-locked",
                _("%(day)s lies in a closed period.") % {"day": day(on)},
                str(entity),
                _("Ask the controller to reopen the period."),
            )
