"""Set bank bookings aside that are no payments of customers, and bring them back (C11)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import BankBooking, SetAsideBooking
from accounting.receivable_querysets import BankBookingQuerySet
from core.activity_log import log_activity
from core.refusals import Refusal, refuse_if

BATCH = 500


def set_bookings_aside(
    bookings: BankBookingQuerySet, *, reason: str, actor: User, at: datetime
) -> list[SetAsideBooking]:
    """Say of bank bookings that they are no payments of customers, such as fees: they wait no more.

    Nothing is posted: what they are is written as a journal voucher. Locks the bookings. Statements do not
    depend on how many. Raises Refused: nothing-chosen, reason-missing, already-matched (C11).
    """
    with transaction.atomic(durable=True):
        chosen = list(bookings.select_related("bank_account").locked())
        waiting = set(
            BankBooking.objects.unmatched()
            .filter(pk__in=[one.pk for one in chosen])
            .values_list("pk", flat=True)
        )
        refuse_if([*_without_reason(chosen, reason), *_not_waiting(chosen, waiting)])

        rows = [
            SetAsideBooking(booking=one, reason=reason.strip(), set_aside_by=actor, set_aside_at=at)
            for one in chosen
        ]
        SetAsideBooking.objects.bulk_create(rows, batch_size=BATCH)
        log_activity("booking set aside", chosen, actor=actor, at=at, facts={"reason": reason.strip()})
    return rows


def bring_bookings_back(bookings: BankBookingQuerySet, *, actor: User, at: datetime) -> int:
    """Let bank bookings wait for their payments again; who set them aside, and why, stays readable.

    Locks the bookings. Raises Refused: not-set-aside (C11).
    """
    with transaction.atomic(durable=True):
        chosen = list(bookings.select_related("bank_account").locked())
        standing = SetAsideBooking.objects.standing().filter(booking__in=chosen)
        aside = set(standing.values_list("booking", flat=True))
        way_out = _("Reload the page.")
        refuse_if(
            Refusal("not-set-aside", _("It is not set aside."), str(one), way_out)
            for one in chosen
            if one.pk not in aside
        )

        standing.update(brought_back_by=actor, brought_back_at=at)
        log_activity("booking brought back", chosen, actor=actor, at=at)
    return len(chosen)


def _without_reason(chosen: Sequence[BankBooking], reason: str) -> Iterator[Refusal]:
    if not chosen:
        yield Refusal("nothing-chosen", _("Nothing was chosen."), way_out=_("Choose at least one."))
    if not reason.strip():
        message = _("A bank booking is set aside for a reason.")
        yield Refusal("reason-missing", message, way_out=_("Say in a few words why."))


def _not_waiting(chosen: Sequence[BankBooking], waiting: set[int]) -> Iterator[Refusal]:
    for one in chosen:
        if one.pk not in waiting:
            message = _("It has its payment already, or is set aside.")
            yield Refusal("already-matched", message, str(one), _("Look at the list of payments."))
