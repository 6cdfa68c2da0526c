"""Vouchers of estimates: what they recognise, what eliminates it, and the opposite of either (C10, P14)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import QuerySet

from accounting.account_search import PostingPlace
from accounting.booking import open_vouchers, seal_vouchers, write_lines
from accounting.estimate_facts import BookedAmount
from accounting.models import EstimateEvent, RevenueEstimate, VoucherLine
from accounting.posting_context import PostingContext
from accounting.profiles import ESTIMATE_MOVES
from accounting.states import VoucherSource
from billing.states import SeriesKind

Entries = list[BookedAmount]
"""Debits and credits of a voucher before it has one."""


def recognised(estimate: RevenueEstimate, context: PostingContext) -> Entries | str:
    """What posting an estimate moves, or the role that has no account."""
    day, move = estimate.period.ends_on, ESTIMATE_MOVES[estimate.method]
    place = PostingPlace(estimate.project_id, estimate.project.group)
    entries = []
    for role, amount in ((move.debit, estimate.amount), (move.credit, -estimate.amount)):
        account_id = context.account(role, place, day)
        if account_id is None:
            return role
        currency = context.legal_entity.currency
        entries.append(BookedAmount(account_id, estimate.project_id, currency, amount, amount))
    return entries


def opposite(entries: Iterable[BookedAmount]) -> Entries:
    """The same accounts by the opposite amounts."""
    return [
        BookedAmount(one.account_id, one.project_id, one.currency, -one.amount, -one.base_amount)
        for one in entries
    ]


def entries_of(events: QuerySet) -> list[tuple[EstimateEvent, Entries]]:
    """What the vouchers of events moved, line by line; nothing for an event without one."""
    moved = {one.pk: (one, list[BookedAmount]()) for one in events}
    lines = VoucherLine.objects.filter(
        voucher__source_kind=VoucherSource.ESTIMATE, voucher__source_id__in=list(moved)
    ).order_by("pk")
    columns = ("voucher__source_id", "account", "project", "currency", "amount", "base_amount")
    for key, *line in lines.values_list(*columns):
        moved[key][1].append(BookedAmount(*line))
    return list(moved.values())


def write_events(
    events: Sequence[tuple[EstimateEvent, Entries]], context: PostingContext, *, actor: User, at: datetime
) -> None:
    """Write events and their vouchers, one for each that moves anything; a few statements for any number."""
    EstimateEvent.objects.bulk_create([event for event, _entries in events])
    moving = [
        (event, entries) for event, entries in events if any(one.amount or one.base_amount for one in entries)
    ]
    vouchers = open_vouchers(
        context.legal_entity,
        SeriesKind.PROJECT_VOUCHER,
        [(event.pk, event.day) for event, _entries in moving],
        source_kind=VoucherSource.ESTIMATE,
        actor=actor,
        at=at,
    )
    by_event = {voucher.source_id: voucher for voucher in vouchers}
    write_lines(
        VoucherLine(
            voucher=by_event[event.pk],
            account_id=entry.account_id,
            project_id=entry.project_id,
            currency=entry.currency,
            amount=entry.amount,
            base_amount=entry.base_amount,
        )
        for event, entries in moving
        for entry in entries
    )
    seal_vouchers(vouchers)
