"""What customers owe by age, and the account of one customer, on any day (C11).

Figures are in the currency of the rows; those of two currencies are never added up. Nothing is locked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from accounting.models import CustomerTransaction, InvoiceInstalment
from accounting.receivable_querysets import CustomerTransactionQuerySet
from core.money import ZERO
from core.refusals import Text
from projects.models import Customer

STEPS = (30, 60, 90)
BUCKETS: tuple[Text, ...] = (
    _("Not due"),
    _("1–30 days"),
    _("31–60 days"),
    _("61–90 days"),
    _("Over 90 days"),
)
"""By days since the due date; a credit counts from its own date."""


@dataclass(frozen=True)
class AgeingRow:
    """What is open of one customer in one currency, by age; `parts` are in the order of `BUCKETS`."""

    customer: Customer
    currency: str
    parts: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        """All that is open, credits taken off."""
        return sum(self.parts, ZERO)

    @property
    def overdue(self) -> Decimal:
        """What should have been paid before the day."""
        return sum(self.parts[1:], ZERO)


@dataclass(frozen=True)
class StatementRow:
    """One row of a customer's account, with the balance after it and what is open of it on the last day."""

    row: CustomerTransaction
    balance: Decimal


@dataclass(frozen=True)
class CustomerStatement:
    """A customer's account in one currency: its opening, its rows, its closing, and what is open."""

    currency: str
    opening: Decimal
    rows: tuple[StatementRow, ...]
    open_rows: tuple[CustomerTransaction, ...]

    @property
    def closing(self) -> Decimal:
        """The balance on the last day."""
        return self.rows[-1].balance if self.rows else self.opening

    @property
    def open_total(self) -> Decimal:
        """What is open on the last day: always the balance."""
        return sum((row.open_amount for row in self.open_rows), ZERO)


def ageing_of(rows: CustomerTransactionQuerySet, on: date) -> list[AgeingRow]:
    """What is open on a day, by currency and customer, in the order of their names: three statements.

    An invoice in instalments stands in the age of each. As it stood: rows and settlements dated later do not
    count (X3).
    """
    edges = [on - timedelta(days=days) for days in STEPS]
    spans = [
        Q(due_date__gte=on),
        Q(due_date__lt=on, due_date__gte=edges[0]),
        *(
            Q(due_date__lt=later, due_date__gte=earlier)
            for later, earlier in zip(edges, edges[1:], strict=False)
        ),
        Q(due_date__lt=edges[-1]),
    ]
    # Zero as a default would be a plain number beside amounts: what is missing is nothing.
    sums = {f"part_{nth}": Sum("open_amount", filter=span) for nth, span in enumerate(spans)}
    names = {"currency": F("invoice__currency"), "customer": F("invoice__customer")}
    in_parts = InvoiceInstalment.objects.filter(
        invoice__customer_transaction__in=rows, invoice__invoice_date__lte=on
    )
    grouped = [
        *rows.open(on).filter(invoice__instalments__isnull=True).order_by().values(*names).annotate(**sums),
        *in_parts.open(on).order_by().values(**names).annotate(**sums),
    ]
    parts: dict[tuple[int, str], list[Decimal]] = {}
    for row in grouped:
        ages = parts.setdefault((row["customer"], row["currency"]), [ZERO] * len(BUCKETS))
        for nth, name in enumerate(sums):
            ages[nth] += row[name] or ZERO
    customers = Customer.objects.in_bulk({customer for customer, _currency in parts})
    aged = [
        AgeingRow(customers[customer], currency, tuple(ages)) for (customer, currency), ages in parts.items()
    ]
    return sorted(aged, key=lambda one: (one.currency, one.customer.name, one.customer.pk))


def totals_of(rows: Sequence[AgeingRow]) -> dict[str, tuple[Decimal, ...]]:
    """The sums of each age by currency, in the order of the codes."""
    totals: dict[str, tuple[Decimal, ...]] = {}
    for row in rows:
        before = totals.get(row.currency, (ZERO,) * len(BUCKETS))
        totals[row.currency] = tuple(one + other for one, other in zip(before, row.parts, strict=True))
    return totals


def statements_of(
    rows: CustomerTransactionQuerySet, customer: Customer, first: date, last: date
) -> list[CustomerStatement]:
    """The account of a customer from a first to a last day, for each currency it has: two statements."""
    mine = rows.filter(customer=customer, date__lte=last).exclude(amount=ZERO)
    named = mine.with_open(last).select_related("invoice", "voucher").order_by("date", "pk")
    by_currency: dict[str, list[CustomerTransaction]] = {}
    for row in named:
        by_currency.setdefault(row.currency, []).append(row)
    return [_statement(currency, by_currency[currency], first) for currency in sorted(by_currency)]


def _statement(currency: str, rows: list[CustomerTransaction], first: date) -> CustomerStatement:
    balance = opening = sum((row.amount for row in rows if row.date < first), ZERO)
    shown = []
    for row in rows:
        if row.date >= first:
            balance += row.amount
            shown.append(StatementRow(row, balance))
    open_rows = tuple(row for row in rows if row.open_amount)
    return CustomerStatement(currency, opening, tuple(shown), open_rows)
