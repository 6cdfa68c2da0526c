"""Pure: into which rows an edited detail splits its original (N2-N5)."""

from dataclasses import dataclass
from decimal import Decimal

from core.money import ZERO, times

CHARGEABLE = 1
NON_CHARGEABLE = 2


@dataclass(frozen=True)
class SalesTerms:
    """Quantity, unit price, amount and billing type of one sales row."""

    quantity: Decimal
    price: Decimal
    amount: Decimal
    billing_type: int


@dataclass(frozen=True)
class Edit:
    """What confirming an edited detail writes: the row to bill, and the rest it leaves, if any."""

    billed: SalesTerms
    rest: SalesTerms | None
    keeps_rest: bool

    def change_of(self, original: SalesTerms) -> tuple[Decimal, Decimal]:
        """By how much the edit changes the original's quantity and amount; nothing for a pure split."""
        rest_quantity = self.rest.quantity if self.rest else ZERO
        rest_amount = self.rest.amount if self.rest else ZERO
        return (
            self.billed.quantity + rest_quantity - original.quantity,
            self.billed.amount + rest_amount - original.amount,
        )


def edit_of(original: SalesTerms, edited: SalesTerms, *, keep_rest: bool, currency: str) -> Edit:
    """How `edited` splits `original`: cases N2 to N5 and decision 4.

    A reduced quantity leaves a rest, written off as non-chargeable or kept chargeable in the backlog. With
    an unchanged price the rest's amount is a subtraction, so no cent appears or disappears (J5); with a
    changed price it is the rest at the original price, rounded once. A raised quantity leaves no rest.
    """
    rest_quantity = original.quantity - edited.quantity
    is_reduced = rest_quantity * original.quantity > 0
    # A raised quantity, a new price or a new billing type leaves nothing over (N3 to N5).
    if not is_reduced:
        return Edit(edited, None, keeps_rest=False)
    # The rest is what is left of the amount: no cent appears or disappears (J5).
    if edited.price == original.price:
        rest_amount = original.amount - edited.amount
    else:
        rest_amount = times(rest_quantity, original.price, currency)
    billing_type = original.billing_type if keep_rest else NON_CHARGEABLE
    rest = SalesTerms(rest_quantity, original.price, rest_amount, billing_type)
    return Edit(edited, rest, keeps_rest=keep_rest)
