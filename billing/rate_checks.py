"""Prices of open proformas beside the price list: too far off it, or none at all (B7, A7)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.findings import Check, in_words
from billing.models import InvoiceLineDetail, Proforma
from core.money import HUNDRED, ZERO, share_percent, times
from core.templatetags.display import money, number, percent, quantity, rate
from core.units import unit_word
from projects.contract_terms import price_lists_of
from projects.exchange_rates import ExchangeRates
from projects.models import PrepaidMonth
from projects.pricing import PriceListFacts, Work, price_for
from projects.states import BillingType, PriceContext, TransactionClass

ALLOWED_PERCENT = Decimal(20)
"""How far a price may be from the list, either way, before somebody must have looked at it."""

PRICED = (
    TransactionClass.TIME,
    TransactionClass.EXPENSE,
    TransactionClass.MATERIAL,
    TransactionClass.FEE,
)
WORK = {
    "role": "role",
    "category": "category",
    "role_name": "role__name",
    "category_name": "category__name",
    "product": "product",
    "cost_price": "approval__cost_price",
    "cost_currency": "approval__cost_currency",
    "reported": "approval__entry__price",
}
OWN = {
    "role": ("role",),
    "category": ("category",),
    "role_name": ("role__name",),
    "category_name": ("category__name",),
    "product": ("product",),
}
"""What details that were added by hand say themselves."""
OF_WORK = {
    # A detail of an actual has its work there; what a correction leaves has it itself.
    f"of_{name}": Coalesce(f"actual__work_item__{path}", f"work_item__{path}", *OWN.get(name, ()))
    for name, path in WORK.items()
}
COLUMNS = (
    "pk",
    "line__proforma",
    "line__proforma__legal_entity",
    "line__proforma__contract",
    "transaction_class",
    "transaction_date",
    "unit",
    "price",
    "quantity",
    "amount",
    "line__contract_line__day_hours",
    *OF_WORK,
)


class Charged(NamedTuple):
    """A chargeable detail with what its price depends on; prices in the proforma's currency."""

    pk: int
    proforma: int
    entity: int
    contract: int
    transaction_class: str
    day: date
    unit: str
    price: Decimal
    quantity: Decimal
    amount: Decimal
    day_hours: Decimal | None
    role: int | None
    category: int | None
    role_name: str | None
    category_name: str | None
    product: str
    cost_price: Decimal | None
    cost_currency: str | None
    reported: Decimal | None


class OffList(NamedTuple):
    """What one warning is about: the same work at the same price, with the same price on the list."""

    proforma: int
    what: str
    unit: str
    price: Decimal
    listed: Decimal


@dataclass(frozen=True)
class SalesPrices:
    """The sales prices and exchange rates of legal entities, read once."""

    lists: dict[int, list[PriceListFacts]]
    rates: ExchangeRates

    @classmethod
    def of(cls, proformas: Sequence[Proforma]) -> "SalesPrices":
        """Five statements; the entities are loaded."""
        currencies = {one.legal_entity_id: one.legal_entity.currency for one in proformas}
        return cls(price_lists_of(currencies), ExchangeRates.of(currencies))

    def price_of(self, one: Charged, currency: str) -> Decimal | None:
        """What the list says a unit sells for on the day of the work; None where it says nothing."""
        cost_rate = None
        if one.cost_currency:
            cost_rate = self.rates.rate_between(one.entity, one.cost_currency, currency, one.day)
        work = Work(
            transaction_class=one.transaction_class,
            day=one.day,
            currency=currency,
            contract_id=one.contract,
            role_id=one.role,
            category_id=one.category,
            product=one.product,
            unit=one.unit,
            day_hours=one.day_hours,
            cost_price=one.cost_price,
            cost_rate=cost_rate,
        )
        price = price_for(work, self.lists.get(one.entity, ()), PriceContext.SALES)
        return price.unit_price if price.is_known else None


