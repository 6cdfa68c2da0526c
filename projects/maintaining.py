"""Add, change, close and reopen master data: customers, projects, tasks, teams, roles, categories (A13)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils.translation import gettext as _

from core.activity_log import Changes, changes_of, log_activity
from core.outbox import enqueue
from core.querysets import VisibleQuerySet
from core.refusals import Refusal, refuse_if
from projects.models import Customer, Project, Resource, Role, Task, TeamMember, TransactionCategory
from projects.querysets import CustomerQuerySet
from projects.record_checks import reasons_against_closing, reasons_against_records

Record = Customer | Project | Resource | Role | Task | TeamMember | TransactionCategory
"""A row of master data that people maintain in pages and in the admin."""

BATCH = 500
BUDGETS_CHANGED = "budgets-changed"
"""The kind of outbox row that looks at the budgets of a project again."""


def add_records(
    records: Sequence[Record],
    *,
    actor: User,
    at: datetime,
    related: Mapping[str, Sequence[models.Model]] | None = None,
) -> int:
    """Save new rows of one kind, all or none, and log who added them; returns how many.

    `related` are rows that the many-to-many fields of each of them shall name, by field.
    Budgets are in hours and in the currency of the legal entity. Takes no locks: two rows of one number at
    once are refused by the unique key. Raises Refused: already-exists, vat-id-malformed, address-malformed,
    unknown-currency, unknown-country, other-legal-entity, customer-closed, project-closed, resource-left,
    role-closed, ends-before-start, budget-negative, default-taken (A13, A14).
    """
    with transaction.atomic():
        refuse_if(reasons_against_records(records))

        for model in {type(record) for record in records}:
            manager: models.Manager[Any] = model._default_manager
            manager.bulk_create(records, batch_size=BATCH)
        for name, rows in (related or {}).items():
            for record in records:
                getattr(record, name).set(rows)
        log_activity("added", records, actor=actor, at=at)
    return len(records)


def add_project(
    project: Project,
    tasks: Sequence[Task] = (),
    team: Sequence[TeamMember] = (),
    *,
    actor: User,
    at: datetime,
) -> Project:
    """Save a new project with its first tasks and team, all of it or nothing, and log who added it.

    Takes no locks. Raises Refused as `add_records` does (A13).
    """
    with transaction.atomic():
        parts: Sequence[Task | TeamMember] = [*tasks, *team]
        for part in parts:
            part.project = project
        # Judged together, so that everything that is wrong is said at once.
        refuse_if(reason for rows in ([project], tasks, team) for reason in reasons_against_records(rows))

        add_records([project], actor=actor, at=at)
        for part in parts:
            # The project got its key a moment ago.
            part.project_id = project.pk
        add_records(tasks, actor=actor, at=at)
        add_records(team, actor=actor, at=at)
    return project


def change_record(
    records: VisibleQuerySet, values: Mapping[str, object], *, actor: User, at: datetime
) -> int:
    """Give the same new values to rows of one kind; what keeps its value is not written, and not logged.

    A many-to-many field takes a list of rows. The admin calls it inside a transaction of its own. Returns how
    many rows changed. Locks the rows. Raises Refused: nothing-here and those of `add_records` (A13, A14).
    """
    with transaction.atomic():
        chosen = list(records.select_related(None).locked())
        refuse_if(_nothing(chosen))
        columns, many = _apart(type(chosen[0]), values)
        changes = changes_of(chosen, columns)
        _add_changes_of_many(chosen, many, changes)
        for row in chosen:
            for name, value in columns.items():
                setattr(row, name, value)
        refuse_if(reasons_against_records(chosen, {row.pk: set(changes.get(row.pk, ())) for row in chosen}))

        changed = [row for row in chosen if row.pk in changes]
        written = {name for row in changed for name in changes[row.pk]} & columns.keys()
        # Only what somebody changed, so that what another person changed meanwhile stays.
        if written:
            records.model._default_manager.bulk_update(changed, sorted(written))
        for name, related in many.items():
            for row in changed:
                getattr(row, name).set(related)
        log_activity("changed", changed, actor=actor, at=at, changes=changes)
        enqueue(BUDGETS_CHANGED, _with_new_budgets(changed, changes), at=at, again=f"@{at.isoformat()}")
    return len(changed)


def close_records(records: VisibleQuerySet, *, actor: User, at: datetime) -> int:
    """Close rows of one kind: they are no longer offered, and nothing new is recorded on them.

    What was recorded stays and can still be invoiced. Returns how many. Locks the rows. Raises Refused:
    already-closed, work-waiting, contracts-open, is-default (A13).
    """
    with transaction.atomic(durable=True):
        chosen = list(records.select_related(None).locked())
        refuse_if([*_in_wrong_state(chosen, is_closed=False), *reasons_against_closing(chosen)])

        _write(records, chosen, is_closed=True)
        log_activity("closed", chosen, actor=actor, at=at, states=("open", "closed"))
    return len(chosen)


def reopen_records(records: VisibleQuerySet, *, actor: User, at: datetime) -> int:
    """Offer closed rows of one kind again; returns how many.

    Locks the rows. Raises Refused: not-closed (A13).
    """
    with transaction.atomic(durable=True):
        chosen = list(records.select_related(None).locked())
        refuse_if(_in_wrong_state(chosen, is_closed=True))

        _write(records, chosen, is_closed=False)
        log_activity("reopened", chosen, actor=actor, at=at, states=("closed", "open"))
    return len(chosen)


def hold_customers(customers: CustomerQuerySet, *, reason: str, on: date, actor: User, at: datetime) -> int:
    """Put customers on hold: nothing of theirs is drafted, confirmed or posted; work is still recorded.

    `on` is the day it begins. Returns how many. Locks the customers. Raises Refused: already-on-hold (A13).
    """
    with transaction.atomic(durable=True):
        chosen = list(customers.select_related(None).locked())
        refuse_if(
            Refusal("already-on-hold", _("It is on hold already."), str(one), _("Release it first."))
            for one in chosen
            if one.is_on_hold
        )

        _write(customers, chosen, is_on_hold=True, hold_reason=reason, held_on=on)
        facts = {"reason": reason}
        log_activity("on hold", chosen, actor=actor, at=at, to_state="on_hold", facts=facts)
    return len(chosen)


def release_customers(customers: CustomerQuerySet, *, actor: User, at: datetime) -> int:
    """Let customers on hold be billed again; returns how many.

    Locks the customers. Raises Refused: not-on-hold (A13).
    """
    with transaction.atomic(durable=True):
        chosen = list(customers.select_related(None).locked())
        refuse_if(
            Refusal("not-on-hold", _("It is not on hold."), str(one), _("Choose customers on hold."))
            for one in chosen
            if not one.is_on_hold
        )

        _write(customers, chosen, is_on_hold=False, hold_reason="", held_on=None)
        log_activity("released", chosen, actor=actor, at=at, states=("on_hold", ""))
    return len(chosen)


def remove_team_members(members: VisibleQuerySet, *, actor: User, at: datetime) -> int:
    """Take people off their projects; what they recorded there stays.

    Entries name the person and not the place in the team, so nothing points to what is deleted here. Returns
    how many. Locks the places (A13).
    """
    with transaction.atomic(durable=True):
        chosen = list(members.select_related(None).locked())
        log_activity("removed", chosen, actor=actor, at=at)
        TeamMember.objects.filter(pk__in=[one.pk for one in chosen]).delete()
    return len(chosen)


def _with_new_budgets(changed: Iterable[Any], changes: Mapping[Any, Changes]) -> set[int]:
    """Keys of the projects whose budgets, or whose tasks' budgets, were changed."""
    return {
        row.project_id if isinstance(row, Task) else row.pk
        for row in changed
        if {"budget_hours", "budget_amount"} & changes[row.pk].keys()
    }


