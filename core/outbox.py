"""The outbox: work that follows a commit, kept as rows that the sweeper finds whatever the queue lost."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import log_activity, states_of
from core.models import OutboxEntry
from core.querysets import OutboxQuerySet
from core.refusals import Refusal, refuse_if
from core.states import OutboxStatus

BATCH = 500


def enqueue(kind: str, keys: Iterable[Any], *, at: datetime, again: str = "") -> None:
    """Leave one outbox row per key for the sweeper; asking twice for the same effect leaves one row.

    `again` tells one asking from another where the same key may have the effect several times.

    Called inside the transaction of the verb, so that the work follows exactly what is committed (D7, O1).
    """
    OutboxEntry.objects.bulk_create(
        [
            OutboxEntry(effect_key=f"{kind}:{key}{again}", kind=kind, payload={"key": key}, created_at=at)
            for key in keys
        ],
        # The effect key is unique: what is waiting or done already keeps its one row (O1).
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def settle_doubt(entries: OutboxQuerySet, *, has_left: bool, actor: User, at: datetime) -> int:
    """Say of mails that were perhaps sent whether they have left; return how many.

    Those that have are done; the others are sent again, with the same Message-ID. Locks the entries, all of
    them or none. Raises Refused: not-in-doubt (O1).
    """
    after = OutboxStatus.DONE if has_left else OutboxStatus.PENDING
    with transaction.atomic(durable=True):
        doubtful = list(entries.select_for_update())
        refuse_if(
            Refusal(
                "not-in-doubt",
                _("It is no mail that was perhaps sent."),
                str(entry),
                _("Choose entries that were perhaps sent."),
            )
            for entry in doubtful
            if entry.status != OutboxStatus.IN_DOUBT
        )
        still = OutboxEntry.objects.filter(pk__in=[one.pk for one in doubtful], status=OutboxStatus.IN_DOUBT)
        count = still.update(status=after, done_at=at if has_left else None, attempts=0, last_error="")
        verb = "taken as sent" if has_left else "to be sent again"
        log_activity(verb, doubtful, actor=actor, at=at, from_states=states_of(doubtful), to_state=after)
    return count


def try_again(entries: OutboxQuerySet, *, actor: User, at: datetime) -> int:
    """Put parked work back into the queue of the sweeper with a clean count; return how many.

    Locks the entries, all of them or none. Raises Refused: not-parked (O1).
    """
    with transaction.atomic(durable=True):
        # Locked, so that two people who try the same entry again do not both reset and log it.
        parked = list(entries.select_for_update())
        refuse_if(
            Refusal("not-parked", _("It is not parked."), str(entry), _("Choose parked entries only."))
            for entry in parked
            if entry.status != OutboxStatus.PARKED
        )
        still = OutboxEntry.objects.filter(pk__in=[entry.pk for entry in parked], status=OutboxStatus.PARKED)
        count = still.update(status=OutboxStatus.PENDING, attempts=0, last_error="")
        log_activity(
            "tried-again",
            parked,
            actor=actor,
            at=at,
            from_states=states_of(parked),
            to_state=OutboxStatus.PENDING,
        )
    return count
