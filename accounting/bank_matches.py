"""Who most likely paid what, for bank bookings: each suggestion says why (C11)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from accounting.cash_discounts import offered_on
from accounting.models import BankBooking, CustomerPayment, CustomerTransaction
from accounting.payment_proposals import proposed_shares
from accounting.receivable_checks import NewPayment
from accounting.receivable_querysets import BankBookingQuerySet
from accounting.row_names import name_of
from core.money import ZERO
from projects.models import Customer


@dataclass(frozen=True)
class BankMatch:
    """A suggestion for a booking: customer, shares by open row, reasons in words; certain or to look at.

    Amounts are in the currency of the bank account.
    """

    entry: BankBooking
    customer: Customer | None = None
    shares: Mapping[int, Decimal] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    is_certain: bool = False
    discounted: frozenset[int] = frozenset()

    def payment(self) -> NewPayment:
        """What entering it as suggested means."""
        assert self.customer is not None  # noqa: S101 - the caller asks for certain ones
        return NewPayment(
            customer=self.customer,
            bank_account=self.entry.bank_account,
            date=self.entry.booked_on,
            amount=self.entry.amount,
            currency=self.entry.bank_account.currency,
            reference=self.entry.text[:500],
            shares=self.shares,
            bank_booking=self.entry,
            discounted=self.discounted,
        )


def matches_of(entries: Sequence[BankBooking]) -> list[BankMatch]:
    """A suggestion for each booking, its bank account loaded: four statements for any number; locks nothing.

    A number of an open invoice in the text comes first, then the account that a customer paid from before,
    then the name. Certain is what also has the amount: of all that is named, or of the one open row.
    """
    accounts = {one.bank_account for one in entries}
    rows = list(
        CustomerTransaction.objects.filter(
            legal_entity__in={one.legal_entity_id for one in accounts},
            currency__in={one.currency for one in accounts},
        )
        .open()
        .select_related("customer", "invoice", "voucher")
        .order_by("due_date", "pk")
    )
    known = _Known(rows, entries)
    return [_match(one, known) for one in entries]


class _Known:
    """What suggestions are looked up in, each made once for all bookings."""

    def __init__(self, rows: Sequence[CustomerTransaction], entries: Sequence[BankBooking]):
        self.by_number: dict[str, list[CustomerTransaction]] = defaultdict(list)
        self.by_customer: dict[int, list[CustomerTransaction]] = defaultdict(list)
        self.by_name: dict[str, set[Customer]] = defaultdict(set)
        for row in rows:
            self.by_customer[row.customer_id].append(row)
            self.by_name[_plain(row.customer.name)].add(row.customer)
            number = row.reference or (row.invoice.number if row.invoice is not None else "")
            if _plain(number):
                self.by_number[_plain(number)].append(row)
        self.lengths = sorted({len(number) for number in self.by_number})
        ibans = {one.payer_iban for one in entries if one.payer_iban}
        paid = CustomerPayment.objects.standing().filter(bank_booking__payer_iban__in=ibans)
        self.by_iban: dict[str, set[Customer]] = defaultdict(set)
        for payment in paid.select_related("customer", "bank_booking"):
            if payment.bank_booking is not None:
                self.by_iban[payment.bank_booking.payer_iban].add(payment.customer)

    def named_in(self, text: str, entry: BankBooking) -> list[CustomerTransaction]:
        """Open rows whose invoice a text names, in its account's company and currency, each once."""
        said, rows = _plain(text), {}
        for start in range(len(said)):
            for length in self.lengths:
                end = start + length
                # A longer number that only begins like this one is another invoice.
                if said[end : end + 1].isdigit():
                    continue
                for row in self.by_number.get(said[start:end], ()):
                    if _fits(row, entry):
                        rows[row.pk] = row
        return list(rows.values())


