"""Post the proposals whose day has come, each in the name of whoever scheduled it (C5)."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext as _

from accounting.invoicing import post_proposals, posting_outlook
from accounting.models import InvoiceProposal
from accounting.querysets import ProposalQuerySet
from accounting.refused_proposals import refusals_by_proposal
from core.access import may
from core.people import person_name
from core.refusals import Refusal, Refused
from core.sweeping import isolate
from projects.legal_entities import with_day
from projects.models import LegalEntity

logger = logging.getLogger(__name__)

MOST = 200
"""Proposals that one tick of the clock posts at most."""
POST = "accounting.post_invoice"
"""What whoever scheduled must still be allowed to do on the day."""


def post_scheduled(*, at: datetime) -> int:
    """Post what was scheduled for a day that has come in its company; return how many were posted.

    Proposals of one company and one person are posted together. One that is refused is left out, keeps the
    reason and is tried again by a later tick, after those that were never refused. So does what was scheduled
    by somebody who may not post any more. Whatever else fails is tried alone, logged and stops no other. A
    loop over the verb: it holds no transaction of its own, and a tick that comes twice finds nothing left to
    do (C5).
    """
    due: dict[tuple[int, User], list[int]] = defaultdict(list)
    for one in _whose_day_has_come(at)[:MOST]:
        if one.scheduled_by is not None:
            due[one.legal_entity_id, one.scheduled_by].append(one.pk)
    posted = 0
    for (_entity, actor), keys in due.items():
        if may(actor, POST):
            posted += _post(keys, actor, at)
        else:
            message = _("%(name)s may not post invoices any more.") % {"name": person_name(actor)}
            way_out = _("Schedule it again, or post it.")
            _keep(keys, f"{message} {way_out}")
    return posted


def _whose_day_has_come(at: datetime) -> ProposalQuerySet:
    """Those that were refused before come last: however many they are, no other waits behind them."""
    companies: dict[date, list[int]] = defaultdict(list)
    for entity, day in with_day(LegalEntity.objects.all(), at):
        companies[day].append(entity.pk)
    come = Q(pk__in=[])
    for day, keys in companies.items():
        come |= Q(legal_entity__in=keys, post_on__lte=day)
    scheduled = InvoiceProposal.objects.unposted().filter(come).select_related("scheduled_by")
    refused_before = Case(When(not_posted_because="", then=Value(0)), default=Value(1))
    return scheduled.order_by(refused_before, "post_on", "accounting_date", "pk")


def _post(keys: Sequence[int], actor: User, at: datetime) -> int:
    def post(some: Sequence[int]) -> int:
        return _post_what_is_good(InvoiceProposal.objects.filter(pk__in=some), actor, at)

    posted, failures = isolate(keys, post)
    for key, error in failures.items():
        if isinstance(error, Refused):
            _keep([key], _in_words(error.refusals))
        else:
            logger.error("proposal %s was not posted by the clock", key, exc_info=error)
    return sum(posted)


def _post_what_is_good(proposals: ProposalQuerySet, actor: User, at: datetime) -> int:
    """Post those that nothing stands against, in the order of their dates; the others keep the reasons."""
    # Looked at first: one by one, a later date might be posted before an earlier one, which is then refused.
    outlook = posting_outlook(proposals, actor=actor)
    looked_at = [one.proposal for one in outlook.prepared]
    against = refusals_by_proposal(looked_at, outlook.refusals)
    good = [one.pk for one in looked_at if one.pk not in against]
    posted = post_proposals(proposals.filter(pk__in=good), actor=actor, at=at) if good else []
    for key, refusals in against.items():
        _keep([key], _in_words(refusals))
    return len(posted)


def _in_words(refusals: Iterable[Refusal]) -> str:
    return " ".join(f"{one.message} {one.way_out}" for one in refusals)


def _keep(keys: Sequence[int], reasons: str) -> None:
    waiting = InvoiceProposal.objects.unposted().filter(pk__in=keys)
    waiting.exclude(not_posted_because=reasons[:500]).update(not_posted_because=reasons[:500])
