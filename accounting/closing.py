"""Close fiscal periods over books that prove; closing locks the apps below as well (C8, X6)."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounting.checking_books import check_books
from accounting.closing_reasons import reasons_against_closing
from accounting.models import FiscalPeriod
from accounting.querysets import PeriodQuerySet
from accounting.states import CheckOccasion, PeriodStatus
from core.activity_log import log_activity, states_of
from core.refusals import refuse_if
from projects.broken_books import reasons_while_broken
from projects.locking import lock_through


def close_periods(periods: PeriodQuerySet, *, actor: User, at: datetime) -> int:
    """Close periods, oldest first: nothing dated in them is entered, confirmed or posted any more.

    The books are checked first; while they do not prove, nothing is closed. The lock date of each legal
    entity moves to the last day of its last closed period. All periods of the set or none. Locks the periods,
    then the legal entities. Returns how many. Raises Refused: books-broken, not-open, earlier-period-open,
    work-not-imported, journals-unposted, proformas-not-proposed, proposals-unposted (C8, X6).
    """
    refuse_if(reasons_against_closing(list(periods.select_related("legal_entity"))))
    # Before the locks: a check of large books takes seconds, and nobody who posts waits for it.
    check_books(occasion=CheckOccasion.CLOSING, clock=lambda: at, asked_by=actor)
    with transaction.atomic(durable=True):
        chosen = sorted(periods.select_related("legal_entity").locked(), key=lambda one: one.starts_on)
        broken = reasons_while_broken(period.legal_entity for period in chosen)
        refuse_if([*broken, *reasons_against_closing(chosen)])

        # The periods move before the lock date: whoever posts holds them, and comes wholly before or after.
        FiscalPeriod.objects.walk(chosen, FiscalPeriod.close, closed_by=actor, closed_at=at)
        for period in chosen:
            lock_through(period.legal_entity, period.ends_on, actor=actor, at=at)
        log_activity(
            "closed", chosen, actor=actor, at=at, from_states=states_of(chosen), to_state=PeriodStatus.CLOSED
        )
    return len(chosen)
