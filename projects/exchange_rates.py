"""Exchange rates of legal entities, read once for a set (A7, C9)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.money import ONE, converted, cross_rate
from projects.models import AgreedRate, ExchangeRate


@dataclass(frozen=True)
class ExchangeRates:
    """The currencies of legal entities, and by entity and currency the days from which a rate holds.

    A rate is in units of the entity's currency for one unit of the other; days are in order, oldest first.
    """

    currencies: dict[int, str] = field(default_factory=dict)
    rates: dict[tuple[int, str], list[tuple[date, Decimal]]] = field(default_factory=dict)

    @classmethod
    def of(cls, currencies: dict[int, str]) -> "ExchangeRates":
        """Read the rates of legal entities, given with their currencies, in one statement."""
        rates: dict[tuple[int, str], list[tuple[date, Decimal]]] = defaultdict(list)
        for rate in ExchangeRate.objects.filter(legal_entity__in=currencies).order_by("starts_on"):
            rates[rate.legal_entity_id, rate.currency].append((rate.starts_on, rate.rate))
        return cls(currencies, dict(rates))

    def rate_on(self, entity_id: int, currency: str, day: date) -> Decimal | None:
        """Units of the entity's currency for one unit of `currency` on a day; None where none is known."""
        if currency == self.currencies[entity_id]:
            return ONE
        # The last rate that began on the day or before it holds until the next one begins.
        known = self.rates.get((entity_id, currency), [])
        index = bisect_right([starts_on for starts_on, _rate in known], day)
        return known[index - 1][1] if index else None

    def in_own_currency(self, entity_id: int, amount: Decimal, currency: str, day: date) -> Decimal | None:
        """An amount in the entity's currency at the rate of a day, rounded once; None where none is known."""
        rate = self.rate_on(entity_id, currency, day)
        return None if rate is None else converted(amount, rate, self.currencies[entity_id])

    def rate_between(self, entity_id: int, currency: str, wanted: str, day: date) -> Decimal | None:
        """Units of `wanted` for one unit of `currency`, by way of the entity's currency, at nine places."""
        if currency == wanted:
            return ONE
        rate, other = self.rate_on(entity_id, currency, day), self.rate_on(entity_id, wanted, day)
        if rate is None or other is None:
            return None
        return rate if other == ONE else cross_rate(rate, other)

    def missing_on(self, entity_id: int, currencies: Iterable[str], day: date) -> list[str]:
        """Which of the currencies have no rate on the day."""
        return [one for one in currencies if self.rate_on(entity_id, one, day) is None]


@dataclass(frozen=True)
class AgreedRates:
    """Rates that are agreed with customers, by contract: first day, last day, rate; oldest first (C9)."""

    rates: dict[int, list[tuple[date, date | None, Decimal]]] = field(default_factory=dict)

    @classmethod
    def of(cls, legal_entity_id: int) -> "AgreedRates":
        """Read those of the contracts of a legal entity in one statement."""
        rates: dict[int, list[tuple[date, date | None, Decimal]]] = defaultdict(list)
        rows = AgreedRate.objects.filter(contract__legal_entity=legal_entity_id)
        for row in rows.order_by("starts_on", "pk"):
            rates[row.contract_id].append((row.starts_on, row.ends_on, row.rate))
        return cls(dict(rates))

    def rate_on(self, contract_id: int | None, day: date) -> Decimal | None:
        """The agreed rate of a contract on a day; None where the exchange rate of the day holds.

        What started last decides, of two that start together the later row; after its last day none holds.
        """
        known = self.rates.get(contract_id or 0, [])
        index = bisect_right([starts_on for starts_on, _ends_on, _rate in known], day)
        if not index:
            return None
        _starts_on, ends_on, rate = known[index - 1]
        return rate if ends_on is None or day <= ends_on else None
