"""What an approver may filter decisions and recall requests by."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.day_inputs import DaySpanFilter
from projects.filters.approvals import SearchFilter
from projects.models import Approval, Project
from projects.states import ApprovalStatus, TransactionClass

DECIDED = [one for one in ApprovalStatus.choices if one[0] != ApprovalStatus.SUBMITTED]


def _projects(request: Any) -> QuerySet[Any]:
    return Project.objects.managed_by(request.user)


class RecallFilter(SearchFilter):
    """Search in names and descriptions; project and class."""

    project = django_filters.ModelChoiceFilter(
        field_name="entry__project", queryset=_projects, label=_("Project is")
    )
    kind = django_filters.ChoiceFilter(
        field_name="entry__transaction_class", choices=TransactionClass.reported(), label=_("Class is")
    )

    class Meta:
        model = Approval
        fields: list[str] = []


class DecisionFilter(RecallFilter):
    """The same, by what was decided and by the date of the work."""

    status = django_filters.MultipleChoiceFilter(choices=DECIDED, label=_("Status is"))
    date = DaySpanFilter(field_name="entry__date", label=_("Date"))

    class Meta:
        model = Approval
        fields: list[str] = []
