"""Which submissions a user may decide, as an approver or as the stand-in of one (A9)."""

from datetime import date

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from core.access import may
from projects.approval_querysets import ApprovalQuerySet
from projects.models import Approval, ApprovalDelegation, Entry, Project, Receipt

PERMISSION = "projects.approve_entry"


def delegators_of(user: User, on: date) -> list[User]:
    """The approvers for whom a user stands in on a day, if they may still approve."""
    named = ApprovalDelegation.objects.holding_on(on).filter(stand_in=user).select_related("delegator")
    delegators = {one.delegator_id: one.delegator for one in named.order_by("pk")}
    return [one for one in delegators.values() if one.is_active and may(one, PERMISSION)]


def approvable_by(user: User, on: date) -> ApprovalQuerySet:
    """Approvals, waiting and decided, of the work that a person may decide about on a day.

    Of what a delegator may decide, without the delegator's own work and submissions (S1).
    """
    theirs = Q(entry__project__in=Project.objects.managed_by(user).values("pk"))
    for delegator in delegators_of(user, on):
        theirs |= in_place_of(delegator)
    return Approval.objects.filter(theirs)


def receipts_for(user: User, on: date) -> QuerySet[Receipt]:
    """Receipts of the entries a user may see, and of those the user may decide on a day (A9)."""
    decidable = approvable_by(user, on).values("entry")
    seen = Entry.objects.visible_to(user).values("pk")
    return Receipt.objects.filter(Q(entry__in=seen) | Q(entry__in=decidable))


def in_place_of(delegator: User) -> Q:
    """What a stand-in may decide in place of an approver: nothing of the approver's own (S1)."""
    managed = Project.objects.managed_by(delegator).values("pk")
    own = Q(worker__isnull=False, worker=delegator) | Q(submitted_by=delegator)
    return Q(entry__project__in=managed) & ~own
