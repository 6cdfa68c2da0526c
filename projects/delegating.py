"""Name a stand-in for one's approvals, and withdraw it (A9)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.access import may
from core.activity_log import log_activity
from core.people import person_name
from core.refusals import Refusal, refuse_if
from projects.access import people_visible_to
from projects.approval_querysets import DelegationQuerySet
from projects.models import ApprovalDelegation

PERMISSION = "projects.approve_entry"


def name_stand_in(
    stand_in: User, *, starts_on: date, ends_on: date, today: date, actor: User, at: datetime
) -> ApprovalDelegation:
    """Let somebody decide what the actor may decide, from the first day to the last, both included.

    Takes no locks. Raises Refused: own-stand-in, may-not-approve, other-company, ends-before-start, over
    (A9).
    """
    with transaction.atomic(durable=True):
        refuse_if([*_unfit(stand_in, actor), *_wrong_days(starts_on, ends_on, today)])

        delegation = ApprovalDelegation.objects.create(
            delegator=actor, stand_in=stand_in, starts_on=starts_on, ends_on=ends_on, named_at=at
        )
        log_activity("added", [delegation], actor=actor, at=at)
    return delegation


def withdraw_delegations(delegations: DelegationQuerySet, *, actor: User, at: datetime) -> int:
    """Take back stand-ins of one's own; what they decided stays decided.

    Locks them. Raises Refused: not-yours (A9).
    """
    with transaction.atomic(durable=True):
        chosen = list(delegations.locked())
        refuse_if(
            Refusal(
                "not-yours",
                _("A stand-in is withdrawn by the person who named it."),
                str(one),
                _("Ask %(person)s.") % {"person": one.delegator},
            )
            for one in chosen
            if one.delegator_id != actor.pk
        )

        ApprovalDelegation.objects.filter(pk__in=[one.pk for one in chosen]).update(is_withdrawn=True)
        log_activity("withdrawn", chosen, actor=actor, at=at)
    return len(chosen)


def _unfit(stand_in: User, actor: User) -> Iterable[Refusal]:
    name = person_name(stand_in)
    if stand_in == actor:
        yield Refusal("own-stand-in", _("Nobody stands in for themselves."), name, _("Choose somebody else."))
        return
    if not stand_in.is_active or not may(stand_in, PERMISSION):
        yield Refusal(
            "may-not-approve",
            _("This person may not approve entries."),
            name,
            _("Choose another approver, or ask an administrator for the role."),
        )
    if not people_visible_to(actor).filter(pk=stand_in.pk).exists():
        yield Refusal("other-company", _("This person works for another company."), name)


def _wrong_days(starts_on: date, ends_on: date, today: date) -> Iterable[Refusal]:
    if ends_on < starts_on:
        yield Refusal("ends-before-start", _("It ends before it starts."), "", _("Choose a later last day."))
    elif ends_on < today:
        yield Refusal("over", _("The last day is in the past."), "", _("Choose today or a later day."))
