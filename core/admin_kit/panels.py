"""What an admin page shows beside its fields: related rows, figures per currency, links to other pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.refusals import Text
from core.templatetags import display


@dataclass(frozen=True)
class Cell:
    """One cell of a panel; a figure is aligned to the right, an address makes it a link."""

    text: Any
    is_figure: bool = False
    url: str = ""


@dataclass(frozen=True)
class Panel:
    """A table under the fields of an admin page: finished cells, and where to see all of the rows."""

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
        """The heads, each with whether its column holds figures."""
        first = self.rows[0] if self.rows else ()
        is_figure = [cell.is_figure for cell in first] or [False] * len(self.heads)
        return list(zip(self.heads, is_figure, strict=True))


def link_to(obj: models.Model | None, text: Any = None, *, is_figure: bool = False) -> Cell:
    """A cell that leads to the admin page of an object, where it has one."""
    if obj is None:
        return Cell(display.NOTHING, is_figure)
    words = str(obj) if text is None else text
    try:
        url = change_url(type(obj), obj.pk)
    except NoReverseMatch:
        url = ""
    return Cell(words, is_figure, url)


def change_url(model: type[models.Model], key: Any) -> str:
    """The address of the page of one object."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])


def changelist_url(model: type[models.Model], **lookups: Any) -> str:
    """The address of a model's list, filtered by lookups."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(lookups)}" if lookups else address


def waiting_rows(rows: models.QuerySet[Any], sentence: Promise, **lookups: Any) -> Cell | None:
    """A sentence (ngettext_lazy on `count`) about so many rows, leading to their list; None for no row."""
    count = rows.order_by().count()
    if not count:
        return None
    return Cell(sentence % {"count": count}, url=changelist_url(rows.model, **lookups))


def shown_of(shown: int, count: int) -> tuple[Text, ...]:
    """What a panel says where it stops before the last row; nothing where it has all of them."""
    if count <= shown:
        return ()
    sentence = _("Rows shown: %(shown)s of %(count)s.")
    return (sentence % {"shown": display.number(shown), "count": display.number(count)},)


def per_currency(rows: Iterable[tuple[str, Decimal]]) -> str:
    """Amounts of several currencies side by side, never added up."""
    return " · ".join(display.money(amount, currency) for currency, amount in rows) or display.NOTHING
