"""Amounts of details that were edited: of a part of what was approved, or at another price (B7, J5)."""

from decimal import Decimal
from fractions import Fraction

from billing.models import InvoiceLineDetail
from core.money import minor_places, part_amount, rounded_fraction, times
from projects.models import Actual
from projects.time_totals import billed_hours_of


def amount_of(quantity: Decimal, price: Decimal, currency: str, original: Actual | None) -> Decimal:
    """Quantity at a price, rounded once to the minor unit; `original` is the sales row that it stands for.

    At the original's price the original's amount, or a part of it: a share is not its product (J5). At
    another price all of it is priced by its exact hours, where four places do not say them. The original's
    work item and approval are loaded.
    """
    if original is not None and price == original.price:
        return part_amount(quantity, price, currency, (original.quantity, original.amount))
    if original is not None and quantity == original.quantity:
        exact = billed_hours_of(original)
        if exact is not None:
            return rounded_fraction(exact * Fraction(price), minor_places(currency))
    return times(quantity, price, currency)


def original_of(detail: InvoiceLineDetail) -> Actual | None:
    """The sales row that a detail stands for: what it claims, or what its correction takes back."""
    return detail.replaces.corrects if detail.replaces is not None else detail.actual
