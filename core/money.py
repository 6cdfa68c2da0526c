"""Exact money: Decimal only, and the only module that rounds.

SQL adds, Python multiplies: a product is rounded once, here, when its row is written; afterwards the
database may only add, count and compare, which is exact (D1, M2).
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction
from typing import TypeVar

K = TypeVar("K")

STORED_PLACES = 4
"""Places of an amount, a price and a quantity in the database; every currency's minor unit fits into them."""

MINOR_UNIT_PLACES = {"IDR": 0, "JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}
"""Places of the currencies that do not have two (ISO 4217; rupiah cents are no longer paid)."""

SECOND_IS_MEANT = Decimal("0.01")
"""How far from a whole second computed hours may be and still mean it."""

NEAREST = "nearest"
DIRECTIONS = {NEAREST: ROUND_HALF_UP, "up": ROUND_UP, "down": ROUND_DOWN}
"""How a company may round its taxes, by the name of the choice."""

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


def minor_places(currency: str) -> int:
    """Places to which amounts of `currency` are rounded: 2 unless the table says otherwise."""
    return MINOR_UNIT_PLACES.get(currency, 2)


def has_places(number: Decimal, places: int) -> bool:
    """Whether a number has no more decimal places than these."""
    # Trailing zeros are no places; the exponent of a finite number is an integer.
    return int(number.normalize().as_tuple().exponent) >= -places


def is_share(percent: Decimal) -> bool:
    """Whether a percentage is a part of a whole: above 0, at most 100, no finer than is stored."""
    return percent.is_finite() and ZERO < percent <= HUNDRED and has_places(percent, STORED_PLACES)


def quantise(amount: Decimal, currency: str) -> Decimal:
    """Round an amount to the currency's minor unit, half away from zero (M2)."""
    return _rounded(amount, minor_places(currency))


def times(quantity: Decimal, price: Decimal, currency: str) -> Decimal:
    """Amount of a line: quantity times unit price, rounded once to the currency's minor unit."""
    return quantise(quantity * price, currency)


def part_amount(quantity: Decimal, price: Decimal, currency: str, whole: tuple[Decimal, Decimal]) -> Decimal:
    """Amount of a part of something whose quantity and amount, `whole`, are fixed already.

    The quantity of the whole has the amount of the whole, whatever its product would be; less has never
    more, and more never less. Otherwise quantity times price, rounded once (J5).
    """
    of_whole, fixed = whole
    if quantity == of_whole:
        return fixed
    amount = times(quantity, price, currency)
    # Compared by size: what takes back is negative as a whole.
    bound = min if abs(quantity) < abs(of_whole) else max
    return amount if quantity * of_whole <= 0 else bound(amount, fixed, key=abs)


def running_part(exact: Fraction, owed: Fraction, places: int) -> Decimal:
    """`exact` rounded up or down to `places`, whichever keeps a running total nearest to what it should be.

    `owed` is what the parts before were short of their exact sum. However many parts there are, their total
    is that sum, rounded once; and no part strays from its own value by a whole unit.
    """
    return between(_decimal(exact + owed), _decimal(exact), places)


def rounded_fraction(exact: Fraction, places: int) -> Decimal:
    """An exact fraction rounded half away from zero to `places`."""
    return _rounded(_decimal(exact), places)


def tax_of(base: Decimal, rate_percent: Decimal, currency: str, direction: str = NEAREST) -> Decimal:
    """Tax on a base amount at a rate in percent, rounded once per group (decision 13).

    `direction`: to the nearest, up (away from zero) or down (towards zero), as the company chooses.
    """
    return _rounded(base * rate_percent / HUNDRED, minor_places(currency), DIRECTIONS[direction])


def converted(amount: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Amount in `currency` of an amount in another one; `rate` is units of it for one of the other."""
    return quantise(amount * rate, currency)


def added_up_to(total: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """Parts that were rounded apart, made to add up to their total: the largest takes what is left over.

    The first of equals; without parts there is nothing to take it.
    """
    tied = list(parts)
    left = total - sum(tied, ZERO)
    if left and tied:
        tied[max(range(len(tied)), key=lambda index: abs(tied[index]))] += left
    return tied


def marked_up(price: Decimal, percent: Decimal, *, rate: Decimal = ONE) -> Decimal:
    """Unit price raised by a percentage, kept to the four places in which prices are stored.

    `rate`: units of the wanted currency for one of the price's own; both steps are rounded as one.
    """
    return _rounded(price * rate * (HUNDRED + percent) / HUNDRED, STORED_PLACES)


def share_percent(part: Decimal, whole: Decimal) -> Decimal:
    """A part of a whole in percent, to one place: a figure to look at, never to calculate with."""
    return _rounded(part * HUNDRED / whole, 1)


def part_of_day(price: Decimal, hours: Decimal) -> Decimal:
    """Price of an hour where a day of so many hours has this price, kept to the four stored places."""
    return _rounded(price / hours, STORED_PLACES)


def whole_day(price: Decimal, hours: Decimal) -> Decimal:
    """Price of a day of so many hours where an hour has this price, kept to the four stored places."""
    return _rounded(price * hours, STORED_PLACES)


def cross_rate(rate: Decimal, other: Decimal) -> Decimal:
    """Units of another currency for one of a currency, from what each is worth in a third; nine places.

    Nine places are those of a stored exchange rate.
    """
    return _rounded(rate / other, 9)


def share_out(
    total: Decimal,
    percents: Sequence[Decimal],
    *,
    places: int,
    absorber: int,
    owed: Sequence[Decimal] | None = None,
) -> list[Decimal]:
    """Split `total` by percentages that add up to 100; the shares add up to the total, always.

    Every share is rounded half away from zero to `places`; the share at index `absorber` takes what is
    left (decision 8: the rounding customer, or the last milestone). `owed` is what earlier roundings left
    each of them short by: it decides which way a share is rounded now, so that many small totals come to
    the percentage of their sum. No share is ever more than one unit from its percentage of `total`, nor on
    the other side of nothing; where the absorber would be, the others give or take a unit. Raises
    ValueError when the percentages do not add up to 100 or the absorber does not exist.
    """
    if sum(percents, ZERO) != HUNDRED:
        raise ValueError("the percentages of a split must add up to 100")
    if not 0 <= absorber < len(percents):
        raise ValueError("the share that absorbs the rounding must be one of the shares")
    owed = owed or [ZERO] * len(percents)
    # A negative total is split as its positive twin, so that what is taken back is what was given.
    if total < ZERO:
        mirrored = [-due for due in owed]
        shares = share_out(-total, percents, places=places, absorber=absorber, owed=mirrored)
        return [-share for share in shares]
    exact = [total * percent / HUNDRED for percent in percents]
    due = [one + before for one, before in zip(exact, owed, strict=True)]
    shares = [between(one, of, places) for one, of in zip(due, exact, strict=True)]
    shares[absorber] += total - sum(shares, ZERO)
    # Those that got most beyond what is due to them stand last and give first.
    others = sorted(
        (index for index in range(len(shares)) if index != absorber),
        key=lambda index: shares[index] - due[index],
    )
    _even_out(shares, exact, absorber, others, unit=Decimal(1).scaleb(-places))
    return shares


def _even_out(
    shares: list[Decimal], exact: Sequence[Decimal], absorber: int, others: list[int], *, unit: Decimal
) -> None:
    """Let others give or take a unit, in their order, until the absorber is within one of its percentage."""
    above = [index for index in others if shares[index] > exact[index]]
    below = [index for index in reversed(others) if shares[index] < exact[index]]
    while above and _is_short(shares[absorber], exact[absorber], unit):
        shares[above.pop()] -= unit
        shares[absorber] += unit
    while below and _is_short(-shares[absorber], -exact[absorber], unit):
        shares[below.pop()] += unit
        shares[absorber] -= unit


def between(due: Decimal, exact: Decimal, places: int) -> Decimal:
    """`due` rounded to `places`, but not past the two roundings of `exact`: down and up.

    `due` is `exact` and what earlier roundings left over; whatever that is, nobody strays by a whole unit.
    """
    down, up = _rounded(exact, places, ROUND_FLOOR), _rounded(exact, places, ROUND_CEILING)
    return min(max(_rounded(due, places), down), up)


def _is_short(share: Decimal, exact: Decimal, unit: Decimal) -> bool:
    """Whether a share is more than a unit below its percentage, or below nothing where that is not."""
    return exact - share > unit or share < ZERO <= exact


def part_out(total: Decimal, parts: int, *, places: int) -> list[Decimal]:
    """Split `total` into equal parts rounded down; the last one absorbs the rest (decision 8)."""
    if parts < 1:
        raise ValueError("an amount is split into one part at least")
    part = (total / parts).quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)
    return [part] * (parts - 1) + [total - part * (parts - 1)]


def apportioned(total: Decimal, weights: Mapping[K, Decimal], *, places: int) -> dict[K, Decimal]:
    """Split `total` in proportion to positive weights, exactly, by the largest remainder.

    Each part is rounded down to `places`; the units that are left go to those that lost most by it, the
    first of equals first. Raises ValueError where no weight is positive.
    """
    whole = sum(weights.values(), ZERO)
    if not weights or min(weights.values()) <= 0:
        raise ValueError("a sum is split in proportion to positive weights")
    exact = {key: Fraction(total) * Fraction(weight) / Fraction(whole) for key, weight in weights.items()}
    parts = {key: _rounded(_decimal(one), places, ROUND_FLOOR) for key, one in exact.items()}
    unit = Decimal(1).scaleb(-places)
    left = int((total - sum(parts.values(), ZERO)) / unit)
    # Sorting keeps the order of equals, so that the same weights always give the same parts.
    for key in sorted(exact, key=lambda key: Fraction(parts[key]) - exact[key])[:left]:
        parts[key] += unit
    return parts


def percent_of(base: Decimal, percent: Decimal, currency: str) -> Decimal:
    """A percentage of an amount, rounded once to the currency's minor unit."""
    return quantise(base * percent / HUNDRED, currency)


def part_of_sum(amount: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """`part` of `whole` of an amount, rounded once to the minor unit: the tax in a gross amount."""
    return rounded_fraction(Fraction(amount) * Fraction(part) / Fraction(whole), minor_places(currency))


def hours_of(seconds: int) -> Decimal:
    """Seconds as a quantity of hours, rounded to the four places in which quantities are stored."""
    return _rounded(Decimal(seconds) / 3600, STORED_PLACES)


def whole_seconds(hours: Decimal) -> int | None:
    """The whole second that hours of many decimals mean: one within a hundredth of a second, else none."""
    exact = hours * 3600
    nearest = exact.to_integral_value(rounding=ROUND_HALF_UP)
    return int(nearest) if abs(exact - nearest) <= SECOND_IS_MEANT else None


def rounded_hours(hours: Decimal) -> Decimal:
    """Hours of many decimals as a quantity, rounded half away from zero to the four stored places."""
    return _rounded(hours, STORED_PLACES)


def sum_by(pairs: Iterable[tuple[K, Decimal]]) -> dict[K, Decimal]:
    """Add up amounts by key, for example by currency: different currencies never meet in one sum."""
    sums: dict[K, Decimal] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, ZERO) + amount
    return sums


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _rounded(amount: Decimal, places: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), rounding=rounding)
