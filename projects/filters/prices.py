"""By what people look for price lists, and for work to price again."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from projects.models import PriceList
from projects.states import PriceContext, PriceListState


class PriceListFilter(django_filters.FilterSet):
    """Search in names and contracts; kind, currency, whether it holds today."""

    q = django_filters.CharFilter(method="search", label=_("Search name or contract"), max_length=80)
    context = django_filters.ChoiceFilter(
        choices=PriceContext.choices, label=_("Kind is"), empty_label=_("any")
    )
    state = django_filters.ChoiceFilter(
        choices=PriceListState.choices, label=_("State is"), empty_label=_("any")
    )
    currency = django_filters.CharFilter(lookup_expr="iexact", label=_("Currency is"), max_length=3)

    class Meta:
        model = PriceList
        fields: list[str] = []

    def search(self, rows: Any, _name: str, value: str) -> QuerySet[Any]:
        """Words of the name, or of the contract's number and name."""
        for word in value.split()[:5]:
            named = Q(name__icontains=word)
            rows = rows.filter(
                named | Q(contract__number__icontains=word) | Q(contract__name__icontains=word)
            )
        return rows
