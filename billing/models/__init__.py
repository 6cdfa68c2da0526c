"""What we ask customers to pay, table by table."""

from billing.models.batch import BatchJob, BatchOutcome, BatchRun, RunTarget
from billing.models.discount import Discount
from billing.models.invoice_line import InvoiceLine, InvoiceLineDetail
from billing.models.numbering import NumberSeries
from billing.models.proforma import Proforma
from billing.models.removal import Removal
from billing.models.retainers import Retainer
from billing.models.retention import Retention
from billing.models.review import ProformaReview
from billing.models.schedule import (
    InvoiceFrequency,
    InvoiceSchedule,
    Milestone,
    MilestoneShare,
    SchedulePlan,
)
from billing.models.statement import SentStatement

__all__ = [
    "BatchJob",
    "BatchOutcome",
    "BatchRun",
    "Discount",
    "InvoiceFrequency",
    "InvoiceLine",
    "InvoiceLineDetail",
    "InvoiceSchedule",
    "Milestone",
    "MilestoneShare",
    "NumberSeries",
    "Proforma",
    "ProformaReview",
    "Removal",
    "Retainer",
    "Retention",
    "RunTarget",
    "SchedulePlan",
    "SentStatement",
]
