"""Which of the books a user may see; what a user may do is asked of projects.access."""

from typing import Any

from django.db.models import QuerySet

from accounting.models import (
    Account,
    CostRevenueProfile,
    CostRevenueRule,
    CustomerInvoice,
    CustomerTransaction,
    ExchangeRate,
    FiscalPeriod,
    IntegrationJournal,
    IntegrationJournalLine,
    InvoiceProposal,
    PostingAccount,
    ProjectTransaction,
    Voucher,
)
from accounting.querysets import InvoiceQuerySet, JournalQuerySet, PeriodQuerySet, ProposalQuerySet
from projects import access
from projects.access import may, of_entities, visible_contracts, visible_entities


def visible_journals(user: Any) -> JournalQuerySet:
    """Integration journals of the user's legal entities."""
    return IntegrationJournal.objects.filter(legal_entity__in=visible_entities(user))


def visible_proposals(user: Any) -> ProposalQuerySet:
    """Invoice proposals of the user's legal entities."""
    return InvoiceProposal.objects.filter(legal_entity__in=visible_entities(user))


def visible_invoices(user: Any) -> InvoiceQuerySet:
    """Customer invoices of the contracts a user may see; accountants see them all."""
    return CustomerInvoice.objects.filter(
        proposal__proforma__contract__in=visible_contracts(user).values("pk")
    )


def visible_vouchers(user: Any) -> QuerySet:
    """Vouchers of the user's legal entities."""
    return Voucher.objects.filter(legal_entity__in=visible_entities(user))


def visible_periods(user: Any) -> PeriodQuerySet:
    """Fiscal periods of the user's legal entities."""
    return FiscalPeriod.objects.filter(legal_entity__in=visible_entities(user))


access.DOORS.update(
    {
        Account: of_entities(Account),
        CostRevenueProfile: of_entities(CostRevenueProfile),
        CostRevenueRule: of_entities(CostRevenueRule, "profile__legal_entity"),
        CustomerInvoice: visible_invoices,
        CustomerTransaction: of_entities(CustomerTransaction),
        ExchangeRate: of_entities(ExchangeRate),
        FiscalPeriod: visible_periods,
        IntegrationJournal: visible_journals,
        IntegrationJournalLine: of_entities(IntegrationJournalLine, "journal__legal_entity"),
        InvoiceProposal: visible_proposals,
        PostingAccount: of_entities(PostingAccount),
        ProjectTransaction: of_entities(ProjectTransaction, "actual__work_item__legal_entity"),
        Voucher: visible_vouchers,
    }
)

__all__ = [
    "may",
    "visible_invoices",
    "visible_journals",
    "visible_periods",
    "visible_proposals",
    "visible_vouchers",
]
