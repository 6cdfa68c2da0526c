"""Import hours: choose a file, see what it would do, do it; then submit what came in (A8, X8)."""

from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
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
from projects.views.page_defaults import Housed

PERMISSION = "projects.import_entry"


class Imports(Housed, ListPage):
    """Every file that was imported into the reader's legal entities."""

    permission, title, url_name = PERMISSION, _("Imports"), "imports"
    purpose, template_name = _("Files of hours; a second import changes nothing"), "projects/imports.html"
    filterset_class, table_class = ImportFilter, ImportTable

    def rows(self) -> QuerySet:
        return imports_of(self.request.user)


class ImportHours(Housed, FormPage):
    """Choose a file and look at it first; what was shown is what is imported."""

    permission, title, success = PERMISSION, _("Import hours"), _("Imported")
    template_name, form_class, submit_label = "projects/import_hours.html", UploadForm, _("Look at it")

    def form_arguments(self) -> dict[str, Any]:
        return {"user": self.request.user, "entities": LegalEntity.objects.visible_to(self.request.user)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.form()
        looks = form.is_valid() and not form.is_confirmed
        return self.shown(form=form, back=self.back(), found=look(form)) if looks else super().post(request)

    def act(self, form: BaseForm) -> ImportBatch:
        return bring_in(form, self.request.user)

    def back(self) -> str:
        return reverse("imports")

    def destination(self, result: ImportBatch) -> str:
        return reverse("import", args=[result.pk])


class OfImport(Housed):
    """Share of the pages about one import."""

    permission = PERMISSION

    def rows(self) -> QuerySet:
        return imports_of(self.request.user)


class ImportPage(OfImport, DetailPage):
    """One import, and where its entries stand."""

    title, template_name = _("Import"), "projects/import.html"

    def context(self) -> dict[str, Any]:
        return standing_of(self.found())


class SubmitImport(OfImport, ActionPage):
    """Lay everything that came in and is still a draft before its approvers."""

    title, success = _("Submit"), _("%(count)s submitted")

    def act(self, targets: QuerySet, form: BaseForm | None) -> list[Any]:
        entries = Entry.objects.filter(import_batch__in=targets.values("pk")).submittable()
        return submit_entries(entries, actor=self.request.user, at=timezone.now())

    def back(self) -> str:
        return reverse("import", args=[self.found().pk])


def imports_of(user: Any) -> QuerySet:
    """Imports into the legal entities this person belongs to."""
    rows = ImportBatch.objects.filter(legal_entity__in=LegalEntity.objects.visible_to(user))
    return rows.select_related("legal_entity", "imported_by")


def parsed_of(form: UploadForm) -> Parsed:
    """The file as its mapping reads it."""
    upload = form.cleaned_data["upload"]
    return parse(upload.data, form.mapping_chosen, joined=upload.dates)


def look(form: UploadForm) -> dict[str, Any]:
    """What the file would do, and the file itself to send again with the yes."""
    entity, mapping = form.cleaned_data["legal_entity"], form.mapping_chosen
    found = preview_import(entity, parsed_of(form), mapping)
    name = form.cleaned_data["upload"].name
    return {"entity": entity, "mapping": mapping, "name": name, "preview": found, "carried": form.packed()}


def bring_in(form: UploadForm, user: Any) -> ImportBatch:
    """Import the file that was looked at."""
    upload, entity = form.cleaned_data["upload"], form.cleaned_data["legal_entity"]
    mapping, at = form.mapping_chosen, timezone.now()
    parsed = parsed_of(form)
    return import_entries(entity, parsed, mapping, file_name=upload.name, data=upload.data, actor=user, at=at)


def standing_of(batch: ImportBatch) -> dict[str, Any]:
    """Entries and quantity of an import, state by state, and how many can be submitted."""
    entries = Entry.objects.filter(import_batch=batch)
    states = entries.order_by().values("status", "unit").annotate(count=Count("pk"), quantity=Sum("quantity"))
    return {"states": states.order_by("status", "unit"), "submittable": entries.submittable().count()}
