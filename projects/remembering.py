"""What every change leaves behind in its own transaction: a row of history and work for after the commit."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from projects.models import Activity, OutboxEntry
from projects.refusals import Refusal, refuse_if
from projects.states import OutboxStatus


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


def try_again(entries: Any, *, actor: Any, at: datetime) -> int:
    """Put parked work back into the queue of the sweeper with a clean count; return how many.

    Compare-and-set in one statement. Raises Refused: not-parked (RELIABILITY O1).
    """
    with transaction.atomic(durable=True):
        chosen = list(entries.select_for_update())
        refuse_if(
            Refusal("not-parked", _("It is not parked."), str(entry), _("Choose parked entries only."))
            for entry in chosen
            if entry.status != OutboxStatus.PARKED
        )
        parked = OutboxEntry.objects.filter(pk__in=[entry.pk for entry in chosen], status=OutboxStatus.PARKED)
        count = parked.update(status=OutboxStatus.PENDING, attempts=0, last_error="")
        remember(
            "tried-again", chosen, actor=actor, at=at, states=(OutboxStatus.PARKED, OutboxStatus.PENDING)
        )
    return count
