"""What people may filter their own entries by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from projects.models import Entry, Project
from projects.states import EntryStatus


def _projects(request: Any) -> QuerySet[Any]:
    return Project.objects.filter(entries__resource__user=request.user).distinct()


class EntryFilter(django_filters.FilterSet):
    """Search in descriptions; status, project, dates."""

    q = django_filters.CharFilter(method="search", label=_("Search description"))
    status = django_filters.MultipleChoiceFilter(choices=EntryStatus.choices, label=_("Status is"))
    project = django_filters.ModelChoiceFilter(queryset=_projects, label=_("Project is"))
    date = django_filters.DateFromToRangeFilter(
        label=_("Date"), widget=django_filters.widgets.DateRangeWidget(attrs={"type": "date"})
    )

    class Meta:
        model = Entry
        fields: list[str] = []

    def search(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(description__icontains=value) | Q(external_description__icontains=value))
