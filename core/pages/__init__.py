"""What a page is here: a list, one thing, a form, or an action, each a few declarations long.

Pages stand below access and models: the door that answers permission questions and the store of form
tokens are given to them as class attributes by each app's views (docs/how-to/add-a-page.md).
"""

from core.pages.actions import ActionPage, FormPage
from core.pages.columns import (
    AmountColumn,
    DayColumn,
    ListTable,
    MeterColumn,
    MomentColumn,
    QuantityColumn,
    RateColumn,
    StateColumn,
    TextColumn,
    Tick,
)
from core.pages.lists import Button, Group, ListPage, SavedView
from core.pages.page import DetailPage, Page, Tokens, set_theme
from core.pages.selection import Drift, Total

__all__ = [
    "ActionPage",
    "AmountColumn",
    "Button",
    "DayColumn",
    "DetailPage",
    "Drift",
    "FormPage",
    "Group",
    "ListPage",
    "ListTable",
    "MeterColumn",
    "MomentColumn",
    "Page",
    "QuantityColumn",
    "RateColumn",
    "SavedView",
    "StateColumn",
    "TextColumn",
    "Tick",
    "Tokens",
    "Total",
    "set_theme",
]
