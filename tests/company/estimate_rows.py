"""Estimates of fixed prices as rows alone, without the verbs that post them."""

from decimal import Decimal

from accounting.models import EstimateEvent, FiscalPeriod, RevenueEstimate
from accounting.states import EstimateStatus, EstimateStep, Recognition
from tests.company.builder import Company
from tests.company.rows import CUT_OFF, NOW


def posted_estimate(at: Company) -> RevenueEstimate:
    """Half of 5,000, posted at the cut-off date by an event without a voucher."""
    period = FiscalPeriod.objects.get(legal_entity=at.entity, starts_on__lte=CUT_OFF, ends_on__gte=CUT_OFF)
    made = RevenueEstimate.objects.create(
        legal_entity=at.entity,
        project=at.project,
        period=period,
        method=Recognition.COMPLETED_PERCENTAGE,
        contract_amount=Decimal(5000),
        cost_to_date=Decimal(400),
        percent=Decimal(50),
        amount=Decimal(2500),
    )
    EstimateEvent.objects.create(
        estimate=made, step=EstimateStep.POSTED, day=CUT_OFF, actor=at.accountant, at=NOW
    )
    RevenueEstimate.objects.filter(pk=made.pk).update(status=EstimateStatus.POSTED)
    return made
