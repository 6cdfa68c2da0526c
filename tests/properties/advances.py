"""Advances once more in plain Python: what of each is invoiced, on drafts and used, without a database.

Knows nothing of verbs, triggers or SQL. Everything is taxed alike, so that a total is zero where its net is.
"""

from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


@dataclass
class Advance:
    """One advance of a customer, as far as it has come."""

    customer: int
    amount: Decimal
    status: str = "ready"
    invoiced: Decimal = ZERO
    used: Decimal = ZERO


@dataclass
class OnDraft:
    """What one draft invoices, applies and gives back, by the key of the advance."""

    invoices: set[int] = field(default_factory=set)
    applies: dict[int, Decimal] = field(default_factory=dict)
    refunds: dict[int, Decimal] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.invoices or self.applies or self.refunds)

    def taken(self, key: int) -> Decimal:
        return self.applies.get(key, ZERO) + self.refunds.get(key, ZERO)

    def details_taking(self, key: int) -> int:
        return sum(1 for amounts in (self.applies, self.refunds) if amounts.get(key))


@dataclass
class Advances:
    """All advances of a contract, the oldest with the smallest key; drafts by the database's keys."""

    rows: dict[int, Advance] = field(default_factory=dict)
    drafts: dict[int, OnDraft] = field(default_factory=dict)
    confirmed: dict[int, Decimal] = field(default_factory=dict)
    in_books: Decimal = ZERO

    def held(self, key: int) -> Decimal:
        return sum((one.taken(key) for one in self.drafts.values()), ZERO)

    def details_holding(self, key: int) -> int:
        """How many details of drafts hold a part of it: a refusal names each of them."""
        return sum(one.details_taking(key) for one in self.drafts.values())

    def available(self, key: int) -> Decimal:
        return self.rows[key].invoiced - self.rows[key].used - self.held(key)

    def entering(self) -> dict[int, set[int]]:
        """What makes a draft by itself, by customer: ready ones, and balances that go back."""
        keys: dict[int, set[int]] = {}
        for key, one in self.rows.items():
            if one.status == "ready" or (one.status == "to_refund" and self.available(key)):
                keys.setdefault(one.customer, set()).add(key)
        return keys

    def net(self, draft: int) -> Decimal:
        on = self.drafts.get(draft, OnDraft())
        asked = sum((self.rows[key].amount for key in on.invoices), ZERO)
        return asked - sum(on.applies.values(), ZERO) - sum(on.refunds.values(), ZERO)

    def drafts_all(self, draft: int, customer: int, work: Decimal) -> None:
        """A new draft takes what enters, then applies what is available to the work that is left."""
        on = self.drafts[draft] = OnDraft()
        for key in self.entering().get(customer, set()):
            if self.rows[key].status == "ready":
                on.invoices.add(key)
                self.rows[key].status = "on_draft"
            else:
                on.refunds[key] = self.available(key)
        left = work - sum(on.refunds.values(), ZERO)
        for key, one in sorted(self.rows.items()):
            amount = min(self.available(key), left) if one.status == "available" else ZERO
            if one.customer == customer and amount > 0:
                on.applies[key] = amount
                left -= amount

    def lowers(self, draft: int, work: Decimal) -> None:
        """Less work is to be paid: the newest gives way first."""
        on = self.drafts[draft]
        left = work - sum(on.refunds.values(), ZERO)
        for key in sorted(on.applies):
            amount = max(min(on.applies.pop(key), left), ZERO)
            left -= amount
            if amount:
                on.applies[key] = amount

    def deletes(self, draft: int) -> None:
        for key in self.drafts.pop(draft).invoices:
            self.rows[key].status = "ready"

    def confirms(self, draft: int) -> Decimal:
        """What is on a draft is invoiced or used from now on; return what it adds to the net."""
        net, on = self.net(draft), self.drafts.pop(draft)
        for key in on.invoices:
            self.rows[key].invoiced, self.rows[key].status = self.rows[key].amount, "available"
        for key, amount in [*on.applies.items(), *on.refunds.items()]:
            self.rows[key].used += amount
            self._end(key)
        self.confirmed[draft] = net
        return net

    def _end(self, key: int) -> None:
        one = self.rows[key]
        if one.used == one.invoiced:
            one.status = "refunded" if one.status == "to_refund" else "used_up"

    def takes_back(self, draft: int, key: int, amount: Decimal) -> None:
        """A correction of what billed an amount: the advance itself, or a use of it."""
        one = self.rows[key]
        if amount > 0:
            one.invoiced, one.status = ZERO, "ready"
        else:
            one.used += amount
            if one.status in ("used_up", "refunded"):
                one.status = "available"
        self.confirmed[draft] = -amount

    def invoices(self) -> None:
        """Everything that is confirmed reaches the books."""
        self.in_books += sum(self.confirmed.values(), ZERO)
        self.confirmed = {}
