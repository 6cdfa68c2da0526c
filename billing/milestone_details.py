"""Details of drafts that bill milestones: copied from the shares that customers owe (B2, B5)."""

from billing.models import InvoiceLine, InvoiceLineDetail, MilestoneShare, Proforma
from projects.states import BillingType, TransactionClass

BATCH = 500


def claim_shares(proformas: list[Proforma], shares: list[MilestoneShare]) -> None:
    """Write a detail for each locked share on the line of its customer, and claim the shares (B5, X1)."""
    if not shares:
        return
    # The lines were inserted by the database, so their keys are not known here.
    lines = InvoiceLine.objects.filter(proforma__in=proformas).select_related("proforma__legal_entity")
    line_of = {(line.contract_line_id, line.proforma.customer_id): line for line in lines}
    InvoiceLineDetail.objects.bulk_create(
        [_milestone_detail(line_of[_line_key(share)], share) for share in shares], batch_size=BATCH
    )
    MilestoneShare.objects.walk(shares, MilestoneShare.claim)


def _line_key(share: MilestoneShare) -> tuple[int, int]:
    return share.milestone.contract_line_id, share.customer_id


def _milestone_detail(line: InvoiceLine, share: MilestoneShare) -> InvoiceLineDetail:
    return InvoiceLineDetail(
        line=line,
        milestone_share=share,
        claim_number=share.claim_number,
        transaction_class=TransactionClass.MILESTONE,
        transaction_date=share.milestone.due_on,
        quantity=1,
        unit="",
        # The part that was chosen, or all that is open: what stays billed is not claimed again.
        price=share.due_amount,
        amount=share.due_amount,
        billing_type=BillingType.CHARGEABLE,
        item_sales_tax_group_id=line.proforma.legal_entity.milestone_item_tax_group_id,
        description=share.milestone.name,
        external_description=share.milestone.external_description or share.milestone.name,
    )
