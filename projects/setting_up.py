"""Create a legal entity: the company that sends invoices (A1, A13)."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if
from projects.models import LegalEntity


def create_legal_entity(entity: LegalEntity, *, actor: User, at: datetime) -> LegalEntity:
    """Save a new legal entity and log who created it; its books are created by accounting.

    Takes no locks: two of one code at once are refused by the unique key. Raises Refused: code-taken (A1).
    """
    with transaction.atomic(durable=True):
        # The unique key would refuse it as well, but could not say which code is taken and what to do.
        refuse_if(_taken(entity))

        entity.save(force_insert=True)
        log_activity("added", [entity], actor=actor, at=at)
    return entity


def _taken(entity: LegalEntity) -> list[Refusal]:
    if not LegalEntity.objects.filter(code=entity.code).exists():
        return []
    message = _("Another legal entity has this code.")
    return [Refusal("code-taken", message, entity.code, _("Choose another code."))]
