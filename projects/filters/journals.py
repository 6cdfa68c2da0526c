"""By what people look for actuals and for the journals that accountants write."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DaySpanFilter
from projects.models import Actual, CancellationJournal, EntryJournal, Project, Resource
from projects.states import (
    ActualBillingStatus,
    AdjustmentStatus,
    BillingType,
    CancellationStatus,
    EntryJournalStatus,
    EventKind,
    TransactionClass,
    TransactionType,
)

BILLING_STATUSES = [(one.value, one.label) for one in ActualBillingStatus if one.value]
ADJUSTMENT_STATUSES = [(one.value, one.label) for one in AdjustmentStatus if one.value]


def _projects(request: Any) -> QuerySet[Any]:
    return Project.objects.visible_to(request.user).order_by("number")


def _people(request: Any) -> QuerySet[Any]:
    return Resource.objects.visible_to(request.user).order_by("name")


class ActualFilter(django_filters.FilterSet):
    """Search in descriptions; what it is, where it stands, what wrote it, whose it is, when."""

    q = django_filters.CharFilter(method="search", label=_("Search description"))
    type = django_filters.MultipleChoiceFilter(choices=TransactionType.choices, label=_("Type is"))
    kind = django_filters.MultipleChoiceFilter(
        field_name="work_item__transaction_class", choices=TransactionClass.choices, label=_("Class is")
    )
    billing_type = django_filters.MultipleChoiceFilter(
        choices=BillingType.choices, label=_("Billing type is")
    )
    billing = django_filters.MultipleChoiceFilter(
        field_name="billing_status", choices=BILLING_STATUSES, label=_("Billing status is")
    )
    adjustment = django_filters.MultipleChoiceFilter(
        field_name="adjustment_status", choices=ADJUSTMENT_STATUSES, label=_("Adjustment status is")
    )
    event = django_filters.ChoiceFilter(
        field_name="event__kind", choices=EventKind.choices, label=_("Written by")
    )
    project = django_filters.ModelChoiceFilter(
        field_name="work_item__project", queryset=_projects, label=_("Project is")
    )
    resource = django_filters.ModelChoiceFilter(
        field_name="work_item__resource", queryset=_people, label=_("Person is")
    )
    date = DaySpanFilter(field_name="work_item__transaction_date")

    class Meta:
        model = Actual
        fields: list[str] = []

    def search(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        own = Q(work_item__description__icontains=value)
        return rows.filter(own | Q(work_item__external_description__icontains=value))


class EntryJournalFilter(django_filters.FilterSet):
    """Search in reasons; where it stands, when it was begun."""

    q = django_filters.CharFilter(field_name="reason", lookup_expr="icontains", label=_("Search reason"))
    status = django_filters.MultipleChoiceFilter(choices=EntryJournalStatus.choices, label=_("Status is"))
    created_at = DaySpanFilter(label=_("Created"))

    class Meta:
        model = EntryJournal
        fields: list[str] = []


class CancellationFilter(django_filters.FilterSet):
    """Search in reasons; where it stands, when it was begun."""

    q = django_filters.CharFilter(field_name="reason", lookup_expr="icontains", label=_("Search reason"))
    status = django_filters.MultipleChoiceFilter(choices=CancellationStatus.choices, label=_("Status is"))
    created_at = DaySpanFilter(label=_("Created"))

    class Meta:
        model = CancellationJournal
        fields: list[str] = []
