"""Words of the business over the books' tables."""

from typing import Any, Self

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth

from accounting.states import JournalLineStatus, JournalStatus, PeriodStatus, ProposalStatus
from core.money import ZERO
from core.querysets import StateMachineQuerySet, VisibleQuerySet
from projects.querysets import EntityQuerySet, related


class JournalQuerySet(EntityQuerySet, StateMachineQuerySet):
    def postable(self) -> Self:
        return self.filter(status__in=[JournalStatus.DRAFT, JournalStatus.ERROR])


class JournalLineQuerySet(EntityQuerySet, StateMachineQuerySet):
    entity_path = "journal__legal_entity"

    def unposted(self) -> Self:
        return self.exclude(status=JournalLineStatus.POSTED)

    def posted(self) -> Self:
        return self.filter(status=JournalLineStatus.POSTED)


class ProposalQuerySet(EntityQuerySet, StateMachineQuerySet):
    def unposted(self) -> Self:
        return self.filter(status=ProposalStatus.DRAFT)


class PeriodQuerySet(EntityQuerySet, StateMachineQuerySet):
    def open(self) -> Self:
        return self.filter(status=PeriodStatus.OPEN)

    def holding(self, legal_entity: Any, day: Any) -> Self:
        return self.filter(legal_entity=legal_entity, starts_on__lte=day, ends_on__gte=day)


class InvoiceQuerySet(VisibleQuerySet):
    def visible_to(self, user: User) -> Self:
        """Customer invoices of the contracts a user may see; accountants see them all."""
        proforma = related(related(self, "proposal"), "proforma")
        contracts = related(proforma, "contract").visible_to(user).values("pk")
        return self.filter(proposal__proforma__contract__in=contracts)

    def overdue(self, day: Any) -> Self:
        """Due before a day; payments are not recorded in this house, so every posted invoice is open."""
        return self.filter(due_date__lt=day)

    def summed(self) -> Self:
        """One row per currency: how many invoices, and their sums."""
        return (
            self.order_by()
            .values("currency")
            .annotate(
                invoices=Count("pk"), net=Sum("net_amount"), tax=Sum("tax_amount"), gross=Sum("gross_amount")
            )
            .order_by("currency")
        )

    def by_month(self) -> Self:
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

    def with_printed(self) -> Self:
        """Each with when its document was printed, empty until then."""
        return self.annotate(printed=F("document__rendered_at"))

    def without_document(self) -> Self:
        """Posted, but not printed yet; the printing task finds its work here."""
        documents = self.model.document.related.related_model.objects.filter(invoice=OuterRef("pk"))
        return self.filter(~Exists(documents))


class ProfileRuleQuerySet(EntityQuerySet):
    entity_path = "profile__legal_entity"


class ProjectTransactionQuerySet(EntityQuerySet):
    entity_path = "actual__work_item__legal_entity"


class VoucherLineQuerySet(EntityQuerySet):
    entity_path = "voucher__legal_entity"


class ProposalLineQuerySet(EntityQuerySet):
    entity_path = "proposal__legal_entity"
