"""Create and change a legal entity: the company that sends invoices (A1, A13)."""

from collections.abc import Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from core.activity_log import changes_of, log_activity
from core.refusals import refuse_if
from projects.legal_entities import add_legal_entity, reasons_against_legal_entity
from projects.models import LegalEntity


def create_legal_entity(entity: LegalEntity, *, actor: User, at: datetime) -> LegalEntity:
    """Save a new legal entity, give its creator access to it, and log it; accounting creates its books.

    Takes no locks: two of one code at once are refused by the unique key. Raises Refused: code-taken,
    unknown-currency, unknown-country, unknown-time-zone, vat-id-malformed, iban-malformed (A1).
    """
    with transaction.atomic(durable=True):
        refuse_if(reasons_against_legal_entity(entity))

        add_legal_entity(entity, actor=actor, at=at)
    return entity


def change_legal_entity(
    legal_entity: LegalEntity, values: Mapping[str, object], *, actor: User, at: datetime
) -> LegalEntity:
    """Change what documents show of a legal entity, and its terms; issued documents keep what they showed.

    Its code and its currency are not among the values: books and numbers stand on them. Locks the legal
    entity. Raises Refused: unknown-country, unknown-time-zone, day-too-long,
    vat-id-malformed, iban-malformed (A1, A13).
    """
    with transaction.atomic():
        entity = LegalEntity.objects.select_for_update().get(pk=legal_entity.pk)
        changes = changes_of([entity], values)
        for name, value in values.items():
            setattr(entity, name, value)
        refuse_if(reasons_against_legal_entity(entity))

        changed = sorted(changes.get(entity.pk, {}))
        if changed:
            entity.save(update_fields=changed)
            log_activity("changed", [entity], actor=actor, at=at, changes=changes)
    return entity