def _match(entry: BankBooking, known: _Known) -> BankMatch:
    named = known.named_in(entry.text, entry)
    if named and len({row.customer_id for row in named}) == 1:
        return _by_number(entry, named)
    for customers, reason in (
        (known.by_iban.get(entry.payer_iban, set()), _("This customer paid from the account before")),
        (known.by_name.get(_plain(entry.payer), set()), _("The payer has the name of the customer")),
    ):
        mine = {one for one in customers if one.legal_entity_id == entry.bank_account.legal_entity_id}
        if len(mine) == 1:
            (customer,) = mine
            return _by_customer(entry, customer, known, reason)
    return BankMatch(entry)


def _by_number(entry: BankBooking, named: list[CustomerTransaction]) -> BankMatch:
    numbers = ", ".join(name_of(row) for row in named)
    together = sum((row.open_amount for row in named), ZERO)
    if together != entry.amount and (taken := _less_discounts(entry, named)) is not None:
        shares, discounted = taken
        why = (_("%(numbers)s in the text") % {"numbers": numbers}, _("Amount equal less cash discount"))
        return BankMatch(entry, named[0].customer, shares, why, True, discounted)
    shares = proposed_shares(named, entry.amount, "")
    reasons = [_("%(numbers)s in the text") % {"numbers": numbers}]
    is_equal = together == entry.amount
    reasons.append(_("Amount equal") if is_equal else _("Amount differs"))
    if is_equal:
        shares = {row.pk: row.open_amount for row in named}
    return BankMatch(entry, named[0].customer, shares, tuple(reasons), is_equal)


def _by_customer(entry: BankBooking, customer: Customer, known: _Known, reason: str) -> BankMatch:
    rows = [row for row in known.by_customer[customer.pk] if _fits(row, entry)]
    equal = [row for row in rows if row.open_amount == entry.amount]
    if len(equal) == 1:
        reasons = (reason, _("Amount equal to %(number)s alone") % {"number": name_of(equal[0])})
        return BankMatch(entry, customer, {equal[0].pk: entry.amount}, reasons, True)
    less = [one for one in (_less_discounts(entry, [row]) for row in rows) if one is not None]
    if len(less) == 1:
        ((shares, discounted),) = less
        reasons = (reason, _("Amount equal less cash discount"))
        return BankMatch(entry, customer, shares, reasons, True, discounted)
    return BankMatch(entry, customer, proposed_shares(rows, entry.amount, ""), (reason,))


def _less_discounts(
    entry: BankBooking, rows: Sequence[CustomerTransaction]
) -> tuple[dict[int, Decimal], frozenset[int]] | None:
    """Shares of rows and those discounted, where the booking is what is open less every cash discount."""
    offered = {row.pk: offered_on(row, entry.booked_on) or ZERO for row in rows}
    shares = {row.pk: row.open_amount - offered[row.pk] for row in rows}
    if not any(offered.values()) or sum(shares.values(), ZERO) != entry.amount:
        return None
    return shares, frozenset(key for key, amount in offered.items() if amount)


def _fits(row: CustomerTransaction, entry: BankBooking) -> bool:
    account = entry.bank_account
    return row.legal_entity_id == account.legal_entity_id and row.currency == account.currency


def _plain(text: str) -> str:
    return "".join(one for one in text.upper() if one.isalnum())


def certain_matches_of(entries: BankBookingQuerySet) -> list[BankMatch]:
    """The certain suggestions among bookings without a payment, oldest first, no two for the same row.

    Five statements for any number; locks nothing (C11).
    """
    waiting = entries.unmatched().select_related("bank_account__legal_entity").order_by("booked_on", "pk")
    return certain_of(matches_of(list(waiting)))


def certain_of(matches: Iterable[BankMatch]) -> list[BankMatch]:
    """The certain ones; of two that take the same row only the first stays certain."""
    taken: set[int] = set()
    certain = []
    for one in matches:
        if one.is_certain and not taken & one.shares.keys():
            taken |= one.shares.keys()
            certain.append(one)
    return certain
