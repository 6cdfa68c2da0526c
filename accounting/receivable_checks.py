"""Why payments cannot be entered and rows cannot be settled, in words (C11)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.cash_discounts import offered_on
from accounting.models import BankAccount, BankBooking, CustomerTransaction, ReceivablesPolicy
from accounting.posting_context import PostingContext
from accounting.row_names import name_of
from accounting.states import PostingType
from core.money import ONE, ZERO, converted
from core.refusals import Refusal
from core.templatetags.display import day as written
from core.templatetags.display import money
from projects.models import Customer

Contexts = Mapping[int, PostingContext]
"""Posting contexts by the key of their legal entity."""
OpenRows = Mapping[int, CustomerTransaction]
"""Rows of the customer subledger by their keys, each with what is open of it."""


@dataclass(frozen=True)
class NewPayment:
    """A payment as somebody means it: what was paid, and how much of it settles which rows.

    `amount` is in `currency`, that of the rows; `bank_amount` is what the bank credited in the currency of
    the account, where that is another one. `shares` are by the key of a customer transaction, above zero for
    what is owed and below for credit; on those in `discounted` the cash discount is taken. `writes_off`:
    what is short of the rows, or too much, is written off.
    """

    customer: Customer
    bank_account: BankAccount
    date: date
    amount: Decimal
    currency: str
    reference: str = ""
    bank_amount: Decimal | None = None
    shares: Mapping[int, Decimal] = field(default_factory=dict)
    writes_off: bool = False
    bank_booking: BankBooking | None = None
    discounted: frozenset[int] = frozenset()

    @property
    def taken(self) -> Decimal:
        """How much of the payment settles something; the rest of it is on account."""
        return sum(self.shares.values(), ZERO)

    def __str__(self) -> str:
        return f"{self.customer}, {money(self.amount, self.currency)}"


def reasons_against_payments(
    payments: Sequence[NewPayment], rows: OpenRows, contexts: Contexts, at: datetime
) -> Iterator[Refusal]:
    """Every reason against a set of payments; `rows` are those that are settled, with what is open now.

    One statement, for the small differences that companies write off; locks nothing.
    """
    limits = small_differences(contexts)
    asked: dict[int, Decimal] = {}
    for new in payments:
        context = contexts[new.customer.legal_entity_id]
        yield from _against_payment(new, context, at)
        yield from reasons_against_shares(new.shares, rows, new.customer, new.currency, asked)
        if abs(new.taken) > abs(new.amount) or new.taken * new.amount < 0:
            message = _("%(taken)s is to be settled by it.") % {"taken": money(new.taken, new.currency)}
            way_out = _("Settle no more than was paid; the rest of a row stays open.")
            yield Refusal("more-than-paid", message, str(new), way_out)
        discounts = discounts_of(new, rows)
        yield from _against_discounts(new, rows, discounts)
        if new.writes_off:
            written_off = [key for key in new.shares if key in asked]
            rests = {
                key: rows[key].open_amount - asked[key] - discounts.get(key, ZERO) for key in written_off
            }
            rests[0] = new.amount - new.taken
            yield from reasons_against_writing_off(rests, rows, context, limits, new.currency, new.date)
            # What is short of these rows goes with it, so that nothing of them is left for the next one.
            asked |= {key: rows[key].open_amount for key in written_off}


def _against_payment(new: NewPayment, context: PostingContext, at: datetime) -> Iterator[Refusal]:
    subject = str(new)
    if not new.amount or (new.bank_amount is not None and new.bank_amount * new.amount <= 0):
        message = _("Nothing was paid, or both amounts do not go the same way.")
        yield Refusal("nothing-paid", message, subject, _("Enter the amount as the bank states it."))
    if new.bank_account.legal_entity_id != new.customer.legal_entity_id:
        message = _("%(account)s belongs to another company.") % {"account": new.bank_account}
        yield Refusal(
            "other-company", message, subject, _("Choose a bank account of the customer’s company.")
        )
    if new.date > context.legal_entity.day_of(at):
        message = _("%(day)s has not come yet.") % {"day": written(new.date)}
        yield Refusal("date-ahead", message, subject, _("Enter the day on which the bank booked it."))
    yield from reasons_against_day(new.date, context, subject)
    currencies = [new.bank_account.currency, new.currency]
    for currency in dict.fromkeys(currencies):
        if context.rate_on(currency, new.date) is None:
            message = _("There is no exchange rate of %(name)s on that day.") % {"name": currency}
            way_out = _("Enter it in the set-up of the legal entity.")
            yield Refusal("exchange-rate-missing", message, subject, way_out)
    needed = [PostingType.CUSTOMER_BALANCE]
    if set(currencies) != {context.legal_entity.currency}:
        needed.append(PostingType.EXCHANGE_DIFFERENCE)
    if new.writes_off:
        needed.append(PostingType.SMALL_DIFFERENCE)
    if new.discounted:
        needed += [PostingType.CASH_DISCOUNT, PostingType.SALES_TAX_PAYABLE]
    yield from reasons_against_accounts(needed, context, new.date, subject)


def discounts_of(new: NewPayment, rows: OpenRows) -> dict[int, Decimal]:
    """The cash discount on each row that a payment takes one on; nothing where none is offered any more."""
    offered = {key: offered_on(rows[key], new.date) for key in new.discounted if key in rows}
    return {key: amount for key, amount in offered.items() if amount is not None}


def _against_discounts(
    new: NewPayment, rows: OpenRows, discounts: Mapping[int, Decimal]
) -> Iterator[Refusal]:
    """Cash discounts that no invoice offers, or not any more, and those on a part of what is open."""
    for key in sorted(new.discounted):
        row = rows.get(key)
        if row is None:
            continue
        if key not in discounts:
            until = row.invoice.discount_until if row.invoice is not None else None
            message = _("It offers no cash discount.")
            if until is not None:
                message = _("Its cash discount was offered until %(day)s.") % {"day": written(until)}
            yield Refusal("no-discount", message, name_of(row), _("Enter the payment without the discount."))
            continue
        rest = row.open_amount - discounts[key]
        if new.shares.get(key, ZERO) != rest and not new.writes_off:
            message = _("The cash discount is for whoever pays the rest in full: %(rest)s.") % {
                "rest": money(rest, row.currency)
            }
            way_out = _("Settle that much of it, or take no discount.")
            yield Refusal("discount-in-part", message, name_of(row), way_out)


def reasons_against_bookings(payments: Sequence[NewPayment], unmatched: set[int]) -> Iterator[Refusal]:
    """Bank bookings that a payment was entered for already, or that two of the set are meant for."""
    seen: set[int] = set()
    for new in payments:
        if new.bank_booking is None:
            continue
        key = new.bank_booking.pk
        if key not in unmatched or key in seen:
            message = _("This bank booking has its payment already, or is set aside.")
            yield Refusal("already-matched", message, str(new), _("Look at the list of payments."))
        seen.add(key)


def reasons_against_day(day: date, context: PostingContext, subject: str) -> Iterator[Refusal]:
    """Nothing is posted into a closed period (G6)."""
    if not context.is_open_on(day):
        message = _("%(day)s lies in a closed period.") % {"day": written(day)}
        yield Refusal("period-closed", message, subject, _("Choose a date in an open period."))


def reasons_against_accounts(
    roles: Iterable[PostingType], context: PostingContext, day: date, subject: str
) -> Iterator[Refusal]:
    """Posting types without an account on a day."""
    for role in roles:
        if context.account(role, on=day) is None:
            message = _("No account is set for the posting type %(name)s.") % {"name": role.label}
            way_out = _("Enter it in the set-up of the legal entity.")
            yield Refusal("account-missing", message, subject, way_out)


def reasons_against_shares(
    shares: Mapping[int, Decimal],
    rows: OpenRows,
    customer: Customer,
    currency: str,
    asked: dict[int, Decimal],
) -> Iterator[Refusal]:
    """Rows that are not open any more, not to that extent, or another customer's or currency's.

    `asked` adds up what the whole set takes of each row.
    """
    way_out = _("Look at what is open now, then settle that.")
    for key, share in shares.items():
        row = rows.get(key)
        if row is None or not row.open_amount:
            yield Refusal("not-open", _("It is settled already."), name_of(row), way_out)
            continue
        asked[key] = asked.get(key, ZERO) + share
        if row.customer_id != customer.pk:
            message = _("It is not owed by %(customer)s.") % {"customer": customer}
            yield Refusal("other-customer", message, name_of(row), _("Choose rows of one customer."))
        if row.currency != currency:
            message = _("It is in %(currency)s.") % {"currency": row.currency}
            yield Refusal("other-currency", message, name_of(row), _("Settle each currency by itself."))
        if not ZERO < asked[key] / row.open_amount <= ONE:
            message = _("%(asked)s is to be settled, and %(open)s is open.") % {
                "asked": money(asked[key], row.currency),
                "open": money(row.open_amount, row.currency),
            }
            yield Refusal("more-than-open", message, name_of(row), way_out)


def reasons_against_writing_off(
    rests: Mapping[int, Decimal],
    rows: OpenRows,
    context: PostingContext,
    limits: Mapping[int, Decimal],
    currency: str,
    day: date,
) -> Iterator[Refusal]:
    """Differences above what the company writes off; each in its currency, at the rate of the day."""
    own, rate = context.legal_entity.currency, context.rate_on(currency, day)
    if rate is None:
        return
    limit = limits[context.legal_entity.pk]
    for key, rest in rests.items():
        if abs(converted(rest, rate, own)) > limit:
            message = _("%(rest)s is more than the %(limit)s that may be written off.") % {
                "rest": money(abs(rest), currency),
                "limit": money(limit, own),
            }
            way_out = _("Leave the difference open.")
            yield Refusal("difference-too-large", message, name_of(rows.get(key)), way_out)


def small_differences(contexts: Contexts) -> dict[int, Decimal]:
    """Up to which amount each company writes a difference off, in its currency: one statement."""
    policies = ReceivablesPolicy.objects.filter(legal_entity__in=list(contexts))
    limits = dict(policies.values_list("legal_entity", "small_difference"))
    return {key: limits.get(key, ONE) for key in contexts}
