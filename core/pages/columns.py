"""Tables: a column knows how its value is written and where it stands when a row becomes a card."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, ClassVar

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import Accessor

from core.money import minor_places
from core.pages.selection import Ticks
from core.spreadsheets import Cell, Figure, Head, read_text
from core.templatetags.chart_pictures import meter
from core.templatetags.display import (
    NOTHING,
    amount,
    badge,
    day,
    moment,
    money,
    number,
    plain,
    quantity,
    rate,
)


@dataclass(frozen=True)
class Tick:
    """What the box of a row says aloud, what it adds to the totals, and whether it is ticked at first.

    `blocked` says why the row cannot be ticked; `document` names what an action makes of it, so that a button
    of the bar says how many there will be: rows with one name make one, rows without a name make none.
    """

    label: str
    amount: Decimal | None = None
    currency: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    ticked: bool = False
    blocked: str = ""
    document: str = ""

    @property
    def machine_amount(self) -> str:
        """Amount as the script reads it."""
        return plain(self.amount)

    @property
    def machine_quantity(self) -> str:
        """Quantity as the script reads it."""
        return plain(self.quantity)


SLOTS = {
    "title": "stack-title",
    "value": "stack-value",
    "subtitle": "stack-subtitle",
    "status": "stack-status",
    "line": "stack-line",
    "": "wide-only",
}
"""Class of a cell by its place on a narrow screen, where every row is a card."""


def _classes(*names: str) -> str:
    return " ".join(name for name in names if name)


class TextColumn(tables.Column):
    """Text; `wide` lets it wrap, `detail` is the accessor of a second, smaller line.

    `second` names the column that a second line has in an export, where `render` writes one by itself.

    `slot` is the place of the cell on a narrow screen, one of SLOTS; without a slot the cell is hidden there.
    """

    align = ""
    second: ClassVar[str] = ""
    # Whether an export can do without what the page writes, while `render` is the one of the kit.
    typed: ClassVar[bool] = False

    def __init__(self, *args: Any, slot: str = "", wide: bool = False, detail: str = "", **kwargs: Any):
        self.detail = detail
        shared = _classes(self.align, "wraps" if wide else "")
        placed = _classes(shared, SLOTS[slot])
        attrs = kwargs.pop("attrs", {})
        attrs.setdefault("td", {}).setdefault("class", placed)
        attrs.setdefault("th", {}).setdefault("class", shared)
        attrs.setdefault("tf", {}).setdefault("class", placed)
        if kwargs.get("linkify"):
            attrs.setdefault("a", {}).setdefault("class", "plain-link" if self.align else "")
        kwargs.setdefault("default", NOTHING)
        super().__init__(*args, attrs=attrs, **kwargs)

    def render(self, value: Any, record: Any) -> str:
        """The text, with its second line where there is one."""
        more = Accessor(self.detail).resolve(record, quiet=True) if self.detail else ""
        return format_html("{}<small>{}</small>", value, more) if more else value

    def heads(self, name: str, label: Any) -> list[Head]:
        """Heads of an export: of this column, and of its second line where it has one."""
        second = self.second or self.detail.replace("__", "_")
        more = [Head(second, _("%(column)s, second line") % {"column": label})] if second else []
        return [Head(name, label), *more]

    def cells(self, value: Any, written: Any, record: Any) -> list[Cell]:
        """Cells of an export under these heads, from the value and from what the page writes for it."""
        first, second = read_text(written)
        return [first, second] if self.second or self.detail else ["; ".join(filter(None, (first, second)))]


class NumberColumn(TextColumn):
    """Figure on the right; `of` is the accessor of the currency or unit beside it."""

    align = "number"
    typed = True
    least_places: ClassVar[int] = 2
    beside_label: ClassVar[Any] = _("Unit")

    def __init__(self, *args: Any, of: str = "", **kwargs: Any):
        self.of = of
        super().__init__(*args, **kwargs)

    def beside(self, record: Any) -> Any:
        """Currency or unit of the record."""
        return Accessor(self.of).resolve(record, quiet=True) or "" if self.of else ""

    def figure(self, value: Any, record: Any) -> Figure:
        """The value as a cell of an export."""
        return Figure(value, self.least_places)

    def heads(self, name: str, label: Any) -> list[Head]:
        """The figure, its currency or unit, and the second line of a column that has one."""
        beside = [Head(self.of.replace("__", "_"), self.beside_label)] if self.of else []
        return [Head(name, label), *beside, *super().heads(name, label)[1:]]

    def cells(self, value: Any, written: Any, record: Any) -> list[Cell]:
        """Where the page writes nothing there is no figure either."""
        first, second = read_text(written) if written is not None else (str(value), "")
        figure = self.figure(value, record) if first and value is not None else None
        beside = [str(self.beside(record))] if self.of else []
        return [figure, *beside, *([second] if self.second or self.detail else [])]


class AmountColumn(NumberColumn):
    """Amount in the record's currency (`of`); `with_currency` shows it where the page has several."""

    beside_label = _("Currency")

    def __init__(self, *args: Any, with_currency: bool = False, **kwargs: Any):
        self.with_currency = with_currency
        super().__init__(*args, **kwargs)

    def render(self, value: Decimal, record: Any) -> str:
        """The amount; nothing is rounded."""
        currency = self.beside(record)
        return money(value, currency) if self.with_currency else amount(value, currency)

    def figure(self, value: Any, record: Any) -> Figure:
        """With the places of its currency."""
        return Figure(value, minor_places(self.beside(record)))


