"""What every window shares: rows through the door of its model, choices through the doors of theirs."""

from typing import Any

from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from projects.access import DOORS, SHARED


def rows_for(model: type[models.Model], user: Any) -> models.QuerySet:
    """The rows of a model that a user may see.

    Raises ImproperlyConfigured for a model that neither has a door nor is shared by all legal entities:
    forgetting the scope must not show everything.
    """
    door = DOORS.get(model)
    if door is not None:
        return door(user)
    if model not in SHARED:
        raise ImproperlyConfigured(f"{model.__name__} is neither in access.DOORS nor in access.SHARED")
    return model._default_manager.all()


def scoped(db_field: Any, user: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Options of a choice field, narrowed to what the user may see where the other model has a door."""
    model = db_field.remote_field.model
    if "queryset" in options or model not in DOORS:
        return options
    return {**options, "queryset": rows_for(model, user)}


def bare_widget(formfield: Any) -> Any:
    """A choice without the pop-ups that add, change or show the other thing."""
    if formfield is not None and isinstance(formfield.widget, RelatedFieldWidgetWrapper):
        formfield.widget = formfield.widget.widget
    return formfield
