"""Rows edited inside the window of what they belong to: never more than their role may do."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from projects.access import may
from projects.windows.inputs import INPUTS
from projects.windows.scoping import bare_widget, scoped


class Rows(admin.TabularInline):
    """Inline rows: shown to those who may see them, changed only as `adds`, `changes` and `deletes` say."""

    adds = changes = deletes = False
    extra = 0
    formfield_overrides = INPUTS
    show_change_link = False

    def _may(self, request: HttpRequest, verb: str) -> bool:
        return may(request.user, f"{self.opts.app_label}.{verb}_{self.opts.model_name}")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Shown to those who hold the permission."""
        return self._may(request, "view")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Added where the window allows it."""
        return self.adds and self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Changed where the window allows it."""
        return self.changes and self._may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Taken away where the window allows it."""
        return self.deletes and self._may(request, "delete")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only rows that this user may see are offered."""
        return super().formfield_for_foreignkey(db_field, request, **scoped(db_field, request.user, kwargs))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """No pop-ups beside a choice."""
        return bare_widget(super().formfield_for_dbfield(db_field, request, **kwargs))
