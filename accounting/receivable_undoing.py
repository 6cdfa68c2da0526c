"""Takes back what was settled, written off and paid: every row keeps its negation beside it (C11)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Q

from accounting.models import CustomerTransaction, Settlement, VoucherLine, WriteOff, WriteOffTax
from accounting.posting_context import PostingContext
from accounting.receivable_rows import (
    Contexts,
    Counter,
    SettlementPlan,
    SubledgerPosting,
    last_days,
    post_to_subledger,
    settle,
    write_settlements,
)
from accounting.states import ControlKind, VoucherSource

BATCH = 500


def undo(
    settlements: Sequence[Settlement],
    contexts: Contexts,
    *,
    on: date | None = None,
    reason: str,
    actor: User,
    at: datetime,
) -> list[Settlement]:
    """Take settlements back, with the write-offs made for them: both sides are open again.

    `settlements` are those of `whole_acts`, whose sides are held. Each is taken back on the day of `on`, or
    of the last settlement of its sides where that is later, or on the next open day (C11).
    """
    last = last_days({key: None for one in settlements for key in (one.debit_id, one.credit_id)})
    undone = []
    for one in settlements:
        day = max(on or one.date, last[one.debit_id], last[one.credit_id])
        day = contexts[one.debit.legal_entity_id].open_day_from(day)
        last[one.debit_id] = last[one.credit_id] = day
        undone.append(
            Settlement(
                debit=one.debit,
                credit=one.credit,
                date=day,
                amount=-one.amount,
                debit_base=-one.debit_base,
                credit_base=-one.credit_base,
                reverses=one,
                act=one.act,
                reason=reason,
                settled_by=actor,
                settled_at=at,
            )
        )
    written = write_settlements(undone, contexts, actor=actor, at=at)
    _take_back_write_offs(settlements, contexts, on=on, actor=actor, at=at)
    return written


def whole_acts(settlements: Iterable[Settlement]) -> list[Settlement]:
    """Standing settlements and those of the write-offs made with them, both sides loaded: two statements."""
    chosen = list(settlements)
    keys = {key for one in chosen for key in (one.debit_id, one.credit_id)}
    is_write_off = Q(debit__voucher__source_kind=VoucherSource.WRITE_OFF) | Q(
        credit__voucher__source_kind=VoucherSource.WRITE_OFF
    )
    acts = {one.act for one in chosen}
    beside = Settlement.objects.standing().touching(list(keys)).filter(is_write_off, act__in=acts)
    differences = {
        key
        for one in beside.select_related("debit__voucher", "credit__voucher")
        for key, row in ((one.debit_id, one.debit), (one.credit_id, one.credit))
        if row.voucher.source_kind == VoucherSource.WRITE_OFF
    }
    all_of_them = Q(pk__in=[one.pk for one in chosen]) | Q(debit__in=differences) | Q(credit__in=differences)
    rows = Settlement.objects.standing().filter(all_of_them)
    return list(
        rows.select_related("debit__voucher", "credit__voucher", "debit__legal_entity").order_by("pk")
    )


def negated_postings(
    pairs: Sequence[tuple[int, date, CustomerTransaction]], contexts: Contexts
) -> list[SubledgerPosting]:
    """Entries that negate the vouchers of rows: the key of what takes each back, its day, and the row.

    On the accounts and at the amounts of the original, whatever is set by now: nothing of both stays in the
    books (P13). One statement.
    """
    vouchers = [row.voucher_id for _key, _day, row in pairs]
    others = VoucherLine.objects.filter(voucher__in=vouchers).exclude(account__control=ControlKind.CUSTOMER)
    counters: dict[int, list[Counter]] = defaultdict(list)
    for line in others.order_by("pk"):
        counter = (line.account_id, line.currency, -line.amount, -line.base_amount)
        counters[line.voucher_id].append(counter)
    return [
        SubledgerPosting(
            key,
            contexts[row.legal_entity_id].legal_entity,
            row.customer_id,
            day,
            row.currency,
            -row.amount,
            -row.base_amount,
            tuple(counters[row.voucher_id]),
        )
        for key, day, row in pairs
    ]


def _take_back_write_offs(
    settlements: Sequence[Settlement], contexts: Contexts, *, on: date | None, actor: User, at: datetime
) -> None:
    """Reverse the write-offs whose settlements were undone, and settle each with what takes it back."""
    sides = {row.pk: row for one in settlements for row in (one.debit, one.credit)}
    of_write_offs = {
        row.voucher.source_id: row
        for row in sides.values()
        if row.voucher.source_kind == VoucherSource.WRITE_OFF
    }
    if not of_write_offs:
        return
    taken_back = [
        WriteOff(
            kind=one.kind,
            invoice_id=one.invoice_id,
            customer_id=one.customer_id,
            date=_day_after(one.date, on, contexts[of_write_offs[one.pk].legal_entity_id]),
            currency=one.currency,
            amount=-one.amount,
            reverses=one,
            entered_by=actor,
            entered_at=at,
        )
        for one in WriteOff.objects.filter(pk__in=of_write_offs).order_by("pk")
    ]
    WriteOff.objects.bulk_create(taken_back, batch_size=BATCH)
    _take_back_taxes({one.reverses_id: one for one in taken_back if one.invoice_id is not None})
    pairs = [(one.pk, one.date, of_write_offs[one.reverses_id or 0]) for one in taken_back]
    entries = negated_postings(pairs, contexts)
    rows = post_to_subledger(VoucherSource.WRITE_OFF, entries, contexts, actor=actor, at=at)
    deals = []
    for one in taken_back:
        row, back = of_write_offs[one.reverses_id or 0], rows[one.pk]
        deals.append(SettlementPlan(one.date, ((row, row.amount), (back, back.amount))))
    settle(deals, contexts, actor=actor, at=at)


def _take_back_taxes(taken_back: Mapping[int | None, WriteOff]) -> None:
    """The tax that cash discounts had lowered is owed again; two statements, none without a discount."""
    if not taken_back:
        return
    taxes = WriteOffTax.objects.filter(write_off__in=list(taken_back)).order_by("pk")
    WriteOffTax.objects.bulk_create(
        [
            WriteOffTax(
                write_off=taken_back[tax.write_off_id],
                sales_tax_group_id=tax.sales_tax_group_id,
                tax_code_id=tax.tax_code_id,
                percent=tax.percent,
                base_amount=-tax.base_amount,
                tax_amount=-tax.tax_amount,
                own_base=-tax.own_base,
                own_tax=-tax.own_tax,
            )
            for tax in taxes
        ],
        batch_size=BATCH,
    )


def _day_after(day: date, on: date | None, context: PostingContext) -> date:
    return context.open_day_from(max(on or day, day))
