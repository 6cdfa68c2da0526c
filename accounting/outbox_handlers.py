"""Which verb works on which kind of outbox entry; accounting sees the verbs of all apps (record 0006)."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.utils import timezone

from accounting.checking_books import check_books
from accounting.mails import proposal_mails, reminder_mails
from accounting.models import CustomerInvoice, Reminder
from accounting.printing import print_invoices, print_reminders
from accounting.pulling import pull_events, pull_proposals
from accounting.states import CheckOccasion
from billing.bulk_confirming import confirm_in_bulk
from billing.bulk_drafting import draft_in_bulk
from billing.mails import retention_mails, review_mails, statement_mails
from billing.models import BatchRun, Proforma, ProformaReview, Retention, SentStatement
from billing.querysets import ReviewQuerySet
from billing.run_querysets import RunQuerySet
from billing.scheduling import run_batch
from billing.states import RunKind
from core.mailing import send_mails
from core.sweeping import Handler, sweep
from projects.approving_by_rule import approve_by_rule
from projects.mails import budget_mails, forgotten_mails, invitation_mails
from projects.models import ActualEvent, BudgetNotice, LegalEntity, Project, WorkItem
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
    """Confirmed proformas become invoice proposals."""
    return pull_proposals(Proforma.objects.filter(pk__in=keys), at=now).failures


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


def budget_reached(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """The people named on a project are written to about its budget."""
    notices = BudgetNotice.objects.filter(pk__in=keys).select_related(
        "project__legal_entity", "project__manager", "task"
    )
    return _sent(budget_mails(notices.prefetch_related("project__budget_readers").order_by("pk")))


def person_invited(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """Somebody new gets a link to choose a password."""
    return _sent(invitation_mails(User.objects.filter(pk__in=keys, is_active=True)))


def password_forgotten(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """Somebody who forgot the password gets a link to choose another one."""
    return _sent(forgotten_mails(User.objects.filter(pk__in=keys, is_active=True)))


def review_asked(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """A mail to whoever is asked to look at a proforma, unless it was answered meanwhile."""
    return _written_about(ProformaReview.objects.waiting().filter(pk__in=keys))


def review_answered(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """A mail with the answer to whoever asked somebody to look at a proforma."""
    return _written_about(ProformaReview.objects.filter(pk__in=keys))


def retention_due(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """A mail to the project manager, unless it was released meanwhile."""
    open_ones = Retention.objects.filter(pk__in=keys).open_ones()
    names = ("contract__manager", "customer", "legal_entity")
    named = open_ones.select_related(*(f"line__proforma__{name}" for name in names))
    return _sent(retention_mails(named))


def prepaid_statement(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """The statement of a month of prepaid hours goes to the customer, as it was printed."""
    names = ("sent_by", "prepaid_hours__contract_line__contract__legal_entity")
    sent = SentStatement.objects.filter(pk__in=keys).select_related(*names).order_by("pk")
    # A few at a time: each holds its document.
    return _sent(statement_mails(sent.iterator(chunk_size=20)))


def reminder_sent(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """A reminder is printed, and goes to the customer."""
    sent = Reminder.objects.filter(pk__in=keys)
    print_reminders(sent, at=now)
    related = sent.select_related("legal_entity", "sent_by", "document").order_by("pk")
    # A few at a time: each holds its document.
    return _sent(reminder_mails(related.iterator(chunk_size=20)))


def reminders_proposed(keys: Sequence[int], now: datetime) -> Mapping[int, Exception]:
    """Those who may send reminders are written to when some are proposed."""
    return _sent(proposal_mails(LegalEntity.objects.filter(pk__in=keys).order_by("pk")))


def _written_about(reviews: ReviewQuerySet) -> dict[int, Exception]:
    related = ("reviewer", "asked_by", "proforma__legal_entity", "proforma__customer", "proforma__contract")
    return _sent(review_mails(reviews.select_related(*related)))


def _sent(mails: Iterable[tuple[int, EmailMessage]]) -> dict[int, Exception]:
    """Send each mail by itself, so that an address that is refused keeps no other from its mail."""
    failures: dict[int, Exception] = {}
    for key, mail in mails:
        try:
            send_mails([mail])
        # Whatever the server of the mails says, it is about this one; the sweeper tries it again.
        except Exception as error:  # noqa: BLE001
            failures[key] = error
    return failures


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
    "budget-reached": budget_reached,
    "person-invited": person_invited,
    "password-forgotten": password_forgotten,
    "review-asked": review_asked,
    "review-answered": review_answered,
    "retention-due": retention_due,
    "prepaid-statement": prepaid_statement,
    "reminder": reminder_sent,
    "reminders-proposed": reminders_proposed,
    "proforma-confirmed": proforma_confirmed,
    "invoice-posted": invoice_posted,
    "check-books": check_asked,
    "batch-run": batch_run_requested,
}


def sweep_outbox(*, now: datetime) -> int:
    """Work through the outbox with the handlers of all apps; return how many entries were done."""
    return sweep(HANDLERS, now=now)
