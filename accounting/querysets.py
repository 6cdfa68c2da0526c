"""Words of the business over the books' tables."""

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth

from accounting.states import JournalLineStatus, JournalStatus, PeriodStatus, ProposalStatus
from projects.money import ZERO
from projects.querysets import MachineQuerySet


class JournalQuerySet(MachineQuerySet):
    def postable(self) -> "JournalQuerySet":
        return self.filter(status__in=[JournalStatus.DRAFT, JournalStatus.ERROR])


class JournalLineQuerySet(MachineQuerySet):
    def unposted(self) -> "JournalLineQuerySet":
        return self.exclude(status=JournalLineStatus.POSTED)

    def posted(self) -> "JournalLineQuerySet":
        return self.filter(status=JournalLineStatus.POSTED)


class ProposalQuerySet(MachineQuerySet):
    def unposted(self) -> "ProposalQuerySet":
        return self.filter(status=ProposalStatus.DRAFT)


class PeriodQuerySet(MachineQuerySet):
    def open(self) -> "PeriodQuerySet":
        return self.filter(status=PeriodStatus.OPEN)

    def holding(self, legal_entity: Any, day: Any) -> "PeriodQuerySet":
        return self.filter(legal_entity=legal_entity, starts_on__lte=day, ends_on__gte=day)


class InvoiceQuerySet(MachineQuerySet):
    def overdue(self, day: Any) -> "InvoiceQuerySet":
        """Due before a day; payments are not recorded in this house, so every posted invoice is open."""
        return self.filter(due_date__lt=day)

    def summed(self) -> "InvoiceQuerySet":
        """One row per currency: how many invoices, and their sums."""
        return (
            self.order_by()
            .values("currency")
            .annotate(
                invoices=Count("pk"), net=Sum("net_amount"), tax=Sum("tax_amount"), gross=Sum("gross_amount")
            )
            .order_by("currency")
        )

    def by_month(self) -> "InvoiceQuerySet":
        """One row per currency and month of the invoice date: net invoiced, and net credited below zero."""
        return (
            self.order_by()
            .annotate(month=TruncMonth("invoice_date"))
            .values("currency", "month")
            .annotate(
                invoiced=Sum("net_amount", filter=Q(net_amount__gte=0), default=ZERO),
                credited=Sum("net_amount", filter=Q(net_amount__lt=0), default=ZERO),
            )
            .order_by("currency", "month")
        )

    def with_printed(self) -> "InvoiceQuerySet":
        """Each with when its document was printed, empty until then."""
        return self.annotate(printed=F("document__rendered_at"))

    def without_document(self) -> "InvoiceQuerySet":
        """Posted, but not printed yet; the printing task finds its work here."""
        documents = self.model.document.related.related_model.objects.filter(invoice=OuterRef("pk"))
        return self.filter(~Exists(documents))
