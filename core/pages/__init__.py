"""The page kit: Django's generic views with permission, selection, totals and form token.

A list, a page about one object, a form or an action is a class of a few declarations
(docs/how-to/add-a-page.md).
"""

from core.pages.actions import ActionPage, ConfirmedAction, FormPage
from core.pages.columns import (
    AmountColumn,
    CountColumn,
    DayColumn,
    ListTable,
    MeterColumn,
    MomentColumn,
    NumberColumn,
    QuantityColumn,
    RateColumn,
    StateColumn,
    TextColumn,
    Tick,
)
from core.pages.lists import Button, Group, ListPage, SavedView
from core.pages.page import DetailPage, ObjectMixin, Page, PageMixin, set_theme
from core.pages.selection import Drift, Total
from core.pages.selection_actions import AHEAD, SelectionAction

__all__ = [
    "AHEAD",
    "ActionPage",
    "AmountColumn",
    "Button",
    "ConfirmedAction",
    "CountColumn",
    "DayColumn",
    "DetailPage",
    "Drift",
    "FormPage",
    "Group",
    "ListPage",
    "ListTable",
    "MeterColumn",
    "MomentColumn",
    "NumberColumn",
    "ObjectMixin",
    "Page",
    "PageMixin",
    "QuantityColumn",
    "RateColumn",
    "SavedView",
    "SelectionAction",
    "StateColumn",
    "TextColumn",
    "Tick",
    "Total",
    "set_theme",
]
