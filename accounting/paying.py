"""Enter payments of customers: each with its voucher, and what it settles (C11)."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from accounting.models import BankBooking, CustomerPayment, CustomerTransaction
from accounting.posting_context import posting_contexts_of
from accounting.receivable_checks import (
    NewPayment,
    discounts_of,
    reasons_against_bookings,
    reasons_against_payments,
)
from accounting.receivable_rows import (
    Contexts,
    SettlementPlan,
    SubledgerPosting,
    base_of,
    post_to_subledger,
    settle,
)
from accounting.states import PostingType, VoucherSource
from core.activity_log import as_text, log_activity
from core.refusals import refuse_if

BATCH = 500


def enter_payments(payments: Sequence[NewPayment], *, actor: User, at: datetime) -> list[CustomerPayment]:
    """Enter payments with the rows they settle: all of them or none. What settles nothing is on account.

    `bank_amount` is in the currency of the bank account, `amount` in that of the settled rows; the company's
    currency follows at the rate of the payment's date, rounded once. Where the exchange rate has changed
    since a row was posted, the settlement posts the difference. A cash discount is the percentage of what is
    open of its row, rounded once, and lowers the tax of the invoice in proportion. Locks the settled rows,
    then the number series. Statements do not depend on how many payments or rows. Raises Refused:
    nothing-paid, other-company, date-ahead, period-closed, exchange-rate-missing, account-missing, not-open,
    more-than-open, more-than-paid, no-discount, discount-in-part, other-customer, other-currency,
    difference-too-large, already-matched (C11).
    """
    with transaction.atomic(durable=True):
        keys = {key for one in payments for key in one.shares}
        # Held before anything is looked at: whoever settles the same rows waits, and then sees this.
        list(CustomerTransaction.objects.filter(pk__in=keys).locked())
        rows = CustomerTransaction.objects.filter(pk__in=keys).with_open()
        open_rows = rows.select_related("customer", "invoice", "voucher").in_bulk()
        contexts = posting_contexts_of(one.customer.legal_entity for one in payments)
        refuse_if(
            [
                *reasons_against_bookings(payments, _unmatched(payments)),
                *reasons_against_payments(payments, open_rows, contexts, at),
            ]
        )

        entered = CustomerPayment.objects.bulk_create(
            [_payment(one, actor, at) for one in payments], batch_size=BATCH
        )
        entries = [_entry(new, one, contexts) for new, one in zip(payments, entered, strict=True)]
        made = post_to_subledger(VoucherSource.CUSTOMER_PAYMENT, entries, contexts, actor=actor, at=at)
        deals = [_deal(new, made[one.pk], open_rows) for new, one in zip(payments, entered, strict=True)]
        settle([one for one in deals if len(one.parts) > 1], contexts, actor=actor, at=at)
        facts = {
            one.pk: {"amount": as_text(one.amount), "currency": one.currency, "settles": len(new.shares)}
            for new, one in zip(payments, entered, strict=True)
        }
        log_activity("payment entered", entered, actor=actor, at=at, own_facts=facts)
        _log_settled(payments, open_rows, actor=actor, at=at)
    return entered


def _unmatched(payments: Sequence[NewPayment]) -> set[int]:
    """Which of the bookings that payments are entered for have none, held until the transaction ends."""
    keys = [one.bank_booking.pk for one in payments if one.bank_booking is not None]
    if not keys:
        return set()
    list(BankBooking.objects.filter(pk__in=keys).locked())
    return set(BankBooking.objects.unmatched().filter(pk__in=keys).values_list("pk", flat=True))


def _payment(new: NewPayment, actor: User, at: datetime) -> CustomerPayment:
    return CustomerPayment(
        bank_account=new.bank_account,
        customer=new.customer,
        date=new.date,
        bank_amount=new.bank_amount if new.bank_amount is not None else new.amount,
        currency=new.currency,
        amount=new.amount,
        reference=new.reference,
        bank_booking=new.bank_booking,
        entered_by=actor,
        entered_at=at,
    )


def _entry(new: NewPayment, payment: CustomerPayment, contexts: Contexts) -> SubledgerPosting:
    context = contexts[new.customer.legal_entity_id]
    bank = new.bank_account
    base = base_of(context, bank.currency, payment.bank_amount, new.date)
    counter = [(bank.account_id, bank.currency, payment.bank_amount, base)]
    if bank.currency != new.currency:
        # A voucher balances in each currency, so the exchange is a line in both, of no worth together (G1).
        exchange = context.account(PostingType.EXCHANGE_DIFFERENCE, on=new.date)
        assert exchange is not None  # noqa: S101 - refused before
        counter += [
            (exchange, bank.currency, -payment.bank_amount, -base),
            (exchange, new.currency, payment.amount, base),
        ]
    return SubledgerPosting(
        payment.pk,
        context.legal_entity,
        new.customer.pk,
        new.date,
        new.currency,
        -payment.amount,
        -base,
        tuple(counter),
    )


def _deal(new: NewPayment, own: CustomerTransaction, rows: dict[int, CustomerTransaction]) -> SettlementPlan:
    parts = [(rows[key], share) for key, share in new.shares.items()]
    return SettlementPlan(new.date, ((own, -new.taken), *parts), new.writes_off, discounts_of(new, rows))


def _log_settled(
    payments: Sequence[NewPayment], rows: dict[int, CustomerTransaction], *, actor: User, at: datetime
) -> None:
    """In the history of each settled row too: who settled how much of it."""
    facts = {
        key: {"amount": as_text(share), "currency": rows[key].currency}
        for one in payments
        for key, share in one.shares.items()
    }
    log_activity("settled", [rows[key] for key in facts], actor=actor, at=at, own_facts=facts)
