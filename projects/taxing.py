"""The one tax engine: tax per code and rate on the group's sum; pure (C3, decision 13)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import NEAREST, ZERO, added_up_to, sum_by, tax_of

GroupPair = tuple[int | None, int | None]


@dataclass(frozen=True)
class TaxCodeFacts:
    """A tax code and its dated rates, newest last; `reasons` why it takes nothing, by language."""

    code_id: int
    name: str
    kind: str
    reasons: Mapping[str, str]
    rates: tuple[tuple[date, Decimal], ...]

    def percent_on(self, day: date) -> Decimal | None:
        """The rate in force on `day`; nothing is taken where no tax is due, None where no rate is known."""
        if self.kind != "standard":
            return ZERO
        known = [percent for starts_on, percent in self.rates if starts_on <= day]
        return known[-1] if known else None


@dataclass(frozen=True)
class TaxBase:
    """A net amount with its pair of tax groups, and the day whose rate it is taxed at (decision 17).

    `is_apart`: its sales tax group is its own, not that of the document, as an advance keeps it.
    """

    pair: GroupPair
    day: date
    amount: Decimal
    is_apart: bool = False


@dataclass(frozen=True)
class TaxPart:
    """What one sales tax group brings into a base and its tax: an advance keeps a group of its own."""

    sales_group_id: int | None
    base_amount: Decimal
    tax_amount: Decimal


@dataclass(frozen=True)
class TaxGroup:
    """Base and tax of one code and rate on a document; `sold` are the item groups and days that are in it.

    `sold_apart` are the pairs and days of what has a sales tax group of its own, and `parts` what each sales
    tax group brings: they add up to base and tax. Where no tax code applies, `code_id` is none and `kind` is
    empty.
    """

    code_id: int | None
    name: str
    kind: str
    percent: Decimal
    reasons: Mapping[str, str]
    base_amount: Decimal
    tax_amount: Decimal
    sold: tuple[tuple[int | None, date], ...]
    sold_apart: tuple[tuple[GroupPair, date], ...] = ()
    parts: tuple[TaxPart, ...] = ()


class RateMissing(Exception):
    """No rate of a tax code is in force on the day."""


def tax_groups(
    bases: Iterable[TaxBase],
    rules: Mapping[GroupPair, TaxCodeFacts],
    *,
    currency: str,
    rounding: str = NEAREST,
) -> list[TaxGroup]:
    """Tax of a document whose net amounts come with their pair of tax groups and their day.

    An amount on each side of a change of rate makes two groups. A pair without a rule is outside the tax: it
    forms a group without code and without tax. Amounts are in `currency`; each group's sum is taxed and
    rounded once, in the direction `rounding`. Raises RateMissing.
    """
    sums: dict[tuple[int | None, Decimal], Decimal] = {}
    codes: dict[tuple[int | None, Decimal], TaxCodeFacts | None] = {}
    sold: dict[tuple[int | None, Decimal], list[TaxBase]] = defaultdict(list)
    for base in bases:
        code = rules.get(base.pair)
        percent = ZERO if code is None else code.percent_on(base.day)
        if percent is None:
            raise RateMissing(code.name if code else "")
        # Code and rate, because one code may have two rates on a document.
        key = (code.code_id if code else None, percent)
        sums[key] = sums.get(key, ZERO) + base.amount
        codes[key] = code
        sold[key].append(base)
    return [
        _group(codes[key], key[1], sums[key], sold[key], (currency, rounding))
        # Highest rate first, then by code: the order in which the document lists them.
        for key in sorted(sums, key=lambda key: (-key[1], key[0] or 0))
    ]


def _group(
    code: TaxCodeFacts | None,
    percent: Decimal,
    base: Decimal,
    sold: Sequence[TaxBase],
    money: tuple[str, str],
) -> TaxGroup:
    tax = tax_of(base, percent, *money)
    bases = sum_by((one.pair[0], one.amount) for one in sold)
    # The document asks for the tax of the sum, rounded once; its parts add up to it.
    taxes = added_up_to(tax, [tax_of(amount, percent, *money) for amount in bases.values()])
    return TaxGroup(
        code_id=code.code_id if code else None,
        name=code.name if code else "",
        kind=code.kind if code else "",
        percent=percent,
        reasons=code.reasons if code else {},
        base_amount=base,
        tax_amount=tax,
        sold=tuple((one.pair[1], one.day) for one in sold if not one.is_apart),
        sold_apart=tuple((one.pair, one.day) for one in sold if one.is_apart),
        parts=tuple(TaxPart(key, bases[key], part) for key, part in zip(bases, taxes, strict=True)),
    )
