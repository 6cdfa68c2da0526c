"""Send the statement of prepaid hours of a month to who bought them; the outbox sends the mail (A12, C14)."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Retainer, SentStatement
from billing.prepaid_facts import statement_of
from core.activity_log import log_activity
from core.days import first_of_month
from core.documents.hours_statement import HoursStatement, hours_data
from core.documents.rendering import RenderingFailed, render_document
from core.outbox import enqueue
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written
from projects.letters import without_address
from projects.models import Customer, PrepaidHours
from projects.prepaid_querysets import PrepaidHoursQuerySet
from projects.prepaid_use import use_of

ASKED = "prepaid-statement"
"""The kind of outbox row that becomes a mail to the customer."""
RELATED = ("contract_line__contract__legal_entity",)


def send_prepaid_statement(
    agreements: PrepaidHoursQuerySet, month: date, *, address: str, actor: User, on: date, at: datetime
) -> SentStatement:
    """Send the statement of a month of one agreement to the customer who pays its block, as PDF by mail.

    `month` is any day of it, `on` the day that is printed, `address` the one that was shown to whoever sends
    it. The document is rendered before anything is locked, and kept as it was sent; hours as they are now,
    amounts in the contract's currency. The mail leaves after the commit. Locks the agreement and the
    customer. Raises Refused: month-not-bought, month-not-begun, address-missing, address-changed,
    not-printable (A12, O1).
    """
    first = first_of_month(month)
    facts, pdf, failure = _printed(agreements, first, on)
    with transaction.atomic(durable=True):
        agreement = agreements.select_related("contract_line").locked().get()
        buyer = Customer.objects.filter(pk=_buyer(agreement, first)).locked().first()
        refuse_if(
            [
                *_not_of_the_agreement(agreement, first, on, buyer),
                *_address_not_as_shown(buyer, address),
                *_not_printed(agreement, failure),
            ]
        )
        assert buyer is not None and facts is not None  # noqa: S101 - refused above

        sent = SentStatement(
            prepaid_hours=agreement,
            month=first,
            customer=buyer,
            address=address,
            language=buyer.language,
            number=facts.number,
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            sent_by=actor,
            sent_at=at,
        )
        sent.save(force_insert=True)
        noted = {"month": first.isoformat(), "to": address, "customer": str(buyer), "sha256": sent.sha256}
        log_activity("statement sent", [agreement], actor=actor, at=at, facts=noted)
        enqueue(ASKED, [sent.pk], at=at)
    return sent


def _printed(
    agreements: PrepaidHoursQuerySet, first: date, on: date
) -> tuple[HoursStatement | None, bytes, str]:
    """The facts of the month and its document, or why it cannot be printed."""
    agreement = agreements.select_related(*RELATED).get()
    (use,) = use_of([agreement])
    buyer = Customer.objects.filter(pk=_buyer(agreement, first)).first()
    plan = use.plan.of(first)
    if plan is None or buyer is None:
        return None, b"", ""
    facts = statement_of(use, plan, buyer, on)
    try:
        return facts, render_document(hours_data(facts)), ""
    except (RenderingFailed, ValueError) as error:
        return facts, b"", str(error)


def _buyer(agreement: PrepaidHours, first: date) -> int | None:
    """The customer who pays the block of a month."""
    blocks = Retainer.objects.filter(
        prepaid_month__prepaid_hours=agreement, prepaid_month__month=first
    ).order_by()
    return blocks.values_list("customer", flat=True).first()


# --- Reasons against ------------------------------------------------------------------------------


def _not_of_the_agreement(
    agreement: PrepaidHours, first: date, on: date, buyer: Customer | None
) -> Iterable[Refusal]:
    words = {"month": written(first, "whole_month")}
    if buyer is None:
        message = _("No hours were bought for %(month)s.") % words
        way_out = _("Choose a month of the agreement.")
        yield Refusal("month-not-bought", message, str(agreement), way_out)
    elif first > on:
        message = _("%(month)s has not begun.") % words
        way_out = _("Send the statement of a month that has.")
        yield Refusal("month-not-begun", message, str(agreement), way_out)


def _address_not_as_shown(buyer: Customer | None, address: str) -> Iterable[Refusal]:
    if buyer is None:
        return
    if not buyer.email:
        way_out = _("Enter it on the customer’s page, then send the statement.")
        yield from without_address(buyer, buyer, way_out)
    elif buyer.email != address:
        yield Refusal(
            "address-changed",
            _("The address of %(customer)s is %(address)s by now.")
            % {"customer": buyer, "address": buyer.email},
            str(buyer),
            _("Open this page again, and send the statement there."),
        )


def _not_printed(agreement: PrepaidHours, failure: str) -> Iterable[Refusal]:
    if failure:
        message = _("The statement cannot be printed: %(why)s.") % {"why": failure}
        way_out = _("Correct what is named, then send it again.")
        yield Refusal("not-printable", message, str(agreement), way_out)
