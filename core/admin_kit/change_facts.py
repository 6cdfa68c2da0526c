"""What an admin form changed, as facts of the activity log: old and new values, rows added and removed."""

from collections.abc import Sequence
from typing import Any

from django import forms

from core.activity_log import Changes, as_text


def changes_of_form(form: Any) -> Changes:
    """Old and new value of each field that a valid form changed."""
    changes: Changes = {}
    for name in form.changed_data:
        field, old = form.fields[name], form.initial.get(name)
        if isinstance(field, forms.ModelChoiceField) and not isinstance(
            field, forms.ModelMultipleChoiceField
        ):
            # The form knows the former row by its key alone; the row may have left the choices since.
            old = field.queryset.model._base_manager.filter(pk=old).first() if old else None
        changes[name] = [as_text(old), as_text(form.cleaned_data.get(name))]
    return changes


def facts_of_formsets(formsets: Sequence[Any]) -> dict[str, str]:
    """Which rows below the object were added, changed and deleted, by name."""
    rows = {
        "added": [row for one in formsets for row in one.new_objects],
        "changed": [row for one in formsets for row, _fields in one.changed_objects],
        "deleted": [row for one in formsets for row in one.deleted_objects],
    }
    return {what: as_text(named) for what, named in rows.items() if named}
