"""The two permission questions: what a user may do, and which rows of a model a user may see.

Which rows are visible is said by the queryset of each model (`visible_to`); roles and their permissions stand
in `projects/roles.py`. Pages and the admin ask here and nowhere else.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet

from core.querysets import AnyUser, VisibleQuerySet


def may(user: AnyUser, permission: str, obj: Model | None = None) -> bool:
    """Whether a user holds a permission and, where an object is named, may see that object.

    No for an object of a model whose rows have no scope.
    """
    if not user.is_authenticated or not user.has_perm(permission):
        return False
    if obj is None:
        return True
    return has_scope(type(obj)) and rows_visible_to(user, type(obj)).filter(pk=obj.pk).exists()


def has_scope(model: type[Model]) -> bool:
    """Whether the rows of a model know who may see them; a proxy answers as its model does."""
    return isinstance(model._default_manager.all(), VisibleQuerySet)


def rows_visible_to(user: AnyUser, model: type[Model]) -> QuerySet[Any]:
    """The rows of a model that a user may see.

    Raises ImproperlyConfigured for a model without a scope: forgetting it must not show everything.
    """
    rows = model._default_manager.all()
    if not isinstance(rows, VisibleQuerySet):
        raise ImproperlyConfigured(f"the queryset of {model.__name__} has no visible_to")
    return rows.visible_to(user)


def enters_admin(user: AnyUser) -> bool:
    """Whether the admin is open to a user; that was decided when the roles changed."""
    return bool(user.is_staff)
