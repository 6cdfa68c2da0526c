"""The admin site of the house: windows that show and change nothing unless they say so, and verbs as actions.

Once per app: subclasses of `Window` name their columns and fields, what may be changed, and their actions.
"""

from core.admin_kit.actions import Plan, VerbAction, say_refusals
from core.admin_kit.form_inputs import DayInput
from core.admin_kit.inlines import Rows
from core.admin_kit.model_admin import Window
from core.admin_kit.panels import Cell, Panel, Shown, link_to, listed, paragraph, per_currency, waits

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
