"""Save and delete mappings of one's own: which column is what in files of another layout (X8)."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.activity_log import changes_of, log_activity
from core.refusals import Refusal, refuse_if
from projects.layouts import NEEDED
from projects.models import ImportMapping, LegalEntity
from projects.querysets import OfEntityQuerySet

SAVED = (
    "name",
    "columns",
    "hours",
    "dates",
    "makes_master_data",
    "is_total",
    "is_history",
    "shortens_descriptions",
)


def save_mapping(mapping: ImportMapping, *, actor: User, at: datetime) -> ImportMapping:
    """Save a mapping, new or changed; entries that were imported by it stay as they are.

    Locks the legal entity, so that a name is taken once. Raises Refused: mapping-incomplete, name-taken,
    name-fixed (X8).
    """
    with transaction.atomic(durable=True):
        LegalEntity.objects.select_for_update().get(pk=mapping.legal_entity_id)
        saved = ImportMapping.objects.filter(pk=mapping.pk).first()
        refuse_if([*_reasons_against(mapping, saved)])

        values = {name: getattr(mapping, name) for name in SAVED}
        changes = changes_of([saved], values) if saved else None
        mapping.save()
        log_activity("changed" if saved else "added", [mapping], actor=actor, at=at, changes=changes)
    return mapping


def delete_mappings(mappings: OfEntityQuerySet, *, actor: User, at: datetime) -> int:
    """Delete mappings; files that were read by them keep what was read. Locks the mappings (X8)."""
    with transaction.atomic(durable=True):
        chosen = list(mappings.select_related(None).order_by("pk").select_for_update())
        log_activity("deleted", chosen, actor=actor, at=at)
        ImportMapping.objects.filter(pk__in=[one.pk for one in chosen]).delete()
    return len(chosen)


def _reasons_against(mapping: ImportMapping, saved: ImportMapping | None) -> Iterator[Refusal]:
    missing = [name for name in NEEDED if not mapping.columns.get(name)]
    if missing:
        yield Refusal(
            "mapping-incomplete",
            _("A mapping needs the columns of date, person, project and hours."),
            mapping.name,
            _("Choose a column for each of them."),
        )
    others = ImportMapping.objects.filter(legal_entity=mapping.legal_entity_id, name__iexact=mapping.name)
    if others.exclude(pk=mapping.pk).exists():
        yield Refusal(
            "name-taken", _("Another mapping has this name."), mapping.name, _("Choose another name.")
        )
    # Rows with an id are known by it and the name of their mapping: under another name they would be new.
    if saved is not None and saved.name != mapping.name and saved.columns.get("id"):
        yield Refusal(
            "name-fixed",
            _("Rows with an id are recognised by the name of their mapping."),
            saved.name,
            _("Keep the name, or save another mapping."),
        )
