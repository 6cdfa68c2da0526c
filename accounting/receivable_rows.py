"""Writes what moves the customer subledger beside invoices: payments, write-offs, settlements (C11).

The verbs that call this have refused what is to be refused, and hold the rows. Amounts are in the currency of
the rows and in that of their company; a customer owes what is above zero.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Max

from accounting.booking import open_vouchers, seal_vouchers, write_lines
from accounting.cash_discounts import DiscountTax, taxes_by_invoice, taxes_in, write_discount_taxes
from accounting.models import CustomerTransaction, Settlement, Voucher, VoucherLine, WriteOff
from accounting.posting_context import PostingContext
from accounting.settlement_plans import OpenSide, pairs_of
from accounting.states import PostingType, VoucherSource, WriteOffKind
from billing.states import SeriesKind
from core.money import ZERO, converted
from projects.models import LegalEntity

BATCH = 500
WRITTEN_OFF_TO: Mapping[str, PostingType] = {
    WriteOffKind.DIFFERENCE: PostingType.SMALL_DIFFERENCE,
    WriteOffKind.DISCOUNT: PostingType.CASH_DISCOUNT,
}
"""The account that each kind of write-off is posted to."""
Contexts = Mapping[int, PostingContext]
"""Posting contexts by the key of their legal entity."""
Day = date
"""A date, where a field is called so."""
Counter = tuple[int, str, Decimal, Decimal]
"""The other side of an entry: account, currency, amount, amount in the company's currency."""


@dataclass(frozen=True)
class SubledgerPosting:
    """What one voucher adds to what a customer owes, and its other side.

    It is due on its day unless `due_date` says otherwise; `reference` is a number of another system.
    """

    source_id: int
    legal_entity: LegalEntity
    customer_id: int
    date: date
    currency: str
    amount: Decimal
    base: Decimal
    counter: tuple[Counter, ...]
    due_date: Day | None = None
    reference: str = ""


@dataclass(frozen=True)
class SettlementPlan:
    """Rows of one customer and currency that are settled together, each with the part of it that is.

    What is short of a whole row is written off where `writes_off`; otherwise it stays open. `discounts` are
    the cash discounts taken on rows of invoices, by the key of the row; they settle with the part.
    """

    on: date
    parts: tuple[tuple[CustomerTransaction, Decimal], ...]
    writes_off: bool = False
    discounts: Mapping[int, Decimal] = field(default_factory=dict)

    def settled(self, row: CustomerTransaction, part: Decimal) -> Decimal:
        """How much of a row is settled by its part and the cash discount on it."""
        return part + self.discounts.get(row.pk, ZERO)


def rate_on(context: PostingContext, currency: str, day: date) -> Decimal:
    """Units of the company's currency for one of another on a day; the caller knows that there is a rate."""
    rate = context.rate_on(currency, day)
    assert rate is not None  # noqa: S101 - refused before
    return rate


def base_of(context: PostingContext, currency: str, amount: Decimal, day: date) -> Decimal:
    """An amount in the currency of the company at the rate of a day; the caller knows that there is one."""
    return converted(amount, rate_on(context, currency, day), context.legal_entity.currency)


def post_to_subledger(
    kind: VoucherSource, entries: Sequence[SubledgerPosting], contexts: Contexts, *, actor: User, at: datetime
) -> dict[int, CustomerTransaction]:
    """Post entries of one kind, each with a voucher of its own; returns the subledger rows by source.

    Statements do not depend on how many. Locks the number series (C6, C11, G4).
    """
    by_entity: dict[int, list[SubledgerPosting]] = defaultdict(list)
    for entry in entries:
        by_entity[entry.legal_entity.pk].append(entry)
    vouchers: dict[int, Voucher] = {}
    for entity_id in sorted(by_entity):
        mine = by_entity[entity_id]
        opened = open_vouchers(
            mine[0].legal_entity,
            SeriesKind.PAYMENT_VOUCHER,
            [(one.source_id, one.date) for one in mine],
            source_kind=kind,
            actor=actor,
            at=at,
        )
        vouchers |= {voucher.source_id: voucher for voucher in opened}
    lines = []
    for entry in entries:
        context = contexts[entry.legal_entity.pk]
        receivable = context.account(PostingType.CUSTOMER_BALANCE, on=entry.date)
        own = (receivable, entry.currency, entry.amount, entry.base)
        for account, currency, amount, base in (own, *entry.counter):
            lines.append(
                VoucherLine(
                    voucher=vouchers[entry.source_id],
                    account_id=account,
                    currency=currency,
                    amount=amount,
                    base_amount=base,
                    # The control account names its party; the other side has none (G4).
                    customer_id=entry.customer_id if account == receivable else None,
                )
            )
    write_lines(lines)
    rows = CustomerTransaction.objects.bulk_create(
        [
            CustomerTransaction(
                legal_entity=entry.legal_entity,
                customer_id=entry.customer_id,
                voucher=vouchers[entry.source_id],
                date=entry.date,
                due_date=entry.due_date or entry.date,
                reference=entry.reference,
                currency=entry.currency,
                amount=entry.amount,
                base_amount=entry.base,
            )
            for entry in entries
        ],
        batch_size=BATCH,
    )
    seal_vouchers(list(vouchers.values()))
    return {entry.source_id: row for entry, row in zip(entries, rows, strict=True)}


