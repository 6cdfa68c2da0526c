"""Which actuals somebody sees, and the selections of them that journals and pages ask for by name."""

from typing import Self

from django.db.models import Exists, F, OuterRef, Q

from core.querysets import AnyUser, VisibleQuerySet
from projects.actual_statuses import status_columns
from projects.querysets import related
from projects.states import BALANCES, EventKind, TransactionType


class ActualQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Actuals of the projects a user may see."""
        projects = related(related(self, "work_item"), "project").visible_to(user).values("pk")
        return self.filter(work_item__project__in=projects)

    def cost(self) -> Self:
        return self.filter(type=TransactionType.COST)

    def unbilled_sales(self) -> Self:
        return self.filter(type=TransactionType.UNBILLED_SALES)

    def billed_sales(self) -> Self:
        return self.filter(type=TransactionType.BILLED_SALES)

    def originals(self) -> Self:
        return self.filter(reverses__isnull=True)

    def unreversed(self) -> Self:
        """Originals that no reversal has taken back."""
        mirrors = self.model._default_manager.filter(reverses=OuterRef("pk"))
        return self.originals().filter(~Exists(mirrors))

    def written_first(self) -> Self:
        """Rows of the event that wrote their work item."""
        return self.filter(event=F("work_item__event"))

    def with_statuses(self) -> Self:
        """Each with its `billing_status` and `adjustment_status`, derived and never stored (matrix 4.5)."""
        lines = self.model._meta.get_field("cancellation_line").related_model._default_manager.all()
        return self.annotate(**status_columns(self.model._default_manager.all(), lines))

    def for_accounting(self) -> Self:
        """What the integration journal takes over: every cost, and unbilled sales that outlive their event.

        Rows that a confirmation writes and takes back at once never reach the books, nor do the reversals
        it writes: posting the invoice reverses the accrual itself (C1, C6).
        """
        from_confirmation = Q(event__kind=EventKind.CONFIRMATION)
        taken_back = Exists(
            self.model._default_manager.filter(reverses=OuterRef("pk"), event=OuterRef("event"))
        )
        passing = from_confirmation & (Q(reverses__isnull=False) | Q(taken_back))
        # What is left of a retainer is owed to the customer; the invoices post it (P15).
        work = ~Q(work_item__transaction_class__in=BALANCES)
        unbilled = Q(type=TransactionType.UNBILLED_SALES) & work & ~passing
        return self.filter(Q(type=TransactionType.COST) | unbilled)
