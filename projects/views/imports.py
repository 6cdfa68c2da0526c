"""Import hours: choose a file, see what it would do, do it; then submit what came in (A8, X8)."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.pages import ActionPage, DetailPage, FormPage, ListPage
from projects.filters.imports import ImportFilter
from projects.forms.imports import UploadForm
from projects.importing import import_entries, preview_import
from projects.models import Entry, ImportBatch, LegalEntity
from projects.reading import Parsed, parse
from projects.submitting import submit_entries
from projects.tables.imports import ImportTable

PERMISSION = "projects.import_entry"


class Imports(ListPage):
    """Every file that was imported into the user's legal entities."""

    permission, title, url_name = PERMISSION, _("Imports"), "imports"
    purpose, template_name = _("Files of hours; a second import changes nothing"), "projects/imports.html"
    filterset_class, table_class = ImportFilter, ImportTable

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return imports_of(self.user)


class ImportHours(FormPage):
    """Choose a file and look at it first; what was shown is what is imported."""

    permission, title, success_message = PERMISSION, _("Import hours"), _("Imported")
    template_name, form_class, submit_label = "projects/import_hours.html", UploadForm, _("Look at it")
    cancel_url = reverse_lazy("imports")

    def get_form_kwargs(self) -> dict[str, Any]:
        user = self.user
        return super().get_form_kwargs() | {"user": user, "entities": LegalEntity.objects.visible_to(user)}

    def form_valid(self, form: UploadForm) -> HttpResponse:
        """Show what the file would do; import it once that was seen."""
        if not form.is_confirmed:
            return self.render_to_response(self.get_context_data(form=form, upload=upload_preview(form)))
        return self.answer(lambda: self.import_file(form), form)

    def import_file(self, form: UploadForm) -> ImportBatch:
        """Import the file that was looked at."""
        upload, user = form.cleaned_data["upload"], self.user
        return import_entries(
            form.cleaned_data["legal_entity"],
            parsed_of(form),
            form.selected_mapping,
            file_name=upload.name,
            data=upload.data,
            actor=user,
            at=timezone.now(),
        )

    def get_success_url(self) -> str:
        return reverse("import", args=[self.result.pk])


class ImportPage(DetailPage):
    """One import, and where its entries stand."""

    permission, title, template_name = PERMISSION, _("Import"), "projects/import.html"

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return imports_of(self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Entries and quantity of the import, state by state, and how many can be submitted."""
        entries = Entry.objects.filter(import_batch=self.object)
        states = entries.order_by().values("status", "unit")
        sums = states.annotate(count=Count("pk"), quantity=Sum("quantity")).order_by("status", "unit")
        return super().get_context_data(states=sums, submittable=entries.submittable().count(), **kwargs)


class SubmitImport(ActionPage):
    """Lay everything that came in and is still a draft before its approvers."""

    permission, title, success_message = PERMISSION, _("Submit"), _("%(count)s submitted")
    verb = submit_entries

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return imports_of(self.user)

    def get_targets(self) -> QuerySet[Entry]:
        return Entry.objects.filter(import_batch=self.object).submittable()

    @property
    def cancel_url(self) -> str:
        """The import."""
        return reverse("import", args=[self.object.pk])


def imports_of(user: User) -> QuerySet[ImportBatch]:
    """Imports into the legal entities this person belongs to."""
    rows = ImportBatch.objects.filter(legal_entity__in=LegalEntity.objects.visible_to(user))
    return rows.select_related("legal_entity", "imported_by")


def parsed_of(form: UploadForm) -> Parsed:
    """The file as its mapping reads it."""
    upload = form.cleaned_data["upload"]
    return parse(upload.data, form.selected_mapping, joined=upload.dates)


def upload_preview(form: UploadForm) -> dict[str, Any]:
    """What the file would do, and the file itself to send again with the yes."""
    entity, mapping = form.cleaned_data["legal_entity"], form.selected_mapping
    return {
        "entity": entity,
        "mapping": mapping,
        "name": form.cleaned_data["upload"].name,
        "preview": preview_import(entity, parsed_of(form), mapping, at=timezone.now()),
        "carried": form.packed(),
    }
