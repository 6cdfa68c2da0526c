"""Accrued revenue reconciled: what is accrued and not invoiced beside the ledger, by project (C8, G5)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Sum

from accounting.models import IntegrationJournalLine, InvoiceProposalLine, PostingAccountUse, VoucherLine
from accounting.states import PostingType, ProposalStatus
from core.money import ZERO
from projects.models import LegalEntity


@dataclass
class AccruedRevenue:
    """What one project has accrued by the end of a day, and what the ledger holds of it, in one currency."""

    project: str
    currency: str
    contracts: set[str] = field(default_factory=set)
    accrued: Decimal = ZERO
    booked: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        """What the ledger holds too much, or too little below zero; nothing where it agrees."""
        return self.booked - self.accrued


def accrued_revenue(legal_entity: LegalEntity, day: date) -> list[AccruedRevenue]:
    """What was accrued and not invoiced at the end of a day, beside work in progress in the ledger.

    Amounts in the currency of the work, by project and currency, in their order; what is nothing on both
    sides is left out. Work invoiced after the day counts as not invoiced. Two statements; locks nothing (C8).
    """
    rows: dict[tuple[str, str], AccruedRevenue] = {}

    def row(project: str | None, currency: str) -> AccruedRevenue:
        key = (project or "", currency)
        return rows.setdefault(key, AccruedRevenue(*key))

    for project, contract, currency, amount in _accrued(legal_entity, day):
        one = row(project, currency)
        one.accrued += amount
        if contract is not None:
            one.contracts.add(contract)
    used = PostingAccountUse.objects.filter(
        legal_entity=legal_entity, posting_type=PostingType.WIP_SALES_VALUE
    ).values("account")
    booked = VoucherLine.objects.filter(
        voucher__legal_entity=legal_entity, voucher__date__lte=day, account__in=used
    ).order_by()
    for project, currency, amount in booked.values_list("project__number", "currency").annotate(
        sum=Sum("amount")
    ):
        row(project, currency).booked += amount
    return [rows[key] for key in sorted(rows) if rows[key].accrued or rows[key].booked]


def _accrued(legal_entity: LegalEntity, day: date) -> list[tuple[str, str | None, str, Decimal]]:
    invoiced = InvoiceProposalLine.objects.filter(
        detail__actual=OuterRef("actual"),
        proposal__status=ProposalStatus.POSTED,
        proposal__customer_invoice__invoice_date__lte=day,
    )
    lines = IntegrationJournalLine.objects.posted().filter(
        ~Exists(invoiced), journal__legal_entity=legal_entity, is_accrued=True, accounting_date__lte=day
    )
    by = ("project__number", "actual__work_item__contract__number", "currency")
    return list(lines.order_by().values_list(*by).annotate(sum=Sum("amount")))
