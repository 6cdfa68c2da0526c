"""Invoice schedules, as they were written by the set-up of contracts."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.filters.runs import ScheduleFilter
from billing.models import InvoiceSchedule
from billing.tables.runs import ScheduleTable
from core.pages import ListPage, SavedView


class Schedules(ListPage):
    """When which line is invoiced next; written by the set-up of a contract."""

    permission, url_name = "billing.view_invoiceschedule", "schedules"
    title = _("Invoice schedules")
    purpose = _("When time and material is invoiced, and up to which day")
    refuses_unknown_names = True
    filterset_class, table_class = ScheduleFilter, ScheduleTable
    default_filter = "status=not_run&status=run_failed"
    saved_views = [
        SavedView(_("Not run yet"), "status=not_run&status=run_failed"),
        SavedView(_("Run failed"), "status=run_failed"),
        SavedView(_("Run successful"), "status=run_successful"),
        SavedView(_("All"), "all=1"),
    ]

    def get_queryset(self) -> QuerySet[InvoiceSchedule]:
        """Schedule rows of the user's contracts."""
        return InvoiceSchedule.objects.visible_to(self.user).select_related(
            "contract_line__contract__customer"
        )
