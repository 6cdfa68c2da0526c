"""Querysets of approvals and what belongs to them: whose decisions, which weeks, who asks for work back."""

from datetime import date, timedelta
from typing import Self

from django.db.models import Count, F, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncWeek

from core.querysets import AnyUser, StateMachineQuerySet, VisibleQuerySet
from projects.querysets import Rows, related
from projects.states import ApprovalStatus, BillingMethod, BillingType, EntryStatus, TransactionClass


class ApprovalQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Submissions on the projects whose work a user may approve."""
        managed = related(related(self, "entry"), "project").managed_by(user).values("pk")
        return self.filter(entry__project__in=managed)

    def waiting(self) -> Self:
        return self.filter(status=ApprovalStatus.SUBMITTED)

    def decided(self) -> Self:
        """What somebody approved or sent back, whatever became of it afterwards."""
        return self.filter(decided_by__isnull=False)

    def recall_requested(self) -> Self:
        """Approvals whose entry somebody asks back, and nobody has answered."""
        return self.filter(status=ApprovalStatus.APPROVED, entry__status=EntryStatus.RECALL_REQUESTED)

    def not_own_of(self, user: AnyUser) -> Self:
        """Without the user's own work and what the user submitted (S1)."""
        own = Q(submitted_by=user) | Q(worker=user)
        return self.exclude(pk__in=self.model._default_manager.filter(own).values("pk"))

    def living(self) -> Self:
        """What waits or was approved, and neither cancelled nor replaced since: one per entry at most."""
        return self.filter(status__in=[ApprovalStatus.SUBMITTED, ApprovalStatus.APPROVED])

    def approved(self) -> Self:
        """Decided, with actuals, and neither cancelled nor replaced since."""
        return self.filter(status=ApprovalStatus.APPROVED)

    def decidable_by(self, user: AnyUser) -> Self:
        """Waiting submissions that are neither the user's own work nor were submitted by the user (S1)."""
        return self.waiting().not_own_of(user)

    def with_recall(self) -> Self:
        """Each with reason and moment of its latest recall request, and the draft that holds its work."""
        requests = related(self, "recall_requests").filter(approval=OuterRef("pk")).order_by("-pk")
        number = "actuals__backlog_item__proforma_number"
        held = related(self, "work_items").filter(approval=OuterRef("pk"), **{f"{number}__gt": ""})
        return self.annotate(
            recall_reason=Subquery(requests.values("reason")[:1]),
            recall_requested_at=Subquery(requests.values("requested_at")[:1]),
            draft_number=Subquery(held.values(number)[:1]),
        )

    WEEKEND = Q(entry__date__iso_week_day__gte=6)
    LONG = Q(entry__transaction_class=TransactionClass.TIME, entry__quantity__gt=10)
    UNDESCRIBED = Q(entry__description="", entry__external_description="")
    UNPRICED = Q(is_priced=False, billing_type=BillingType.CHARGEABLE)
    # Its cost would be recorded as zero until somebody prices it again (B11).
    UNCOSTED = Q(is_cost_priced=False)
    FLAGGED = WEEKEND | LONG | UNDESCRIBED | UNPRICED | UNCOSTED

    def with_flags(self) -> Self:
        """Each with what an approver looks at twice: weekend, long days, missing words or prices."""
        return self.annotate(
            on_weekend=self.WEEKEND,
            is_long=self.LONG,
            is_undescribed=self.UNDESCRIBED,
            is_unpriced=self.UNPRICED,
            is_uncosted=self.UNCOSTED,
        )

    def flagged(self) -> Self:
        return self.filter(self.FLAGGED)

    def unflagged(self) -> Self:
        return self.exclude(self.FLAGGED)

    def billable(self) -> Self:
        """What will be billed once approved: chargeable and priced, on a line by time and material."""
        return self.filter(
            billing_type=BillingType.CHARGEABLE,
            is_priced=True,
            contract_line__billing_method=BillingMethod.TIME_AND_MATERIAL,
        )

    def of_week(self, person: str, monday: date) -> Self:
        """Submissions of one person, or of none, in the week that begins on that Monday."""
        # Expenses and material may have no person; they form a group of their own.
        whose = Q(entry__resource__code=person) if person else Q(entry__resource__isnull=True)
        return self.filter(whose, entry__date__gte=monday, entry__date__lt=monday + timedelta(days=7))

    def by_week(self) -> Rows:
        """One row per person and week, newest week first: entries, hours, flagged entries."""
        return (
            # The model's own ordering would become part of GROUP BY.
            self.order_by()
            .annotate(week=TruncWeek("entry__date"), person=F("entry__resource__code"))
            .values("week", "person")
            .annotate(
                name=Max("entry__resource__name"),
                entries=Count("pk"),
                hours=Sum("submitted_quantity", filter=Q(entry__transaction_class=TransactionClass.TIME)),
                flags=Count("pk", filter=self.FLAGGED),
            )
            .order_by("-week", "name", "person")
        )


class OfApprovalQuerySet(VisibleQuerySet):
    """Rows of an approval: those of the projects whose work a user may approve."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(approval__in=related(self, "approval").visible_to(user).values("pk"))


class RecallRequestQuerySet(OfApprovalQuerySet):
    def unanswered(self) -> Self:
        """Requests that nobody has accepted or refused yet."""
        return self.filter(is_accepted__isnull=True)

    def locked(self) -> Self:
        """The rows in key order, held until the transaction ends."""
        return self.order_by("pk").select_for_update(of=("self",))
