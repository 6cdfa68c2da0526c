"""By what people look for work to correct, and for journals of corrections."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DaySpanFilter
from projects.models import CorrectionJournal, Entry, Project, Resource
from projects.states import TransactionClass

ENTRY_CLASSES = TransactionClass.reported()


def _projects(request: Any) -> QuerySet[Any]:
    return Project.objects.visible_to(request.user).order_by("number")


def _people(request: Any) -> QuerySet[Any]:
    return Resource.objects.visible_to(request.user).order_by("name")


class CorrectableFilter(django_filters.FilterSet):
    """Search in descriptions; project, person, class, dates."""

    q = django_filters.CharFilter(method="search", label=_("Search description"))
    project = django_filters.ModelChoiceFilter(queryset=_projects, label=_("Project is"))
    resource = django_filters.ModelChoiceFilter(queryset=_people, label=_("Person is"))
    kind = django_filters.ChoiceFilter(
        field_name="transaction_class", choices=ENTRY_CLASSES, label=_("Class is")
    )
    date = DaySpanFilter()

    class Meta:
        model = Entry
        fields: list[str] = []

    def search(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        return rows.filter(Q(description__icontains=value) | Q(external_description__icontains=value))


class CorrectionFilter(django_filters.FilterSet):
    """Search in reasons; when it was posted."""

    q = django_filters.CharFilter(field_name="reason", lookup_expr="icontains", label=_("Search reason"))
    created_at = DaySpanFilter(label=_("Posted"))

    class Meta:
        model = CorrectionJournal
        fields: list[str] = []
