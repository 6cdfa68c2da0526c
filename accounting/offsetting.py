"""Settle what a customer owes with what the customer is owed: credit notes, payments on account (C11)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.models import CustomerTransaction, Settlement
from accounting.posting_context import posting_contexts_of
from accounting.receivable_checks import (
    OpenRows,
    reasons_against_accounts,
    reasons_against_day,
    reasons_against_shares,
    reasons_against_writing_off,
    small_differences,
)
from accounting.receivable_rows import Contexts, SettlementPlan, settle
from accounting.states import PostingType
from core.activity_log import as_text, log_activity
from core.money import ZERO
from core.refusals import Refusal, refuse_if
from core.templatetags.display import money


def settle_open(
    shares: Mapping[int, Decimal], *, writes_off: bool = False, actor: User, at: datetime
) -> list[Settlement]:
    """Settle open rows of one customer and currency with one another, wholly or in part.

    `shares` are by the key of a customer transaction, in its currency: above zero for what is owed, below
    for credit; together they are nothing. With `writes_off` what is short of the rows is written off, up to
    the small difference of the company. Dated on the day of the later row, or on the next open day. Locks
    the rows, then the number series. Statements do not depend on how many. Raises Refused: nothing-chosen,
    not-open, more-than-open, other-customer, other-currency, not-balanced, difference-too-large,
    account-missing, period-closed (C11).
    """
    with transaction.atomic(durable=True):
        list(CustomerTransaction.objects.filter(pk__in=shares).locked())
        chosen = CustomerTransaction.objects.filter(pk__in=shares).with_open()
        rows = chosen.select_related("customer", "invoice", "voucher", "legal_entity").in_bulk()
        contexts = posting_contexts_of(one.legal_entity for one in rows.values())
        refuse_if(_reasons_against(shares, rows, contexts, writes_off))

        parts = tuple((rows[key], share) for key, share in shares.items())
        day = max(row.date for row, _share in parts)
        day = contexts[parts[0][0].legal_entity_id].open_day_from(day)
        settlements = settle([SettlementPlan(day, parts, writes_off)], contexts, actor=actor, at=at)
        facts = {row.pk: {"amount": as_text(share), "currency": row.currency} for row, share in parts}
        log_activity("settled", [row for row, _share in parts], actor=actor, at=at, own_facts=facts)
    return settlements


def _reasons_against(
    shares: Mapping[int, Decimal], rows: OpenRows, contexts: Contexts, writes_off: bool
) -> Iterator[Refusal]:
    if not rows:
        way_out = _("Choose what is owed, and the credit that settles it.")
        yield Refusal("nothing-chosen", _("No open row was chosen."), way_out=way_out)
        return
    first = next(iter(rows.values()))
    context, subject = contexts[first.legal_entity_id], str(first.customer)
    yield from reasons_against_shares(shares, rows, first.customer, first.currency, {})
    together = sum(shares.values(), ZERO)
    if together and not writes_off:
        message = _("What is owed and what is credited differ by %(rest)s.") % {
            "rest": money(abs(together), first.currency)
        }
        yield Refusal("not-balanced", message, subject, _("Settle the same amount on both sides."))
    day = context.open_day_from(max(row.date for row in rows.values()))
    yield from reasons_against_day(day, context, subject)
    needed = [PostingType.EXCHANGE_DIFFERENCE] if first.currency != context.legal_entity.currency else []
    if writes_off:
        needed.append(PostingType.SMALL_DIFFERENCE)
        # What is short of each row, and what both sides then still differ by.
        limits = small_differences(contexts)
        rests = {key: rows[key].open_amount - share for key, share in shares.items() if key in rows}
        yield from reasons_against_writing_off(rests, rows, context, limits, first.currency, day)
    yield from reasons_against_accounts([PostingType.CUSTOMER_BALANCE, *needed], context, day, subject)
