"""Enter and change time, and delete entries, while they are still the worker's own (A8)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import Changes, changes_of, log_activity, states_of
from core.refusals import Refusal, refuse_if
from projects.day_totals import DayHours, DayTotals
from projects.entry_dates import EntryDates
from projects.entry_rules import reasons_against_place, reasons_against_quantity
from projects.models import Approval, Entry, Project, Resource, Role, Task
from projects.open_entries import reasons_against_open
from projects.querysets import EntryQuerySet
from projects.states import EntryStatus, TransactionClass
from projects.week_cells import CellReport
from projects.week_checks import judged

BATCH = 500


@dataclass(frozen=True)
class TimeReport:
    """What a worker reports about one day's work; the quantity is in hours, `seconds` are the same exactly.

    Seconds are None where the hours were typed as a number that is not a whole number of seconds.
    """

    project: Project
    task: Task | None
    role: Role
    day: date
    quantity: Decimal
    description: str = ""
    external_description: str = ""
    seconds: int | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of an entry that say this."""
        return {
            "project": self.project,
            "task": self.task,
            "role": self.role,
            "date": self.day,
            "quantity": self.quantity,
            "seconds": self.seconds,
            "description": self.description,
            "external_description": self.external_description,
        }


@dataclass(frozen=True)
class WeekRecorded:
    """How many cells of a week were written, and why the others were not, each named by its cell."""

    count: int
    refusals: tuple[Refusal, ...] = ()


def enter_time(resource: Resource, report: TimeReport, *, actor: User, at: datetime) -> Entry:
    """Record hours of one person as a draft; who recorded them is kept, be it a colleague.

    Hours have four places at most and are not rounded; no price is looked for before they are submitted.
    Locks the person, so that two forms at once cannot pass a day's maximum. Raises Refused: period-locked,
    period-missing, too-far-ahead, too-far-back, project-closed, other-entity, task-not-of-project,
    quantity-not-possible, negative-quantity, quantity-missing, daily-maximum (A8, decisions 18 and 21).
    """
    with transaction.atomic(durable=True):
        # The lock on the person makes the sum of the day's hours reliable until the commit.
        people = Resource.objects.select_for_update(of=("self",)).select_related("legal_entity")
        person = people.get(pk=resource.pk)
        refuse_if(_reasons_against([person], report, at))

        entry = Entry.objects.create(
            legal_entity=person.legal_entity,
            transaction_class=TransactionClass.TIME,
            resource=person,
            unit="h",
            recorded_by=actor,
            **report.columns(),
        )
        log_activity("entered", [entry], actor=actor, at=at, states=("", EntryStatus.DRAFT))
    return entry


def change_time(entries: EntryQuerySet, report: TimeReport, *, actor: User, at: datetime) -> int:
    """Change time entries that are drafts or were sent back.

    Hours as in `enter_time`; prices are looked for when they are submitted. Returns how many entries. Locks
    the persons, then the entries. Raises Refused: not-changeable, not-time and those of `enter_time`
    (A8, decisions 18 and 21).
    """
    with transaction.atomic(durable=True):
        # People before entries and in order of key, so that two changes wait for each other (D10).
        keys = entries.order_by().values("resource")
        people = Resource.objects.filter(pk__in=keys).order_by("pk").select_related("legal_entity")
        persons = {person.pk: person for person in people.select_for_update(of=("self",))}
        # Only what the history names is joined; the caller's own joins are not needed under the lock.
        chosen = list(entries.select_related(None).select_related("project", "task", "role").locked())
        reasons = [*reasons_against_open(chosen, "not-changeable")]
        reasons += _not_time(chosen)
        worked = [persons[one.resource_id] for one in chosen if one.resource_id in persons]
        # An entry that is changed must not count against its own day.
        refuse_if([*reasons, *_reasons_against(worked, report, at, but=[entry.pk for entry in chosen])])

        changes = changes_of(chosen, report.columns())
        Entry.objects.filter(pk__in=[entry.pk for entry in chosen]).update(**report.columns())
        log_activity("changed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def record_week(
    resource: Resource, cells: Sequence[CellReport], *, actor: User, at: datetime
) -> WeekRecorded:
    """Write what the cells of a person's week say: new drafts, changed ones, and cleared ones deleted.

    Only cells that somebody changed are given. Each cell is judged by itself and by its day: those that can
    be kept are written together, the others come back as refusals whose subject is the name of their cell.
    Where a day would be too long, the cells that make it longer are refused and those that make it shorter
    are written. A few statements, however many cells. Locks the person, then the entries of those days.
    Raises Refused where no cell can be written, and then nothing has changed: changed-meanwhile,
    not-changeable and those of `enter_time` (A8, decisions 18 and 21).
    """
    with transaction.atomic(durable=True):
        people = Resource.objects.select_for_update(of=("self",)).select_related("legal_entity")
        person = people.get(pk=resource.pk)
        # Withdrawn ones are over and stand in no cell.
        mine = Entry.objects.kept().filter(
            resource=person,
            transaction_class=TransactionClass.TIME,
            date__in={cell.day for cell in cells},
        )
        stand = {entry.pk: entry for entry in mine.select_related("project", "task", "role").locked()}
        possible, refusals = judged(person, cells, stand, at)
        if not possible:
            refuse_if(refusals)

        new = [_entry_of(person, cell, actor) for cell in possible if cell.entry is None and cell.hours]
        changed = [(stand[cell.entry], cell) for cell in possible if cell.entry is not None and cell.hours]
        cleared = [stand[cell.entry] for cell in possible if cell.entry is not None and cell.hours is None]
        Entry.objects.bulk_create(new, batch_size=BATCH)
        log_activity("entered", new, actor=actor, at=at, states=("", EntryStatus.DRAFT))
        _change(changed, actor=actor, at=at)
        _remove(cleared, actor=actor, at=at)
    return WeekRecorded(len(possible), tuple(refusals))


