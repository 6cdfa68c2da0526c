"""By what batch runs, their outcomes and invoice schedules can be filtered."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.models import BatchJob, BatchRun, InvoiceSchedule
from billing.states import RunStatus, RunTrigger, ScheduleStatus


def jobs_of(request: Any) -> QuerySet[Any]:
    """Jobs of the user's legal entities."""
    return BatchJob.objects.visible_to(request.user)


class RunFilter(django_filters.FilterSet):
    """Job, state, who started it, and the date it was for."""

    job = django_filters.ModelChoiceFilter(queryset=jobs_of, label=_("Job is"))
    status = django_filters.ChoiceFilter(choices=RunStatus.choices, label=_("Status is"))
    trigger = django_filters.ChoiceFilter(choices=RunTrigger.choices, label=_("Started"))
    business_date = django_filters.DateFilter(
        label=_("For the date"), widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = BatchRun
        fields: list[str] = []


class ScheduleFilter(django_filters.FilterSet):
    """Contract or line in words, contract, state and run date."""

    q = django_filters.CharFilter(
        label=_("Search contract, customer or line"), method="search", max_length=100
    )
    contract = django_filters.CharFilter(
        label=_("Contract is"),
        field_name="contract_line__contract__number",
        lookup_expr="iexact",
        max_length=20,
    )
    status = django_filters.MultipleChoiceFilter(
        choices=ScheduleStatus.choices, label=_("Status is"), widget=forms.CheckboxSelectMultiple
    )
    runs_from = django_filters.DateFilter(
        field_name="run_date",
        lookup_expr="gte",
        label=_("Run date from"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    runs_to = django_filters.DateFilter(
        field_name="run_date",
        lookup_expr="lte",
        label=_("Run date up to"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = InvoiceSchedule
        fields: list[str] = []

    def search(self, rows: QuerySet[Any], _name: str, words: str) -> QuerySet[Any]:
        """Every word stands somewhere in the contract, its customer or the line."""
        for word in words.split()[:8]:
            rows = rows.filter(
                Q(contract_line__contract__number__icontains=word)
                | Q(contract_line__contract__name__icontains=word)
                | Q(contract_line__contract__customer__name__icontains=word)
                | Q(contract_line__name__icontains=word)
            )
        return rows
