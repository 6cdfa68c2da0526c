"""Drafts that a file changes: held, and updated some at a time, so that memory is bounded (X8)."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from core.activity_log import Changes, as_text, log_activity
from projects.import_states import ImportRowState
from projects.models import Entry, ImportBatch, ImportRow
from projects.states import BillingType, EntryStatus

CHANGEABLE = (EntryStatus.DRAFT, EntryStatus.RETURNED)
BATCH = 500
CHUNK_OF_DRAFTS = 2000
"""Drafts that are in memory at once while a file updates them."""
NAMES_OF_ROWS = ("project", "task", "person", "role", "category")
UPDATED = (
    "project",
    "task",
    "resource",
    "role",
    "category",
    "date",
    "quantity",
    "seconds",
    "description",
    "external_description",
    "billing_type",
    "import_content",
)


def lock_drafts(batch: ImportBatch) -> None:
    """Hold the drafts that the file changes; they are read some at a time when they are updated."""
    keys = batch.rows.filter(state=ImportRowState.CHANGED).values("entry")
    held = Entry.objects.filter(pk__in=keys).locked().values_list("pk", flat=True)
    # Read to the end, which is what holds them, and kept nowhere.
    deque(held.iterator(chunk_size=CHUNK_OF_DRAFTS), maxlen=0)


def update_drafts(batch: ImportBatch, *, actor: User, at: datetime) -> int:
    """Drafts as the file has them now, each with its history, some at a time; returns how many."""
    rows = batch.rows.filter(state=ImportRowState.CHANGED).select_related(*NAMES_OF_ROWS).order_by("pk")
    count, last = 0, 0
    while some := list(rows.filter(pk__gt=last)[:CHUNK_OF_DRAFTS]):
        _update_some(some, batch, actor=actor, at=at)
        count, last = count + len(some), some[-1].pk
    return count


def _update_some(rows: Sequence[ImportRow], batch: ImportBatch, *, actor: User, at: datetime) -> None:
    drafts = Entry.objects.in_bulk([row.entry_id for row in rows if row.entry_id is not None])
    changes: dict[int, Changes] = {}
    for row in rows:
        entry = drafts[row.entry_id or 0]
        values = _values_of(row, batch)
        changes[entry.pk] = {
            name: [as_text(getattr(entry, name)), as_text(value)]
            for name, value in values.items()
            if as_text(getattr(entry, name)) != as_text(value) and name != "import_content"
        }
        for name, value in values.items():
            setattr(entry, name, value)
    updated = list(drafts.values())
    Entry.objects.bulk_update(updated, UPDATED, batch_size=BATCH)
    log_activity("changed", updated, actor=actor, at=at, changes=changes, facts={"import": batch.pk})


def _values_of(row: ImportRow, batch: ImportBatch) -> dict[str, Any]:
    return {
        "project_id": row.project.target_id,
        "task_id": row.task.target_id if row.task else None,
        "resource_id": row.person.target_id,
        "role_id": row.role.target_id if row.role else batch.default_role_id,
        "category_id": row.category.target_id if row.category else None,
        "date": row.day,
        "quantity": row.quantity,
        "seconds": row.seconds,
        "description": row.description,
        "external_description": row.description,
        "billing_type": BillingType.CHARGEABLE if row.is_chargeable else BillingType.NON_CHARGEABLE,
        "import_content": row.content,
    }
