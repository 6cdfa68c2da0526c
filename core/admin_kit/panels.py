"""What a window shows beside its fields: related rows, figures per currency, links to other windows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django_fsm import FSMField

from core.fields import AmountField, FixedPointField, QuantityField
from core.templatetags import display

Text = str | Promise


@dataclass(frozen=True)
class Cell:
    """One cell of a panel; a figure stands at the right, an address makes it a link."""

    text: Any
    is_figure: bool = False
    url: str = ""


@dataclass(frozen=True)
class Panel:
    """A table under the fields of a window: finished cells, and where to see all of it."""

    title: Text
    heads: Sequence[Text]
    rows: Sequence[Sequence[Cell]] = ()
    empty: Text = ""
    more: Text = ""
    more_url: str = ""
    tone: str = ""
    lines: Sequence[Text] = field(default_factory=tuple)

    @property
    def columns(self) -> list[tuple[Text, bool]]:
        """The heads, each with whether figures stand under it."""
        first = self.rows[0] if self.rows else ()
        is_figure = [cell.is_figure for cell in first] or [False] * len(self.heads)
        return list(zip(self.heads, is_figure, strict=True))


class Shown:
    """Column factories of windows: a named value, written as the display writes it."""

    @staticmethod
    def _column(
        name: str, label: Text, write: Callable[[Any], Any], order: str | None
    ) -> Callable[[Any], Any]:
        def column(row: Any) -> Any:
            return write(row)

        column.__name__ = name
        column.short_description = label  # type: ignore[attr-defined]
        column.admin_order_field = order  # type: ignore[attr-defined]
        return column

    @classmethod
    def amount(
        cls, path: str, label: Text, *, currency: str = "currency", name: str = ""
    ) -> Callable[[Any], Any]:
        """An amount with its currency; sorted by the figure."""
        return cls._column(
            name or f"{path.replace('__', '_')}_shown_amount",
            label,
            lambda row: display.money(value_of(row, path), value_of(row, currency) or ""),
            path,
        )

    @classmethod
    def figure(cls, path: str, label: Text, *, unit: str = "") -> Callable[[Any], Any]:
        """A quantity with its unit."""
        return cls._column(
            f"{path.replace('__', '_')}_shown_amount",
            label,
            lambda row: display.quantity(value_of(row, path), value_of(row, unit) if unit else ""),
            path,
        )

    @classmethod
    def rate(cls, path: str, label: Text) -> Callable[[Any], Any]:
        """A price or a rate."""
        return cls._column(
            f"{path.replace('__', '_')}_shown_amount",
            label,
            lambda row: display.rate(value_of(row, path)),
            path,
        )

    @classmethod
    def day(cls, path: str, label: Text, form: str = "medium") -> Callable[[Any], Any]:
        """A date."""
        return cls._column(
            f"{path.replace('__', '_')}_shown",
            label,
            lambda row: display.day(value_of(row, path), form),
            path,
        )

    @classmethod
    def moment(cls, path: str, label: Text) -> Callable[[Any], Any]:
        """A moment, to the minute."""
        return cls._column(
            f"{path.replace('__', '_')}_shown", label, lambda row: display.moment(value_of(row, path)), path
        )

    @classmethod
    def state(cls, label: Text, path: str = "status", kind: str = "") -> Callable[[Any], Any]:
        """A state as word, icon and tone."""

        def write(row: Any) -> Any:
            *way, last = path.split("__")
            owner = value_of(row, "__".join(way)) if way else row
            return display.state(owner, last, kind) if owner is not None else display.NOTHING

        return cls._column(f"{path}_shown", label, write, path)

    @classmethod
    def person(cls, path: str, label: Text) -> Callable[[Any], Any]:
        """Who it was, by name."""

        def write(row: Any) -> Any:
            someone = value_of(row, path)
            return display.NOTHING if someone is None else someone.get_full_name() or someone.get_username()

        return cls._column(f"{path}_shown", label, write, path)

    @classmethod
    def text(cls, path: str, label: Text, order: str | None = None) -> Callable[[Any], Any]:
        """Whatever stands at the end of a path of relations."""
        return cls._column(
            f"{path.replace('__', '_')}_shown",
            label,
            lambda row: value_of(row, path) if value_of(row, path) not in (None, "") else display.NOTHING,
            order or path,
        )


# How fields that are only shown are written; the first that fits counts.
WRITERS: tuple[tuple[type[Any], Callable[[str, Text], Any]], ...] = (
    (QuantityField, Shown.figure),
    (FixedPointField, Shown.rate),
    (models.DateTimeField, Shown.moment),
    (models.DateField, Shown.day),
)


def written(field: Any, currency: str) -> Any:
    """How a field that is only shown is written: the field's name, or a column of the display."""
    label = field.verbose_name
    if isinstance(field, AmountField):
        return Shown.amount(field.name, label, currency=currency)
    if isinstance(field, FSMField):
        return Shown.state(label, field.name)
    if field.is_relation and field.related_model is get_user_model():
        # Without a link: only administrators open the window of a person.
        return Shown.person(field.name, label)
    writer = next((write for kind, write in WRITERS if isinstance(field, kind)), None)
    return writer(field.name, label) if writer else field.name


def value_of(row: Any, path: str) -> Any:
    """The value at the end of a path of relations; None where the path breaks off."""
    for name in path.split("__"):
        if row is None:
            return None
        row = getattr(row, name, None)
    return row() if callable(row) else row


def link_to(thing: models.Model | None, text: Any = None, *, figure: bool = False) -> Cell:
    """A cell that leads to the window of a thing, where it has one."""
    if thing is None:
        return Cell(display.NOTHING, figure)
    words = str(thing) if text is None else text
    try:
        url = reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])
    except NoReverseMatch:
        url = ""
    return Cell(words, figure, url)


def listed(model: type[models.Model], **lookups: Any) -> str:
    """The address of a model's list, narrowed."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(lookups)}" if lookups else address


def waits(rows: models.QuerySet, sentence: Promise, **lookups: Any) -> Cell | None:
    """A sentence (ngettext_lazy on `count`) about so many rows, leading to their list; nothing for none."""
    count = rows.order_by().count()
    return Cell(sentence % {"count": count}, url=listed(rows.model, **lookups)) if count else None


def per_currency(rows: Iterable[tuple[str, Decimal]]) -> str:
    """Amounts of several currencies side by side, never added up."""
    return " · ".join(display.money(amount, currency) for currency, amount in rows) or display.NOTHING


def paragraph(panel_title: Text, *lines: Text, tone: str = "") -> Panel:
    """A panel of sentences."""
    return Panel(panel_title, (), lines=lines, tone=tone)
