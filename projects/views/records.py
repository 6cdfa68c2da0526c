"""What pages of master data share: add one, change one, close it, open it again, delete what nobody used."""

from collections.abc import Sequence
from copy import copy
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.deleting import delete_unused
from core.pages import ActionPage, FormPage, PageMixin
from projects.forms.records import RecordForm
from projects.maintaining import add_records, change_record, close_records, reopen_records

Crumbs = Sequence[tuple[Any, str]]


class RecordMixin(PageMixin):
    """A kind of master data: its rows, the list they stand in, and the page of one of them."""

    model: ClassVar[type[Model]]
    list_name: ClassVar[str] = ""
    list_title: ClassVar[str | Promise] = ""
    page_name: ClassVar[str] = ""

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that the user sees."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows.visible_to(self.user)  # type: ignore[attr-defined]

    def get_crumbs(self) -> Crumbs:
        """The way from the list over the row to this page."""
        crumbs: list[tuple[Any, str]] = [(self.list_title, reverse(self.list_name))]
        row = getattr(self, "object", None)
        if row is not None and row.pk:
            crumbs.append((self.get_crumb(row), reverse(self.page_name, args=[row.pk])))
        return [*crumbs, (self.title, "")]

    def get_crumb(self, row: Any) -> str:
        """How a row is named on the way."""
        return str(getattr(row, "number", row))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the way here."""
        return super().get_context_data(**{"crumbs": self.get_crumbs(), **kwargs})


class AddRecord(RecordMixin, FormPage):
    """A form that becomes a new row."""

    template_name = "projects/record_form.html"
    success_message, submit_label = _("Added"), _("Add")

    @property
    def cancel_url(self) -> str:
        """The list."""
        return reverse(self.list_name)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def form_valid(self, form: RecordForm) -> HttpResponse:
        return self.answer(lambda: self.add(form), form)

    def add(self, form: RecordForm) -> Any:
        """Call the verb; the new row is what the page leads to."""
        add_records([form.instance], actor=self.user, at=timezone.now(), related=form.related)
        return form.instance

    def get_success_url(self) -> str:
        return reverse(self.page_name, args=[self.result.pk])


class OfRecord(RecordMixin, ActionPage):
    """A page that does something with one row and leads back to it."""

    # By its own name: as `role`, which Django would take, a billing role would stand for that of the user.
    context_object_name = "row"

    def get_queryset(self) -> QuerySet[Any]:
        """The rows that the user may change, which are fewer than those the user sees."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows.changeable_by(self.user)  # type: ignore[attr-defined]

    @property
    def cancel_url(self) -> str:
        """The page of the row."""
        return reverse(self.page_name, args=[self.kwargs["pk"]])


class ChangeRecord(OfRecord):
    """A form that changes a row; what keeps its value is not written."""

    template_name, success_message = "projects/record_form.html", _("Saved")

    def get_form_kwargs(self) -> dict[str, Any]:
        # A copy, so that what was typed does not show up in the heading before it is saved.
        return {**super().get_form_kwargs(), "user": self.user, "instance": copy(self.object)}

    def call_verb(self, form: Any) -> Any:
        return change_record(self.targets, form.columns | form.related, **self.get_verb_kwargs(form))


class RecordPage(ChangeRecord):
    """The page of a row that has no other: its fields, and what else is done to it.

    Those who may only look see the fields in the list; this page is for those who may change the row.
    """

    template_name = "projects/record_page.html"

    @property
    def cancel_url(self) -> str:
        """The list."""
        return reverse(self.list_name)

    def get_crumbs(self) -> Crumbs:
        """The way from the list; this page is the row's own."""
        return [(self.list_title, reverse(self.list_name)), (str(self.object), "")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the addresses of what can be done, and whether the user may delete."""
        name, key = self.page_name, self.object.pk
        steps = {step: reverse(f"{step}-{name}", args=[key]) for step in ("close", "reopen", "delete")}
        may_delete = self.may(self.permission.replace(".change_", ".delete_"))
        return super().get_context_data(**{"steps": steps, "may_delete": may_delete, **kwargs})


class CloseRecord(OfRecord):
    """Close a row, after a page that says what that means."""

    template_name, verb, success_message = "projects/record_close.html", close_records, _("Closed")
    consequences: ClassVar[Sequence[str | Promise]] = ()


class ReopenRecord(OfRecord):
    """Open a closed row again; at once, because closing it takes that back."""

    verb, success_message = reopen_records, _("Reopened")


class DeleteRecord(OfRecord):
    """Delete a row that nothing names; one that is used stays, and the page says by what."""

    success_message = _("Deleted")
    instead: ClassVar[str | Promise] = _("Close it instead.")

    def call_verb(self, form: Any) -> Any:
        return delete_unused(self.targets, way_out=self.instead, **self.get_verb_kwargs(form))

    def get_success_url(self) -> str:
        return reverse(self.list_name)
