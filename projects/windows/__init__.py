"""The admin site of the house: windows that show and change nothing unless they say so, and verbs as actions.

Once per app: subclasses of `Window` name their columns and fields, what may be changed, and their actions.
"""

from projects.windows.acting import Plan, VerbAction, say_refusals
from projects.windows.inputs import DayInput
from projects.windows.panels import Cell, Panel, Shown, link_to, listed, paragraph, per_currency, waits
from projects.windows.rows import Rows
from projects.windows.window import Window

__all__ = [
    "Cell",
    "DayInput",
    "Panel",
    "Plan",
    "Rows",
    "Shown",
    "VerbAction",
    "Window",
    "link_to",
    "listed",
    "paragraph",
    "per_currency",
    "say_refusals",
    "waits",
]
