"""The life of work on one page: from the entry to the payment, and back from any of its rows (A10, X5)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.models import CustomerInvoice
from accounting.payment_states import payment_badge
from accounting.tracing import (
    Trace,
    TracedInvoice,
    lines_of_document,
    trace_of_entry,
    trace_of_work,
    traced_invoices,
)
from accounting.tracing_payments import payments_of
from billing.models import Proforma
from billing.views.proforma_corrections import corrections_of
from core.access import enters_admin
from core.pages import DetailPage
from projects.models import Entry, WorkItem
from projects.views.page_defaults import PageDefaults

SHOWN_LINES = 100
LONGEST_KEY = 18
PAYMENTS = "accounting.view_settlement"
BOOKS, COST, INVOICES, CONTRACTS, PROFORMAS = (
    "accounting.view_integrationjournalline",
    "projects.view_cost",
    "accounting.view_customerinvoice",
    "projects.view_projectcontract",
    "billing.view_proforma",
)
OF_ENTRY = ("legal_entity", "project", "task", "resource", "role", "category", "corrects", "corrected_by")
OF_WORK = ("project", "task", "resource", "role", "customer", "contract_line__contract", "approval")


class TracePage(PageDefaults, DetailPage):
    """What both pages show: the rows of the trace that this person may see."""

    template_name = "accounting/trace.html"

    def get_trace(self) -> Trace:
        """The trace of the object."""
        raise NotImplementedError

    def get_payments(self, traced: list[TracedInvoice]) -> dict[str, Any]:
        """How far the invoices among these are paid; what paid them is for those who see settlements.

        Invoices of contracts that this person does not see are left out.
        """
        invoices = [one.invoice for one in traced if one.invoice is not None]
        if not invoices or not self.may(INVOICES):
            return {}
        seen = CustomerInvoice.objects.visible_to(self.user).filter(pk__in=[one.pk for one in invoices])
        keys = set(seen.values_list("pk", flat=True))
        shown = [one for one in invoices if one.pk in keys]
        paid = {one.pk: payment_badge(one, self.today) for one in shown}
        for one in shown:
            one.payment = paid[one.pk]
        return {"payments": payments_of(shown) if self.may(PAYMENTS) and enters_admin(self.user) else []}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Cost for those who may see cost, journals and vouchers for those who read the books."""
        rights = {
            "may_see_cost": self.may(COST),
            "may_see_books": self.may(BOOKS) and enters_admin(self.user),
            "may_see_invoices": self.may(INVOICES),
            "may_see_contracts": self.may(CONTRACTS),
            "may_see_proformas": self.may(PROFORMAS),
        }
        crumbs = [(_("Trace"), ""), (str(self.object), "")]
        trace = self.get_trace()
        more = self.get_payments(trace.invoices)
        return super().get_context_data(trace=trace, crumbs=crumbs, **rights, **more, **kwargs)


class TraceReported(TracePage):
    """From an entry to all that came of it."""

    permission = "projects.view_entry"

    def get_queryset(self) -> Any:
        return Entry.objects.visible_to(self.user).select_related(*OF_ENTRY)

    def get_trace(self) -> Trace:
        return trace_of_entry(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(entry=self.object, **kwargs)


class TraceWork(TracePage):
    """From a fact back to the entry it came from; where there is none, all that came of the fact itself."""

    permission = "projects.view_backlogitem"

    def get_queryset(self) -> Any:
        return WorkItem.objects.visible_to(self.user).select_related(*OF_WORK)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was approved leads to its entry, which knows the whole chain."""
        self.object = self.get_object()
        approval = self.object.approval
        if approval is not None and Entry.objects.visible_to(self.user).filter(pk=approval.entry_id).exists():
            address = reverse("trace-entry", args=[approval.entry_id])
            return HttpResponseRedirect(f"{address}#work-{self.object.pk}")
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_trace(self) -> Trace:
        return trace_of_work(self.object)


class TraceDocument(TracePage):
    """From a proforma or its invoice to the work on it, its corrections, and what was paid."""

    template_name, permission = "accounting/trace_document.html", PROFORMAS
    slug_field = slug_url_kwarg = "number"

    def get_queryset(self) -> Any:
        return Proforma.objects.visible_to(self.user).with_net().select_related("contract", "customer")

    def get_trace(self) -> Trace:
        """The document, what it corrects, and what corrects it."""
        sides = corrections_of(self.object)
        corrected = sides.get("corrects", []), sides.get("corrected_by", [])
        return Trace([], traced_invoices([*corrected[0], self.object, *corrected[1]]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        after = self.request.GET.get("after", "")
        is_key = after.isascii() and after.isdecimal() and len(after) <= LONGEST_KEY
        lines, next_key = lines_of_document(self.object, int(after) if is_key else 0, SHOWN_LINES)
        # Work of a customer or a project that this person does not see has no page for them.
        about = [one.work_item_id for one in lines if one.work_item_id is not None]
        open_to = WorkItem.objects.visible_to(self.user).filter(pk__in=about).values_list("pk", flat=True)
        return super().get_context_data(
            lines=lines, next_key=next_key, is_first=not is_key, open_to=set(open_to), **kwargs
        )


class TraceInvoice(DetailPage):
    """The legal number of an invoice leads to the trace of its document."""

    permission, slug_field, slug_url_kwarg = INVOICES, "number", "number"

    def get_queryset(self) -> Any:
        visible = CustomerInvoice.objects.visible_to(self.user)
        return visible.select_related("proposal__proforma").defer("snapshot")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page of its document, which knows it and what corrects it."""
        number = self.object.proposal.proforma.number
        return HttpResponseRedirect(reverse("trace-document", args=[number]))