def settle(
    deals: Sequence[SettlementPlan], contexts: Contexts, *, actor: User, at: datetime
) -> list[Settlement]:
    """Write the settlements of deals, with their write-offs and exchange differences.

    What is open is read here, under the caller's locks, in a fixed number of statements (C11).
    """
    rows = {row.pk: row for deal in deals for row, _part in deal.parts}
    sides = _sides(rows, contexts)
    written_off = _write_off(deals, sides, contexts, actor=actor, at=at)
    last = last_days(rows)
    settlements = []
    for index, deal in enumerate(deals):
        extra = written_off.get(index, ())
        for row in extra:
            rows[row.pk], sides[row.pk] = row, _side(row, row.amount, row.base_amount, contexts)
        act = uuid.uuid4()
        wholes = [
            (row.pk, sides[row.pk].amount if deal.writes_off else deal.settled(row, part))
            for row, part in deal.parts
        ]
        for pair in pairs_of([*wholes, *((row.pk, row.amount) for row in extra)]):
            debit, credit = rows[pair.debit], rows[pair.credit]
            days = (deal.on, debit.date, credit.date, last.get(debit.pk), last.get(credit.pk))
            day = max(one for one in days if one is not None)
            settlements.append(
                Settlement(
                    debit=debit,
                    credit=credit,
                    date=contexts[debit.legal_entity_id].open_day_from(day),
                    amount=pair.amount,
                    debit_base=sides[debit.pk].take(pair.amount),
                    credit_base=sides[credit.pk].take(pair.amount),
                    act=act,
                    settled_by=actor,
                    settled_at=at,
                )
            )
            last[debit.pk] = last[credit.pk] = settlements[-1].date
    return write_settlements(settlements, contexts, actor=actor, at=at)


def _sides(rows: Mapping[int, CustomerTransaction], contexts: Contexts) -> dict[int, OpenSide]:
    open_rows = CustomerTransaction.objects.filter(pk__in=rows).with_open()
    return {
        key: _side(rows[key], amount, base, contexts)
        for key, amount, base in open_rows.values_list("pk", "open_amount", "open_base")
    }


def _side(row: CustomerTransaction, amount: Decimal, base: Decimal, contexts: Contexts) -> OpenSide:
    return OpenSide(amount, base, contexts[row.legal_entity_id].legal_entity.currency)


def last_days(rows: Mapping[int, object]) -> dict[int, date]:
    """The day on which anything of each row was settled last; none where nothing was."""
    last: dict[int, date] = {}
    for side in ("debit", "credit"):
        of_side = Settlement.objects.filter(**{f"{side}__in": list(rows)}).order_by().values_list(side)
        last |= dict(of_side.annotate(last=Max("date")))
    return last


