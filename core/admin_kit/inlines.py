"""Rows edited inside the window of what they belong to: never more than their role may do."""

from typing import Any, ClassVar

from django.contrib import admin
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.access import may
from core.admin_kit.form_inputs import INPUTS
from core.admin_kit.scoping import bare_widget, scoped


class NamedRows(BaseInlineFormSet):
    """Rows whose box for taking one away says what it does."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the box after the row."""
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            row = form.instance if form.instance.pk else self.model._meta.verbose_name
            said = _("Take away %(row)s") % {"row": row}
            form.fields[DELETION_FIELD_NAME].widget.attrs["aria-label"] = said


class Rows(admin.TabularInline):
    """Inline rows: shown to those who may see them, changed only as `adds`, `changes` and `deletes` say."""

    adds = changes = deletes = False
    extra = 0
    choices: ClassVar[dict[str, Any]] = {}
    formset = NamedRows
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
        return super().formfield_for_foreignkey(
            db_field, request, **scoped(db_field, request.user, kwargs, self.choices)
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """No pop-ups beside a choice; the head of the column is the name that is read out."""
        formfield = bare_widget(super().formfield_for_dbfield(db_field, request, **kwargs))
        if formfield is not None:
            formfield.widget.attrs["aria-label"] = formfield.label
        return formfield
