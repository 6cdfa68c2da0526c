"""By what proforma invoices can be narrowed."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import Proforma
from billing.states import ProformaStatus
from projects.access import visible_contracts, visible_customers


def contracts_of(request: Any) -> QuerySet:
    """Contracts the reader may see."""
    return visible_contracts(request.user)


def customers_of(request: Any) -> QuerySet:
    """Customers the reader may see."""
    return visible_customers(request.user)


class ProformaFilter(django_filters.FilterSet):
    """Number, customer or contract in words; state, customer, contract, currency and invoice date."""

    q = django_filters.CharFilter(
        label=_("Search number, customer, contract or invoice"), method="search", max_length=100
    )
    status = django_filters.MultipleChoiceFilter(
        choices=ProformaStatus.choices, label=_("Status is"), widget=forms.CheckboxSelectMultiple
    )
    customer = django_filters.ModelChoiceFilter(queryset=customers_of, label=_("Customer is"))
    contract = django_filters.ModelChoiceFilter(queryset=contracts_of, label=_("Contract is"))
    currency = django_filters.CharFilter(lookup_expr="iexact", label=_("Currency is"), max_length=3)
    invoiced_from = django_filters.DateFilter(
        field_name="invoice_date",
        lookup_expr="gte",
        label=_("Invoice date from"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    invoiced_to = django_filters.DateFilter(
        field_name="invoice_date",
        lookup_expr="lte",
        label=_("Invoice date up to"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = Proforma
        fields: list[str] = []

    def search(self, rows: QuerySet, _name: str, words: str) -> QuerySet:
        """Every word stands somewhere in the number, the customer, the contract or the invoice number."""
        for word in words.split()[:8]:
            rows = rows.filter(
                Q(number__icontains=word)
                | Q(customer__name__icontains=word)
                | Q(contract__number__icontains=word)
                | Q(contract__name__icontains=word)
                | Q(customer_invoice_number__icontains=word)
            )
        return rows
