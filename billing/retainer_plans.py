"""Pure: a retainer before it is one, a series of them, and how much of a balance a proforma can take (B3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import ZERO


@dataclass(frozen=True)
class PlannedRetainer:
    """One retainer as agreed: its net amount is in the contract's currency."""

    name: str
    invoice_on: date
    amount: Decimal


def instalments(name: str, total: Decimal, days: Sequence[date], *, places: int) -> list[PlannedRetainer]:
    """A series: the total in equal parts, one for each day, cut to `places`; the last takes what is left.

    A single one keeps its name, more of them are numbered (decision 8).
    """
    unit = Decimal(1).scaleb(-places)
    part = (total / len(days)) // unit * unit if days else ZERO
    amounts = [part] * (len(days) - 1) + [total - part * (len(days) - 1)] if days else []
    return [
        PlannedRetainer(f"{name} {number}/{len(days)}" if len(days) > 1 else name, day, amount)
        for number, (day, amount) in enumerate(zip(days, amounts, strict=True), start=1)
    ]


def most_that_fits(most: Decimal, total_less: Callable[[Decimal], Decimal], *, places: int) -> Decimal:
    """The largest amount up to `most`, in units of `places`, that leaves a total of zero or more.

    `total_less(amount)` is the total with tax of the document less that amount; it never rises with the
    amount. Found by halving, because tax is rounded per group and no formula gives the exact cent (B3).
    """
    if most <= ZERO or total_less(most) >= ZERO:
        return max(most, ZERO)
    fits, exceeds = 0, int(most.scaleb(places))
    while exceeds - fits > 1:
        middle = (fits + exceeds) // 2
        if total_less(Decimal(middle).scaleb(-places)) >= ZERO:
            fits = middle
        else:
            exceeds = middle
    return Decimal(fits).scaleb(-places)
