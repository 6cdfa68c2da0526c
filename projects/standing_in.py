"""Store on whose behalf a stand-in decided (A9)."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User

from projects.approvers import delegators_of, in_place_of
from projects.models import Approval


def note_delegators(approvals: Sequence[Approval], *, actor: User, on: date) -> None:
    """Store on whose behalf decisions were made, where the actor decided as a stand-in.

    Called by verbs after they decided, inside their transaction. One statement where the actor stands in for
    nobody, and a few for each delegator otherwise.
    """
    delegators = delegators_of(actor, on)
    if not delegators:
        return
    keys = [one.pk for one in approvals]
    by_right = Approval.objects.filter(pk__in=keys).visible_to(actor)
    left = set(keys) - set(by_right.values_list("pk", flat=True))
    for delegator in delegators:
        mine = Approval.objects.filter(in_place_of(delegator), pk__in=left)
        decided = list(mine.values_list("pk", flat=True))
        Approval.objects.filter(pk__in=decided).update(on_behalf_of=delegator)
        left -= set(decided)
