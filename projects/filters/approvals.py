"""What an approver may filter the inbox by."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from projects.models import Approval, Project
from projects.states import TransactionClass

FLAGGED = [("yes", _("flagged")), ("no", _("not flagged"))]


def _projects(request: Any) -> QuerySet[Any]:
    return Project.objects.managed_by(request.user).filter(entries__approvals__status="submitted").distinct()


class SearchFilter(django_filters.FilterSet):
    """Search in names and descriptions."""

    q = django_filters.CharFilter(method="search", label=_("Search person or description"))

    def search(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        words = Q(entry__resource__name__icontains=value) | Q(entry__description__icontains=value)
        return rows.filter(words | Q(entry__external_description__icontains=value))


class ApprovalFilter(SearchFilter):
    """Search in names and descriptions; project, class, and whether anything is worth a second look."""

    project = django_filters.ModelChoiceFilter(
        field_name="entry__project", queryset=_projects, label=_("Project is")
    )
    kind = django_filters.ChoiceFilter(
        field_name="entry__transaction_class", choices=TransactionClass.reported(), label=_("Class is")
    )
    flag = django_filters.ChoiceFilter(choices=FLAGGED, method="flagged", label=_("Entry is"))

    class Meta:
        model = Approval
        fields: list[str] = []

    def flagged(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        return rows.flagged() if value == "yes" else rows.unflagged()
