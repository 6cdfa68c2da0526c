"""Rows edited on the admin page of the object they belong to: never more than the user's role allows."""

from typing import Any, ClassVar

from django.contrib import admin
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.admin_kit.scoping import ScopedAdmin


class LabelledDeletionFormSet(BaseInlineFormSet):
    """Rows whose box for deleting one names the row it deletes, for those who listen to the page."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Name the box after the row."""
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            row = form.instance if form.instance.pk else self.model._meta.verbose_name
            label = _("Remove %(row)s") % {"row": row}
            form.fields[DELETION_FIELD_NAME].widget.attrs["aria-label"] = label


class ReadOnlyInline(ScopedAdmin, admin.TabularInline):
    """Rows that are shown, and changed only where a subclass says so with `adds`, `changes`, `deletes`."""

    deletes: ClassVar[bool] = False
    extra = 0
    formset = LabelledDeletionFormSet
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only where the inline adds."""
        return self.adds and self.user_may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only where the inline changes."""
        return self.changes and self.user_may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only where the inline deletes."""
        return self.deletes and self.user_may(request, "delete")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The input of a field, named by the head of its column for those who listen to the page."""
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if formfield is not None:
            formfield.widget.attrs["aria-label"] = formfield.label
        return formfield
