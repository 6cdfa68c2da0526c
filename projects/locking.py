"""The lock date: nothing dated on or before it may be entered, approved, confirmed or posted (C8)."""

from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity
from core.refusals import Refusal, refuse_if
from projects.models import LegalEntity


def lock_through(legal_entity: LegalEntity, day: date | None, *, actor: User, at: datetime) -> None:
    """Move the lock date of a legal entity, forwards when a period closes, back when one reopens.

    `day` is the last day that is locked, in the entity's calendar; None locks nothing. Called by accounting
    inside its own transaction. Locks the legal entity. Raises Refused: no-transaction (C8, G6).
    """
    refuse_if(_outside_transaction())
    # Held until the period is closed, so that nothing is dated into it in between (G6).
    entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
    changes = changes_of([entity], {"locked_through": day})
    entity.locked_through = day
    entity.save(update_fields=["locked_through"])
    log_activity("locked", [entity], actor=actor, at=at, changes=changes)


def _outside_transaction() -> list[Refusal]:
    if transaction.get_connection().in_atomic_block:
        return []
    return [Refusal("no-transaction", _("The lock date moves only together with a period."))]
