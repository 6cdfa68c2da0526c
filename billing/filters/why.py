"""By what can be filtered what is on no invoice: the reason first, then as its own list."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from billing.filters.backlog import BacklogFilter, ManagerFilter
from billing.filters.milestones import MilestoneFilter
from billing.states import NotInvoiced
from core.day_inputs import DaySpanFilter
from projects.models import ContractLine, Entry

OF_WORK = (
    NotInvoiced.CONTRACT_DRAFT,
    NotInvoiced.CONTRACT_ON_HOLD,
    NotInvoiced.CONTRACT_ENDED,
    NotInvoiced.PAYER_ON_HOLD,
    NotInvoiced.NO_PRICE,
    NotInvoiced.OVER_LIMIT,
    NotInvoiced.ON_HOLD,
    NotInvoiced.IN_PROCESS,
    NotInvoiced.NON_CHARGEABLE,
    NotInvoiced.COMPLIMENTARY,
    NotInvoiced.CLOSED_PERIOD,
    NotInvoiced.NOT_READY,
    NotInvoiced.RUN_FAILED,
    NotInvoiced.AFTER_CUT_OFF,
    NotInvoiced.WAITS_FOR_RUN,
    NotInvoiced.NOT_SCHEDULED,
    NotInvoiced.ON_DRAFT,
    NotInvoiced.IN_REVIEW,
)
OF_ENTRIES = (
    NotInvoiced.NOT_SUBMITTED,
    NotInvoiced.RETURNED,
    NotInvoiced.WAITS_FOR_APPROVAL,
    NotInvoiced.NOT_COVERED,
)
OF_MILESTONES = (
    NotInvoiced.CONTRACT_DRAFT,
    NotInvoiced.CONTRACT_ON_HOLD,
    NotInvoiced.CONTRACT_ENDED,
    NotInvoiced.PAYER_ON_HOLD,
    NotInvoiced.CLOSED_PERIOD,
    NotInvoiced.NOT_READY,
    NotInvoiced.RUN_FAILED,
    NotInvoiced.AFTER_CUT_OFF,
    NotInvoiced.WAITS_FOR_RUN,
    NotInvoiced.ON_DRAFT,
    NotInvoiced.IN_REVIEW,
    NotInvoiced.NOT_POSTED,
    NotInvoiced.INVOICED,
)


def _reason(codes: tuple[NotInvoiced, ...]) -> filters.ChoiceFilter:
    choices = [(one.value, one.label) for one in codes]
    return filters.ChoiceFilter(label=_("Reason is"), choices=choices, empty_label=_("any"))


class WhyWorkFilter(BacklogFilter):
    """Approved work by the first reason why it is on no invoice."""

    reason = _reason(OF_WORK)


class WhyMilestoneFilter(MilestoneFilter):
    """Milestone shares by the first reason why they are on no invoice."""

    reason = _reason(OF_MILESTONES)


class WhyReportedFilter(filters.FilterSet):
    """Work that is not approved, or that no contract covers."""

    q = filters.CharFilter(label=_("Search entries"), method="search", max_length=80)
    reason = _reason(OF_ENTRIES)
    manager = ManagerFilter(prefix="project__")
    contract = filters.CharFilter(label=_("Contract is"), method="of_contract", max_length=20)
    project = filters.CharFilter(
        label=_("Project is"), field_name="project__number", lookup_expr="iexact", max_length=20
    )
    date = DaySpanFilter(field_name="date", label=_("Date"))

    class Meta:
        model = Entry
        fields: list[str] = []

    def search(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Words of the description, the person, the project or the customer."""
        for word in value.split()[:5]:
            rows = rows.filter(
                Q(description__icontains=word)
                | Q(external_description__icontains=word)
                | Q(resource__name__icontains=word)
                | Q(project__number__icontains=word)
                | Q(project__name__icontains=word)
                | Q(project__customer__name__icontains=word)
            )
        return rows

    def of_contract(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Work on the projects that a contract has lines for."""
        lines = ContractLine.objects.filter(contract__number__iexact=value)
        return rows.filter(project__in=lines.order_by().values("project"))
