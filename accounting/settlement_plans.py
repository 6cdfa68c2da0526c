"""Which amount settles which, in memory: pairs, and their worth in the company's currency (C11).

Pure: no table, no clock. Amounts that a customer owes are above zero, amounts owed to the customer below.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.money import ZERO, minor_places, rounded_fraction


@dataclass(frozen=True)
class Pair:
    """So much of what the debit side owes is settled with the credit side; the amount is above zero."""

    debit: int
    credit: int
    amount: Decimal


@dataclass
class OpenSide:
    """What is open of one row: in its currency, and in that of the company. Taking from it lowers both."""

    amount: Decimal
    base: Decimal
    currency: str

    def take(self, part: Decimal) -> Decimal:
        """Take a part above zero; returns its worth in the company's currency, above zero as well.

        The last part takes all that is left of the base, so that nothing of it stays without an amount.
        """
        left, base = abs(self.amount), abs(self.base)
        if part > left:
            raise ValueError("more is taken than is open")
        if part == left:
            worth = base
        else:
            exact = Fraction(base) * Fraction(part) / Fraction(left)
            worth = rounded_fraction(exact, minor_places(self.currency))
        sign = 1 if self.amount > 0 else -1
        self.amount -= sign * part
        self.base -= sign * worth
        return worth


def pairs_of(parts: Sequence[tuple[int, Decimal]]) -> list[Pair]:
    """Settle what is owed with what is owed to the customer, in the order given, as far as both reach.

    `parts` are (key, amount) of rows of one customer and currency. What is left over on one side is in no
    pair.
    """
    credits = deque((key, -amount) for key, amount in parts if amount < 0)
    pairs = []
    for key, amount in parts:
        owed = max(amount, ZERO)
        while owed and credits:
            credit, left = credits.popleft()
            taken = min(owed, left)
            pairs.append(Pair(key, credit, taken))
            owed -= taken
            if left > taken:
                credits.appendleft((credit, left - taken))
    return pairs


def shares_together(rows: Sequence[tuple[int, Decimal]], *, writes_off: bool) -> dict[int, Decimal]:
    """How much of each open row is settled when all are settled with one another, in the order given.

    `rows` are (key, open amount) of one customer and currency, and so is the answer; a row that takes no part
    is left out. With `writes_off` all that is open of each; what both sides then differ by is for the verb to
    judge.
    """
    owed = sum((amount for _key, amount in rows if amount > 0), ZERO)
    credit = sum((-amount for _key, amount in rows if amount < 0), ZERO)
    shares: dict[int, Decimal] = {}
    for sign in (1, -1):
        left = min(owed, credit)
        for key, amount in rows:
            size = amount * sign
            part = size if writes_off else min(size, left)
            if part > 0:
                left -= part
                shares[key] = part * sign
    return shares
