"""What a page is here: a list, one thing, a form, or an action, each a few declarations long.

Pages stand below access and models: the door that answers permission questions and the store of form
tokens are given to them as class attributes by each app's views (docs/how-to/add-a-page.md).
"""

from projects.pages.acting import ActionPage, FormPage
from projects.pages.columns import (
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
from projects.pages.listing import Button, Group, ListPage, SavedView
from projects.pages.page import DetailPage, Page, Tokens, set_theme
from projects.pages.selecting import Drift, Total

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
