"""One proforma: the editor of a draft, and the text of what is frozen (UX 5.8)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_htmx.http import reselect, reswap, retarget

from billing.editing import Changes, delete_drafts, edit_details, remove_details, submit_for_review, take_back
from billing.forms.draft import DetailForm
from billing.models import InvoiceLineDetail, Proforma
from billing.proforma_facts import facts_of
from billing.totalling import tax_estimates
from billing.views.page_defaults import Chosen, Housed
from billing.views.proforma_detail import sheet_of
from core.documents.document_data import document_data
from core.documents.rendering import render_document
from core.pages import DetailPage, FormPage, Page
from core.pages.page import OfOne
from core.pages.selection import keyed
from core.refusals import Refusal, refuse_if

RELATED = ("contract__manager", "customer", "legal_entity", "sales_tax_group", "created_by", "confirmed_by")


class OfProforma(Housed, OfOne):
    """Share of the pages about one proforma."""

    def rows(self) -> QuerySet:
        """Proformas of the reader's contracts."""
        return Proforma.objects.visible_to(self.request.user).select_related(*RELATED)

    def back(self) -> str:
        """The proforma itself."""
        return reverse("proforma", args=[self.kwargs["number"]])


class ProformaPage(OfProforma, DetailPage):
    """Draft editor, or the text of what is frozen."""

    permission, template_name = "billing.view_proforma", "billing/proforma.html"

    def context(self) -> dict[str, Any]:
        """Sheet, checks and totals; what this reader may do here."""
        user, proforma = self.request.user, self.found()
        rights = {name: self.admits(user, f"billing.{name}_proforma") for name in ("draft", "confirm")}
        return {"title": proforma.number, "rights": rights, **sheet_of(proforma, self.request.GET, user)}


class DetailEdit(OfProforma, FormPage):
    """Terms and words of one detail; a page without script, a row of the table with it."""

    permission, title, form_class = "billing.draft_proforma", _("Edit a detail"), DetailForm
    template_name, success = "billing/detail_edit.html", _("Saved. The totals are added up again.")

    @cached_property
    def detail(self) -> InvoiceLineDetail:
        """The detail the address names, of this proforma; 404 when it is not there."""
        return detail_of(self.request.user, self.kwargs["number"], self.kwargs["pk"])

    def found(self) -> Proforma:
        """The proforma of the detail."""
        return self.detail.line.proforma

    def form_arguments(self) -> dict[str, Any]:
        """The detail, for its present values."""
        return {"detail": self.detail}

    def context(self) -> dict[str, Any]:
        """The detail and its proforma; the row alone where the table asked for it."""
        return {"detail": self.detail, "object": self.found(), "layout": layout_for(self.request)}

    def shown(self, *, status: int = 200, **extra: Any) -> HttpResponse:
        """The page, or its row put in place of the detail's."""
        return in_place(super().shown(status=status, **extra), self.request, f"#d{self.detail.pk}")

    def act(self, form: DetailForm) -> Any:
        """Change what was touched."""
        rows = InvoiceLineDetail.objects.filter(pk=self.detail.pk)
        changes = Changes(**form.changes())
        return edit_details(rows, changes, actor=self.request.user, at=timezone.now())

    def destination(self, result: Any) -> str:
        """The page of the sheet the detail is on, at its row."""
        page = self.request.GET.get("page", "")
        return f"{self.back()}{f'?page={page}' if page.isdecimal() else ''}#d{self.detail.pk}"


def detail_of(user: Any, number: str, pk: int) -> InvoiceLineDetail:
    """A visible detail of a proforma, with what its form and its page show."""
    rows = InvoiceLineDetail.objects.visible_to(user).select_related(
        "line__proforma__customer",
        "line__proforma__contract",
        "line__contract_line",
        "actual__work_item__resource",
        "actual__work_item__role",
        "milestone_share__milestone",
    )
    return get_object_or_404(rows, pk=pk, line__proforma__number=number)


def layout_for(request: HttpRequest) -> str:
    """Template around the form: a table row for htmx, the whole page else."""
    return "billing/row.html" if request.htmx else "base.html"


def in_place(response: HttpResponse, request: HttpRequest, row: str) -> HttpResponse:
    """Tell htmx to put an answer in place of a row, whatever the form had asked for."""
    if request.htmx:
        retarget(reswap(reselect(response, row), "outerHTML"), row)
    return response


class LinesRemove(OfProforma, Chosen):
    """Take selected details off a draft."""

    permission, title = "billing.draft_proforma", _("Remove details")
    success = _("%(count)s details removed; what they held is ready to invoice again")

    def targets(self) -> QuerySet:
        """The ticked details of this proforma."""
        details = InvoiceLineDetail.objects.visible_to(self.request.user).filter(line__proforma=self.found())
        return details.filter(pk__in=keyed(details, self.request.POST.getlist("row")))

    def act(self, targets: QuerySet, form: None) -> Any:
        """Remove them; an empty selection is said, not done."""
        refuse_if([] if targets.exists() else [NOTHING_SELECTED])
        return remove_details(targets, **self.arguments())


NOTHING_SELECTED = Refusal(
    "nothing-selected", _("No detail was ticked."), way_out=_("Tick the details to remove, then try again.")
)


class Review(OfProforma, Chosen):
    """Submit one draft for review."""

    permission, title = "billing.draft_proforma", _("Submit for review")
    verb, success = submit_for_review, _("Submitted for review")


class TakeBack(OfProforma, Chosen):
    """Work on a proforma in review again."""

    permission, title = "billing.draft_proforma", _("Take back")
    verb, success = take_back, _("Taken back from review")


class Delete(OfProforma, Chosen):
    """Delete one draft, after a page that names it."""

    permission, title, template_name = (
        "billing.draft_proforma",
        _("Delete draft"),
        "billing/proforma_delete.html",
    )
    verb, success = delete_drafts, _("Draft deleted; what it held is ready to invoice again")

    def context(self) -> dict[str, Any]:
        """The draft by name."""
        return {"object": self.found()}

    def destination(self, result: Any) -> str:
        """The list: the draft is gone."""
        return reverse("proformas")


class Document(OfProforma, Page):
    """The proforma as PDF in the customer's language, marked as one on every page."""

    permission, title = "billing.view_proforma", _("Proforma as PDF")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Rendered on the spot: nothing of a proforma is final before its invoice."""
        self.require(self.found())
        return printed(self.found())


def printed(proforma: Proforma) -> HttpResponse:
    """The document's bytes, shown in the browser under the proforma's number."""
    facts = facts_of(proforma, tax_estimates([proforma])[proforma.pk])
    response = HttpResponse(render_document(document_data(facts)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{proforma.number}.pdf"'
    return response
