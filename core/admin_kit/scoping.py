"""What every page of the admin shares: only rows that the reader may see, also in choices."""

from typing import Any

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper

from core.access import rows_visible_to


def scoped(db_field: Any, user: Any, options: dict[str, Any], choices: dict[str, Any]) -> dict[str, Any]:
    """Options of a choice field, narrowed to what the user may see.

    `choices` names, by field, what is offered of models that are not ours and have no scope, such as users.
    """
    if "queryset" in options:
        return options
    if db_field.name in choices:
        return {**options, "queryset": choices[db_field.name](user)}
    return {**options, "queryset": rows_visible_to(user, db_field.remote_field.model)}


def bare_widget(formfield: Any) -> Any:
    """A choice without the pop-ups that add, change or show the other thing."""
    if formfield is not None and isinstance(formfield.widget, RelatedFieldWidgetWrapper):
        formfield.widget = formfield.widget.widget
    return formfield
