"""The activity log: every change leaves a row in its own transaction that says who did what, when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models

from core.models import Activity

BATCH = 500


def log_activity(
    verb: str,
    subjects: Iterable[models.Model],
    *,
    actor: User,
    at: datetime,
    states: tuple[str, str] = ("", ""),
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write one activity row per subject: who did what, when, from which state to which.

    Called inside the verb's transaction, so that no change exists without its row (B10).
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
        batch_size=BATCH,
    )
