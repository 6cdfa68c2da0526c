"""By what retainers can be filtered."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.filters.backlog import ManagerFilter, currency_filter
from billing.models import Retainer
from billing.states import RetainerStatus

KINDS = [("invoiced", _("Invoiced")), ("scheduled", _("Not invoiced yet")), ("left", _("With a balance"))]


class AdvanceFilter(filters.FilterSet):
    """Retainers, one row each; a series has a row for every date."""

    q = filters.CharFilter(label=_("Search advances"), method="search", max_length=80)
    kind = filters.ChoiceFilter(label=_("Advance is"), method="of_kind", choices=KINDS, empty_label=_("any"))
    manager = ManagerFilter(prefix="contract__")
    since = filters.DateFilter(label=_("Invoice date from"), field_name="invoice_on", lookup_expr="gte")
    to = filters.DateFilter(label=_("Invoice date up to"), field_name="invoice_on", lookup_expr="lte")
    status = filters.ChoiceFilter(label=_("Status is"), choices=RetainerStatus.choices, empty_label=_("any"))
    contract = filters.CharFilter(
        label=_("Contract is"), field_name="contract__number", lookup_expr="iexact", max_length=20
    )
    customer = filters.CharFilter(label=_("Customer is"), method="of_customer", max_length=80)
    currency = currency_filter("contract__currency")

    class Meta:
        model = Retainer
        fields: list[str] = []

    def search(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Words of the advance, the contract or the customer."""
        for word in value.split()[:5]:
            rows = rows.filter(
                Q(name__icontains=word)
                | Q(customer__name__icontains=word)
                | Q(contract__number__icontains=word)
                | Q(contract__name__icontains=word)
            )
        return rows

    def of_kind(self, rows: Any, _name: str, value: str) -> QuerySet[Any]:
        """Invoiced, still to come, or with something left."""
        kinds = {"invoiced": rows.invoiced, "scheduled": rows.scheduled, "left": rows.with_balance}
        return kinds[value]()

    def of_customer(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """A customer by number or by part of the name."""
        return rows.filter(Q(customer__number__iexact=value) | Q(customer__name__icontains=value))
