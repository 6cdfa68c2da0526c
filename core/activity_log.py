"""The activity log: every change leaves a row in its own transaction that says who did what, when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import models

from core.form_tokens import record_effect
from core.models import Activity

BATCH = 500

Changes = dict[str, list[str]]
"""Old and new value of each changed field, as text: `{"dimension": ["north", "south"]}`."""


def log_activity(
    verb: str,
    subjects: Iterable[models.Model],
    *,
    actor: User,
    at: datetime,
    from_states: Mapping[Any, str] | None = None,
    to_state: str = "",
    states: tuple[str, str] = ("", ""),
    changes: Mapping[Any, Changes] | None = None,
    facts: Mapping[str, Any] | None = None,
    own_facts: Mapping[Any, Mapping[str, Any]] | None = None,
) -> None:
    """Write one activity row per subject: who did what, when, from which state to which, what changed.

    `from_states` and `changes` are keyed by the subject's primary key, because the rows of one set need not
    have been in the same state or have had the same values; take them with `states_of` and `changes_of`
    while the rows still are as they were read. `states` is one pair for verbs whose subjects cannot have
    been in different states. `facts` are the same for all subjects, `own_facts` those of each by its key;
    the changes of each are added as `changes`. Called inside the verb's transaction, so that no change
    exists without its row (B10, S4), and a form that is answered has had its effect with it (I7).
    """
    from_states, changes, own_facts = from_states or {}, changes or {}, own_facts or {}
    rows = [
        Activity(
            verb=verb,
            subject_kind=subject._meta.label_lower,
            subject_id=subject.pk,
            # Kept as text, because the log outlives the rows.
            subject_name=str(subject)[:160],
            from_state=from_states.get(subject.pk, states[0]),
            to_state=to_state or states[1],
            facts={**(facts or {}), **own_facts.get(subject.pk, {}), **_as_fact(changes.get(subject.pk))},
            actor=actor,
            happened_at=at,
        )
        for subject in subjects
    ]
    Activity.objects.bulk_create(rows, batch_size=BATCH)
    record_effect()


def states_of(rows: Iterable[Any], *, field: str = "status") -> dict[Any, str]:
    """The state each row was read in, by primary key; call it on locked rows before they are moved.

    `StateMachineQuerySet.walk` and `move` leave the objects in memory as they are, so there it may also be
    called afterwards.
    """
    return {row.pk: str(getattr(row, field)) for row in rows}


def changes_of(rows: Sequence[models.Model], values: Mapping[str, Any]) -> dict[Any, Changes]:
    """Which of the fields in `values` change on each row, with old and new value; call it before writing.

    Fields that keep their value are left out, and so are rows of which nothing changes. Foreign keys are
    named by the row they point to; those that are not loaded (`select_related`) cost one
    statement per field, never one per row.
    """
    changes: dict[Any, Changes] = {}
    for name, new in values.items():
        old_texts = _texts(rows, name)
        for row in rows:
            old = old_texts[row.pk]
            # Compared as text: 2 and 2.0000 are the same, so nothing is logged that nobody changed.
            if old != as_text(new):
                changes.setdefault(row.pk, {})[name] = [old, as_text(new)]
    return changes


def came_with(rows: Iterable[models.Model], *names: str) -> dict[Any, Changes]:
    """The values of new rows as the log keeps changes: from nothing; what is empty is left out."""
    return {
        row.pk: {name: ["", text] for name in names if (text := as_text(getattr(row, name)))} for row in rows
    }


def went_with(rows: Iterable[models.Model], *names: str) -> dict[Any, Changes]:
    """The same of rows that are deleted: to nothing."""
    came = came_with(rows, *names)
    return {key: {name: pair[::-1] for name, pair in changes.items()} for key, changes in came.items()}


def as_text(value: Any) -> str:
    """A value as the log keeps it: nothing is empty, numbers without trailing zeros, rows by their names."""
    if value is None:
        return ""
    if isinstance(value, list | tuple | models.QuerySet):
        return ", ".join(as_text(one) for one in value)
    # Never an exponent: the log is read by people, to whom 1E+3 is no amount.
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _as_fact(changes: Changes | None) -> dict[str, Changes]:
    return {"changes": changes} if changes else {}


def _texts(rows: Sequence[models.Model], name: str) -> dict[Any, str]:
    """The value of one field of each row as text, by primary key."""
    if not rows:
        return {}
    field = rows[0]._meta.get_field(name)
    if not isinstance(field, models.ForeignKey) or all(field.is_cached(row) for row in rows):
        return {row.pk: as_text(getattr(row, name)) for row in rows}
    keys = {row.pk: getattr(row, field.attname) for row in rows}
    # Not by the default manager, which may leave out the row that the old value points to.
    related = field.related_model._base_manager.in_bulk({key for key in keys.values() if key is not None})
    return {pk: as_text(related.get(key)) for pk, key in keys.items()}
