"""What a proof is, and what of one is kept (X6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.fields import AmountField
from core.money import ZERO
from core.refusals import Text

NOTHING = Value(ZERO, output_field=AmountField())
Figures = Mapping[str, Decimal | int]
"""Amounts by currency, or one count under an empty name."""


class Offender(NamedTuple):
    """One that breaks a proof and is no row of its own, with the key of its legal entity."""

    name: str
    legal_entity: int | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Sides:
    """Both sides of an identity, what they are called and what they come to."""

    left_says: Text
    left: Callable[[], Figures]
    right_says: Text
    right: Callable[[], Figures]


@dataclass(frozen=True)
class Proof:
    """One invariant: its code, what it says, who breaks it.

    `entity` is the path from an offender to its legal entity; without one a broken proof is about all of
    them.
    """

    code: str
    says: Text
    offenders: Callable[[], QuerySet | list[Offender] | list[str]]
    entity: str = ""


@dataclass(frozen=True)
class Finding:
    """How one proof came out: how many rows break it, some of them, whose they are, and both its sides.

    `legal_entities` are keys; None stands for all of them.
    """

    proof: Proof
    count: int
    examples: list[str]
    legal_entities: frozenset[int] | None = frozenset()
    left: Figures = field(default_factory=dict)
    right: Figures = field(default_factory=dict)


def sum_of(rows: QuerySet, by: str, column: str = "amount") -> Coalesce:
    """The sum of a column over the rows that point to the outer row by `by`, zero where there are none."""
    # A subquery for each sum: two sums over joins would multiply each other.
    summed = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(sum=Sum(column))
    return Coalesce(Subquery(summed.values("sum")), NOTHING)


def by_currency(rows: QuerySet, column: str = "amount", currency: str = "currency") -> Figures:
    """The sums of a column by currency."""
    return dict(rows.order_by().values_list(currency).annotate(sum=Sum(column)))
