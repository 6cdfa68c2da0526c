"""The cash discount that invoices offer: what it comes to, and by how much it lowers their tax (C11)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounting.models import CustomerInvoice, CustomerTransaction, InvoiceTax
from core.money import HUNDRED, ZERO, apportioned, minor_places, part_of_sum
from projects.due_days import discount_on


@dataclass(frozen=True)
class DiscountTax:
    """The part of a cash discount that bore tax of one code and rate; amounts in the invoice's currency."""

    code_id: int | None
    percent: Decimal
    base_amount: Decimal
    tax_amount: Decimal


def offered_on(row: CustomerTransaction, day: date) -> Decimal | None:
    """The cash discount on what is open of a row when it is paid on a day; none where none is offered.

    The row is loaded with its invoice and with what is open of it. Its percentage of what is open, rounded
    once to the currency's minor unit.
    """
    invoice = row.invoice
    if invoice is None or invoice.discount_percent is None or invoice.discount_until is None:
        return None
    if day > invoice.discount_until or row.open_amount <= ZERO:
        return None
    return discount_on(row.open_amount, invoice.discount_percent, row.currency) or None


def taxes_by_invoice(invoices: Iterable[CustomerInvoice]) -> dict[int, list[InvoiceTax]]:
    """The taxes of invoices by the key of each: one statement."""
    by_invoice: dict[int, list[InvoiceTax]] = defaultdict(list)
    for tax in InvoiceTax.objects.filter(invoice__in=list(invoices)).order_by("pk"):
        by_invoice[tax.invoice_id].append(tax)
    return by_invoice


def taxes_in(discount: Decimal, taxes: Sequence[InvoiceTax], currency: str) -> list[DiscountTax]:
    """Divide a cash discount over the taxes of its invoice, in proportion to what each was asked with.

    The parts add up to the discount. The tax in each is the rate of the invoice, rounded once to the
    currency's minor unit: a discount of 23.80 on 1,190.00 at 19 % is 20.00 and 3.80.
    """
    asked = {nth: one.base_amount + one.tax_amount for nth, one in enumerate(taxes)}
    weights = {nth: amount for nth, amount in asked.items() if amount > ZERO}
    if not weights:
        return []
    parts = apportioned(discount, weights, places=minor_places(currency))
    divided = []
    for nth, part in parts.items():
        percent = taxes[nth].percent
        tax = part_of_sum(part, percent, HUNDRED + percent, currency)
        if part:
            divided.append(DiscountTax(taxes[nth].tax_code_id, percent, part - tax, tax))
    return divided
