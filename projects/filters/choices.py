"""By what billing roles, transaction categories and resources can be filtered."""

from typing import Any, ClassVar

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from projects.filters.records import RecordFilter
from projects.models import Resource, Role, TransactionCategory
from projects.states import TransactionClass


class ChoiceFilter(RecordFilter):
    """Search in words, and open or closed."""

    state = filters.ChoiceFilter(
        label=_("State is"),
        method="in_state",
        choices=[("open", _("open")), ("closed", _("closed"))],
        empty_label=_("any"),
    )

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(is_closed=value == "closed")


class RoleFilter(ChoiceFilter):
    words = ("name",)

    class Meta:
        model = Role
        fields: ClassVar[list[str]] = []


class CategoryFilter(ChoiceFilter):
    words = ("name",)
    kind = filters.ChoiceFilter(
        label=_("Class is"), field_name="transaction_class", choices=TransactionClass.choices
    )

    class Meta:
        model = TransactionCategory
        fields: ClassVar[list[str]] = []


class ResourceFilter(ChoiceFilter):
    words = ("code", "name", "user__username", "role__name")

    class Meta:
        model = Resource
        fields: ClassVar[list[str]] = []
