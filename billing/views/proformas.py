"""The list of proforma invoices and what is done to several at once."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.filters.proformas import ProformaFilter
from billing.models import Proforma
from billing.querysets import ProformaQuerySet
from billing.removing import delete_drafts
from billing.states import ProformaStatus
from billing.tables.proformas import ProformaTable, with_details
from billing.views.money_list import MoneyList
from billing.views.removals import UndoableRemoval
from core.money import sum_by
from core.pages import Button, ConfirmedAction, ListTable, SavedView, SelectionAction
from core.templatetags.display import money
from projects.access import sees_whole_entity

DRAFT = "billing.draft_proforma"
OPEN = f"status={ProformaStatus.DRAFT}&status={ProformaStatus.IN_REVIEW}"


class Proformas(MoneyList):
    """Tabs by status with counts; drafts and what is in review unless asked for more."""

    permission, url_name = "billing.view_proforma", "proformas"
    title, purpose = _("Proforma invoices"), _("Invoices before accounting posts them")
    filterset_class, table_class = ProformaFilter, ProformaTable
    template_name = "billing/proformas.html"
    amount_field, net_field, default_filter = "gross_amount", "net", OPEN
    buttons = [
        Button(_("Delete drafts"), "proformas-delete", DRAFT),
        Button(_("Submit for review"), "proformas-review", DRAFT, key="r"),
        Button(
            _("Confirm"),
            "proformas-confirm",
            "billing.confirm_proforma",
            key="c",
            primary=True,
            one=_("Confirm {count} proforma, {sums}"),
            many=_("Confirm {count} proformas, {sums}"),
        ),
    ]

    def get_queryset(self) -> ProformaQuerySet:
        return Proforma.objects.visible_to(self.user).with_net()

    def with_details(self, rows: Any) -> QuerySet[Proforma]:
        """With parties, period and number of details."""
        return with_details(rows)

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """Ages up to today; who manages a contract is said to those who see several people's."""
        table = super().get_whole_table(**kwargs)
        table.today = self.today
        if not sees_whole_entity(self.user):
            table.columns.hide("manager")
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the way to deleted drafts for those who may put one back."""
        return super().get_context_data(may_draft=self.may(DRAFT), **kwargs)

    def get_saved_views(self) -> Sequence[SavedView]:
        """One tab per status, with how many there are."""
        return tabs_of(self.get_queryset(), self.user)


def tabs_of(rows: ProformaQuerySet, user: User) -> list[SavedView]:
    """Tabs by status, counted in one statement over everything the user may see, and what they are asked."""
    counts = dict(rows.order_by().values_list("status").annotate(count=Count("pk")))
    both = counts.get(ProformaStatus.DRAFT, 0) + counts.get(ProformaStatus.IN_REVIEW, 0)
    shown = [ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW, ProformaStatus.CONFIRMED, ProformaStatus.POSTED]
    return [
        SavedView(_("Open"), OPEN, both),
        SavedView(_("Asked of you"), "asked=me", rows.asked_of(user).count()),
        *(SavedView(status.label, f"status={status}", counts.get(status, 0)) for status in shown),
        SavedView(_("All"), "all=1", sum(counts.values())),
    ]


class DeleteSelected(ConfirmedAction, UndoableRemoval, SelectionAction):
    """Delete selected drafts, after showing which."""

    permission, title, list_page = DRAFT, _("Delete drafts"), Proformas
    verb, template_name = delete_drafts, "billing/proformas_delete.html"
    success_message = ngettext_lazy(
        "%(count)s draft deleted; what it held is ready to invoice again",
        "%(count)s drafts deleted; what they held is ready to invoice again",
        "count",
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The drafts by name, with how many details go back and what they are worth."""
        rows = self.targets.with_net().select_related("customer", "contract")
        proformas = list(rows.annotate(details=Count("lines__details")).order_by("number"))
        sums = sum_by((one.currency, one.net) for one in proformas)
        return super().get_context_data(
            proformas=proformas,
            details=sum(one.details for one in proformas),
            amounts=", ".join(money(sums[currency], currency) for currency in sorted(sums)),
            **kwargs,
        )
