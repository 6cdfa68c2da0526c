"""Keep reminders of customers back, or of disputed invoices, and lift that again (C11)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import CustomerInvoice, ReminderStop
from accounting.querysets import InvoiceQuerySet
from accounting.receivable_querysets import ReminderStopQuerySet
from core.activity_log import came_with, changes_of, log_activity
from core.refusals import Refusal, refuse_if
from projects.models import Customer
from projects.querysets import CustomerQuerySet

BATCH = 500


def stop_reminders(
    customers: CustomerQuerySet, *, until: date | None, reason: str, on: date, actor: User, at: datetime
) -> list[ReminderStop]:
    """Keep all reminders of customers back, until a day or until it is lifted.

    Locks the customers. Raises Refused: nothing-chosen, reason-missing, day-is-over, stopped-already (C11).
    """
    with transaction.atomic(durable=True):
        chosen = list(customers.locked())
        standing = ReminderStop.objects.filter(customer__in=chosen, invoice__isnull=True).holding_on(on)
        taken = set(standing.values_list("customer", flat=True))
        refuse_if([*_without_reason(chosen, until, reason, on), *_stopped(chosen, taken)])

        stops = [ReminderStop(customer=one) for one in chosen]
        _write(stops, until, reason, actor, at)
    return stops


def dispute_invoices(
    invoices: InvoiceQuerySet, *, until: date | None, reason: str, on: date, actor: User, at: datetime
) -> list[ReminderStop]:
    """Keep reminders of invoices back while they are disputed; the customer is reminded of others.

    Locks the invoices. Raises Refused: nothing-chosen, reason-missing, day-is-over, stopped-already (C11).
    """
    with transaction.atomic(durable=True):
        chosen = list(invoices.select_related("customer").locked())
        standing = ReminderStop.objects.filter(invoice__in=chosen).holding_on(on)
        taken = set(standing.values_list("invoice", flat=True))
        refuse_if([*_without_reason(chosen, until, reason, on), *_stopped(chosen, taken)])

        stops = [ReminderStop(customer=one.customer, invoice=one) for one in chosen]
        _write(stops, until, reason, actor, at)
    return stops


def lift_stops(stops: ReminderStopQuerySet, *, actor: User, at: datetime) -> int:
    """Lift stops: what they kept back is proposed again. Locks them. Raises Refused: lifted-already (C11)."""
    with transaction.atomic(durable=True):
        chosen = list(stops.locked())
        way_out = _("Reload the page.")
        refuse_if(
            Refusal("lifted-already", _("It was lifted already."), str(one), way_out)
            for one in chosen
            if one.lifted_at is not None
        )

        changes = changes_of(chosen, {"lifted_at": at})
        ReminderStop.objects.filter(pk__in=[one.pk for one in chosen]).update(lifted_by=actor, lifted_at=at)
        log_activity("reminders resumed", chosen, actor=actor, at=at, changes=changes)
    return len(chosen)


def _write(stops: list[ReminderStop], until: date | None, reason: str, actor: User, at: datetime) -> None:
    for one in stops:
        one.until, one.reason, one.stopped_by, one.stopped_at = until, reason.strip(), actor, at
    ReminderStop.objects.bulk_create(stops, batch_size=BATCH)
    came = came_with(stops, "customer", "invoice", "until", "reason")
    log_activity("reminders stopped", stops, actor=actor, at=at, changes=came)


def _without_reason(chosen: Sequence[object], until: date | None, reason: str, on: date) -> Iterator[Refusal]:
    if not chosen:
        yield Refusal("nothing-chosen", _("Nothing was chosen."), way_out=_("Choose at least one."))
    if not reason.strip():
        way_out = _("Say in a few words why.")
        yield Refusal("reason-missing", _("Reminders are stopped for a reason."), way_out=way_out)
    if until is not None and until < on:
        message = _("The day until which they are stopped is over.")
        yield Refusal("day-is-over", message, way_out=_("Choose today or a later day."))


def _stopped(chosen: Sequence[Customer | CustomerInvoice], taken: set[int]) -> Iterator[Refusal]:
    for one in chosen:
        if one.pk in taken:
            message = _("Its reminders are stopped already.")
            yield Refusal("stopped-already", message, str(one), _("Lift that stop first."))
