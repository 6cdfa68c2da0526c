"""Prices of a list before they are saved: their checks, what they change, and saving them (A7)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.activity_log import Changes, as_text
from core.money import STORED_PLACES, has_places
from core.refusals import Refusal
from projects.models import CategoryPrice, MaterialPrice, PriceList, RolePrice
from projects.states import PriceContext, PriceUnit, SalesPricing, TransactionClass

BATCH = 500
TABLES = (RolePrice, CategoryPrice, MaterialPrice)

Row = RolePrice | CategoryPrice | MaterialPrice
"""A price of a list, saved or not."""


@dataclass
class PricesOfList:
    """A price list, which is new when it has no key, with prices to set and, where they change, its days."""

    price_list: PriceList
    rows: list[Row] = field(default_factory=list)
    days: dict[str, date | None] = field(default_factory=dict)


def reasons_against_rows(price_list: PriceList, rows: Sequence[Row]) -> Iterable[Refusal]:
    """Refusals for the rows of a list.

    Codes: negative-price, price-too-fine, unit-missing, unit-unknown, priced-twice, category-without-price,
    method-of-sales.
    """
    for row, count in Counter(_key(row) for row in rows).items():
        if count > 1:
            named = next(one for one in rows if _key(one) == row)
            message = ngettext("It has %(count)s price.", "It has %(count)s prices.", count) % {
                "count": count
            }
            yield Refusal("priced-twice", message, str(named), _("Give it one price for each unit."))
    for one in rows:
        yield from _wrong_number(one)
        yield from _wrong_unit(one)
        if isinstance(one, CategoryPrice):
            yield from _wrong_category(price_list, one)


def changes_by(price_list: PriceList, rows: Sequence[Row]) -> Changes:
    """What rows change in a list, by the name of the price: its old and its new terms as text."""
    before = {_key(one): one for one in _stored(price_list)}
    changes: Changes = {}
    for row in rows:
        known = before.get(_key(row))
        old, new = terms_of(known) if known is not None else "", terms_of(row)
        if old != new:
            changes[str(row)] = [old, new]
    return changes


def write_rows(price_list: PriceList, rows: Sequence[Row]) -> None:
    """Add rows to a list, or change those that have the same key: one statement for each kind of price."""
    for table in TABLES:
        ours: list[Any] = [row for row in rows if isinstance(row, table)]
        for row in ours:
            row.price_list = price_list
        table.objects.bulk_create(
            ours,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["price_list", *table.KEY],
            update_fields=list(table.TERMS),
        )


def copied_rows(price_list: PriceList, starts_on: date) -> list[Row]:
    """The rows of a list that still hold on a day, as new ones without a list."""
    rows = _stored(price_list)
    kept = [row for row in rows if row.ends_on is None or row.ends_on >= starts_on]
    return [type(row)(**{name: getattr(row, name) for name in (*_columns(row), *row.TERMS)}) for row in kept]


def remove_rows(rows: Sequence[Row]) -> None:
    """Delete rows, one statement for each kind of price."""
    for table in TABLES:
        keys = [row.pk for row in rows if isinstance(row, table)]
        if keys:
            table.objects.filter(pk__in=keys).delete()


def terms_of(row: Row) -> str:
    """How a row prices, as text for the log."""
    return " ".join(text for name in row.TERMS if (text := as_text(getattr(row, name))))


def _stored(price_list: PriceList) -> list[Row]:
    rows: list[Row] = []
    for table, related in zip(TABLES, ("role", "category", None), strict=True):
        held: Any = table.objects.filter(price_list=price_list).order_by("pk")
        rows += held.select_related(related) if related else held
    return rows


def _columns(row: Row) -> tuple[str, ...]:
    """The columns of what is priced, so that rows are compared and copied without reading it."""
    return tuple(row._meta.get_field(name).attname for name in row.KEY)


def _key(row: Row) -> tuple[Any, ...]:
    return type(row), *(getattr(row, name) for name in _columns(row))


def _wrong_number(row: Row) -> Iterable[Refusal]:
    numbers = [row.price, row.markup_percent] if isinstance(row, CategoryPrice) else [row.price]
    if any(number < 0 for number in numbers):
        message = _("A price must not be negative.")
        yield Refusal("negative-price", message, str(row), _("Enter zero or more."))
    elif not all(has_places(number, STORED_PLACES) for number in numbers):
        message = _("A price has %(places)s decimal places at most.") % {"places": STORED_PLACES}
        yield Refusal("price-too-fine", message, str(row), _("Round it."))


def _wrong_unit(row: Row) -> Iterable[Refusal]:
    if isinstance(row, RolePrice):
        if row.unit not in PriceUnit.values:
            message = _("The price of a role is per hour or per day.")
            yield Refusal("unit-unknown", message, str(row), _("Choose one of them."))
    elif isinstance(row, CategoryPrice) and row.method != SalesPricing.PRICE_PER_UNIT:
        if row.unit:
            message = _("Only a price per unit has a unit.")
            yield Refusal("unit-unknown", message, str(row), _("Leave the unit empty."))
    elif not row.unit:
        message = _("A price per unit needs its unit.")
        yield Refusal("unit-missing", message, str(row), _("Enter the unit, such as km or pcs."))


def _wrong_category(price_list: PriceList, row: CategoryPrice) -> Iterable[Refusal]:
    if row.category.transaction_class not in (TransactionClass.EXPENSE, TransactionClass.FEE):
        message = _("Time is priced by its role, material by its product.")
        yield Refusal(
            "category-without-price", message, str(row), _("Enter a price of the role or of the product.")
        )
    if price_list.context == PriceContext.COST and row.method != SalesPricing.PRICE_PER_UNIT:
        message = _("“At cost” and “Markup over cost” are for sales lists.")
        yield Refusal("method-of-sales", message, str(row), _("Enter a price per unit."))
