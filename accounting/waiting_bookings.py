"""Bookings of banks that wait, each with who most likely paid it, and what is certain of them (C11)."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import cached_property

from accounting.bank_matches import BankMatch, certain_of, matches_of
from accounting.bank_returns import PaymentReturn, returns_of
from accounting.models import BankBooking, CustomerTransaction
from accounting.row_names import name_of

SUGGESTED, UNKNOWN, REVERSAL, LOOK = "suggested", "unknown", "reversal", "look"


@dataclass(frozen=True)
class WaitingBooking:
    """A booking without a payment: who is suggested, or which payment it returns."""

    entry: BankBooking
    match: BankMatch
    returned: PaymentReturn | None = None

    @property
    def kind(self) -> str:
        """Returned by the bank, certain, to look at, or from nobody that is known."""
        if self.returned is not None:
            return REVERSAL
        if self.match.customer is None:
            return UNKNOWN
        return SUGGESTED if self.match.is_certain else LOOK

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is this one, in words."""
        return self.returned.reasons if self.returned is not None else self.match.reasons

    @property
    def mark(self) -> str:
        """The same while the suggestion is the same: what a page has shown is what is entered, or nothing."""
        shares = sorted((key, f"{share.normalize():f}") for key, share in self.match.shares.items())
        said = f"{self.match.customer} {shares} {sorted(self.match.discounted)}"
        return f"{self.entry.pk}-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


class WaitingBookings:
    """Some bookings with what is known about them: eleven statements for any number of bookings."""

    def __init__(self, entries: Sequence[BankBooking]):
        returned = returns_of(entries)
        self.rows = [
            WaitingBooking(match.entry, match, returned.get(match.entry.pk)) for match in matches_of(entries)
        ]

    @cached_property
    def certain(self) -> list[WaitingBooking]:
        """What may be entered as suggested, no two for the same row."""
        sure = {one.entry.pk for one in certain_of(one.match for one in self.rows if one.kind == SUGGESTED)}
        return [one for one in self.rows if one.entry.pk in sure]

    @cached_property
    def names(self) -> dict[int, str]:
        """What the rows are called that suggestions settle, by key."""
        keys = {key for one in self.rows for key in one.match.shares}
        return names_of(keys)

    def of_kind(self, *kinds: str) -> list[WaitingBooking]:
        """Those of some kinds, in their order."""
        return [one for one in self.rows if one.kind in kinds]


def names_of(keys: Iterable[int]) -> dict[int, str]:
    """What rows of the customer subledger are called, by key: one statement."""
    rows = CustomerTransaction.objects.filter(pk__in=list(keys)).select_related("invoice", "voucher")
    return {row.pk: name_of(row) for row in rows}
