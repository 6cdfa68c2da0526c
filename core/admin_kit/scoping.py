"""Who may open a page of the admin, and which rows it offers as choices: only those the user may see."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from core.access import may, rows_visible_to
from core.admin_kit.form_inputs import INPUTS, NamedPeopleField, NamedPersonField


def signed_in_user(request: HttpRequest) -> User:
    """The user of a request. Raises PermissionDenied when nobody is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class ScopedAdmin(BaseModelAdmin):
    """What admin pages and their inlines share: permissions of the role, choices of the user's own rows.

    `choice_querysets` names, by field, the rows offered where `visible_to` is not the answer, such as users.
    A relation to a model without `visible_to` that is not named there raises ImproperlyConfigured instead of
    offering every row.
    """

    adds: ClassVar[bool] = False
    changes: ClassVar[bool] = False
    choice_querysets: ClassVar[Mapping[str, Callable[[User], QuerySet[Any]]]] = {}
    formfield_overrides = INPUTS

    def user_may(self, request: HttpRequest, action: str) -> bool:
        """Whether the user holds the permission `view`, `add`, `change` or `delete` of this model."""
        return may(request.user, f"{self.opts.app_label}.{action}_{self.opts.model_name}")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are limited to what the user may see, so the permission alone answers this."""
        return self.user_may(request, "view")

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any]:
        """The rows offered as choices of a relation."""
        user = signed_in_user(request)
        if db_field.name in self.choice_querysets:
            return self.choice_querysets[db_field.name](user)
        return rows_visible_to(user, db_field.remote_field.model)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The choices of a relation; people by name, as on the pages."""
        named = {"form_class": NamedPersonField} if db_field.related_model is User else {}
        return super().formfield_for_foreignkey(db_field, request, **named, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The same where several may be chosen."""
        named = {"form_class": NamedPeopleField} if db_field.related_model is User else {}
        return super().formfield_for_manytomany(db_field, request, **named, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The input of a field, without the pop-ups that add, change or show the related object."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield is not None and isinstance(formfield.widget, RelatedFieldWidgetWrapper):
            formfield.widget = formfield.widget.widget
        return formfield