class QuantityColumn(NumberColumn):
    """Quantity with the record's unit (`of`) last."""

    def render(self, value: Decimal, record: Any) -> str:
        """The quantity."""
        return quantity(value, self.beside(record))


class RateColumn(NumberColumn):
    """Price of a unit."""

    def render(self, value: Decimal, record: Any) -> str:
        """The rate."""
        return rate(value)


class CountColumn(NumberColumn):
    """Count of things, grouped."""

    least_places = 0

    def render(self, value: Any, record: Any) -> str:
        """The count."""
        return number(value)


class MeterColumn(NumberColumn):
    """Percentage with a small bar; from 90 it warns, from 100 it alarms."""

    least_places = 0

    def render(self, value: Decimal, record: Any) -> str:
        """The bar and the figure."""
        return meter(value)


class DayColumn(TextColumn):
    """Date in a form of the `day` filter."""

    typed = True

    def __init__(self, *args: Any, form: str = "medium", **kwargs: Any):
        self.form = form
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any) -> str:
        """The date."""
        return day(value, self.form)

    def cells(self, value: Any, written: Any, record: Any) -> list[Cell]:
        """The date itself."""
        return [value, read_text(written)[1]] if self.detail else [value]


class MomentColumn(TextColumn):
    """Date and time, to the minute."""

    typed = True

    def render(self, value: Any, record: Any) -> str:
        """The moment."""
        return moment(value)

    def cells(self, value: Any, written: Any, record: Any) -> list[Cell]:
        """The moment itself."""
        return [value]


class StateColumn(TextColumn):
    """State as a badge; `kind` as in the `badge` tag. The word is the label of the record's own choices."""

    def __init__(self, *args: Any, kind: str = "", **kwargs: Any):
        self.kind = kind
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any, bound_column: Any = None) -> str:
        """The badge; django-tables2 hands over the label of a choice, so the value is read again."""
        state = bound_column.accessor.resolve(record, quiet=True)
        return badge(state, self.kind, value if value != state else "")


class ListTable(tables.Table):
    """Table of a list page: `caption`, `identity` (column that names the row), `sticky`, `stack`, groups.

    `tick(record)` describes the box of a row. `group_key(record)`, `group_order` (fields every order begins
    with) and the page's `groups()` make header rows, whose amount is in the column `group_column`.
    """

    caption: ClassVar[Any] = ""
    identity: ClassVar[str] = ""
    sticky: ClassVar[bool] = False
    stack: ClassVar[bool] = True
    empty: ClassVar[Any] = _("Nothing is here yet.")

    group_order: ClassVar[tuple[str, ...]] = ()
    group_column: ClassVar[str] = ""

    selecting = False
    all_selected = False
    ticks: Ticks | None = None
    groups: dict[Any, Any]

    def look_up(self, records: Sequence[Any]) -> None:
        """Read in one go what is said of rows beyond their columns.

        Called with the rows of an export, piece by piece; a page that overrides it calls it with its rows.
        """

    def tick(self, record: Any) -> Tick:
        """Box of a row: spoken name and what it adds up to."""
        return Tick(label=str(record))

    def group_key(self, record: Any) -> Any:
        """What rows are grouped by; None for a list without groups."""
        return None

    def get_column_class_names(self, classes_set: set[str], bound_column: Any) -> set[str]:
        """Only what a column asks for: column names as classes would collide with the style sheets."""
        return classes_set

    def group_span(self) -> tuple[int, int]:
        """How many columns stand before and after the amount of a header row."""
        names = [column.name for column in self.columns]
        if self.group_column not in names:
            return len(names), 0
        place = names.index(self.group_column)
        return place, len(names) - place - 1

    def _entry(self, row: Any) -> dict[str, Any]:
        """A row with its box; a kept selection decides before the default of the row."""
        tick = self.tick(row.record)
        is_ticked = self.ticks.holds(row.record.pk) if self.ticks else self.all_selected or tick.ticked
        return {"row": row, "tick": tick, "is_ticked": is_ticked}

    def sections(self) -> list[dict[str, Any]]:
        """The page's rows in order, cut where the group changes, each with its box."""
        rows = [self._entry(row) for row in self.paginated_rows]
        known = getattr(self, "groups", {})
        return [
            {"group": known.get(key), "rows": list(members)}
            for key, members in groupby(rows, key=lambda entry: self.group_key(entry["row"].record))
        ]
