"""Opening balances from another system: the trial balance and the open items, each looked at first (C13)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounting.forms.opening import OpeningFileForm
from accounting.journal_voucher_checks import reasons_against_vouchers
from accounting.models import FiscalPeriod
from accounting.opening_checks import reasons_against_opening
from accounting.opening_files import BALANCES, ITEMS, KINDS, OpeningPlan, balances_in, items_in, sums_of
from accounting.opening_items import enter_opening_items
from accounting.posting_context import PostingContext
from accounting.writing_vouchers import write_journal_vouchers
from core.answering import REFUSED
from core.money import ZERO
from core.pages import FormPage, PageMixin
from core.refusals import Refusal, refuse_if
from core.spreadsheets import CSV_TYPE, XLSX_TYPE
from projects.models import LegalEntity
from projects.record_files import Kind, Table, read_table, template_of
from projects.views.page_defaults import PageDefaults

PERMISSION = "accounting.enter_opening_items"
TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}
ADDRESSES = {BALANCES: "opening-balances", ITEMS: "opening-items"}
LISTS = {
    BALANCES: "admin:accounting_journalvoucher_changelist",
    ITEMS: "admin:accounting_openingitem_changelist",
}


class OpeningFile(PageDefaults, FormPage):
    """Choose a file and look at it first; what was shown is what is saved, all of it or nothing."""

    permission, title, form_class = PERMISSION, _("Bring in opening balances"), OpeningFileForm
    template_name, submit_label = "accounting/opening.html", _("Show preview")
    success_message = _("%(count)s saved")
    kind_name = BALANCES

    @property
    def kind(self) -> Kind:
        """The kind of file of this address."""
        return KINDS[self.kind_name]

    @property
    def cancel_url(self) -> str:
        """The list that the file adds to."""
        return reverse(LISTS[self.kind_name])

    def get_success_url(self) -> str:
        return self.cancel_url

    def get_form_kwargs(self) -> dict[str, Any]:
        entities = LegalEntity.objects.visible_to(self.user).order_by("pk")
        periods = FiscalPeriod.objects.filter(legal_entity=entities.first())
        first = periods.aggregate(first=Min("starts_on"))["first"]
        more = {"user": self.user, "entities": entities, "first_day": first}
        return super().get_form_kwargs() | more

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tabs = [
            {"label": KINDS[name].title, "url": reverse(address), "current": name == self.kind_name}
            for name, address in ADDRESSES.items()
        ]
        return super().get_context_data(kind=self.kind, tabs=tabs, **kwargs)

    def form_valid(self, form: OpeningFileForm) -> HttpResponse:
        """Show what the file would do; save it once that was seen."""
        if form.is_confirmed:
            return self.answer(lambda: self.save(form), form)
        return self.render_to_response(self.get_context_data(form=form, **self.preview(form)))

    def refuse(self, refusals: Sequence[Refusal], form: Any = None, *, status: int = REFUSED) -> HttpResponse:
        """The reasons above the preview, so that the file need not be chosen again."""
        context = self.get_context_data(form=form, **(self.preview(form) | {"refusals": refusals}))
        return self.render_to_response(context, status=status)

    def preview(self, form: OpeningFileForm) -> dict[str, Any]:
        """What the file would do, with every reason against it, as it is shown before it is saved."""
        plan, entity, on = self.plan(form), form.cleaned_data["legal_entity"], form.cleaned_data["on"]
        context, refusals = self.context_of(form), []
        if not plan.errors and plan.voucher is not None:
            refusals = list(reasons_against_vouchers([plan.voucher], {entity.pk: context}))
        elif not plan.errors:
            refusals = list(reasons_against_opening(plan.items, context, on))
        voucher_lines = plan.voucher.lines if plan.voucher else []
        debits = sum((one.amount for one in voucher_lines if one.amount > ZERO), ZERO)
        return {
            "plan": plan,
            "file": form.packed(),
            "count": len(plan.items) or len(voucher_lines),
            "sums": sums_of(plan.items) or [(entity.currency, debits)],
            "refusals": refusals,
        }

    def table(self, form: OpeningFileForm) -> Table:
        """What the file holds, read in the language of the page."""
        cleaned, language = form.cleaned_data, get_language() or ""
        return read_table(self.kind, cleaned["name"], cleaned["data"], language=language)

    @cached_property
    def contexts(self) -> dict[int, PostingContext]:
        """Books by the key of their company, each read once."""
        return {}

    def context_of(self, form: OpeningFileForm) -> PostingContext:
        """The books of the company that was chosen."""
        entity = form.cleaned_data["legal_entity"]
        if entity.pk not in self.contexts:
            self.contexts[entity.pk] = PostingContext.of(entity)
        return self.contexts[entity.pk]

    def plan(self, form: OpeningFileForm) -> OpeningPlan:
        """What the rows of the file mean."""
        entity, table = form.cleaned_data["legal_entity"], self.table(form)
        if self.kind_name == ITEMS:
            return items_in(table, entity)
        return balances_in(table, entity, form.cleaned_data["on"], self.context_of(form))

    def save(self, form: OpeningFileForm) -> int:
        """Call the verb of the kind; what the file names may have changed since the preview."""
        plan = self.plan(form)
        who: dict[str, Any] = {"actor": self.user, "at": timezone.now()}
        way_out = str(_("Correct the file, then upload it again."))
        refuse_if(Refusal("row-error", str(error), way_out=way_out) for error in plan.errors)
        if self.kind_name == ITEMS:
            entity, on = form.cleaned_data["legal_entity"], form.cleaned_data["on"]
            return len(enter_opening_items(entity, plan.items, on=on, **who))
        vouchers = [plan.voucher] if plan.voucher is not None else []
        return len(write_journal_vouchers(vouchers, **who))


class OpeningTemplate(PageDefaults, PageMixin):
    """A file with the heads of a kind and one row as an example."""

    permission = PERMISSION

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kind, file_format = KINDS.get(self.kwargs["kind"]), self.kwargs["file_format"]
        if kind is None or file_format not in TYPES:
            raise Http404("templates are CSV or XLSX")
        headers = {"Content-Disposition": f'attachment; filename="opening-{kind.name}.{file_format}"'}
        return HttpResponse(template_of(kind, file_format), content_type=TYPES[file_format], headers=headers)
