"""Approved work that no contract line covers: it costs money and would never be billed (A3, #16)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from billing.filters.uncovered import UncoveredFilter
from billing.tables.uncovered import UncoveredTable
from core.money import ZERO
from core.pages import ListPage, ListTable, SavedView, Total
from core.templatetags.display import number, quantity
from projects.models import Approval
from projects.states import TransactionClass

COST = "projects.view_cost"


class Uncovered(ListPage):
    """Work on projects of customers first; internal work, which nobody pays, stands apart."""

    permission, url_name = "projects.view_projectcontract", "uncovered"
    title = _("Work no contract covers")
    purpose = _("Approved work that no contract line includes: it is not billed")
    refuses_unknown_names = True
    filterset_class, table_class = UncoveredFilter, UncoveredTable
    default_filter = "of=customers"
    saved_views = [
        SavedView(_("For customers"), "of=customers"),
        SavedView(_("Internal"), "of=internal"),
        SavedView(_("All"), "all=1"),
    ]
    amount_field, currency_field = "cost_amount", "cost_currency"

    def get_queryset(self) -> QuerySet[Approval]:
        related = ("entry__legal_entity", "entry__project__customer", "entry__task", "entry__role")
        rows = Approval.objects.visible_to(self.user).uncovered()
        return rows.select_related(*related, "entry__resource", "entry__category")

    def get_whole_table(self, **kwargs: Any) -> ListTable:
        """Without the cost for those who do not see what work costs."""
        hidden = () if self.may(COST) else ("cost_amount",)
        return super().get_whole_table(exclude=hidden, **kwargs)

    def get_totals(self, rows: Any) -> Sequence[Total]:
        """Cost per currency, for those who see it."""
        return super().get_totals(rows) if self.may(COST) else ()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"kpis": self.figures()}

    def figures(self) -> list[dict[str, Any]]:
        """How much there is in this view."""
        of_time = Q(entry__transaction_class=TransactionClass.TIME)
        sums = self.object_list.order_by().aggregate(
            entries=Count("pk"),
            hours=Sum("submitted_quantity", filter=of_time, default=ZERO),
            projects=Count("entry__project", distinct=True),
        )
        return [
            {"label": _("Entries"), "value": number(sums["entries"])},
            {"label": _("Hours"), "value": quantity(sums["hours"], "h")},
            {"label": _("Projects"), "value": number(sums["projects"])},
        ]