def rate_checks(proformas: Sequence[Proforma]) -> dict[int, list[Check]]:
    """Chargeable details without a rate, and those more than 20 % off the price list, by proforma.

    Amounts are in each proforma's currency. What a fee costs is said by whoever reports it, so no list is
    asked. Six statements, however many details; the entities are loaded. Locks nothing (B7).
    """
    by_key = {one.pk: one for one in proformas}
    without: dict[int, list[int]] = defaultdict(list)
    off: dict[OffList, list[Charged]] = defaultdict(list)
    lists, known = SalesPrices.of(proformas), {}
    for one in charged(proformas):
        if not one.price:
            without[one.proforma].append(one.pk)
            continue
        if one.reported is not None and one.transaction_class == TransactionClass.FEE:
            continue
        # Many details are the same work on the same day, and the list is asked once for all of them.
        asked = one[2:7] + one[10:18]
        if asked not in known:
            known[asked] = lists.price_of(one, by_key[one.proforma].currency)
        listed = known[asked]
        if listed and abs(one.price - listed) * HUNDRED > listed * ALLOWED_PERCENT:
            off[OffList(one.proforma, _what(one), one.unit, one.price, listed)].append(one)
    checks: dict[int, list[Check]] = defaultdict(list)
    for key, pks in without.items():
        checks[key].append(_without_rate(pks))
    for group, rows in off.items():
        checks[group.proforma].append(_off_list(group, rows, by_key[group.proforma].currency))
    return checks


def charged(proformas: Sequence[Proforma]) -> Iterator[Charged]:
    """The chargeable details of proformas, in the order of their keys, in one statement.

    Prices of milestones are agreed, and what a correction takes back or leaves at its price was confirmed.
    """
    as_billed = Q(replaces__isnull=False, price=F("replaces__corrects__price"))
    rows = InvoiceLineDetail.objects.filter(
        line__proforma__in=proformas,
        billing_type=BillingType.CHARGEABLE,
        transaction_class__in=PRICED,
        corrects__isnull=True,
    ).exclude(as_billed)
    # Agreed in the contract line, whatever a list says; hours that rolled in have an earlier rate (A12).
    agreed = PrepaidMonth.objects.filter(
        Q(block_rate=OuterRef("price")) | Q(overage_rate=OuterRef("price")),
        prepaid_hours__contract_line=OuterRef("actual__work_item__contract_line"),
        month__lte=OuterRef("actual__work_item__transaction_date"),
    )
    rows = rows.exclude(Q(Exists(agreed)) & Q(actual__price=F("price")))
    for row in rows.annotate(**OF_WORK).order_by("pk").values_list(*COLUMNS).iterator(chunk_size=2000):
        yield Charged(*row)


def _what(one: Charged) -> str:
    """The name under which the price list has it."""
    if one.transaction_class == TransactionClass.TIME:
        return one.role_name or ""
    if one.transaction_class == TransactionClass.MATERIAL:
        return one.product
    return one.category_name or ""


def _without_rate(pks: list[int]) -> Check:
    def message() -> str:
        words = ngettext(
            "%(count)s chargeable detail has no rate", "%(count)s chargeable details have no rate", len(pks)
        )
        return words % {"count": number(len(pks))}

    return Check(
        "zero-rate",
        in_words(message),
        in_words(lambda: _("It bills nothing: enter the rate, or set it to complimentary.")),
        facts=tuple(pks),
        details=tuple(pks),
        way_out=_("Enter the rate"),
    )


def _off_list(group: OffList, rows: Sequence[Charged], currency: str) -> Check:
    billed = sum((one.quantity for one in rows), ZERO)
    difference = sum((one.amount - times(one.quantity, group.listed, currency) for one in rows), ZERO)
    return Check(
        "rate-off-list",
        in_words(lambda: _distance(group)),
        in_words(lambda: _worth(group, billed, difference, len(rows), currency)),
        facts=(group.what, group.unit, group.price, group.listed, billed, len(rows)),
        details=tuple(one.pk for one in rows),
        way_out=_("Correct the rate to %(rate)s") % {"rate": rate(group.listed)},
    )


def _distance(group: OffList) -> str:
    over = group.price > group.listed
    words = (
        _("Rate %(percent)s over the price list: %(price)s instead of %(list)s per %(unit)s")
        if over
        else _("Rate %(percent)s under the price list: %(price)s instead of %(list)s per %(unit)s")
    )
    return words % {
        "percent": percent(share_percent(abs(group.price - group.listed), group.listed)),
        "price": rate(group.price),
        "list": rate(group.listed),
        "unit": unit_word(group.unit),
    }


def _worth(group: OffList, billed: Decimal, difference: Decimal, count: int, currency: str) -> str:
    over = group.price > group.listed
    detail = ngettext(
        "%(what)s, %(quantity)s on %(count)s detail.",
        "%(what)s, %(quantity)s on %(count)s details.",
        count,
    )
    worth = _("%(amount)s more than the list gives.") if over else _("%(amount)s less than the list gives.")
    words = {
        "what": group.what,
        "quantity": quantity(billed, group.unit),
        "count": number(count),
        "amount": money(abs(difference), currency),
    }
    return f"{detail % words} {worth % words}"