def _write_off(
    deals: Sequence[SettlementPlan],
    sides: Mapping[int, OpenSide],
    contexts: Contexts,
    *,
    actor: User,
    at: datetime,
) -> dict[int, list[CustomerTransaction]]:
    """Cash discounts and what is short of whole rows, as subledger rows by the place of their deal."""
    of_deal: list[tuple[int, WriteOff, LegalEntity]] = []
    taken: dict[int, Decimal] = defaultdict(Decimal)  # of each row by earlier ones of the set
    for index, deal in enumerate(deals):
        for row, part in deal.parts:
            taken[row.pk] += deal.settled(row, part)
            rest = sides[row.pk].amount - taken[row.pk] if deal.writes_off else ZERO
            kinds = ((WriteOffKind.DISCOUNT, deal.discounts.get(row.pk)), (WriteOffKind.DIFFERENCE, rest))
            for kind, amount in [one for one in kinds if one[1]]:
                write_off = WriteOff(
                    kind=kind,
                    date=deal.on,
                    amount=amount,
                    entered_by=actor,
                    entered_at=at,
                    **_place(kind, row),
                )
                of_deal.append((index, write_off, contexts[row.legal_entity_id].legal_entity))
    if not of_deal:
        return {}
    new = [one for _index, one, _entity in of_deal]
    WriteOff.objects.bulk_create(new, batch_size=BATCH)
    taxes = _write_taxes([(one, contexts[entity.pk]) for _nth, one, entity in of_deal])
    entries = [_entry_of(one, contexts[entity.pk], taxes.get(one.pk, [])) for _nth, one, entity in of_deal]
    rows = post_to_subledger(VoucherSource.WRITE_OFF, entries, contexts, actor=actor, at=at)
    made: dict[int, list[CustomerTransaction]] = defaultdict(list)
    for index, one, _entity in of_deal:
        made[index].append(rows[one.pk])
    return made


def _place(kind: WriteOffKind, row: CustomerTransaction) -> dict[str, Any]:
    """Whose write-off it is; a cash discount is of its invoice as well."""
    invoice = row.invoice if kind == WriteOffKind.DISCOUNT else None
    return {"customer_id": row.customer_id, "currency": row.currency, "invoice": invoice}


def _write_taxes(written: Sequence[tuple[WriteOff, PostingContext]]) -> dict[int, list[DiscountTax]]:
    """By how much each cash discount lowers the taxes of its invoice, stored and returned by its key."""
    discounts = [(one, one.invoice, context) for one, context in written if one.invoice is not None]
    if not discounts:
        return {}
    of_invoice = taxes_by_invoice(invoice for _one, invoice, _context in discounts)
    taxes = {}
    for one, invoice, context in discounts:
        rate, own = rate_on(context, one.currency, one.date), context.legal_entity.currency
        taxes[one.pk] = taxes_in(one.amount, of_invoice[invoice.pk], one.currency, rate, own)
    write_discount_taxes(taxes)
    return taxes


def _entry_of(write_off: WriteOff, context: PostingContext, taxes: Sequence[DiscountTax]) -> SubledgerPosting:
    """Debit what was written off, and the tax that is not owed any more; credit the customer (P20)."""
    day, currency = write_off.date, write_off.currency
    base = base_of(context, currency, write_off.amount, day)
    counters = []
    for role, amount, worth in written_off_to(write_off.kind, write_off.amount, base, taxes):
        account = context.account(role, on=day)
        assert account is not None  # noqa: S101 - refused before
        counters.append((account, currency, amount, worth))
    return SubledgerPosting(
        write_off.pk,
        context.legal_entity,
        write_off.customer_id,
        day,
        currency,
        -write_off.amount,
        -base,
        tuple(counters),
    )


def written_off_to(
    kind: str, amount: Decimal, base: Decimal, taxes: Sequence[DiscountTax]
) -> list[tuple[PostingType, Decimal, Decimal]]:
    """What a write-off debits, each in its currency and in the company's: net, then tax (P20)."""
    tax = sum((one.tax_amount for one in taxes), ZERO)
    tax_base = sum((one.own_tax for one in taxes), ZERO)
    debited = [(WRITTEN_OFF_TO[kind], amount - tax, base - tax_base)]
    return [*debited, (PostingType.SALES_TAX_PAYABLE, tax, tax_base)] if tax else debited


def write_settlements(
    settlements: list[Settlement], contexts: Contexts, *, actor: User, at: datetime
) -> list[Settlement]:
    """Store settlements, and post where the exchange rate has changed between both sides (C9)."""
    Settlement.objects.bulk_create(settlements, batch_size=BATCH)
    entries = []
    for one in settlements:
        difference = one.debit_base - one.credit_base
        if not difference:
            continue
        context = contexts[one.debit.legal_entity_id]
        account = context.account(PostingType.EXCHANGE_DIFFERENCE, on=one.date)
        assert account is not None  # noqa: S101 - refused before
        row = one.debit
        counter = ((account, row.currency, ZERO, difference),)
        entry = SubledgerPosting(
            one.pk,
            context.legal_entity,
            row.customer_id,
            one.date,
            row.currency,
            ZERO,
            -difference,
            counter,
        )
        entries.append(entry)
    if entries:
        post_to_subledger(VoucherSource.SETTLEMENT, entries, contexts, actor=actor, at=at)
    return settlements
