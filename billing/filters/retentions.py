"""By what retentions can be filtered."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.filters.backlog import ManagerFilter, currency_filter
from billing.models import Retention
from projects.views.page_defaults import today_of

KINDS = [("open", _("open")), ("due", _("due for release"))]


class RetentionFilter(filters.FilterSet):
    """Retentions of confirmed proformas, one row each."""

    q = filters.CharFilter(label=_("Search retentions"), method="search", max_length=80)
    kind = filters.ChoiceFilter(
        label=_("Retention is"), method="of_kind", choices=KINDS, empty_label=_("any")
    )
    manager = ManagerFilter(prefix="line__proforma__contract__")
    to = filters.DateFilter(label=_("Release up to"), field_name="release_on", lookup_expr="lte")
    contract = filters.CharFilter(
        label=_("Contract is"),
        field_name="line__proforma__contract__number",
        lookup_expr="iexact",
        max_length=20,
    )
    currency = currency_filter("line__proforma__currency")

    class Meta:
        model = Retention
        fields: list[str] = []

    def search(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Words of the invoice, the contract or the customer."""
        for word in value.split()[:5]:
            rows = rows.filter(
                Q(line__proforma__number__icontains=word)
                | Q(line__proforma__customer_invoice_number__icontains=word)
                | Q(line__proforma__contract__name__icontains=word)
                | Q(line__proforma__customer__name__icontains=word)
            )
        return rows

    def of_kind(self, rows: Any, _name: str, value: str) -> QuerySet[Any]:
        """Open, or due for release on the reader's day."""
        asked: QuerySet[Any] = rows.filter(open_amount__gt=0)
        return asked if value == "open" else asked.filter(release_on__lte=today_of(self.request))
