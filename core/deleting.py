"""Delete what nobody ever used; what was used stays, and the refusal says by what (A13)."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.activity_log import log_activity
from core.querysets import VisibleQuerySet
from core.refusals import Refusal, Text, refuse_if

Uses = Counter[tuple[str, str]]
"""How many rows name a row, by the names of their model in singular and plural."""


def delete_unused(rows: VisibleQuerySet, *, actor: User, at: datetime, way_out: Text = "") -> int:
    """Delete rows that no other row names, with their own parts, such as the tasks of a project.

    All of them or none; the activity log keeps that they were there. `way_out` says what to do with one that
    is used. Returns how many. Locks the rows. Raises Refused: in-use (A13).
    """
    with transaction.atomic(durable=True):
        # Held while their uses are counted: a new row that names one of them waits for the lock.
        chosen = list(rows.select_related(None).locked())
        used = uses_of(chosen)
        refuse_if(
            Refusal("in-use", sentence_of(used[row.pk]), str(row), way_out) for row in chosen if used[row.pk]
        )

        # The history is written first, while the rows still have their names.
        log_activity("deleted", chosen, actor=actor, at=at)
        rows.model._default_manager.filter(pk__in=[row.pk for row in chosen]).delete()
    return len(chosen)


def uses_of(rows: Iterable[models.Model]) -> dict[Any, Uses]:
    """What names each of these rows of one model, by key; one statement per relation, whatever the number."""
    chosen = list(rows)
    used: dict[Any, Uses] = {row.pk: Counter() for row in chosen}
    if chosen:
        for model, path in _naming(type(chosen[0]), ""):
            named = model._base_manager.filter(**{f"{path}__in": list(used)}).order_by().values_list(path)
            for key, count in named.annotate(count=Count("pk")):
                used[key][_names_of(model)] += count
    return used


def sentence_of(uses: Uses) -> str:
    """`3 contracts and 12 entries name it.`"""
    counted = [f"{count} {one if count == 1 else many}" for (one, many), count in sorted(uses.items())]
    *first, last = counted
    named = _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last
    return ngettext("%(named)s names it.", "%(named)s name it.", sum(uses.values())) % {
        "named": capfirst(named)
    }


def _naming(model: type[models.Model], path: str) -> Iterator[tuple[type[models.Model], str]]:
    """The models whose rows count as a use, each with the path from it to the row that is named."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel) or relation.field is None:
            continue
        owner, step = relation.related_model, f"{relation.field.name}{'__' + path if path else ''}"
        through: Any = owner._meta.auto_created
        # A choice of its own, such as whom a project writes to, is no use of it.
        if through is model:
            continue
        # What only remembers that something was done about it goes with it.
        if getattr(owner, "is_history", False):
            continue
        is_part = relation.on_delete is models.CASCADE and not through
        if is_part and owner._meta.app_label == model._meta.app_label:
            yield from _naming(owner, step)
        else:
            yield owner, step


def _names_of(model: type[models.Model]) -> tuple[str, str]:
    """How rows of a model are called; a row of a many-to-many table is called like what it belongs to."""
    owner: Any = model._meta.auto_created or model
    return str(owner._meta.verbose_name), str(owner._meta.verbose_name_plural)
