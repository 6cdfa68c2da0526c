"""The list of proforma invoices and what is done to several at once (UX 5.7)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.editing import delete_drafts, submit_for_review, take_back
from billing.filters.proformas import ProformaFilter
from billing.models import Proforma
from billing.states import ProformaStatus
from billing.tables.proformas import ProformaTable, with_details
from billing.views.page_defaults import Asking, Chosen, MoneyList, today_of
from core.pages import Button, SavedView
from projects.access import sees_whole_entity

OPEN = f"status={ProformaStatus.DRAFT}&status={ProformaStatus.IN_REVIEW}"


class Proformas(MoneyList):
    """Tabs by status with counts; drafts and what is in review unless asked for more."""

    permission, url_name = "billing.view_proforma", "proformas"
    title, purpose = _("Proforma invoices"), _("What customers will be asked to pay, until it is posted")
    filterset_class, table_class = ProformaFilter, ProformaTable
    amount_field, defaults = "gross_amount", OPEN
    buttons = [
        Button(_("Delete drafts"), "proformas-delete", "billing.draft_proforma"),
        Button(_("Submit for review"), "proformas-review", "billing.draft_proforma", key="r"),
        Button(_("Confirm"), "proformas-confirm", "billing.confirm_proforma", key="c", primary=True),
    ]

    def rows(self) -> QuerySet:
        """Proformas of the reader's contracts."""
        return Proforma.objects.visible_to(self.request.user)

    def displayed(self, rows: QuerySet) -> QuerySet:
        """With parties, period and number of details."""
        return with_details(rows)

    def table(self, rows: QuerySet, asked: Any) -> ProformaTable:
        """As it is for this reader."""
        return read_by(super().table(rows, asked), self.request)

    def saved_views(self) -> Sequence[SavedView]:
        """One tab per status, with how many there are."""
        return tabs_of(self.rows())


def read_by(table: ProformaTable, request: HttpRequest) -> ProformaTable:
    """Ages up to the reader's today; who manages a contract is said to those who see several people's."""
    table.today = today_of(request)
    if not sees_whole_entity(request.user):
        table.columns.hide("manager")
    return table


def tabs_of(rows: QuerySet) -> list[SavedView]:
    """Tabs by status, counted in one statement over everything the reader may see."""
    counts = dict(rows.order_by().values_list("status").annotate(count=Count("pk")))
    both = counts.get(ProformaStatus.DRAFT, 0) + counts.get(ProformaStatus.IN_REVIEW, 0)
    shown = [ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW, ProformaStatus.CONFIRMED, ProformaStatus.POSTED]
    return [
        SavedView(_("Open"), OPEN, both),
        *(SavedView(status.label, f"status={status}", counts.get(status, 0)) for status in shown),
        SavedView(_("All"), "all=1", sum(counts.values())),
    ]


class SubmitSelected(Chosen):
    """Submit what was selected for review."""

    permission, title, list_page = "billing.draft_proforma", _("Submit for review"), Proformas
    verb, success, inverse = submit_for_review, _("%(count)s submitted for review"), "proformas-take-back"


class TakeBackSelected(Chosen):
    """Take what was selected back from review."""

    permission, title, list_page = "billing.draft_proforma", _("Take back"), Proformas
    verb, success = take_back, _("%(count)s taken back from review")


class DeleteSelected(Asking):
    """Delete selected drafts, after showing which."""

    permission, title, list_page = "billing.draft_proforma", _("Delete drafts"), Proformas
    verb, success = delete_drafts, _("%(count)s drafts deleted; what they held is ready to invoice again")
    template_name = "billing/proformas_delete.html"

    def context(self) -> dict[str, Any]:
        """The drafts by name."""
        return {**super().context(), "proformas": self.targets().select_related("customer", "contract")}
