"""Invoice schedules, as they were written by the set-up of contracts (UX 5.10)."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.filters.runs import ScheduleFilter
from billing.models import InvoiceSchedule
from billing.tables.runs import ScheduleTable
from billing.views.page_defaults import Housed
from core.pages import ListPage, SavedView


class Schedules(Housed, ListPage):
    """When which line is invoiced next; written by the set-up of a contract."""

    permission, url_name = "billing.view_invoiceschedule", "schedules"
    title = _("Invoice schedules")
    purpose = _("When time and material is invoiced, and up to which day")
    filterset_class, table_class = ScheduleFilter, ScheduleTable
    defaults = "status=not_run&status=run_failed"
    views = [
        SavedView(_("Not run yet"), "status=not_run&status=run_failed"),
        SavedView(_("Run failed"), "status=run_failed"),
        SavedView(_("Run successful"), "status=run_successful"),
        SavedView(_("All"), "all=1"),
    ]

    def rows(self) -> QuerySet:
        """Schedule rows of the reader's contracts."""
        return InvoiceSchedule.objects.visible_to(self.request.user).select_related(
            "contract_line__contract__customer"
        )
