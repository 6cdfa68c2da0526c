"""The life of work on one page: from the entry to the voucher, and back from any of its rows (A10)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounting.tracing import Trace, trace_of_entry, trace_of_work
from core.access import enters_admin
from core.pages import DetailPage
from projects.models import Entry, WorkItem

BOOKS, COST, INVOICES, CONTRACTS, PROFORMAS = (
    "accounting.view_integrationjournalline",
    "projects.view_cost",
    "accounting.view_customerinvoice",
    "projects.view_projectcontract",
    "billing.view_proforma",
)
OF_ENTRY = ("legal_entity", "project", "task", "resource", "role", "category", "corrects", "corrected_by")
OF_WORK = ("project", "task", "resource", "role", "customer", "contract_line__contract", "approval")


class TracePage(DetailPage):
    """What both pages show: the rows of the trace that this person may see."""

    template_name = "accounting/trace.html"

    def get_trace(self) -> Trace:
        """The trace of the object."""
        raise NotImplementedError

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
        return super().get_context_data(trace=self.get_trace(), crumbs=crumbs, **rights, **kwargs)


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
