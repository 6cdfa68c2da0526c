"""A7: price lists of one kind never hold on one day, keep their kind, and used prices are never deleted."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from projects.models import CategoryPrice, MaterialPrice, PriceList, RolePrice
from tests.company import rows
from tests.company.set_up import create_category
from tests.guards.attacks import Attack, delete, each, insert, refused, row, update
from tests.guards.guarded_rows import GuardedRows

OVERLAP = "two price lists of one kind never hold on one day"
KIND = "a price list keeps its legal entity, context, currency and contract"
KEPT = "a price that work took is never deleted"
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)


def _list(guarded: GuardedRows, starts_on: date | None, ends_on: date | None, **terms: Any) -> PriceList:
    terms = {"context": "sales", "currency": "EUR"} | terms
    name = f"list {rows.next_number()}"
    return PriceList(
        legal_entity=guarded.company.entity, name=name, starts_on=starts_on, ends_on=ends_on, **terms
    )


def _saved(guarded: GuardedRows, *days: date | None, **terms: Any) -> PriceList:
    made = _list(guarded, *days, **terms)
    made.save()
    return made


def _beside(guarded: GuardedRows, *days: date | None, **terms: Any) -> PriceList:
    """A list beside one of the first half of 2026, not written yet."""
    _saved(guarded, FIRST, LAST, **terms)
    return _list(guarded, *days, **terms)


def _after(guarded: GuardedRows) -> Any:
    _saved(guarded, FIRST, LAST)
    return row(_saved(guarded, date(2026, 7, 1), None))


def _used(guarded: GuardedRows, kind: str, priced: models.Model, **entry: Any) -> Any:
    """The queryset of a price that one waiting submission of this kind took."""
    prices = _saved(guarded, None, None)
    priced.price_list = prices
    priced.save()
    of = rows.entry(guarded.company, transaction_class=kind, **entry)
    rows.approval(guarded.company, entry=of, price_list=prices)
    return row(priced)


def _role(guarded: GuardedRows) -> Any:
    return _used(guarded, "time", RolePrice(role=guarded.company.role, price=Decimal(1)))


def _category(guarded: GuardedRows) -> Any:
    category = create_category("expense", None)
    priced = CategoryPrice(category=category, unit="km", price=Decimal(1))
    return _used(guarded, "expense", priced, category=category, unit="km")


def _material(guarded: GuardedRows) -> Any:
    priced = MaterialPrice(product="Cable", unit="m", price=Decimal(1))
    return _used(guarded, "material", priced, product="Cable", unit="m")


@each(
    insert("last-day", OVERLAP, lambda s: _beside(s, LAST, None)),
    insert("first-day", OVERLAP, lambda s: _beside(s, None, FIRST)),
    insert("around", OVERLAP, lambda s: _beside(s, None, None)),
    insert("within", OVERLAP, lambda s: _beside(s, date(2026, 2, 1), date(2026, 2, 1))),
    insert("of-a-contract", OVERLAP, lambda s: _beside(s, None, None, contract=s.company.contract)),
    update("moved", OVERLAP, lambda s: (_after(s), {"starts_on": LAST})),
    update("opened", OVERLAP, lambda s: (_after(s), {"starts_on": None})),
    update("context", KIND, lambda s: (row(_saved(s, FIRST, LAST)), {"context": "cost"})),
    update("currency", KIND, lambda s: (row(_saved(s, FIRST, LAST)), {"currency": "GBP"})),
    update("contract", KIND, lambda s: (row(_saved(s, FIRST, LAST)), {"contract": s.company.contract})),
    insert("backwards", re.compile("price_list_ends_after_it_starts"), lambda s: _list(s, LAST, FIRST)),
    delete("role", KEPT, _role),
    delete("category", KEPT, _category),
    delete("material", KEPT, _material),
)
def test_prices_refuse(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_neighbours_and_other_kinds_stand_beside_each_other(guarded: GuardedRows):
    _saved(guarded, FIRST, LAST)
    later = _saved(guarded, date(2026, 7, 1), None)
    _saved(guarded, None, date(2025, 12, 31))
    _saved(guarded, FIRST, LAST, contract=guarded.company.contract)
    _saved(guarded, FIRST, LAST, context="cost")
    _saved(guarded, FIRST, LAST, currency="GBP")
    assert row(later).update(starts_on=date(2026, 8, 1), name="later") == 1
    assert PriceList.objects.count() == 6


def test_an_unused_price_is_deleted_with_its_list(guarded: GuardedRows):
    made = _saved(guarded, None, None)
    RolePrice.objects.create(price_list=made, role=guarded.company.role, price=Decimal(1))
    assert made.delete()[0] == 2
