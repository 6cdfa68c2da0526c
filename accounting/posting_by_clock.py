"""Post the proposals whose day has come, each in the name of whoever scheduled it (C5)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User

from accounting.invoicing import post_proposals
from accounting.models import InvoiceProposal
from core.refusals import Refused
from core.sweeping import isolate

MOST = 200
"""Proposals that one tick of the clock posts at most."""


def post_scheduled(*, at: datetime) -> int:
    """Post what was scheduled for a day that has come in its company; return how many were posted.

    Proposals of one company and one person are posted together, each alone where one is refused: that one
    keeps the reason and is tried again by the next tick. A loop over the verb: it holds no transaction of its
    own, and a tick that comes twice finds nothing left to do (C5).
    """
    due: dict[tuple[int, User], list[int]] = defaultdict(list)
    scheduled = InvoiceProposal.objects.unposted().filter(post_on__isnull=False)
    for one in scheduled.select_related("legal_entity", "scheduled_by").order_by("pk")[:MOST]:
        day, actor = one.post_on, one.scheduled_by
        if day is not None and actor is not None and day <= one.legal_entity.day_of(at):
            due[one.legal_entity_id, actor].append(one.pk)
    return sum(_post(keys, actor, at) for (_entity, actor), keys in due.items())


def _post(keys: Sequence[int], actor: User, at: datetime) -> int:
    def post(some: Sequence[int]) -> int:
        return len(post_proposals(InvoiceProposal.objects.filter(pk__in=some), actor=actor, at=at))

    posted, failures = isolate(keys, post)
    for key, error in failures.items():
        if not isinstance(error, Refused):
            raise error
        reasons = " ".join(f"{one.message} {one.way_out}" for one in error.refusals)
        waiting = InvoiceProposal.objects.unposted().filter(pk=key)
        waiting.exclude(not_posted_because=reasons[:500]).update(not_posted_because=reasons[:500])
    return sum(posted)