def delete_entries(entries: EntryQuerySet, *, actor: User, at: datetime) -> int:
    """Delete drafts and entries that were sent back.

    What was never submitted is deleted; the activity log keeps that it existed. What was submitted once
    is withdrawn: it stays on record with its submissions and what was decided on them, is shown in no list
    and counts in no sum. Returns how many. Locks the entries. Raises Refused: not-deletable (A8).
    """
    with transaction.atomic(durable=True):
        chosen = list(entries.select_related(None).locked())
        refuse_if(reasons_against_open(chosen, "not-deletable"))

        _remove(chosen, actor=actor, at=at)
    return len(chosen)


def _remove(entries: list[Entry], *, actor: User, at: datetime) -> None:
    """Withdraw what was submitted once, delete the others; the caller holds the entries."""
    # Submitted entries are withdrawn, so that the approver's reason for sending them back is kept.
    submitted = set(Approval.objects.filter(entry__in=entries).values_list("entry", flat=True))
    withdrawn = [entry for entry in entries if entry.pk in submitted]
    gone = [entry for entry in entries if entry.pk not in submitted]
    Entry.objects.walk(withdrawn, Entry.withdraw)
    log_activity(
        "withdrawn",
        withdrawn,
        actor=actor,
        at=at,
        from_states=states_of(withdrawn),
        to_state=EntryStatus.WITHDRAWN,
    )
    # The history is written first, while the entries still have their names.
    log_activity("deleted", gone, actor=actor, at=at, from_states=states_of(gone))
    Entry.objects.filter(pk__in=[entry.pk for entry in gone]).delete()


def _entry_of(person: Resource, cell: CellReport, actor: User) -> Entry:
    assert cell.hours is not None
    return Entry(
        legal_entity=person.legal_entity,
        transaction_class=TransactionClass.TIME,
        resource=person,
        project=cell.project,
        task=cell.task,
        role=cell.role,
        date=cell.day,
        quantity=cell.hours.quantity,
        seconds=cell.hours.seconds,
        unit="h",
        description=cell.description or "",
        external_description=cell.external_description or "",
        recorded_by=actor,
    )


def _change(changed: list[tuple[Entry, CellReport]], *, actor: User, at: datetime) -> None:
    changes: dict[Any, Changes] = {}
    for entry, cell in changed:
        values = cell.changed_columns(entry)
        changes |= changes_of([entry], values)
        for name, value in values.items():
            setattr(entry, name, value)
    entries = [entry for entry, _cell in changed]
    columns = ["quantity", "seconds", "description", "external_description"]
    Entry.objects.bulk_update(entries, columns, batch_size=BATCH)
    log_activity("changed", entries, actor=actor, at=at, changes=changes)


def _not_time(entries: Iterable[Entry]) -> Iterator[Refusal]:
    for entry in entries:
        if entry.transaction_class != TransactionClass.TIME:
            way_out = _("Change it under “My expenses”.")
            yield Refusal("not-time", _("This is not a time entry."), str(entry), way_out)


def _reasons_against(
    persons: list[Resource], report: TimeReport, at: datetime, but: Iterable[int] = ()
) -> Iterator[Refusal]:
    entities = {person.legal_entity_id: person.legal_entity for person in persons}
    dates = EntryDates.of(entities.values(), at)
    # Said once for each company, however many entries of it say the same.
    for entity in entities.values():
        yield from dates.reasons_against(entity, report.day)
        yield from reasons_against_place(entity, report.project, report.task)
    wrong = list(reasons_against_quantity(report.quantity))
    yield from wrong
    if not wrong:
        hours = [DayHours(person, report.day, report.quantity, report.seconds) for person in persons]
        yield from DayTotals.of(hours, tuple(but)).reasons_against(hours)
