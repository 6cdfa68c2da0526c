"""By what customers, projects and people can be filtered."""

from typing import Any, ClassVar

import django_filters as filters
from django.contrib.auth.models import Group, User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from projects.models import Customer, Project

MOST_WORDS = 5


class RecordFilter(filters.FilterSet):
    """Search in words, and open or closed."""

    words: ClassVar[tuple[str, ...]] = ()
    q = filters.CharFilter(label=_("Search"), method="search", max_length=80)

    def search(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Rows that hold every word in one of their texts."""
        for word in value.split()[:MOST_WORDS]:
            held = Q(pk__in=[])
            for path in self.words:
                held |= Q(**{f"{path}__icontains": word})
            rows = rows.filter(held)
        return rows


class CustomerFilter(RecordFilter):
    words = ("number", "name", "short_name", "vat_id")
    state = filters.ChoiceFilter(
        label=_("State is"),
        method="in_state",
        choices=[("open", _("open")), ("held", _("on hold")), ("closed", _("closed"))],
        empty_label=_("any"),
    )
    country = filters.CharFilter(label=_("Country is"), lookup_expr="iexact", max_length=2)
    manager = filters.ChoiceFilter(
        label=_("Looked after by"), method="of_manager", choices=[("me", _("me"))], empty_label=_("anybody")
    )

    class Meta:
        model = Customer
        fields: ClassVar[list[str]] = []

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """On hold is open as well."""
        states = {"open": Q(is_closed=False), "held": Q(is_on_hold=True), "closed": Q(is_closed=True)}
        return rows.filter(states[value])

    def of_manager(self, rows: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        """The user's own customers."""
        return rows.filter(manager=self.request.user)


class ProjectFilter(RecordFilter):
    words = ("number", "name", "customer__name")
    state = filters.ChoiceFilter(
        label=_("State is"),
        method="in_state",
        choices=[("open", _("open")), ("closed", _("closed"))],
        empty_label=_("any"),
    )
    manager = filters.ChoiceFilter(
        label=_("Manager is"), method="of_manager", choices=[("me", _("me"))], empty_label=_("anybody")
    )
    customer = filters.CharFilter(label=_("Customer is"), method="of_customer", max_length=80)

    class Meta:
        model = Project
        fields: ClassVar[list[str]] = []

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(is_closed=value == "closed")

    def of_manager(self, rows: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        """The user's own projects."""
        return rows.filter(manager=self.request.user)

    def of_customer(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """A customer by number or by part of the name."""
        return rows.filter(Q(customer__number__iexact=value) | Q(customer__name__icontains=value))


class PersonFilter(RecordFilter):
    words = ("username", "first_name", "last_name", "email")
    state = filters.ChoiceFilter(
        label=_("Account is"),
        method="in_state",
        choices=[("open", _("open")), ("invited", _("not used yet")), ("closed", _("closed"))],
        empty_label=_("any"),
    )
    role = filters.ModelChoiceFilter(
        label=_("Role is"), field_name="groups", queryset=Group.objects.order_by("name")
    )

    class Meta:
        model = User
        fields: ClassVar[list[str]] = []

    def in_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        states = {
            "open": Q(is_active=True),
            "invited": Q(is_active=True, last_login=None),
            "closed": Q(is_active=False),
        }
        return rows.filter(states[value])
