"""Which verb works on which kind of outbox entry; accounting sees the verbs of all apps (record 0006)."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.utils import timezone

from accounting.checking_books import check_books
from accounting.mailing_invoices import send_invoices
from accounting.mails import reminder_mails
from accounting.models import CustomerInvoice, Reminder
from accounting.outbox_mails import MAILS_OF_ROWS
from accounting.printing import print_invoices, print_reminders
from accounting.pulling import missing_actuals, pull_events, pull_proposals
from accounting.states import CheckOccasion
from billing.bulk_confirming import confirm_in_bulk
from billing.bulk_drafting import draft_in_bulk
from billing.models import BatchRun, Proforma
from billing.run_querysets import RunQuerySet
from billing.scheduling import run_batch
from billing.states import RunKind
from core.sending import Composer, Mails, send_pending
from core.sweeping import Handler, sweep
from projects.approving_by_rule import approve_by_rule
from projects.models import ActualEvent, Project, WorkItem
from projects.watching_budgets import watch_budgets

logger = logging.getLogger(__name__)


def actuals_recorded(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """The integration journal takes over what approvals recorded."""
    failures = pull_events(ActualEvent.objects.filter(pk__in=keys), at=now).failures
    # What was approved has used budgets; noting it twice changes nothing.
    touched = WorkItem.objects.filter(actuals__event__in=keys).values("project")
    watch_budgets(Project.objects.filter(pk__in=touched), at=now)
    return failures


def proforma_confirmed(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """Confirmed proformas become invoice proposals, and what they put back is accrued again."""
    proformas = Proforma.objects.filter(pk__in=keys)
    failures = dict(pull_proposals(proformas, at=now).failures)
    # Hours that a correction returns to the backlog are unbilled sales of its own event.
    owners = dict(proformas.filter(event__isnull=False).values_list("event", "pk"))
    events = ActualEvent.objects.filter(pk__in=owners).filter(actuals__in=missing_actuals()).distinct()
    failed = pull_events(events, at=now).failures
    return failures | {owners[event]: error for event, error in failed.items()}


def invoice_posted(keys: Sequence[int], now: datetime) -> None:
    """A posted invoice is printed."""
    print_invoices(CustomerInvoice.objects.filter(pk__in=keys), at=now)


def batch_run_requested(keys: Sequence[int], now: datetime) -> None:
    """A requested run is worked through."""
    work_through_runs(BatchRun.objects.filter(pk__in=keys))


def work_through_runs(runs: RunQuerySet) -> None:
    """Work through runs that are not over, each by the verb of its kind; one that is alive is left alone.

    One that cannot be worked through is logged and asked for again; it stops no other (Q5).
    """
    for key, kind in list(runs.unfinished().order_by("pk").values_list("pk", "kind")):
        try:
            RUNS[RunKind(kind)](key, clock=timezone.now)
        except Exception:
            logger.exception("run %s could not be worked through", key)


def budgets_changed(keys: Sequence[int], now: datetime) -> None:
    """Budgets of projects that were changed, or of what was approved on them, are looked at again."""
    watch_budgets(Project.objects.filter(pk__in=keys), at=now)


def reminder_sent(keys: Sequence[int]) -> Mails:
    """A reminder is printed, and goes to the customer."""
    sent = Reminder.objects.filter(pk__in=keys)
    print_reminders(sent, at=timezone.now())
    return reminder_mails(sent.select_related("legal_entity", "sent_by", "document").order_by("pk"))


def invoice_to_send(keys: Sequence[int], now: datetime) -> None:
    """Invoices whose customers get them by mail are sent by those who posted them, each unless it went."""
    waiting = CustomerInvoice.objects.filter(pk__in=keys, sent__isnull=True)
    by_poster: dict[User, list[int]] = defaultdict(list)
    for invoice in waiting.select_related("posted_by").order_by("pk"):
        by_poster[invoice.posted_by].append(invoice.pk)
    # Where one is refused, the sweeper asks for each alone, so that it refuses no other; what went is not
    # waiting any more.
    for poster, its in by_poster.items():
        send_invoices(CustomerInvoice.objects.filter(pk__in=its), actor=poster, at=now)


def check_asked(keys: Sequence[int], now: datetime) -> None:
    """Somebody asked for a check of the books."""
    for user in User.objects.filter(pk__in=keys):
        check_books(occasion=CheckOccasion.ASKED, clock=timezone.now, asked_by=user)


def approval_by_rule(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """What a rule of the approval policy approves is approved."""
    return approve_by_rule(keys, at=now)


RUNS: dict[RunKind, Callable[..., str]] = {
    RunKind.DUE: run_batch,
    RunKind.CONTRACTS: draft_in_bulk,
    RunKind.CONFIRMATION: confirm_in_bulk,
}

HANDLERS: dict[str, Handler] = {
    "approval-by-rule": approval_by_rule,
    "actuals-recorded": actuals_recorded,
    "budgets-changed": budgets_changed,
    "invoice-to-send": invoice_to_send,
    "proforma-confirmed": proforma_confirmed,
    "invoice-posted": invoice_posted,
    "check-books": check_asked,
    "batch-run": batch_run_requested,
}


MAILS: dict[str, Composer] = MAILS_OF_ROWS | {"reminder": reminder_sent}
"""The mails of all kinds of rows; one that is printed first is written here."""


def sweep_outbox(*, now: datetime) -> int:
    """Work through the outbox with the handlers of all apps and send its mails; return how many are done."""
    return sweep(HANDLERS, now=now) + send_pending(MAILS, clock=timezone.now)
