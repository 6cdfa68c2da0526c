"""The admin: pages that show and change nothing unless they say so, with verbs as their actions.

Each app has subclasses of `ReadOnlyAdmin` that name columns and fields, what may be changed, and actions.
"""

from core.admin_kit import columns
from core.admin_kit.actions import ActionPreview, AdminAction, show_refusals
from core.admin_kit.deletion import delete_unused_action
from core.admin_kit.inlines import LabelledDeletionFormSet, ReadOnlyInline
from core.admin_kit.model_admin import ReadOnlyAdmin
from core.admin_kit.named_people import PeopleFilter
from core.admin_kit.panels import (
    Cell,
    Panel,
    change_url,
    changelist_url,
    link_to,
    per_currency,
    shown_of,
    waiting_rows,
)
from core.admin_kit.scoping import signed_in_user

__all__ = [
    "ActionPreview",
    "AdminAction",
    "Cell",
    "LabelledDeletionFormSet",
    "Panel",
    "PeopleFilter",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "change_url",
    "changelist_url",
    "columns",
    "delete_unused_action",
    "link_to",
    "per_currency",
    "shown_of",
    "show_refusals",
    "signed_in_user",
    "waiting_rows",
]
