"""Reverse payments: a return of the bank, or one that was entered wrongly; nothing is deleted (C11)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import BankBooking, CustomerPayment, CustomerTransaction, Settlement
from accounting.posting_context import posting_contexts_of
from accounting.receivable_checks import Contexts, reasons_against_day
from accounting.receivable_querysets import PaymentQuerySet
from accounting.receivable_rows import SettlementPlan, post_to_subledger, settle
from accounting.receivable_undoing import negated_postings, undo, whole_acts
from accounting.states import VoucherSource
from core.activity_log import as_text, log_activity
from core.money import ZERO
from core.refusals import Refusal, refuse_if
from core.templatetags.display import day as written

BATCH = 500


def reverse_payments(
    payments: PaymentQuerySet,
    *,
    on: date,
    reason: str,
    booking: BankBooking | None = None,
    actor: User,
    at: datetime,
) -> list[CustomerPayment]:
    """Reverse payments on a day: the rows they settled are open again, and their vouchers are negated.

    Amounts are those of the payments, negated, in all their currencies. `booking` is what the bank has
    booked for all of them together: the reversals are noted on it, and none of the bookings waits any more.
    Locks the booking, the rows of the subledger, then the number series. Statements do not depend on how
    many. Raises Refused: nothing-chosen, already-reversed, reason-missing, date-before-payment,
    period-closed, already-matched, other-amount (C11).
    """
    with transaction.atomic(durable=True):
        chosen = list(payments.select_related("customer__legal_entity", "bank_account").locked())
        of_payments = CustomerTransaction.objects.filter(
            voucher__source_kind=VoucherSource.CUSTOMER_PAYMENT,
            voucher__source_id__in=[one.pk for one in chosen],
        )
        settlements = Settlement.objects.standing().touching(of_payments.values("pk"))
        both = {key for pair in settlements.values_list("debit", "credit") for key in pair}
        own = list(of_payments.select_related("voucher"))
        list(CustomerTransaction.objects.filter(pk__in=both | {row.pk for row in own}).locked())
        standing = CustomerPayment.objects.standing().filter(pk__in=[one.pk for one in chosen])
        contexts = posting_contexts_of(one.customer.legal_entity for one in chosen)
        stands = set(standing.values_list("pk", flat=True))
        refuse_if(
            [
                *_reasons_against(chosen, stands, contexts, on, reason),
                *_against_booking(booking, chosen),
            ]
        )

        rows = {row.voucher.source_id: row for row in own}
        to_undo = whole_acts(settlements.all())
        undo(to_undo, contexts, on=on, reason=reason, actor=actor, at=at)
        taken_back = CustomerPayment.objects.bulk_create(
            [_negated(one, on, reason, booking, actor, at) for one in chosen], batch_size=BATCH
        )
        entries = negated_postings([(one.pk, on, rows[one.reverses_id or 0]) for one in taken_back], contexts)
        made = post_to_subledger(VoucherSource.CUSTOMER_PAYMENT, entries, contexts, actor=actor, at=at)
        # Both are settled with one another, so that neither stays open on account.
        pairs = [(rows[one.reverses_id or 0], made[one.pk]) for one in taken_back]
        deals = [SettlementPlan(on, ((row, row.amount), (back, back.amount))) for row, back in pairs]
        settle(deals, contexts, actor=actor, at=at)
        facts = {one.pk: {"amount": as_text(one.amount), "currency": one.currency} for one in chosen}
        log_activity(
            "payment reversed", chosen, actor=actor, at=at, facts={"reason": reason}, own_facts=facts
        )
    return taken_back


def _against_booking(booking: BankBooking | None, chosen: Sequence[CustomerPayment]) -> Iterator[Refusal]:
    """A booking that has its payment, or is not what these payments come to at that bank."""
    if booking is None:
        return
    held = BankBooking.objects.filter(pk=booking.pk)
    list(held.locked())
    if not held.unmatched().exists():
        message = _("This bank booking has its payment already, or is set aside.")
        yield Refusal("already-matched", message, str(booking), _("Look at the list of payments."))
    # A bank reverses several payments at once: then the booking is all of them together.
    together = sum((one.bank_amount for one in chosen), ZERO)
    if {one.bank_account_id for one in chosen} != {booking.bank_account_id} or together != -booking.amount:
        message = _("The bank booking is not what was paid, with the opposite sign.")
        yield Refusal("other-amount", message, str(booking), _("Reverse the payment by hand, or enter one."))


def _negated(
    payment: CustomerPayment, on: date, reason: str, booking: BankBooking | None, actor: User, at: datetime
) -> CustomerPayment:
    return CustomerPayment(
        bank_account=payment.bank_account,
        customer=payment.customer,
        date=on,
        bank_amount=-payment.bank_amount,
        currency=payment.currency,
        amount=-payment.amount,
        reference=payment.reference,
        bank_booking=booking,
        reverses=payment,
        reason=reason,
        entered_by=actor,
        entered_at=at,
    )


def _reasons_against(
    chosen: Sequence[CustomerPayment], stands: set[int], contexts: Contexts, on: date, reason: str
) -> Iterator[Refusal]:
    if not chosen:
        yield Refusal("nothing-chosen", _("No payment was chosen."), way_out=_("Choose what to reverse."))
    if not reason.strip():
        way_out = _("Say in a few words why, as the bank does.")
        yield Refusal("reason-missing", _("A payment is reversed for a reason."), way_out=way_out)
    for one in chosen:
        if one.pk not in stands:
            message = _("It is reversed already, or reverses another one.")
            yield Refusal("already-reversed", message, str(one), _("Reload the page."))
        if on < one.date:
            message = _("It was paid on %(day)s.") % {"day": written(one.date)}
            yield Refusal("date-before-payment", message, str(one), _("Choose that day or a later one."))
        yield from reasons_against_day(on, contexts[one.customer.legal_entity_id], str(one))
