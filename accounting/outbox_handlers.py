"""Which verb works on which kind of outbox entry; accounting sees the verbs of all apps (decision 6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from accounting.models import CustomerInvoice
from accounting.printing import print_invoices
from accounting.pulling import pull_events, pull_proposals
from billing.models import Proforma
from billing.scheduling import run_batch
from core.sweeping import Handler, sweep
from projects.models import ActualEvent


def actuals_recorded(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """The integration journal takes over what approvals recorded."""
    return pull_events(ActualEvent.objects.filter(pk__in=keys), at=now).failures


def proforma_confirmed(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """Confirmed proformas become invoice proposals."""
    return pull_proposals(Proforma.objects.filter(pk__in=keys), at=now).failures


def invoice_posted(keys: Sequence[int], now: datetime) -> None:
    """A posted invoice is printed."""
    print_invoices(CustomerInvoice.objects.filter(pk__in=keys), at=now)


def batch_run_requested(keys: Sequence[int], now: datetime) -> None:
    """A requested run is worked through."""
    for key in keys:
        run_batch(key, clock=timezone.now)


HANDLERS: dict[str, Handler] = {
    "actuals-recorded": actuals_recorded,
    "proforma-confirmed": proforma_confirmed,
    "invoice-posted": invoice_posted,
    "batch-run": batch_run_requested,
}


def sweep_outbox(*, now: datetime) -> int:
    """Work through the outbox with the handlers of all apps; return how many entries were done."""
    return sweep(HANDLERS, now=now)