def _write(records: VisibleQuerySet, chosen: Sequence[models.Model], **values: object) -> None:
    records.model._default_manager.filter(pk__in=[row.pk for row in chosen]).update(**values)


def _nothing(chosen: Sequence[object]) -> Iterable[Refusal]:
    if not chosen:
        yield Refusal("nothing-here", _("It does not exist any more."), way_out=_("Reload the list."))


def _in_wrong_state(chosen: Iterable[models.Model], *, is_closed: bool) -> Iterable[Refusal]:
    for row in chosen:
        if row.is_closed is not is_closed:  # type: ignore[attr-defined]
            if is_closed:
                yield Refusal("not-closed", _("It is not closed."), str(row), _("Select only closed ones."))
            else:
                yield Refusal(
                    "already-closed", _("It is closed already."), str(row), _("Take it out of the selection.")
                )


def _add_changes_of_many(
    chosen: Sequence[Any], many: Mapping[str, list[models.Model]], changes: dict[Any, Changes]
) -> None:
    """Note which rows the many-to-many fields named and will name, where that differs."""
    models.prefetch_related_objects(chosen, *many)
    for name, related in many.items():
        for row in chosen:
            old = sorted(str(one) for one in getattr(row, name).all())
            new = sorted(str(one) for one in related)
            if old != new:
                changes.setdefault(row.pk, {})[name] = [", ".join(old), ", ".join(new)]


def _apart(
    model: type[models.Model], values: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, list[models.Model]]]:
    """Columns of the row itself, and the rows that its many-to-many fields shall name."""
    many = {field.name for field in model._meta.many_to_many}
    columns = {name: value for name, value in values.items() if name not in many}
    lists = {name: list(value) for name, value in values.items() if name in many}  # type: ignore[call-overload]
    return columns, lists
