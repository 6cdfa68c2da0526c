"""What a payment would settle, leave open and post, shown before it is entered (C11)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounting.cash_discounts import taxes_by_invoice, taxes_in
from accounting.models import Account, CustomerTransaction
from accounting.posting_context import PostingContext, posting_contexts_of
from accounting.receivable_checks import (
    NewPayment,
    discounts_of,
    reasons_against_writing_off,
    small_differences,
)
from accounting.receivable_rows import written_off_to
from accounting.states import PostingType, WriteOffKind
from core.money import ONE, ZERO

Line = tuple[Account, Decimal, Decimal]
"""An account with its debit or its credit; the other one is zero."""


@dataclass(frozen=True)
class PaymentOutlook:
    """What becomes of a payment and of the rows that it settles; amounts are in its currency.

    `missing` stays open of rows that are settled, after cash discounts; `left` of the payment is on account.
    `may_write_off`: the company writes off so much. Debits and credits of `lines` are equal.
    """

    taken: Decimal
    open_of_taken: Decimal
    discounts: Decimal
    missing: Decimal
    left: Decimal
    may_write_off: bool
    limit: Decimal
    rests: dict[int, Decimal]
    difference_account: Account | None
    lines: tuple[Line, ...]

    @property
    def has_difference(self) -> bool:
        """Whether something is short of the rows, or too much for them."""
        return bool(self.rests) and bool(self.missing or self.left)


def payment_outlook(new: NewPayment, open_rows: Sequence[CustomerTransaction]) -> PaymentOutlook:
    """The outlook of a payment in the currency of its bank account; `open_rows` are those of its customer.

    Shares that the verb would refuse are shown as they are. Six statements, one more with a cash discount;
    locks and raises nothing (C11).
    """
    rows = {row.pk: row for row in open_rows}
    entity = new.customer.legal_entity
    contexts = posting_contexts_of([entity])
    context, limits = contexts[entity.pk], small_differences(contexts)
    chosen = {key: share for key, share in new.shares.items() if key in rows}
    discounts = {key: part for key, part in discounts_of(new, rows).items() if key in chosen}
    rests = {key: rows[key].open_amount - share - discounts.get(key, ZERO) for key, share in chosen.items()}
    missing, left = sum(rests.values(), ZERO), new.amount - new.taken
    differences = {**rests, 0: left}
    # Nothing is written off where nothing is settled: a payment alone is on account.
    too_large = reasons_against_writing_off(differences, rows, context, limits, new.currency, new.date)
    off = context.account(PostingType.SMALL_DIFFERENCE, on=new.date)
    may_write_off = bool(chosen) and off is not None and not list(too_large)
    written_off = missing - left if new.writes_off and may_write_off else ZERO
    discounted = sum(discounts.values(), ZERO)
    posted = (
        (new.bank_account.account_id, new.amount),
        (off, written_off),
        *_discounted(discounts, rows, context, new),
        (context.account(PostingType.CUSTOMER_BALANCE, on=new.date), -new.amount - written_off - discounted),
    )
    accounts = Account.objects.in_bulk([key for key, _amount in posted if key is not None])
    return PaymentOutlook(
        taken=new.taken,
        open_of_taken=sum((rows[key].open_amount for key in chosen), ZERO),
        discounts=discounted,
        missing=missing,
        left=left,
        may_write_off=may_write_off,
        limit=limits[entity.pk],
        rests=rests,
        difference_account=accounts.get(off) if off is not None else None,
        lines=tuple(
            (accounts[key], max(amount, ZERO), max(-amount, ZERO))
            for key, amount in posted
            if key in accounts and amount
        ),
    )


def _discounted(
    discounts: Mapping[int, Decimal],
    rows: Mapping[int, CustomerTransaction],
    context: PostingContext,
    new: NewPayment,
) -> list[tuple[int | None, Decimal]]:
    """What cash discounts debit, by account, as the verb divides them: net, and the tax of their invoices."""
    if not discounts:
        return []
    of_invoice = taxes_by_invoice(one for one in (rows[key].invoice for key in discounts) if one is not None)
    # Without a rate the verb refuses; the parts in this currency are the same at any.
    rate, own = context.rate_on(new.currency, new.date) or ONE, context.legal_entity.currency
    debited: dict[int | None, Decimal] = defaultdict(Decimal)
    for key, amount in discounts.items():
        taxes = taxes_in(amount, of_invoice.get(rows[key].invoice_id or 0, []), new.currency, rate, own)
        for role, part, _worth in written_off_to(WriteOffKind.DISCOUNT, amount, ZERO, taxes):
            debited[context.account(role, on=new.date)] += part
    return list(debited.items())
