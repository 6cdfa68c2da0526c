"""Which open rows a payment most likely settles: numbers in its text first, then the oldest (C11). Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from accounting.models import CustomerTransaction
from core.money import ZERO


def proposed_shares(
    rows: Sequence[CustomerTransaction], amount: Decimal, reference: str
) -> dict[int, Decimal]:
    """How much of a payment each open row is proposed to take, by key; in the rows' currency.

    Rows whose number is in the text come first, then the others in the order given, each as far as the
    payment goes. A credit that is named lowers what has to be paid; one that is not stays as it is.
    """
    named = [row for row in rows if is_named(row, reference)]
    if named:
        left, chosen = amount, named
    else:
        sign = 1 if amount > 0 else -1
        left, chosen = amount, [row for row in rows if row.open_amount * sign > 0]
    shares: dict[int, Decimal] = {}
    # Credits first: what they take off is there for the others.
    for row in sorted(chosen, key=lambda one: one.open_amount * amount > 0):
        takes_off = row.open_amount * amount < 0
        share = row.open_amount if takes_off else min(row.open_amount, left, key=abs)
        if not share or (share * amount > 0 and left * amount <= 0):
            continue
        shares[row.pk] = share
        left -= share
    return shares if left * amount >= ZERO else {}


def discounted_shares(
    rows: Sequence[CustomerTransaction], amount: Decimal, reference: str, offered: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """Shares where a payment is what is open less the cash discounts `offered`, by key; empty where not.

    Of the rows that are named in its text, or of one row alone.
    """
    named = [row for row in rows if is_named(row, reference)]
    for chosen in [named] if named else [[row] for row in rows]:
        shares = {row.pk: row.open_amount - offered.get(row.pk, ZERO) for row in chosen}
        if any(row.pk in offered for row in chosen) and sum(shares.values(), ZERO) == amount:
            return shares
    return {}


def is_named(row: CustomerTransaction, text: str) -> bool:
    """Whether a text names the invoice of a row, with or without its hyphens and spaces."""
    if row.invoice is None:
        return False
    number, said = _plain(row.invoice.number), _plain(text)
    at = said.find(number)
    # A longer number that only begins like this one is another invoice.
    while at >= 0:
        after = said[at + len(number) : at + len(number) + 1]
        if not after.isdigit():
            return True
        at = said.find(number, at + 1)
    return False


def _plain(text: str) -> str:
    return "".join(one for one in text.upper() if one.isalnum())
