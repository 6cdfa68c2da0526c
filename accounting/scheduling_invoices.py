"""Check proposals before they are posted, and say on which day the clock posts them (C5)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import InvoiceProposal
from accounting.querysets import ProposalQuerySet
from accounting.states import ProposalStatus
from core.activity_log import changes_of, log_activity
from core.refusals import Refusal, refuse_if

LOADED = ("proforma", "legal_entity")


def mark_checked(proposals: ProposalQuerySet, *, actor: User, at: datetime) -> int:
    """Say that somebody looked at proposals and found them right; then they may be posted.

    What is decided about a proposal afterwards takes the mark off again. Locks the proposals, all of them or
    none. Returns how many. Raises Refused: already-posted, own-confirmation (C5, S2).
    """
    with transaction.atomic(durable=True):
        chosen = list(proposals.select_related(*LOADED).locked())
        refuse_if([*_posted(chosen), *_confirmed_by(chosen, actor)])

        InvoiceProposal.objects.filter(pk__in=[one.pk for one in chosen]).update(
            checked_by=actor, checked_at=at
        )
        log_activity("checked", chosen, actor=actor, at=at)
    return len(chosen)


def schedule_posting(proposals: ProposalQuerySet, on: date | None, *, actor: User, at: datetime) -> int:
    """Let the clock post proposals on a day of their company, in the name of whoever says so; None: not.

    Each is posted with its own accounting date. What posting would refuse that day waits, says why, and is
    tried again. Locks the proposals, all of them or none. Returns how many. Raises Refused: already-posted,
    own-confirmation, day-is-over (C5, S2).
    """
    with transaction.atomic(durable=True):
        chosen = list(proposals.select_related(*LOADED).locked())
        refuse_if([*_posted(chosen), *_confirmed_by(chosen, actor), *_over(chosen, on, at)])

        values = {"post_on": on, "scheduled_by": actor if on else None, "not_posted_because": ""}
        changes = changes_of(chosen, {"post_on": on})
        InvoiceProposal.objects.filter(pk__in=[one.pk for one in chosen]).update(**values)
        log_activity("posting scheduled", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def _posted(proposals: Iterable[InvoiceProposal]) -> Iterator[Refusal]:
    for one in proposals:
        if one.status != ProposalStatus.DRAFT:
            yield Refusal("already-posted", _("It is posted already."), str(one), _("Leave it out."))


def _confirmed_by(proposals: Iterable[InvoiceProposal], actor: User) -> Iterator[Refusal]:
    for one in proposals:
        if one.proforma.confirmed_by_id == actor.pk:
            message = _("Whoever confirmed a proforma does not post its invoice.")
            yield Refusal("own-confirmation", message, str(one), _("Ask another accountant."))


def _over(proposals: Iterable[InvoiceProposal], on: date | None, at: datetime) -> Iterator[Refusal]:
    for one in proposals:
        if on is not None and on < one.legal_entity.day_of(at):
            yield Refusal("day-is-over", _("That day is over."), str(one), _("Choose today or a later day."))
