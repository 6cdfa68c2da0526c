"""Which billing rows a user may see; what a user may do is asked of projects.access."""

from typing import Any

from django.db.models import QuerySet

from billing.models import (
    BatchJob,
    BatchOutcome,
    BatchRun,
    InvoiceFrequency,
    InvoiceLineDetail,
    InvoiceSchedule,
    MilestoneShare,
    NumberSeries,
    Proforma,
)
from billing.querysets import (
    DetailQuerySet,
    MilestoneShareQuerySet,
    ProformaQuerySet,
    RunQuerySet,
    ScheduleQuerySet,
)
from projects import access
from projects.access import may, of_entities, visible_contracts, visible_entities


def visible_proformas(user: Any) -> ProformaQuerySet:
    """Proformas of the contracts a user may see."""
    return Proforma.objects.filter(contract__in=visible_contracts(user).values("pk"))


def visible_details(user: Any) -> DetailQuerySet:
    """Details of the proformas a user may see."""
    return InvoiceLineDetail.objects.filter(line__proforma__in=visible_proformas(user).values("pk"))


def visible_milestones(user: Any) -> MilestoneShareQuerySet:
    """Milestone shares of the contracts a user may see."""
    return MilestoneShare.objects.filter(
        milestone__contract_line__contract__in=visible_contracts(user).values("pk")
    )


def visible_schedules(user: Any) -> ScheduleQuerySet:
    """Schedule rows of the contracts a user may see."""
    return InvoiceSchedule.objects.filter(contract_line__contract__in=visible_contracts(user).values("pk"))


def visible_jobs(user: Any) -> QuerySet:
    """Batch jobs of the user's legal entities."""
    return BatchJob.objects.filter(legal_entity__in=visible_entities(user))


def visible_runs(user: Any) -> RunQuerySet:
    """Batch runs of the user's legal entities."""
    return BatchRun.objects.filter(job__legal_entity__in=visible_entities(user))


access.DOORS.update(
    {
        BatchJob: visible_jobs,
        BatchOutcome: of_entities(BatchOutcome, "run__job__legal_entity"),
        BatchRun: visible_runs,
        InvoiceLineDetail: visible_details,
        InvoiceSchedule: visible_schedules,
        MilestoneShare: visible_milestones,
        NumberSeries: of_entities(NumberSeries),
        Proforma: visible_proformas,
    }
)
access.SHARED.add(InvoiceFrequency)

__all__ = [
    "may",
    "visible_details",
    "visible_jobs",
    "visible_milestones",
    "visible_proformas",
    "visible_runs",
    "visible_schedules",
]
