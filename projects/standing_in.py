"""What somebody may decide about, as an approver or as the stand-in of one (A9)."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User
from django.db.models import Q

from core.access import may
from projects.approval_querysets import ApprovalQuerySet
from projects.models import Approval, ApprovalDelegation, Project

PERMISSION = "projects.approve_entry"


def delegators_of(user: User, on: date) -> list[User]:
    """The approvers for whom somebody stands in on a day; who may not approve any more is none of them."""
    named = ApprovalDelegation.objects.holding_on(on).filter(stand_in=user).select_related("delegator")
    delegators = {one.delegator_id: one.delegator for one in named.order_by("pk")}
    return [one for one in delegators.values() if one.is_active and may(one, PERMISSION)]


def approvable_by(user: User, on: date) -> ApprovalQuerySet:
    """Approvals, waiting and decided, of the work that a person may decide about on a day.

    Of what a delegator may decide, without the delegator's own work and submissions (S1).
    """
    theirs = Q(entry__project__in=Project.objects.managed_by(user).values("pk"))
    for delegator in delegators_of(user, on):
        theirs |= _in_place_of(delegator)
    return Approval.objects.filter(theirs)


def note_delegators(approvals: Sequence[Approval], *, actor: User, on: date) -> None:
    """Keep on decisions on whose behalf they were made, where the actor decided as a stand-in.

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
        mine = Approval.objects.filter(_in_place_of(delegator), pk__in=left)
        decided = list(mine.values_list("pk", flat=True))
        Approval.objects.filter(pk__in=decided).update(on_behalf_of=delegator)
        left -= set(decided)


def _in_place_of(delegator: User) -> Q:
    managed = Project.objects.managed_by(delegator).values("pk")
    own = Q(worker__isnull=False, worker=delegator) | Q(submitted_by=delegator)
    return Q(entry__project__in=managed) & ~own
