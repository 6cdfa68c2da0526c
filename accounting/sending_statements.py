"""Send the statement of a customer's account; the outbox sends the mail (C11, C14)."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import CustomerTransaction, SentAccountStatement
from accounting.statement_facts import account_letter
from core.activity_log import as_text, log_activity
from core.documents.account_statement import AccountLetter, account_data
from core.documents.rendering import RenderingFailed, render_document
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.models import Customer
from projects.querysets import CustomerQuerySet

ASKED = "account-statement"
"""The kind of outbox row that becomes a mail to the customer."""


def send_account_statement(
    customers: CustomerQuerySet,
    currency: str,
    first: date,
    last: date,
    *,
    address: str,
    actor: User,
    on: date,
    at: datetime,
) -> SentAccountStatement:
    """Send the statement of one customer's account in one currency as PDF by mail, and keep it so.

    From the first to the last day, each figure as it stood on the last; `on` is the day that is printed, and
    `address` the one that was shown to whoever sends it. The document is rendered before anything is locked;
    the mail leaves after the commit. Locks the customer. Raises Refused: nothing-to-state, day-ahead,
    address-missing, address-changed, not-printable (C11, O1).
    """
    facts, pdf, failure = _printed(customers, currency, first, last, on)
    with transaction.atomic(durable=True):
        customer = customers.locked().get()
        refuse_if(_reasons_against(customer, facts, last, on, address, failure))
        assert facts is not None  # noqa: S101 - refused above

        sent = SentAccountStatement(
            customer=customer,
            number=facts.letter.number,
            currency=currency,
            first_day=first,
            last_day=last,
            balance=facts.closing,
            address=address,
            language=customer.language,
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            sent_by=actor,
            sent_at=at,
        )
        sent.save(force_insert=True)
        noted = {
            "to": address,
            "balance": as_text(facts.closing),
            "currency": currency,
            "last_day": last.isoformat(),
            "sha256": sent.sha256,
        }
        log_activity("statement sent", [customer], actor=actor, at=at, facts=noted)
        enqueue(ASKED, [sent.pk], at=at)
    return sent


def _printed(
    customers: CustomerQuerySet, currency: str, first: date, last: date, on: date
) -> tuple[AccountLetter | None, bytes, str]:
    """The facts of the statement and its document, or why it cannot be printed."""
    customer = customers.select_related("legal_entity").get()
    rows = CustomerTransaction.objects.filter(legal_entity=customer.legal_entity_id)
    facts = account_letter(rows, customer, currency, first, last, on)
    if facts is None:
        return None, b"", ""
    try:
        return facts, render_document(account_data(facts)), ""
    except (RenderingFailed, ValueError) as error:
        return facts, b"", str(error)


def _reasons_against(
    customer: Customer, facts: AccountLetter | None, last: date, on: date, address: str, failure: str
) -> Iterator[Refusal]:
    name = str(customer)
    if facts is None:
        message = _("There is no row of this customer in this currency until that day.")
        yield Refusal("nothing-to-state", message, name, _("Choose another currency or day."))
    if last > on:
        message = _("%(day)s has not come yet.") % {"day": written(last)}
        yield Refusal("day-ahead", message, name, _("Choose today or an earlier day."))
    if not customer.email:
        message = _("%(customer)s has no e-mail address.") % {"customer": name}
        yield Refusal("address-missing", message, name, _("Enter it on the customer’s page."))
    elif customer.email != address:
        words = {"customer": name, "address": customer.email}
        message = _("The address of %(customer)s is %(address)s by now.") % words
        yield Refusal("address-changed", message, name, _("Open this page again, and send it there."))
    if failure:
        message = _("The statement cannot be printed: %(why)s.") % {"why": failure}
        yield Refusal("not-printable", message, name, _("Correct what is named, then send it again."))
