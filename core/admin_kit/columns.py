"""Columns of admin lists and fields that are only shown, written as the pages write them.

Used as `columns.amount("net_amount", _("net"))` in `list_display`. A path follows relations with two
underscores, as lookups do; a column is sorted by its path.
"""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import models
from django_fsm import FSMField

from core.fields import AmountField, FixedPointField, QuantityField
from core.money import minor_places
from core.people import person_name
from core.refusals import Text
from core.spreadsheets import Cell, Figure
from core.templatetags import display

Column = Callable[[Any], Any]


def amount(path: str, label: Text, *, currency: str = "currency") -> Column:
    """An amount with the currency at the end of the path `currency`."""
    return _figure(
        path,
        label,
        lambda row: display.money(value_of(row, path), value_of(row, currency) or ""),
        lambda row: _exact(value_of(row, path), minor_places(value_of(row, currency) or "")),
        beside=lambda row: value_of(row, currency) or "",
    )


def quantity(path: str, label: Text, *, unit: str = "") -> Column:
    """A quantity, with the unit at the end of the path `unit`."""
    return _figure(
        path,
        label,
        lambda row: display.quantity(value_of(row, path), value_of(row, unit) if unit else ""),
        lambda row: _exact(value_of(row, path), 2),
        beside=(lambda row: value_of(row, unit) or "") if unit else None,
    )


def rate(path: str, label: Text) -> Column:
    """A price or a rate."""
    return _figure(
        path,
        label,
        lambda row: display.rate(value_of(row, path)),
        lambda row: _exact(value_of(row, path), 2),
    )


def day(path: str, label: Text, form: str = "medium", ordering: str | None = None) -> Column:
    """A date; `form` is that of `display.day`. Sorted by `ordering` where that is another path."""
    written = _column(path, label, lambda row: display.day(value_of(row, path), form), ordering)
    return _typed(written, path)


def moment(path: str, label: Text) -> Column:
    """A moment, to the minute."""
    return _typed(_column(path, label, lambda row: display.moment(value_of(row, path))), path)


def state(label: Text, path: str = "status", kind: str = "") -> Column:
    """A state as word, icon and colour; `kind` is that of `display.state`."""
    *relations, name = path.split("__")

    def value(row: Any) -> Any:
        owner = value_of(row, "__".join(relations)) if relations else row
        return display.state(owner, name, kind) if owner is not None else display.NOTHING

    return _column(path, label, value)


def person(path: str, label: Text) -> Column:
    """A user, or several, by name."""

    def value(row: Any) -> Any:
        end = value_of(row, path)
        people = end if isinstance(end, list) else [end]
        names = [person_name(one) for one in people if one is not None]
        return ", ".join(names) or display.NOTHING

    return _column(path, label, value)


def text(path: str, label: Text, ordering: str | None = None) -> Column:
    """Whatever is at the end of a path of relations; sorted by `ordering` where that is another path."""

    def value(row: Any) -> Any:
        end = value_of(row, path)
        return display.NOTHING if end in (None, "") else end

    return _column(path, label, value, ordering)


def of_field(field: Any, currency: str) -> Column | str:
    """The column of a field that is only shown, or its name where Django writes it well.

    `currency` is the path to the currency of an amount.
    """
    label = field.verbose_name
    if isinstance(field, AmountField):
        return amount(field.name, label, currency=currency)
    if isinstance(field, FSMField):
        return state(label, field.name)
    if field.is_relation and field.related_model is get_user_model():
        # By name and without a link: only administrators may open the page of a user.
        return person(field.name, label)
    for kind, column in _OF_KIND:
        if isinstance(field, kind):
            return column(field.name, label)
    return str(field.name)


# Quantities are fixed-point numbers and moments are dates, so the narrower kind stands first.
_OF_KIND: tuple[tuple[type[Any], Callable[[str, Text], Column]], ...] = (
    (QuantityField, quantity),
    (FixedPointField, rate),
    (models.DateTimeField, moment),
    (models.DateField, day),
)


def value_of(row: Any, path: str) -> Any:
    """The value at the end of a path of relations; None where a relation is empty, rows where it has many."""
    for name in path.split("__"):
        if row is None:
            return None
        row = getattr(row, name, None)
    if isinstance(row, models.Manager):
        return list(row.all())
    return row() if callable(row) else row


def _column(path: str, label: Text, value: Column, ordering: str | None = None) -> Column:
    return _named(f"{path.replace('__', '_')}_column", path, label, value, ordering)


def _figure(
    path: str,
    label: Text,
    value: Column,
    exported: Callable[[Any], Cell],
    *,
    beside: Callable[[Any], Cell] | None = None,
) -> Column:
    # The style sheet aligns columns whose name says amount to the right.
    column: Any = _named(f"{path.replace('__', '_')}_column_amount", path, label, value)
    column.exported, column.beside = exported, beside
    return cast(Column, column)


def _typed(column: Any, path: str) -> Column:
    """The same column, whose cell in an export is the value itself."""
    column.exported = lambda row: value_of(row, path)
    return cast(Column, column)


def _exact(value: Any, places: int) -> Cell:
    return None if value is None else Figure(value, places)


def _named(name: str, path: str, label: Text, value: Column, ordering: str | None = None) -> Column:
    @admin.display(description=cast("str", label), ordering=ordering or path)
    def column(row: Any) -> Any:
        return value(row)

    column.__name__ = name
    return column
