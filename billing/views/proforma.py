"""One proforma: the editor of a draft, and the text of what is frozen."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from django_htmx.http import reselect, reswap, retarget

from billing.editing import Changes, edit_details
from billing.forms.draft import DetailForm
from billing.models import InvoiceLineDetail, Proforma
from billing.proforma_facts import facts_of, layout_of
from billing.removing import delete_drafts, remove_details
from billing.totalling import tax_estimates
from billing.views.proforma_detail import detail_context
from billing.views.removals import UndoableRemoval, going_back
from core.documents.document_data import document_data
from core.pages import DetailPage, FormPage, ObjectMixin
from core.pages.documents import shown_document
from core.pages.keep_mine import KeepMine
from core.pages.selection import keyed
from core.refusals import Refusal, refuse_if
from projects.models import ProjectContract
from projects.views.page_defaults import today_of

DRAFT, CONFIRM = "billing.draft_proforma", "billing.confirm_proforma"
RELATED = (
    *("contract__manager", "contract__payment_terms", "customer__payment_terms", "customer"),
    *("legal_entity", "sales_tax_group", "created_by", "confirmed_by"),
)
OF_DETAIL = (
    "line__proforma__customer",
    "line__proforma__contract",
    "line__contract_line",
    "actual__work_item__resource",
    "actual__work_item__role",
    "actual__work_item__task",
    "actual__work_item__category",
    "work_item__task",
    "work_item__category",
    "milestone_share__milestone",
    "replaces__corrects",
)

NOTHING_SELECTED = Refusal(
    "nothing-selected", _("No detail was ticked."), way_out=_("Tick the details to remove, then try again.")
)


class ProformaMixin(ObjectMixin):
    """A proforma by its number, among those of the contracts that the user manages (A2)."""

    slug_field = slug_url_kwarg = "number"

    def get_queryset(self) -> QuerySet[Proforma]:
        return Proforma.objects.changeable_by(self.user).select_related(*RELATED)

    @property
    def cancel_url(self) -> str:
        """The proforma itself."""
        return reverse("proforma", args=[self.kwargs["number"]])


class SeenMixin(ProformaMixin):
    """A proforma by its number, among those that the user may see."""

    def get_queryset(self) -> QuerySet[Proforma]:
        return Proforma.objects.visible_to(self.user).select_related(*RELATED)


class ProformaPage(SeenMixin, DetailPage):
    """Draft editor, or the text of what is frozen."""

    permission, template_name = "billing.view_proforma", "billing/proforma.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Details, checks and totals; what this user may do here."""
        contracts = ProjectContract.objects.filter(pk=self.object.contract_id)
        is_mine = contracts.managed_by(self.user).exists()
        asked = Proforma.objects.filter(pk=self.object.pk).asked_of(self.user)
        rights = {
            "draft": is_mine and self.may(DRAFT),
            "confirm": self.may(CONFIRM) and (is_mine or asked.exists()),
            # Who was asked to review it may see the proforma and not its contract.
            "contract": is_mine or contracts.visible_to(self.user).exists(),
        }
        context = detail_context(self.object, self.request.GET, user=self.user, today=today_of(self.request))
        return super().get_context_data(title=self.object.number, rights=rights, **context, **kwargs)


class DetailEdit(KeepMine, ProformaMixin, FormPage):
    """Terms and words of one detail; a page without script, a row of the table with it."""

    permission, title, form_class = DRAFT, _("Edit a detail"), DetailForm
    template_name = "billing/detail_edit.html"
    success_message = _("Saved. The totals are added up again.")

    @cached_property
    def detail(self) -> InvoiceLineDetail:
        """The detail the address names, of this proforma; 404 when it is not there."""
        rows = InvoiceLineDetail.objects.changeable_by(self.user).select_related(*OF_DETAIL)
        return get_object_or_404(rows, pk=self.kwargs["pk"], line__proforma__number=self.kwargs["number"])

    def get_object(self, queryset: QuerySet[Proforma] | None = None) -> Proforma:
        """The proforma of the detail."""
        return self.detail.line.proforma

    def get_form_kwargs(self) -> dict[str, Any]:
        """The detail, for its present values."""
        return super().get_form_kwargs() | {"detail": self.detail}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The detail and its proforma; the row alone where the table asked for it."""
        layout = "billing/row_layout.html" if self.request.htmx else "base.html"  # type: ignore[attr-defined]
        return super().get_context_data(detail=self.detail, object=self.object, layout=layout, **kwargs)

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        """The page, or its row put in place of the detail's, whatever the form had asked for."""
        response = super().render_to_response(context, **response_kwargs)
        row = f"#d{self.detail.pk}"
        if self.request.htmx:  # type: ignore[attr-defined]
            retarget(reswap(reselect(response, row), "outerHTML"), row)
        return response

    def form_valid(self, form: DetailForm) -> HttpResponse:
        """Change what was touched."""
        rows, changes = InvoiceLineDetail.objects.filter(pk=self.detail.pk), Changes(**form.changes())
        seen, user = {self.detail.pk: form.seen_values()}, self.user
        return self.answer(
            lambda: edit_details(rows, changes, seen=seen, actor=user, at=timezone.now()), form
        )

    def get_row(self) -> InvoiceLineDetail:
        """The detail as somebody else has saved it."""
        del self.detail
        return self.detail

    def get_success_url(self) -> str:
        """The page of the details that this one is on, at its row."""
        page = self.request.GET.get("page", "")
        return f"{self.cancel_url}{f'?page={page}' if page.isdecimal() else ''}#d{self.detail.pk}"


class LinesRemove(ProformaMixin, UndoableRemoval):
    """Take selected details off a draft."""

    permission, title, verb = DRAFT, _("Remove details"), remove_details
    success_message = ngettext_lazy(
        "%(count)s detail removed; what it held is ready to invoice again",
        "%(count)s details removed; what they held is ready to invoice again",
        "count",
    )

    def get_targets(self) -> QuerySet[InvoiceLineDetail]:
        """The ticked details of this proforma. Raises Refused where there are none."""
        details = InvoiceLineDetail.objects.visible_to(self.user).filter(line__proforma=self.object)
        ticked = details.filter(pk__in=keyed(details, self.request.POST.getlist("row")))
        refuse_if([] if ticked.exists() else [NOTHING_SELECTED])
        return ticked


class Delete(ProformaMixin, UndoableRemoval):
    """Delete one draft, after a page that names it."""

    permission, title, verb = DRAFT, _("Delete draft"), delete_drafts
    template_name, success_url = "billing/proforma_delete.html", reverse_lazy("proformas")
    success_message = _("Draft deleted; what it held is ready to invoice again")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """How much goes back."""
        details = InvoiceLineDetail.objects.filter(line__proforma=self.object)
        return super().get_context_data(going_back=going_back(details), **kwargs)


class Document(SeenMixin, DetailPage):
    """The proforma as PDF in the customer's language, marked as one on every page."""

    permission, title = "billing.view_proforma", _("Proforma as PDF")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Rendered on the spot: nothing of a proforma is final before its invoice."""
        proforma = self.object
        facts = facts_of(proforma, tax_estimates([proforma])[proforma.pk])
        data = document_data(facts, layout=layout_of(proforma))
        back = reverse("proforma", args=[proforma.number])
        return shown_document(request, data, proforma.number, title=self.title, back=back)
