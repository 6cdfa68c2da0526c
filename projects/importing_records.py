"""Import master data from a file: all of it or nothing; existing rows only if asked for (A13, X8)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils.translation import gettext as _

from core.activity_log import Changes, as_text, log_activity
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from projects.models import LegalEntity, Project, Task
from projects.plan_rows import RecordPlan, by_kind
from projects.record_checks import reasons_against_records
from projects.record_files import FileError, Table
from projects.record_plans import plan_of

BATCH = 500
BUDGETS_CHANGED = "budgets-changed"


def import_records(
    kind: str, legal_entity: LegalEntity, table: Table, *, update: bool, actor: User, at: datetime
) -> int:
    """Save the customers, or the projects with their tasks, of a file; returns how many rows were written.

    Rows that exist are changed only with `update`, and only those that the actor may change on the pages;
    fields without a column in the file stay as they are. The number of statements does not depend on the
    rows. Locks the legal entity, so that two files do not create the same number. Raises Refused: row-error
    and those of `add_records` (A13, X8).
    """
    with transaction.atomic(durable=True):
        entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
        # Computed again: somebody may have added a customer since the preview.
        plan = plan_of(kind, entity, table, actor)
        refuse_if(_errors(plan.errors))
        changes = _apply(plan) if update else {}
        changed = [one.row for one in plan.changed] if update else []
        refuse_if(_reasons_against(changed, changes))

        for rows in by_kind(plan.new):
            _write_new(rows)
            log_activity("added", rows, actor=actor, at=at, facts={"by": "file"})
        for rows in by_kind(changed):
            names = {name for row in rows for name in changes[_key(row)]}
            type(rows[0])._default_manager.bulk_update(rows, sorted(names), batch_size=BATCH)
            logged = {row.pk: changes[_key(row)] for row in rows}
            log_activity("changed", rows, actor=actor, at=at, changes=logged, facts={"by": "file"})
        projects = {_project_of(row) for row in changed if isinstance(row, Project | Task)}
        enqueue(BUDGETS_CHANGED, projects, at=at, again=f"@{at.isoformat()}")
    return len(plan.new) + len(changed)


def _errors(errors: Iterable[FileError]) -> Iterator[Refusal]:
    for error in errors:
        yield Refusal("row-error", str(error), way_out=_("Correct the file, then upload it again."))


def _apply(plan: RecordPlan) -> dict[tuple[str, Any], Changes]:
    """Set the new values on the rows in memory; return old and new values by row."""
    changes: dict[tuple[str, Any], Changes] = {}
    for one in plan.changed:
        changes[_key(one.row)] = {
            name: [as_text(one.before[name]), as_text(new)] for name, new in one.values.items()
        }
        for name, new in one.values.items():
            setattr(one.row, name, new)
    return changes


def _reasons_against(
    changed: Sequence[models.Model], changes: Mapping[tuple[str, Any], Changes]
) -> Iterator[Refusal]:
    for rows in by_kind(changed):
        yield from reasons_against_records(rows, {row.pk: set(changes[_key(row)]) for row in rows})


def _write_new(rows: Sequence[Any]) -> None:
    for row in rows:
        if isinstance(row, Task):
            # Its project may be as new as the task, and got its key a moment ago.
            row.project_id = row.project.pk
    type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH)


def _project_of(row: Project | Task) -> int:
    return row.project_id if isinstance(row, Task) else row.pk


def _key(row: models.Model) -> tuple[str, Any]:
    return row._meta.label_lower, row.pk
