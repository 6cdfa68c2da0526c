"""What every change leaves behind in its own transaction: a row of history and work for after the commit."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from projects.models import Activity, OutboxEntry


def remember(
    verb: str,
    subjects: Iterable[models.Model],
    *,
    actor: Any,
    at: datetime,
    states: tuple[str, str] = ("", ""),
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write one activity row per subject: who did what, when, from which state to which.

    Called inside the verb's transaction, so that no change exists without its row (PRODUCT B10, rule 5).
    """
    from_state, to_state = states
    Activity.objects.bulk_create(
        [
            Activity(
                verb=verb,
                subject_kind=subject._meta.label_lower,
                subject_id=subject.pk,
                subject_name=str(subject)[:160],
                from_state=from_state,
                to_state=to_state,
                facts=dict(facts or {}),
                actor=actor,
                happened_at=at,
            )
            for subject in subjects
        ],
        batch_size=500,
    )


def leave_work(kind: str, keys: Iterable[Any], *, at: datetime) -> None:
    """Leave one outbox row per key for the sweeper; asking twice for the same effect leaves one row."""
    OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(effect_key=f"{kind}:{key}", kind=kind, payload={"key": key}, created_at=at)
            for key in keys
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
