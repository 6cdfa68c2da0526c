"""By what contracts can be filtered."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.contract_positions import nearly_used
from billing.filters.backlog import ManagerFilter, currency_filter
from projects.models import ProjectContract
from projects.states import ENDED_CONTRACTS, BillingMethod, ContractStatus


class ContractFilter(filters.FilterSet):
    """Deals with customers."""

    q = filters.CharFilter(label=_("Search contracts"), method="search", max_length=80)
    manager = ManagerFilter(prefix="")
    status = filters.ChoiceFilter(label=_("Status is"), choices=ContractStatus.choices, empty_label=_("any"))
    method = filters.ChoiceFilter(
        label=_("Method is"), method="billed_by", choices=BillingMethod.choices, empty_label=_("any")
    )
    open = filters.ChoiceFilter(
        label=_("Contract is"),
        method="not_ended",
        choices=[("1", _("not completed or lost"))],
        empty_label=_("any"),
    )
    limit = filters.ChoiceFilter(
        label=_("Limit is"),
        method="with_little_left",
        choices=[("80", _("used to 80% or more"))],
        empty_label=_("any"),
    )
    ends = filters.DateFilter(label=_("Ends up to"), field_name="ends_on", lookup_expr="lte")
    unscheduled = filters.ChoiceFilter(
        label=_("Schedule is"),
        method="without_run",
        choices=[("1", _("missing"))],
        empty_label=_("any"),
    )
    customer = filters.CharFilter(label=_("Customer is"), method="of_customer", max_length=80)
    currency = currency_filter()

    class Meta:
        model = ProjectContract
        fields: list[str] = []

    def search(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Words of the number, the title or the customer."""
        for word in value.split()[:5]:
            rows = rows.filter(
                Q(number__icontains=word) | Q(name__icontains=word) | Q(customer__name__icontains=word)
            )
        return rows

    def billed_by(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Contracts with a line of that method."""
        name = "bills_hours" if value == BillingMethod.TIME_AND_MATERIAL else "bills_milestones"
        return rows.filter(**{name: True})

    def not_ended(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Contracts that are drafts, in force or on hold."""
        return rows.exclude(status__in=ENDED_CONTRACTS)

    def with_little_left(self, rows: Any, _name: str, value: str) -> QuerySet[Any]:
        """Contracts that have used most of their own limit."""
        return nearly_used(rows)

    def without_run(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Contracts billed by the hour that no run will reach."""
        return rows.filter(bills_hours=True, next_run=None)

    def of_customer(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """A customer by number or by part of the name."""
        return rows.filter(Q(customer__number__iexact=value) | Q(customer__name__icontains=value))
