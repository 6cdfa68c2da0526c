"""Import customers, projects, people and prices: download a template, look at the file, save it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.pages import FormPage, PageMixin
from core.refusals import Refusal, refuse_if
from core.spreadsheets import CSV_TYPE, XLSX_TYPE
from projects.forms.record_imports import RecordFileForm
from projects.importing_records import import_records
from projects.models import LegalEntity
from projects.new_person import NewPerson
from projects.price_setting import set_prices
from projects.record_files import KINDS, Kind, Table, read_table, template_of
from projects.record_plans import RecordPlan, plan_of
from projects.staffing import admit_people

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

    def get_form_kwargs(self) -> dict[str, Any]:
        user = self.user
        return super().get_form_kwargs() | {"user": user, "entities": LegalEntity.objects.visible_to(user)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [(self.kind.title, self.cancel_url), (self.title, "")]
        return super().get_context_data(crumbs=crumbs, kind=self.kind, **kwargs)

    def form_valid(self, form: RecordFileForm) -> HttpResponse:
        """Show what the file would do; save it once that was seen."""
        table, entity = self.table(form), form.cleaned_data["legal_entity"]
        if form.is_confirmed:
            return self.answer(lambda: self.save(entity, table, update=form.cleaned_data["update"]), form)
        plan = plan_of(self.kind.name, entity, table)
        context = self.get_context_data(form=form, plan=plan, shown=plan.names[:SHOWN], file=form.packed())
        return self.render_to_response(context)

    def table(self, form: RecordFileForm) -> Table:
        """What the file holds, read in the language of the page."""
        cleaned, language = form.cleaned_data, get_language() or ""
        return read_table(self.kind, cleaned["name"], cleaned["data"], language=language)

    def save(self, entity: LegalEntity, table: Table, *, update: bool) -> int:
        """Call the verb of the kind."""
        who: dict[str, Any] = {"actor": self.user, "at": timezone.now()}
        if self.kind.name in ("customers", "projects"):
            return import_records(self.kind.name, entity, table, update=update, **who)
        plan = plan_of(self.kind.name, entity, table)
        # Judged anew: what the file names may have gone since it was looked at.
        refuse_if(Refusal("row-error", str(error)) for error in plan.errors)
        if self.kind.name == "people":
            return len(admit_people(entity, [NewPerson(**person) for person in plan.new], **who))
        return set_prices(plan.price_list, prices_of(plan, update=update), **who)  # type: ignore[arg-type]


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


def prices_of(plan: RecordPlan, *, update: bool) -> list[Any]:
    """The prices to write: new ones, and old ones with their new terms where that was said."""
    changed = []
    for row, values in plan.changed if update else []:
        for name, value in values.items():
            setattr(row, name, value)
        changed.append(row)
    return [*plan.new, *changed]
