"""The work of a month of prepaid hours, some rows at a time, in the order of the printed statement (A12)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from core.templatetags.display import number
from projects.models import Actual
from projects.prepaid_use import PrepaidUse, UsedRow, rows_of_month

ROWS = 50
"""Rows on one page."""
MOST_DIGITS = 18
"""Of a key in an address: more are no key."""

Place = tuple[dt.date, int, int]
"""Day, work item and row: where a row stands, whatever is written before or after it."""


@dataclass(frozen=True)
class BlockWorkRow:
    """Hours of one entry within the block or beyond it; `amount` is net in the contract's currency."""

    actual: Actual
    hours: Decimal
    amount: Decimal
    is_over: bool

    @property
    def text(self) -> str:
        """What the customer reads."""
        item = self.actual.work_item
        return str(item.external_description or item.description)


@dataclass(frozen=True)
class WorkPage:
    """Rows that follow one another; `following` is the key of the last one where more follow."""

    rows: Sequence[BlockWorkRow]
    first: int
    total: int
    following: str

    @property
    def words(self) -> str:
        """Which rows these are, of how many."""
        if not self.rows:
            return _("No more work of the month.") if self.total else _("No work of the month yet.")
        return _("Rows %(first)s to %(last)s of %(total)s") % {
            "first": number(self.first),
            "last": number(self.first + len(self.rows) - 1),
            "total": number(self.total),
        }


def work_page(use: PrepaidUse, month: dt.date, after: str) -> WorkPage:
    """The rows of a month that follow the one whose key the address names; one statement, none without rows.

    A key that names nothing shows the first rows. What was written again meanwhile moves no page.
    """
    mine = rows_of_month(use, month)
    place = _place(after)
    start = 0 if place is None else sum(1 for row in mine if _key(row) <= place)
    shown = mine[start : start + ROWS]
    loaded = Actual.objects.select_related("work_item__resource").in_bulk([row.pk for row in shown])
    rows = [BlockWorkRow(loaded[row.pk], row.quantity, row.amount, use.is_over(row)) for row in shown]
    more = start + len(shown) < len(mine)
    return WorkPage(rows, start + 1, len(mine), _written(shown[-1]) if more else "")


def _key(row: UsedRow) -> Place:
    return row.day, row.work_item, row.pk


def _written(row: UsedRow) -> str:
    return f"{row.day.isoformat()}.{row.work_item}.{row.pk}"


def _place(text: str) -> Place | None:
    day, _dot, keys = text.partition(".")
    item, _dot, row = keys.partition(".")
    if not all(key.isdecimal() and len(key) <= MOST_DIGITS for key in (item, row)):
        return None
    try:
        return dt.date.fromisoformat(day), int(item), int(row)
    except ValueError:
        return None
