"""Import customers, projects, people and prices: download a template, look at the file, save it."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.answering import REFUSED
from core.pages import FormPage, PageMixin
from core.refusals import Refusal, refuse_if
from core.spreadsheets import CSV_TYPE, XLSX_TYPE
from projects.forms.record_imports import RecordFileForm
from projects.importing_records import import_records
from projects.models import LegalEntity
from projects.plan_rows import RecordPlan
from projects.price_plans import lists_of
from projects.price_setting import save_price_lists
from projects.record_files import KINDS, Kind, Table, read_table, template_of
from projects.record_plans import plan_of
from projects.staffing import import_people

PERMISSIONS = {
    "customers": "projects.add_customer",
    "projects": "projects.add_project",
    "people": "auth.add_user",
    # Managers make lists of their own contracts alone; a file may name any list.
    "prices": "projects.add_roleprice",
}
LISTS = {"customers": "customers", "projects": "projects", "people": "people", "prices": "setup"}
TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}
SHOWN = 8
SET_UP = "setup"
DIFFERENCES_SHOWN = 200


class OfKind(PageMixin):
    """A page about the kind of file that the address names, for those who may add such rows."""

    @cached_property
    def kind(self) -> Kind:
        """The kind; 404 where there is none."""
        kind = KINDS.get(self.kwargs["kind"])
        if kind is None:
            raise Http404("there is no such kind of file")
        return kind

    def has_permission(self, obj: Any = None) -> bool:
        return self.may(PERMISSIONS[self.kind.name])


class ImportRecords(OfKind, FormPage):
    """Choose a file and look at it first; what was shown is what is saved, all of it or nothing."""

    title, form_class, template_name = _("Import a file"), RecordFileForm, "projects/record_import.html"
    success_message, submit_label = _("%(count)s saved"), _("Show preview")

    @property
    def cancel_url(self) -> str:
        """The list that the file adds to."""
        return reverse(LISTS[self.kind.name])

    @property
    def is_of_set_up(self) -> bool:
        """Whether the file was chosen in the list of the set-up, where success then leads back to."""
        return self.request.POST.get("from") == SET_UP

    def get_success_url(self) -> str:
        return reverse(SET_UP) if self.is_of_set_up else self.cancel_url

    def get_form_kwargs(self) -> dict[str, Any]:
        user = self.user
        return super().get_form_kwargs() | {"user": user, "entities": LegalEntity.objects.visible_to(user)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(self.kind.title, self.cancel_url), (self.title, "")]
        is_of_set_up = self.is_of_set_up
        return super().get_context_data(crumbs=crumbs, kind=self.kind, is_of_set_up=is_of_set_up, **kwargs)

    def form_valid(self, form: RecordFileForm) -> HttpResponse:
        """Show what the file would do; save it once that was seen."""
        table, entity = self.table(form), form.cleaned_data["legal_entity"]
        if form.is_confirmed:
            return self.answer(lambda: self.save(entity, table, update=form.cleaned_data["update"]), form)
        return self.render_to_response(self.get_context_data(form=form, **self.preview(form, update=True)))

    def refuse(self, refusals: Sequence[Refusal], form: Any = None, *, status: int = REFUSED) -> HttpResponse:
        """The reasons above the preview, so that the file need not be chosen again."""
        preview = self.preview(form, update=form.cleaned_data["update"])
        context = self.get_context_data(form=form, refusals=refusals, **preview)
        return self.render_to_response(context, status=status)

    def preview(self, form: RecordFileForm, *, update: bool) -> dict[str, Any]:
        """What the file would do, as it is shown before it is saved."""
        plan = plan_of(self.kind.name, form.cleaned_data["legal_entity"], self.table(form), self.user)
        return {"plan": plan, "file": form.packed(), "update": update, **shown_of(plan)}

    def table(self, form: RecordFileForm) -> Table:
        """What the file holds, read in the language of the page."""
        cleaned, language = form.cleaned_data, get_language() or ""
        return read_table(self.kind, cleaned["name"], cleaned["data"], language=language)

    def save(self, entity: LegalEntity, table: Table, *, update: bool) -> int:
        """Call the verb of the kind."""
        who: dict[str, Any] = {"actor": self.user, "at": timezone.now()}
        if self.kind.name in ("customers", "projects"):
            return import_records(self.kind.name, entity, table, update=update, **who)
        plan = plan_of(self.kind.name, entity, table, self.user)
        # Computed again: what the file names may have changed since the preview.
        refuse_if(Refusal("row-error", str(error)) for error in plan.errors)
        if self.kind.name == "people":
            known = [one.row for one in plan.changed] if update else []
            return import_people(entity, plan.new, known, **who)
        return save_price_lists(entity, lists_of(plan, update=update), **who)


class RecordTemplate(OfKind, PageMixin):
    """A file with the heads of a kind and one row as an example."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        file_format = self.kwargs["file_format"]
        if file_format not in TYPES:
            raise Http404("templates are CSV or XLSX")
        name = f"{self.kind.name}.{file_format}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        content = template_of(self.kind, file_format)
        return HttpResponse(content, content_type=TYPES[file_format], headers=headers)


def shown_of(plan: RecordPlan) -> dict[str, Any]:
    """The first rows of a plan, and how many more there are."""
    differences = plan.differences
    return {
        "shown": plan.names[:SHOWN],
        "differences": differences[:DIFFERENCES_SHOWN],
        "more_differences": max(len(differences) - DIFFERENCES_SHOWN, 0),
        "others": plan.others[:SHOWN],
    }
