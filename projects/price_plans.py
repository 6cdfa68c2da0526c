"""The plan of a file of prices: new lists, changed days of existing ones, and prices (A7, A13, X8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from babel.core import get_global
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from core.money import ZERO
from core.units import unit_code
from projects.models import (
    CategoryPrice,
    LegalEntity,
    MaterialPrice,
    PriceList,
    Role,
    RolePrice,
    TransactionCategory,
)
from projects.plan_rows import PlannedChange, RecordPlan, Values, once, one_of
from projects.price_rows import PricesOfList, Row
from projects.record_files import FileLine, Table
from projects.states import PriceContext, PriceUnit, SalesPricing

DAY_HEADS = {"starts_on": "valid from", "ends_on": "valid to"}
PRICED = ("role", "category", "product")
"""The columns that say what is priced; a row fills one of them."""


@dataclass(frozen=True)
class Names:
    """What rows of a file may name, by name in lower case."""

    roles: Mapping[str, Role]
    categories: Mapping[str, TransactionCategory]


@dataclass
class ListOfFile:
    """A list that a file names, its stored prices by what they price, and the row that named it first."""

    price_list: PriceList
    held: dict[tuple[Any, ...], Row] = field(default_factory=dict)


def plan_prices(entity: LegalEntity, table: Table, user: User) -> RecordPlan:
    """Price lists by name; a new one gets the currency, kind and days of its first row."""
    visible = PriceList.objects.visible_to(user).filter(legal_entity=entity)
    mine = set(PriceList.objects.changeable_by(user).values_list("pk", flat=True))
    known = {one.name: one for one in visible}
    names = Names(
        {one.name.lower(): one for one in Role.objects.filter(is_closed=False)},
        {one.name.lower(): one for one in TransactionCategory.objects.filter(is_closed=False)},
    )
    plan, seen, lists = RecordPlan(), set[str](), dict[str, ListOfFile]()
    for line in table.lines:
        name = line.text("price list")
        if name not in lists:
            lists[name] = _list_of(
                plan, line, known.get(name), entity, is_mine=name not in known or known[name].pk in mine
            )
        _add_price(plan, line, lists[name], names, seen)
    return plan


def lists_of(plan: RecordPlan, *, update: bool) -> list[PricesOfList]:
    """What a plan would write, list by list: new lists and prices, with `update` other days and terms too."""
    by_name: dict[str, PricesOfList] = {}

    def of(price_list: PriceList) -> PricesOfList:
        return by_name.setdefault(price_list.name, PricesOfList(price_list))

    for row in plan.new:
        if isinstance(row, PriceList):
            of(row)
        else:
            of(row.price_list).rows.append(row)
    for change in plan.changed if update else ():
        if isinstance(change.row, PriceList):
            of(change.row).days.update(change.values)
        else:
            of(change.row.price_list).rows.append(_changed(change))
    return list(by_name.values())


def _changed(change: PlannedChange) -> Row:
    """An unsaved copy of a price with its new terms; the stored one is not changed."""
    row: Row = change.row
    columns = {name: getattr(row, name) for name in ("price_list", *row.KEY, *row.TERMS)}
    return type(row)(**columns | change.values)


def _list_of(
    plan: RecordPlan, line: FileLine, old: PriceList | None, entity: LegalEntity, *, is_mine: bool
) -> ListOfFile:
    """The list that a row names for the first time: an existing one, or a new one."""
    days = {name: line.day_of(head) for name, head in DAY_HEADS.items()}
    currency = line.text("currency").upper()
    kind = _kind_of(line)
    if old is None:
        made = PriceList(
            legal_entity=entity,
            name=line.text("price list"),
            context=kind or PriceContext.SALES,
            currency=currency or entity.currency,
            **days,
        )
        if made.currency not in get_global("all_currencies"):
            line.fail("currency", _("%(code)s is not a currency.") % {"code": made.currency})
        plan.new.append(made)
        return ListOfFile(made)
    if not is_mine:
        line.fail("price list", _("You may not change this price list: remove its rows from the file."))
    if currency and currency != old.currency:
        line.fail(
            "currency",
            _("The list is in %(currency)s; its currency cannot be changed.") % {"currency": old.currency},
        )
    if kind and kind != old.context:
        words = {"kind": old.get_context_display()}
        line.fail("kind", _("The list is of kind “%(kind)s”; its kind cannot be changed.") % words)
    said = {name: day for name, day in days.items() if line.has(DAY_HEADS[name])}
    different = {name: day for name, day in said.items() if getattr(old, name) != day}
    if different:
        plan.changed.append(PlannedChange(old, different, {name: getattr(old, name) for name in different}))
    stored: list[Row] = [
        *old.role_prices.select_related("role", "price_list"),
        *old.category_prices.select_related("category", "price_list"),
        *old.material_prices.select_related("price_list"),
    ]
    return ListOfFile(old, {_key(one): one for one in stored})


def _kind_of(line: FileLine) -> str:
    """Sales or cost, by its code or its word; empty where the row does not say."""
    text = line.text("kind").lower()
    for code, word in PriceContext.choices:
        if text in {code, str(word).lower()}:
            return str(code)
    if text:
        line.fail("kind", _("Enter one of: %(kinds)s.") % {"kinds": ", ".join(PriceContext.values)})
    return ""


def _add_price(plan: RecordPlan, line: FileLine, of: ListOfFile, names: Names, seen: set[str]) -> None:
    """Put the price of a row among the new, the changed or those that stay as they are."""
    filled = [head for head in PRICED if line.text(head)]
    if len(filled) != 1:
        line.fail("role", _("Fill one of the columns %(heads)s.") % {"heads": ", ".join(PRICED)})
        return
    row = {"role": _role_price, "category": _category_price, "product": _material_price}[filled[0]](
        line, names
    )
    if row is None:
        return
    row.price_list = of.price_list
    row.ends_on = line.day_of("last day")
    once(line, filled[0], f"{of.price_list.name} {_key(row)}", seen)
    old = of.held.get(_key(row))
    if old is None:
        plan.new.append(row)
        return
    terms = [name for name in row.TERMS if name != "ends_on" or line.has("last day")]
    values: Values = {name: getattr(row, name) for name in terms if getattr(old, name) != getattr(row, name)}
    if values:
        plan.changed.append(PlannedChange(old, values, {name: getattr(old, name) for name in values}))
    else:
        plan.unchanged += 1


def _key(row: Row) -> tuple[Any, ...]:
    return type(row).__name__, *(str(getattr(row, row._meta.get_field(name).attname)) for name in row.KEY)


def _price_of(line: FileLine) -> Decimal | None:
    price = line.number_of("price")
    if price is None and not line.text("price"):
        line.fail("price", _("The value is missing."))
    return price


def _role_price(line: FileLine, names: Names) -> Row | None:
    role, price = one_of(line, "role", names.roles, fold=True), _price_of(line)
    unit = unit_code(line.text("unit")) or PriceUnit.HOUR
    if unit not in PriceUnit.values:
        line.fail("unit", _("Enter one of: %(units)s.") % {"units": ", ".join(PriceUnit.values)})
    return None if role is None or price is None else RolePrice(role=role, unit=unit, price=price)


def _material_price(line: FileLine, names: Names) -> Row | None:
    price, unit = _price_of(line), unit_code(line.text("unit")) or "pcs"
    return None if price is None else MaterialPrice(product=line.text("product"), unit=unit, price=price)


def _category_price(line: FileLine, names: Names) -> Row | None:
    """Per unit if the row has a price, else at cost, with a markup if it has one."""
    category, markup = one_of(line, "category", names.categories, fold=True), line.number_of("markup percent")
    if line.text("price") or markup is None:
        price = _price_of(line)
        if category is None or price is None:
            return None
        unit = unit_code(line.text("unit")) or category.unit
        return CategoryPrice(category=category, unit=unit, price=price, markup_percent=ZERO)
    method = SalesPricing.MARKUP if markup else SalesPricing.AT_COST
    return (
        None if category is None else CategoryPrice(category=category, method=method, markup_percent=markup)
    )
