"""Close and reopen fiscal periods; closing locks the apps below as well (C8)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.checking_books import check_books
from accounting.models import FiscalPeriod, IntegrationJournalLine, InvoiceProposal
from accounting.querysets import PeriodQuerySet
from accounting.states import CheckOccasion, PeriodStatus
from core.activity_log import log_activity, states_of
from core.refusals import Refusal, refuse_if
from projects.broken_books import reasons_while_broken
from projects.locking import lock_through


def close_periods(periods: PeriodQuerySet, *, actor: User, at: datetime) -> int:
    """Close periods, oldest first: nothing dated in them is entered, confirmed or posted any more.

    The books are checked first; while they do not prove, nothing is closed. The lock date of each legal
    entity moves to the last day of its last closed period. All periods of the set or none. Locks the periods,
    then the legal entities. Returns how many. Raises Refused: books-broken, not-open, earlier-period-open,
    journals-unposted, proposals-unposted (C8, X6).
    """
    refuse_if(_reasons_against(list(periods.select_related("legal_entity"))))
    # Before the locks: a check of large books takes seconds, and nobody who posts waits for it.
    check_books(occasion=CheckOccasion.CLOSING, clock=lambda: at, asked_by=actor)
    with transaction.atomic(durable=True):
        chosen = sorted(periods.select_related("legal_entity").locked(), key=lambda one: one.starts_on)
        broken = reasons_while_broken(period.legal_entity for period in chosen)
        refuse_if([*broken, *_reasons_against(chosen)])

        # The periods move before the lock date: whoever posts holds them, and comes wholly before or after.
        FiscalPeriod.objects.walk(chosen, FiscalPeriod.close, closed_by=actor, closed_at=at)
        for period in chosen:
            lock_through(period.legal_entity, period.ends_on, actor=actor, at=at)
        log_activity(
            "closed", chosen, actor=actor, at=at, from_states=states_of(chosen), to_state=PeriodStatus.CLOSED
        )
    return len(chosen)


def reopen_period(periods: PeriodQuerySet, *, actor: User, at: datetime) -> int:
    """Reopen the last closed period of each legal entity; the lock date moves back to the one before it.

    Locks the periods, then the legal entities. Returns how many. Raises Refused: not-closed,
    later-period-closed (C8).
    """
    with transaction.atomic(durable=True):
        chosen = list(periods.select_related("legal_entity").locked())
        refuse_if(_reasons_against_reopening(chosen))

        FiscalPeriod.objects.walk(chosen, FiscalPeriod.reopen, closed_by=None, closed_at=None)
        for period in chosen:
            earlier = FiscalPeriod.objects.filter(
                legal_entity=period.legal_entity, status=PeriodStatus.CLOSED, ends_on__lt=period.starts_on
            )
            # Without an earlier closed period nothing is locked any more but what lies before this one.
            day = earlier.aggregate(last=Max("ends_on"))["last"] or period.starts_on - timedelta(days=1)
            lock_through(period.legal_entity, day, actor=actor, at=at)
        log_activity(
            "reopened", chosen, actor=actor, at=at, from_states=states_of(chosen), to_state=PeriodStatus.OPEN
        )
    return len(chosen)


def _reasons_against(periods: list[FiscalPeriod]) -> Iterable[Refusal]:
    keys = [period.pk for period in periods]
    for period in periods:
        span = {"accounting_date__gte": period.starts_on, "accounting_date__lte": period.ends_on}
        entity = period.legal_entity
        earlier = FiscalPeriod.objects.open().filter(legal_entity=entity, ends_on__lt=period.starts_on)
        if period.status != PeriodStatus.OPEN:
            yield Refusal("not-open", _("It is closed already."), period.name)
        # An earlier period that is closed together with this one is not open any more when it counts.
        if earlier.exclude(pk__in=keys).exists():
            message = _("An earlier period is still open.")
            yield Refusal("earlier-period-open", message, period.name, _("Close the earlier ones first."))
        if IntegrationJournalLine.objects.unposted().filter(journal__legal_entity=entity, **span).exists():
            message = _("It holds journal lines that are not posted.")
            yield Refusal("journals-unposted", message, period.name, _("Post its integration journals."))
        if InvoiceProposal.objects.unposted().filter(legal_entity=entity, **span).exists():
            message = _("It holds confirmed proformas that are not posted.")
            yield Refusal("proposals-unposted", message, period.name, _("Post its invoice proposals."))


def _reasons_against_reopening(periods: list[FiscalPeriod]) -> Iterable[Refusal]:
    for period in periods:
        if period.status != PeriodStatus.CLOSED:
            yield Refusal("not-closed", _("It is open."), period.name)
        later = FiscalPeriod.objects.filter(
            legal_entity=period.legal_entity, status=PeriodStatus.CLOSED, starts_on__gt=period.ends_on
        )
        if later.exists():
            message = _("A later period is closed.")
            yield Refusal("later-period-closed", message, period.name, _("Reopen the last one first."))
