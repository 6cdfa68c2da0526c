"""What people may filter their own entries by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DaySpanFilter
from projects.models import Entry, Project
from projects.states import EntryStatus, TransactionClass


def _projects(request: Any) -> QuerySet[Any]:
    return Project.objects.filter(entries__resource__user=request.user).distinct()


class EntryFilter(django_filters.FilterSet):
    """Search in descriptions; status, project, dates."""

    q = django_filters.CharFilter(method="search", label=_("Search description"))
    kind = django_filters.MultipleChoiceFilter(
        field_name="transaction_class",
        choices=TransactionClass.reported(),
        label=_("Class is"),
    )
    status = django_filters.MultipleChoiceFilter(choices=EntryStatus.choices, label=_("Status is"))
    project = django_filters.ModelChoiceFilter(queryset=_projects, label=_("Project is"))
    date = DaySpanFilter(label=_("Date"))

    class Meta:
        model = Entry
        fields: list[str] = []

    def search(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(description__icontains=value) | Q(external_description__icontains=value))


class CostFilter(EntryFilter):
    """As entries, with or without a receipt."""

    receipt = django_filters.BooleanFilter(method="with_receipt", label=_("Has a receipt"))

    def with_receipt(self, rows: Any, name: str, value: bool) -> QuerySet[Any]:
        return rows.filter(receipt_count__gt=0) if value else rows.filter(receipt_count=0)
