"""Import hours: send a file, see what it would do, decide, do it; then submit what came in (A8, X8)."""

from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, DetailPage, FormPage, ListPage
from projects.filters.imports import ImportFilter
from projects.forms.imports import DecisionsForm, ReadingForm, UploadForm
from projects.import_files import mappings_for
from projects.import_states import ImportStatus
from projects.importing import Decisions, import_files, request_imports
from projects.models import Entry, ImportBatch, LegalEntity
from projects.staging import Choices, Upload, discard_imports, read_again, read_file, stage_file
from projects.submitting import submit_entries
from projects.tables.imports import ImportTable
from projects.views.import_preview import open_names, preview_context, progress_context

PERMISSION = "projects.import_entry"
READ_AT_ONCE = 1024 * 1024
IMPORT_AT_ONCE = 5000


class Imports(ListPage):
    """Every file that was imported into the user's legal entities."""

    permission, title, url_name = PERMISSION, _("Imports"), "imports"
    purpose, template_name = _("Files of hours; a second import changes nothing"), "projects/imports.html"
    filterset_class, table_class = ImportFilter, ImportTable

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.visible_to(self.user).select_related("legal_entity", "imported_by")


class ImportHours(FormPage):
    """Send a file; a small one is read at once, a large one by the worker."""

    permission, title = PERMISSION, _("Import hours")
    form_class, submit_label = UploadForm, _("Show preview")
    success_message = _("Nothing is saved yet: check the preview")
    cancel_url = reverse_lazy("imports")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"entities": LegalEntity.objects.visible_to(self.user)}

    def form_valid(self, form: UploadForm) -> HttpResponse:
        """Store the file, and read it at once if it is small."""
        return self.answer(lambda: self.stage(form), form)

    def stage(self, form: UploadForm) -> ImportBatch:
        """The file as an import that has changed nothing."""
        sent = form.cleaned_data
        upload = Upload(sent["file"].name, sent["file"], sent["dates"] or None)
        now = timezone.now()
        batch = stage_file(sent["legal_entity"], upload, Choices(), actor=self.user, at=now)
        if batch.file_size <= READ_AT_ONCE:
            read_file(batch.pk, clock=timezone.now)
        return batch

    def get_success_url(self) -> str:
        return reverse("import", args=[self.result.pk])


class OfImport:
    """Pages about one import among those the user may see."""

    def get_queryset(self) -> QuerySet[ImportBatch]:
        rows = ImportBatch.objects.visible_to(self.user)  # type: ignore[attr-defined]
        return rows.select_related("legal_entity", "imported_by", "default_role")

    @property
    def cancel_url(self) -> str:
        """The import."""
        return reverse("import", args=[self.object.pk])  # type: ignore[attr-defined]


class ImportPage(OfImport, DetailPage):
    """One import: how far it is, what it would do, or where its entries stand."""

    permission, title = PERMISSION, _("Import")

    def get_template_names(self) -> list[str]:
        """One template for each status."""
        status = self.object.status
        if status == ImportStatus.PREVIEW:
            return ["projects/import_preview.html"]
        return [
            "projects/import.html" if status == ImportStatus.IMPORTED else "projects/import_progress.html"
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the template of its status shows."""
        context = super().get_context_data(**kwargs)
        if self.object.status == ImportStatus.PREVIEW:
            return context | preview_context(self.object, self.request.GET)
        if self.object.status == ImportStatus.IMPORTED:
            return context | self.entries_context()
        return context | progress_context(self.object, timezone.now())

    def entries_context(self) -> dict[str, Any]:
        """Entries and quantity of the import, state by state, and how many can be submitted."""
        entries = Entry.objects.filter(import_batch=self.object)
        states = entries.order_by().values("status", "unit")
        sums = states.annotate(count=Count("pk"), quantity=Sum("quantity")).order_by("status", "unit")
        return {"states": sums, "submittable": entries.submittable().count()}


class ReadAgain(OfImport, ActionPage):
    """Read the file again with the user's choices."""

    permission, title, form_class = PERMISSION, _("Read again"), ReadingForm
    success_message = _("Read again")

    def get_form_kwargs(self) -> dict[str, Any]:
        mappings = mappings_for(self.object.legal_entity).values()
        return super().get_form_kwargs() | {"mappings": mappings}

    def call_verb(self, form: ReadingForm) -> int:
        """Read it again, at once if it is small."""
        choices = Choices(**form.cleaned_data)
        count = read_again(self.targets, choices, actor=self.user, at=timezone.now())
        if self.object.file_size <= READ_AT_ONCE:
            read_file(self.object.pk, clock=timezone.now)
        return count


class ImportFile(OfImport, ActionPage):
    """Do what the preview says, as it was decided; where it is refused, the page comes back with reasons."""

    permission, title, template_name = PERMISSION, _("Import"), "projects/import_preview.html"
    form_class, success_message = DecisionsForm, _("Imported")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "names": open_names(self.object),
            "entity": self.object.legal_entity,
        }

    def call_verb(self, form: DecisionsForm) -> list[ImportBatch]:
        """Import a small file now, leave a large one to the worker."""
        sent = form.cleaned_data
        decisions = Decisions(
            leave_errors_out=sent["wrong"] == "leave_out",
            update_drafts=not sent["changed"],
            keep_invoiced=bool(sent["invoiced"]),
            default_role=sent["default_role"],
            names=form.decisions,
        )
        verb = import_files if self.object.row_count <= IMPORT_AT_ONCE else request_imports
        return verb(self.targets, decisions, actor=self.user, at=timezone.now())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The preview, with what was decided."""
        form = kwargs.pop("form", None)
        context = preview_context(self.object, self.request.GET, form)
        return super().get_context_data(**context, **kwargs)


class DiscardImport(OfImport, ActionPage):
    """Delete a file that was not imported."""

    permission, title, verb = PERMISSION, _("Discard"), discard_imports
    success_message, success_url = _("Discarded; nothing was saved"), reverse_lazy("imports")


class SubmitImport(OfImport, ActionPage):
    """Submit all imported entries that are still drafts."""

    permission, title, success_message = PERMISSION, _("Submit"), _("%(count)s submitted")
    verb = submit_entries

    def get_targets(self) -> QuerySet[Entry]:
        return Entry.objects.filter(import_batch=self.object).submittable()
