"""Words of the business over the books' tables."""

from typing import Any

from django.db.models import Exists, OuterRef

from accounting.states import JournalLineStatus, JournalStatus, PeriodStatus, ProposalStatus
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
    def without_document(self) -> "InvoiceQuerySet":
        """Posted, but not printed yet; the printing task finds its work here."""
        documents = self.model.document.related.related_model.objects.filter(invoice=OuterRef("pk"))
        return self.filter(~Exists(documents))
