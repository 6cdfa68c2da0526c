"""Reopen fiscal periods, the last one first (C8)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.models import FiscalPeriod, JournalVoucher
from accounting.querysets import PeriodQuerySet
from accounting.states import PeriodStatus
from core.activity_log import log_activity, states_of
from core.refusals import Refusal, refuse_if
from projects.locking import lock_through


def reopen_period(periods: PeriodQuerySet, *, actor: User, at: datetime) -> int:
    """Reopen the last closed period of each legal entity; the lock date moves back to the one before it.

    Locks the periods, then the legal entities. Returns how many. Raises Refused: not-closed,
    later-period-closed, year-closed (C8).
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


def _reasons_against_reopening(periods: list[FiscalPeriod]) -> Iterable[Refusal]:
    for period in periods:
        if period.status != PeriodStatus.CLOSED:
            yield Refusal("not-closed", _("It is open."), str(period))
        later = FiscalPeriod.objects.filter(
            legal_entity=period.legal_entity, status=PeriodStatus.CLOSED, starts_on__gt=period.ends_on
        )
        if later.exists():
            message = _("A later period is closed.")
            yield Refusal("later-period-closed", message, str(period), _("Reopen the last one first."))
        closed = JournalVoucher.objects.closing_years().filter(
            legal_entity=period.legal_entity, date__gt=period.ends_on
        )
        if closed.exists():
            message = _("Its fiscal year is closed.")
            way_out = _("Reverse the close of the year first, or discard its draft.")
            yield Refusal("year-closed", message, str(period), way_out)
