"""What people may filter work without a contract by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DaySpanFilter
from projects.models import Approval, Customer, Project, Resource
from projects.states import TransactionClass

WHOSE = [("customers", _("of a customer")), ("internal", _("internal"))]


def _projects(request: Any) -> QuerySet[Any]:
    return Project.objects.visible_to(request.user).order_by("number")


def _customers(request: Any) -> QuerySet[Any]:
    return Customer.objects.visible_to(request.user).order_by("name")


def _people(request: Any) -> QuerySet[Any]:
    return Resource.objects.visible_to(request.user).order_by("name")


class UncoveredFilter(django_filters.FilterSet):
    """Search in descriptions; whose project, customer, project, person, class, dates."""

    q = django_filters.CharFilter(method="search", label=_("Search description"))
    of = django_filters.ChoiceFilter(choices=WHOSE, method="whose", label=_("Project is"))
    customer = django_filters.ModelChoiceFilter(
        field_name="entry__project__customer", queryset=_customers, label=_("Customer is")
    )
    project = django_filters.ModelChoiceFilter(
        field_name="entry__project", queryset=_projects, label=_("Work is on")
    )
    person = django_filters.ModelChoiceFilter(
        field_name="entry__resource", queryset=_people, label=_("Person is")
    )
    kind = django_filters.MultipleChoiceFilter(
        field_name="entry__transaction_class",
        choices=TransactionClass.reported(),
        label=_("Kind is"),
    )
    date = DaySpanFilter(field_name="entry__date", label=_("Date"))

    class Meta:
        model = Approval
        fields: list[str] = []

    def search(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        described = Q(entry__description__icontains=value)
        return rows.filter(described | Q(entry__external_description__icontains=value))

    def whose(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        return rows.filter(entry__project__customer__isnull=value == "internal")
