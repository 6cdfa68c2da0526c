"""Mappings of one's own: listed, made from a file that was sent, changed, deleted (X8)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, FormPage, ListPage
from core.pages.page import ObjectMixin
from projects.filters.import_mappings import ImportMappingFilter
from projects.forms.import_mappings import MappingForm
from projects.import_files import OWN
from projects.models import ImportBatch, ImportMapping
from projects.saving_mappings import delete_mappings, save_mapping
from projects.staging import Choices, read_again, read_file
from projects.tables.import_mappings import ImportMappingTable
from projects.views.imports import PERMISSION, READ_AT_ONCE


class ImportMappings(ListPage):
    """The layouts that people saved."""

    permission, title, url_name = PERMISSION, _("Import mappings"), "import-mappings"
    purpose = _("Which column is what in files of your own layouts")
    template_name = "projects/import_mappings.html"
    filterset_class, table_class = ImportMappingFilter, ImportMappingTable

    def get_queryset(self) -> QuerySet[ImportMapping]:
        return ImportMapping.objects.visible_to(self.user).select_related("legal_entity")


class MappingPage(FormPage):
    """Which column is what: the fields beside the columns of a file."""

    permission, template_name, form_class = PERMISSION, "projects/import_mapping.html", MappingForm
    submit_label, success_message = _("Save the mapping"), _("Saved")

    @property
    def cancel_url(self) -> str:
        """The list of mappings."""
        return reverse("import-mappings")

    def form_valid(self, form: MappingForm) -> HttpResponse:
        """Save it."""
        return self.answer(lambda: self.save(form), form)

    def save(self, form: MappingForm) -> ImportMapping:
        """The mapping as it was entered."""
        return save_mapping(form.mapping(), actor=self.user, at=timezone.now())


class NewMapping(MappingPage):
    """A mapping for the layout of a file that was sent; the file is read by it at once."""

    title = _("New mapping")

    @cached_property
    def batch(self) -> ImportBatch:
        """The file whose columns are named."""
        return get_object_or_404(ImportBatch.objects.visible_to(self.user), pk=self.kwargs["pk"])

    @property
    def cancel_url(self) -> str:
        """The import of the file."""
        return reverse("import", args=[self.batch.pk])

    def get_success_url(self) -> str:
        return self.cancel_url

    def get_form_kwargs(self) -> dict[str, Any]:
        shown = self.batch.shown
        words = {"head": shown.get("head", []), "first": shown.get("first", [])}
        made = ImportMapping(legal_entity=self.batch.legal_entity)
        return super().get_form_kwargs() | words | {"instance": made}

    def save(self, form: MappingForm) -> ImportMapping:
        """Save it and read the file by it."""
        mapping = super().save(form)
        batches = ImportBatch.objects.filter(pk=self.batch.pk)
        read_again(batches, Choices(mapping=f"{OWN}{mapping.name}"), actor=self.user, at=timezone.now())
        if self.batch.file_size <= READ_AT_ONCE:
            read_file(self.batch.pk, clock=timezone.now)
        return mapping


class OfMapping:
    """Pages about one mapping among those the user may see."""

    def get_queryset(self) -> QuerySet[ImportMapping]:
        return ImportMapping.objects.visible_to(self.user)  # type: ignore[attr-defined]


class ChangeMapping(OfMapping, ObjectMixin, MappingPage):
    """A mapping that was saved; its columns are those that it names."""

    title = _("Change the mapping")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"head": [], "first": [], "instance": self.object}


class DeleteMapping(OfMapping, ActionPage):
    """Delete a mapping; what was imported by it stays."""

    permission, title, verb = PERMISSION, _("Delete"), delete_mappings
    success_message, cancel_url = _("Deleted"), reverse_lazy("import-mappings")
