"""The cash discount that invoices offer: what it comes to, and by how much it lowers their tax (C11)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounting.models import CustomerInvoice, CustomerTransaction, InvoiceTax, WriteOffTax
from core.money import HUNDRED, ZERO, added_up_to, apportioned, converted, minor_places, part_of_sum
from projects.due_days import discount_on

BATCH = 500


@dataclass(frozen=True)
class DiscountTax:
    """The part of a cash discount that bore one tax of its invoice.

    Amounts are in the invoice's currency, and those of `own` in its company's.
    """

    sales_group_id: int | None
    code_id: int | None
    percent: Decimal
    base_amount: Decimal
    tax_amount: Decimal
    own_base: Decimal
    own_tax: Decimal


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


def taxes_in(
    discount: Decimal, taxes: Sequence[InvoiceTax], currency: str, rate: Decimal, own: str
) -> list[DiscountTax]:
    """Divide a cash discount over the taxes of its invoice, by what each code and rate asked for.

    The parts add up to the discount. The tax in each is the rate of the invoice, rounded once to the
    currency's minor unit: a discount of 23.80 on 1,190.00 at 19 % is 20.00 and 3.80. `rate` is units of
    `own`, the company's currency, for one of `currency`; there the taxes add up to their sum, converted once.
    """
    asked: dict[tuple[int | None, Decimal], list[InvoiceTax]] = defaultdict(list)
    for one in taxes:
        asked[one.tax_code_id, one.percent].append(one)
    sums = {key: sum((_asked(one) for one in each), ZERO) for key, each in asked.items()}
    weights = {key: amount for key, amount in sums.items() if amount > ZERO}
    if not weights:
        return []
    parts = {
        key: part
        for key, part in apportioned(discount, weights, places=minor_places(currency)).items()
        if part
    }
    within = [part_of_sum(part, key[1], HUNDRED + key[1], currency) for key, part in parts.items()]
    own_taxes = added_up_to(
        converted(sum(within, ZERO), rate, own), [converted(tax, rate, own) for tax in within]
    )
    return [
        DiscountTax(
            # An advance that is taken off has a group of its own: it is not what is paid for now.
            max(asked[key], key=_asked).sales_tax_group_id,
            *key,
            part - tax,
            tax,
            converted(part - tax, rate, own),
            own_tax,
        )
        for (key, part), tax, own_tax in zip(parts.items(), within, own_taxes, strict=True)
    ]


def _asked(tax: InvoiceTax) -> Decimal:
    return tax.base_amount + tax.tax_amount


def write_discount_taxes(divided: Mapping[int, Sequence[DiscountTax]]) -> None:
    """Store by how much cash discounts lower taxes, by the key of each write-off: one statement."""
    WriteOffTax.objects.bulk_create(
        [
            WriteOffTax(
                write_off_id=key,
                sales_tax_group_id=tax.sales_group_id,
                tax_code_id=tax.code_id,
                percent=tax.percent,
                base_amount=tax.base_amount,
                tax_amount=tax.tax_amount,
                own_base=tax.own_base,
                own_tax=tax.own_tax,
            )
            for key, taxes in divided.items()
            for tax in taxes
        ],
        batch_size=BATCH,
    )
