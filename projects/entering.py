"""Enter, change and delete time while it is still the worker's own (A8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity, states_of
from core.money import ZERO
from core.refusals import Refusal, refuse_if
from projects.models import Approval, Entry, Project, Resource, Role, Task
from projects.querysets import EntryQuerySet
from projects.states import EntryStatus, TransactionClass

DAY_HOURS = 24


@dataclass(frozen=True)
class TimeReport:
    """What a worker reports about one day's work; the quantity is in hours."""

    project: Project
    task: Task | None
    role: Role
    day: date
    quantity: Decimal
    description: str = ""
    external_description: str = ""

    def columns(self) -> dict[str, Any]:
        """The columns of an entry that say this."""
        return {
            "project": self.project,
            "task": self.task,
            "role": self.role,
            "date": self.day,
            "quantity": self.quantity,
            "description": self.description,
            "external_description": self.external_description or self.description,
        }


def enter_time(resource: Resource, report: TimeReport, *, actor: User, at: datetime) -> Entry:
    """Record hours of one person as a draft.

    Hours have four places at most and are not rounded; no price is looked for before they are submitted.
    Locks the person, so that two forms at once cannot pass a day's 24 hours. Raises Refused: period-locked,
    project-closed, other-entity, task-not-of-project, hours-not-possible (A8).
    """
    with transaction.atomic(durable=True):
        # The lock on the person makes the sum of the day's hours reliable until the commit.
        person = Resource.objects.select_for_update().select_related("legal_entity").get(pk=resource.pk)
        refuse_if(_reasons_against(person, report))

        entry = Entry.objects.create(
            legal_entity=person.legal_entity,
            transaction_class=TransactionClass.TIME,
            resource=person,
            unit="h",
            **report.columns(),
        )
        log_activity("entered", [entry], actor=actor, at=at, states=("", EntryStatus.DRAFT))
    return entry


def change_time(entries: EntryQuerySet, report: TimeReport, *, actor: User, at: datetime) -> int:
    """Say again what was done, for entries that are drafts or were sent back.

    Hours as in `enter_time`; prices are looked for when they are submitted. Returns how many entries. Locks
    the person, then the entries. Raises Refused: not-changeable and those of `enter_time` (A8).
    """
    with transaction.atomic(durable=True):
        # People before entries and in order of key, so that two changes wait for each other (D10).
        keys = entries.values("resource")
        people = Resource.objects.filter(pk__in=keys).order_by("pk").select_related("legal_entity")
        persons = {person.pk: person for person in people.select_for_update(of=("self",))}
        # Only what the history names is joined; the caller's own joins are not needed under the lock.
        chosen = list(entries.select_related(None).select_related("project", "task", "role").locked())
        reasons = [*_not_open(chosen, "not-changeable", [EntryStatus.DRAFT, EntryStatus.RETURNED])]
        for entry in chosen:
            reasons += _reasons_against(persons[entry.resource_id], report, but=entry)
        refuse_if(reasons)

        changes = changes_of(chosen, report.columns())
        Entry.objects.filter(pk__in=[entry.pk for entry in chosen]).update(**report.columns())
        log_activity("changed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def delete_entries(entries: EntryQuerySet, *, actor: User, at: datetime) -> int:
    """Delete drafts that nobody ever submitted; the activity log keeps that they were there.

    Locks the entries. Raises Refused: not-a-draft, was-submitted (A8).
    """
    with transaction.atomic(durable=True):
        chosen = list(entries.select_related(None).locked())
        refuse_if([*_not_open(chosen, "not-a-draft", [EntryStatus.DRAFT]), *_submitted(chosen)])

        log_activity("deleted", chosen, actor=actor, at=at, from_states=states_of(chosen))
        # The history is written first, while the entries still have their names.
        Entry.objects.filter(pk__in=[entry.pk for entry in chosen]).delete()
    return len(chosen)


def _not_open(entries: Iterable[Entry], code: str, open_states: list[EntryStatus]) -> Iterable[Refusal]:
    for entry in entries:
        if entry.status not in open_states:
            yield Refusal(
                code,
                _("It is %(status)s already.") % {"status": entry.get_status_display()},
                str(entry),
                _("Recall it first, or ask its approver to send it back."),
            )


def _submitted(entries: list[Entry]) -> Iterable[Refusal]:
    # A recalled entry is a draft again, but its approval stays on record and points to it.
    submitted = set(Approval.objects.filter(entry__in=entries).values_list("entry", flat=True))
    for entry in entries:
        if entry.pk in submitted and entry.status == EntryStatus.DRAFT:
            yield Refusal(
                "was-submitted",
                _("It was submitted before, and what was submitted stays on record."),
                str(entry),
                _("Change it instead."),
            )


def _reasons_against(person: Resource, report: TimeReport, but: Entry | None = None) -> Iterable[Refusal]:
    entity = person.legal_entity
    if entity.is_locked_on(report.day):
        yield Refusal(
            "period-locked",
            _("%(day)s lies in a closed period.") % {"day": report.day},
            "",
            _("Use a date after %(day)s.") % {"day": entity.locked_through},
        )
    if report.project.is_closed:
        yield Refusal(
            "project-closed",
            _("Project %(project)s is closed.") % {"project": report.project},
            "",
            _("Ask its manager to reopen it."),
        )
    if report.project.legal_entity_id != entity.pk:
        yield Refusal("other-entity", _("The project belongs to another company."), str(report.project))
    if report.task is not None and report.task.project_id != report.project.pk:
        yield Refusal(
            "task-not-of-project",
            _("The task “%(task)s” belongs to another project.") % {"task": report.task},
            "",
            _("Choose a task of %(project)s.") % {"project": report.project},
        )
    yield from _impossible_hours(person, report, but)


def _impossible_hours(person: Resource, report: TimeReport, but: Entry | None) -> Iterable[Refusal]:
    if report.quantity <= 0:
        yield Refusal("hours-not-possible", _("Hours must be more than zero."))
        return
    others = person.entries.filter(transaction_class=TransactionClass.TIME, date=report.day)
    # An entry that is changed must not count against its own day.
    if but is not None:
        others = others.exclude(pk=but.pk)
    total = report.quantity + (others.aggregate(hours=Sum("quantity"))["hours"] or ZERO)
    if total > DAY_HOURS:
        yield Refusal(
            "hours-not-possible",
            _("%(day)s would have %(hours)s hours.") % {"day": report.day, "hours": f"{total.normalize():f}"},
            "",
            _("A day has 24; change one of its entries."),
        )
