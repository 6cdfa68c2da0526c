"""By what proforma invoices can be filtered."""

from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.filters.backlog import ME, ManagerFilter, currency_filter
from billing.models import Proforma
from billing.querysets import ProformaQuerySet
from billing.states import ProformaStatus


class ProformaFilter(django_filters.FilterSet):
    """Number, customer or contract in words; state, customer, contract, currency and invoice date."""

    q = django_filters.CharFilter(
        label=_("Search number, customer, contract or invoice"), method="search", max_length=100
    )
    status = django_filters.MultipleChoiceFilter(
        choices=ProformaStatus.choices, label=_("Status is"), widget=forms.CheckboxSelectMultiple
    )
    manager = ManagerFilter()
    asked = django_filters.ChoiceFilter(
        label=_("Review asked of"), choices=[(ME, _("me"))], empty_label=_("anybody"), method="asked_of_me"
    )
    contract = django_filters.CharFilter(
        label=_("Contract is"), field_name="contract__number", lookup_expr="iexact", max_length=20
    )
    customer = django_filters.CharFilter(
        label=_("Customer has"), field_name="customer__name", lookup_expr="icontains", max_length=80
    )
    currency = currency_filter()
    run = django_filters.NumberFilter(
        label=_("Made by run"), method="made_by_run", min_value=1, max_value=2**31 - 1
    )
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

    def asked_of_me(self, rows: ProformaQuerySet, _name: str, _value: str) -> ProformaQuerySet:
        """Those that wait for this user's answer."""
        return rows.asked_of(self.request.user)

    def made_by_run(self, rows: QuerySet[Any], _name: str, run: Decimal) -> QuerySet[Any]:
        """What a run drafted."""
        return rows.filter(pk__in=Proforma.objects.made_by(int(run)).values("pk"))

    def search(self, rows: QuerySet[Any], _name: str, words: str) -> QuerySet[Any]:
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
