"""Which mail is written for which kind of outbox row, by key; what is settled meanwhile gets none."""

from collections.abc import Sequence

from django.contrib.auth.models import User

from accounting.invoice_mails import FOLLOWED, LOADED, invoice_mails
from accounting.mails import account_mails, proposal_mails
from accounting.models import SentAccountStatement, SentInvoice
from billing.mails import retention_mails, review_mails, statement_mails
from billing.models import ProformaReview, Retention, SentStatement
from billing.querysets import ReviewQuerySet
from core.sending import Composer, Mails
from projects.mails import budget_mails, forgotten_mails, invitation_mails
from projects.models import BudgetNotice, LegalEntity


def budget_reached(keys: Sequence[int]) -> Mails:
    """The people named on a project are written to about its budget."""
    notices = BudgetNotice.objects.filter(pk__in=keys).select_related(
        "project__legal_entity", "project__manager", "task"
    )
    return budget_mails(notices.prefetch_related("project__budget_readers").order_by("pk"))


def person_invited(keys: Sequence[int]) -> Mails:
    """Somebody new gets a link to choose a password."""
    return invitation_mails(User.objects.filter(pk__in=keys, is_active=True))


def password_forgotten(keys: Sequence[int]) -> Mails:
    """Somebody who forgot the password gets a link to choose another one."""
    return forgotten_mails(User.objects.filter(pk__in=keys, is_active=True))


def review_asked(keys: Sequence[int]) -> Mails:
    """A mail to whoever is asked to look at a proforma, unless it was answered meanwhile."""
    return _about_reviews(ProformaReview.objects.waiting().filter(pk__in=keys))


def review_answered(keys: Sequence[int]) -> Mails:
    """A mail with the answer to whoever asked somebody to look at a proforma."""
    return _about_reviews(ProformaReview.objects.filter(pk__in=keys))


def retention_due(keys: Sequence[int]) -> Mails:
    """A mail to the project manager, unless it was released meanwhile."""
    open_ones = Retention.objects.filter(pk__in=keys).open_ones()
    names = ("contract__manager", "customer", "legal_entity")
    return retention_mails(open_ones.select_related(*(f"line__proforma__{name}" for name in names)))


def prepaid_statement(keys: Sequence[int]) -> Mails:
    """The statement of a month of prepaid hours goes to the customer, as it was printed."""
    names = ("sent_by", "prepaid_hours__contract_line__contract__legal_entity")
    return statement_mails(SentStatement.objects.filter(pk__in=keys).select_related(*names).order_by("pk"))


def invoice_mail(keys: Sequence[int]) -> Mails:
    """An invoice goes to its customer, as it was printed."""
    sent = SentInvoice.objects.filter(pk__in=keys).select_related(*LOADED).order_by("pk")
    return invoice_mails(sent.prefetch_related(*FOLLOWED))


def account_statement(keys: Sequence[int]) -> Mails:
    """The statement of an account goes to the customer, as it was printed."""
    names = ("customer__legal_entity", "sent_by")
    return account_mails(
        SentAccountStatement.objects.filter(pk__in=keys).select_related(*names).order_by("pk")
    )


def reminders_proposed(keys: Sequence[int]) -> Mails:
    """Those who may send reminders are written to when some are proposed."""
    return proposal_mails(LegalEntity.objects.filter(pk__in=keys).order_by("pk"))


def _about_reviews(reviews: ReviewQuerySet) -> Mails:
    related = ("reviewer", "asked_by", "proforma__legal_entity", "proforma__customer", "proforma__contract")
    return review_mails(reviews.select_related(*related))


MAILS_OF_ROWS: dict[str, Composer] = {
    "budget-reached": budget_reached,
    "person-invited": person_invited,
    "password-forgotten": password_forgotten,
    "review-asked": review_asked,
    "review-answered": review_answered,
    "retention-due": retention_due,
    "prepaid-statement": prepaid_statement,
    "invoice-mail": invoice_mail,
    "account-statement": account_statement,
    "reminders-proposed": reminders_proposed,
}
