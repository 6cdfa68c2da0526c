"""Which of the books a user may see; what a user may do is asked of projects.access."""

from typing import Any

from django.db.models import QuerySet

from accounting.models import CustomerInvoice, FiscalPeriod, IntegrationJournal, InvoiceProposal, Voucher
from projects import access
from projects.access import may, visible_contracts, visible_entities


def visible_journals(user: Any) -> QuerySet:
    """Integration journals of the user's legal entities."""
    return IntegrationJournal.objects.filter(legal_entity__in=visible_entities(user))


def visible_proposals(user: Any) -> QuerySet:
    """Invoice proposals of the user's legal entities."""
    return InvoiceProposal.objects.filter(legal_entity__in=visible_entities(user))


def visible_invoices(user: Any) -> QuerySet:
    """Customer invoices of the contracts a user may see; accountants see them all."""
    return CustomerInvoice.objects.filter(
        proposal__proforma__contract__in=visible_contracts(user).values("pk")
    )


def visible_vouchers(user: Any) -> QuerySet:
    """Vouchers of the user's legal entities."""
    return Voucher.objects.filter(legal_entity__in=visible_entities(user))


def visible_periods(user: Any) -> QuerySet:
    """Fiscal periods of the user's legal entities."""
    return FiscalPeriod.objects.filter(legal_entity__in=visible_entities(user))


access.DOORS.update(
    {
        CustomerInvoice: visible_invoices,
        FiscalPeriod: visible_periods,
        IntegrationJournal: visible_journals,
        InvoiceProposal: visible_proposals,
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
