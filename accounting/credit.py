"""What a customer owes and will owe soon, beside its credit limit (C11).

Figures are in the currency of the customer's company. Nothing is locked and nothing is refused: whoever posts
sees it, because work that was delivered is owed whether it is invoiced or not.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from accounting.models import CustomerTransaction
from billing.models import Proforma
from billing.states import ProformaStatus
from core.money import ZERO, converted
from projects.exchange_rates import ExchangeRates
from projects.models import Customer


@dataclass(frozen=True)
class CreditPosition:
    """What is open of a customer, what is confirmed and not posted yet with its tax, and the limit.

    `unknown` are currencies of confirmed proformas that have no exchange rate: they are in no figure.
    """

    customer: Customer
    open_base: Decimal
    confirmed: Decimal
    unknown: tuple[str, ...] = ()

    @property
    def used(self) -> Decimal:
        """All that counts against the limit."""
        return self.open_base + self.confirmed

    @property
    def left(self) -> Decimal | None:
        """What the limit leaves, below zero beyond it; none without a limit."""
        limit = self.customer.credit_limit
        return None if limit is None else limit - self.used

    @property
    def is_over(self) -> bool:
        """Whether the customer is beyond its limit."""
        return self.left is not None and self.left < ZERO


def credit_of(customers: Iterable[Customer], today: date) -> dict[int, CreditPosition]:
    """The position of each customer by its key, the legal entities loaded: three statements for any number.

    Proformas in other currencies count at the rate of the day, rounded once for each currency.
    """
    known = {one.pk: one for one in customers}
    rows = CustomerTransaction.objects.filter(customer__in=known).exclude(amount=ZERO).with_open().order_by()
    open_sums = dict(rows.values_list("customer").annotate(open=Sum("open_base")))
    waiting = Proforma.objects.filter(status=ProformaStatus.CONFIRMED, customer__in=known).order_by()
    entities = {one.legal_entity_id: one.legal_entity.currency for one in known.values()}
    rates = ExchangeRates.of(entities)
    confirmed: dict[int, Decimal] = defaultdict(Decimal)
    unknown: dict[int, list[str]] = defaultdict(list)
    for key, currency, gross in waiting.values_list("customer", "currency").annotate(sum=Sum("gross_amount")):
        entity = known[key].legal_entity
        rate = rates.rate_on(entity.pk, currency, today)
        if rate is None:
            unknown[key].append(currency)
        else:
            confirmed[key] += converted(gross, rate, entity.currency)
    return {
        key: CreditPosition(customer, open_sums.get(key) or ZERO, confirmed[key], tuple(sorted(unknown[key])))
        for key, customer in known.items()
    }
