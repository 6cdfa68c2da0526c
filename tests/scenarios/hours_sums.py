"""What the books must say of a file of hours, added up in plain Python: nothing is asked of the product.

Work is accrued on its day. On the first of the next month each project is invoiced, payable within thirty
days, with the tax of the day of the work; each rate is rounded once. Every third invoice is paid when it is
due; of every fifth one half is paid, a week late.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.scenarios.hours_files import Row

CENT = Decimal("0.01")
TERMS = timedelta(days=30)
FULL, REDUCED = Decimal(20), Decimal(10)
FALLS_ON = (5, 16)
"""The rate falls amid a month: its invoices are taxed at both."""


@dataclass(frozen=True)
class Billed:
    """An invoice as it must be: the base of each rate in it."""

    project: str
    day: date
    bases: dict[Decimal, Decimal]

    @property
    def due(self) -> date:
        return self.day + TERMS

    @property
    def net(self) -> Decimal:
        return sum(self.bases.values(), Decimal(0))

    @property
    def taxes(self) -> dict[Decimal, Decimal]:
        return {
            percent: (base * percent / 100).quantize(CENT, ROUND_HALF_UP)
            for percent, base in self.bases.items()
        }

    @property
    def tax(self) -> Decimal:
        return sum(self.taxes.values(), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True)
class Paid:
    """A payment for one invoice."""

    invoice: Billed
    day: date
    amount: Decimal


def month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def percent_on(day: date) -> Decimal:
    return FULL if (day.month, day.day) < FALLS_ON else REDUCED


def invoices_of(rows: Iterable[Row]) -> list[Billed]:
    """One for each project and month in which something was done, in the order of days and projects."""
    bases: dict[tuple[date, str], dict[Decimal, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        bases[month_after(row.day), row.project][percent_on(row.day)] += row.amount
    return [Billed(project, day, dict(by_rate)) for (day, project), by_rate in sorted(bases.items())]


def payments_of(invoices: list[Billed], last: date) -> list[Paid]:
    """What is paid through a last day."""
    paid = []
    for nth, one in enumerate(invoices, start=1):
        if nth % 3 == 0:
            paid.append(Paid(one, one.due, one.gross))
        elif nth % 5 == 0:
            half = (one.gross / 2).quantize(CENT, ROUND_HALF_UP)
            paid.append(Paid(one, one.due + timedelta(days=7), half))
    return [one for one in paid if one.day <= last]


def trial_balance(rows: list[Row], invoices: list[Billed], paid: list[Paid], on: date) -> dict[str, Decimal]:
    """The balance of each account on a day, debits positive; what comes to nothing is left out."""
    work = sum((row.amount for row in rows if row.day <= on), Decimal(0))
    posted = [one for one in invoices if one.day <= on]
    net = sum((one.net for one in posted), Decimal(0))
    tax = sum((one.tax for one in posted), Decimal(0))
    received = sum((one.amount for one in paid if one.day <= on), Decimal(0))
    balances = {
        "1400": net + tax - received,
        "1450": work - net,
        "1776": -tax,
        "8400": -net,
        "8450": net - work,
        "1200": received,
    }
    return {number: balance for number, balance in balances.items() if balance}


def tax_report(
    invoices: list[Billed], first: date, last: date
) -> dict[Decimal, tuple[int, Decimal, Decimal]]:
    """Of each rate in a span of days: how many invoices, their bases and their tax."""
    report: dict[Decimal, tuple[int, Decimal, Decimal]] = {}
    for one in invoices:
        for percent, base in one.bases.items() if first <= one.day <= last else ():
            count, bases, taxes = report.get(percent, (0, Decimal(0), Decimal(0)))
            report[percent] = (count + 1, bases + base, taxes + one.taxes[percent])
    return report


def ageing(invoices: list[Billed], paid: list[Paid], on: date) -> dict[str, list[Decimal]]:
    """What is open of each project on a day: not due, by thirty, sixty, ninety days, and older."""
    ages: dict[str, list[Decimal]] = {}
    for one in invoices:
        received = sum((each.amount for each in paid if each.invoice is one and each.day <= on), Decimal(0))
        left = one.gross - received
        if one.day <= on and left:
            late = (on - one.due).days
            place = 0 if late <= 0 else min(1 + (late - 1) // 30, 4)
            ages.setdefault(one.project, [Decimal(0)] * 5)[place] += left
    return ages
