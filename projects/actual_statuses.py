"""Billing and adjustment status of actuals as expressions: derived from what is stored once (matrix 4.5).

An actual is never changed. Where it stands is read from its own outcome, from the reversal that took it back,
from its backlog item while it is open, and from a journal that is about to cancel it.
"""

from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from projects.states import ActualBillingStatus, ActualOutcome, AdjustmentStatus, TransactionType

BACKLOG_STATUS = "backlog_item__status"


def status_columns(mirrors: QuerySet[Any], in_process: QuerySet[Any]) -> dict[str, Any]:
    """The columns `ending`, `billing_status` and `adjustment_status` of a queryset of actuals.

    `mirrors` are all actuals, `in_process` all lines of journals that will cancel an actual. `ending` is how
    an original ended, or how the original of a reversal did; open where nothing took it back.
    """
    of_mirror = Subquery(mirrors.filter(reverses=OuterRef("pk")).values("outcome")[:1])
    is_chosen = Exists(in_process.filter(actual=OuterRef("pk")))
    return {
        "ending": Case(
            When(reverses__isnull=False, then=F("outcome")),
            default=Coalesce(of_mirror, Value(ActualOutcome.OPEN.value)),
        ),
        "billing_status": _billing_status(),
        "adjustment_status": _adjustment_status(is_chosen),
    }


def _billing_status() -> Case:
    """The backlog item says it of open sales; what was taken back is posted or cancelled, as it ended."""
    return _words(
        When(type=TransactionType.BILLED_SALES, then=Value(ActualBillingStatus.POSTED.value)),
        When(ending=ActualOutcome.INVOICED, then=Value(ActualBillingStatus.POSTED.value)),
        When(ending=ActualOutcome.ADJUSTED, then=Value(ActualBillingStatus.CANCELLED.value)),
        # Cost is never billed itself, and neither is the balance of a retainer; what else is open has its row
        # in the backlog.
        When(type=TransactionType.COST, then=Value(ActualBillingStatus.NONE.value)),
        default=Coalesce(F(BACKLOG_STATUS), Value(ActualBillingStatus.NONE.value)),
    )


def _adjustment_status(is_chosen: Exists) -> Case:
    """A reversal is unadjustable; its original is adjusted, unless an invoice is what closed it."""
    return _words(
        When(reverses__isnull=False, then=Value(AdjustmentStatus.UNADJUSTABLE.value)),
        When(ending=ActualOutcome.ADJUSTED, then=Value(AdjustmentStatus.ADJUSTED.value)),
        When(Q(is_chosen), then=Value(AdjustmentStatus.IN_PROCESS.value)),
        default=Value(AdjustmentStatus.NONE.value),
    )


def _words(*whens: When, default: Any) -> Case:
    return Case(*whens, default=default, output_field=CharField())
