"""Tell project managers once that a retention may be released; the outbox sends the mail (B12)."""

from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import F, Q

from billing.models import Retention
from billing.retention_querysets import RetentionQuerySet
from core.outbox import enqueue
from projects.models import LegalEntity

DUE = "retention-due"
"""The kind of outbox row that becomes a mail to the project manager."""


def tell_of_due_retentions(retentions: RetentionQuerySet, *, at: datetime) -> int:
    """Note every open retention whose release date has come, once for each date that it is given.

    The day is that of its legal entity. The mail leaves after the commit. Returns how many are new. Locks the
    retentions; refuses nothing (B12).
    """
    come = Q(pk__in=[])
    for entity in LegalEntity.objects.order_by("pk"):
        try:
            come |= Q(line__proforma__legal_entity=entity, release_on__lte=entity.day_of(at))
        except (ZoneInfoNotFoundError, ValueError):
            # Its page says that its time zone is not known; the others go on.
            continue
    anew = retentions.filter(come).exclude(noted_for=F("release_on"))
    with transaction.atomic(durable=True):
        keys = list(anew.confirmed().order_by().values_list("pk", flat=True))
        # Held, so that two sweepers do not note the same one; what was given another day is left out.
        held = [one.pk for one in Retention.objects.filter(pk__in=keys).filter(come).locked()] if keys else []
        due = list(Retention.objects.filter(pk__in=held).open_ones().values_list("pk", "release_on"))
        Retention.objects.filter(pk__in=held).update(noted_for=F("release_on"))
        for key, release_on in due:
            enqueue(DUE, [key], at=at, again=f"@{release_on}")
    return len(due)
