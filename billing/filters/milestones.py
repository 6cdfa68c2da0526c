"""By what milestones can be filtered."""

from collections.abc import Callable
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.filters.backlog import OPEN, ManagerFilter, currency_filter
from billing.models import MilestoneShare
from billing.states import MilestoneStatus
from projects.views.page_defaults import today_of

CONTRACT = "milestone__contract_line__contract__"
OVERDUE, SOON, PROGRESS, STOPPED = "overdue", "soon", "progress", "blocked"
STATES = [
    (OPEN, _("Not invoiced")),
    (OVERDUE, _("Overdue, not ready")),
    (SOON, _("Due within 14 days")),
    (PROGRESS, _("By progress")),
    (STOPPED, _("Blocked")),
    *MilestoneStatus.choices,
]


class MilestoneFilter(filters.FilterSet):
    """Shares of fixed-price milestones, one per paying customer."""

    q = filters.CharFilter(label=_("Search milestones"), method="search", max_length=80)
    manager = ManagerFilter(prefix=CONTRACT)
    since = filters.DateFilter(label=_("Due from"), field_name="milestone__due_on", lookup_expr="gte")
    to = filters.DateFilter(label=_("Due up to"), field_name="milestone__due_on", lookup_expr="lte")
    status = filters.ChoiceFilter(label=_("Status is"), method="state", choices=STATES, empty_label=_("any"))
    contract = filters.CharFilter(
        label=_("Contract is"), field_name=f"{CONTRACT}number", lookup_expr="iexact", max_length=20
    )
    customer = filters.CharFilter(label=_("Customer is"), method="of_customer", max_length=80)
    currency = currency_filter(f"{CONTRACT}currency")

    class Meta:
        model = MilestoneShare
        fields: list[str] = []

    def search(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Words of the milestone, the contract or the customer."""
        for word in value.split()[:5]:
            rows = rows.filter(
                Q(milestone__name__icontains=word)
                | Q(customer__name__icontains=word)
                | Q(**{f"{CONTRACT}number__icontains": word})
                | Q(**{f"{CONTRACT}name__icontains": word})
            )
        return rows

    def state(self, rows: Any, _name: str, value: str) -> QuerySet[Any]:
        """A stored state, or one that people ask for; what contract or customer stops is not ready."""
        today = today_of(self.request)
        asked: dict[str, Callable[[], QuerySet[Any]]] = {
            OPEN: rows.not_invoiced,
            OVERDUE: lambda: rows.overdue(today),
            SOON: lambda: rows.due_soon(today),
            PROGRESS: rows.by_progress,
            STOPPED: lambda: rows.not_invoiced().stopped(),
            MilestoneStatus.READY.value: rows.invoiceable,
        }
        return asked[value]() if value in asked else rows.filter(status=value)

    def of_customer(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """A customer by number or by part of the name."""
        return rows.filter(Q(customer__number__iexact=value) | Q(customer__name__icontains=value))
