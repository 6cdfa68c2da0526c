"""Querysets of approvals, rules, stand-ins and recall requests."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Self

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncWeek

from core.querysets import AnyUser, StateMachineQuerySet, VisibleQuerySet
from projects.access import entities_of, sees_whole_entity
from projects.querysets import Rows, related
from projects.states import (
    ApprovalStatus,
    BillingMethod,
    BillingType,
    EntryStatus,
    RuleEffect,
    TransactionClass,
)

AGAINST = (RuleEffect.FLAG, RuleEffect.HOLD)
"""Effects that prevent an entry from being approved by a rule."""


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

    def _with_reason(self, *effects: str) -> Exists:
        """Whether the policy found a reason with one of these effects."""
        reasons = related(self, "reasons")
        return Exists(reasons.filter(approval=OuterRef("pk"), effect__in=effects))

    def _worth_a_look(self) -> Q:
        """What the policy flags or holds, and what a customer is to pay and no contract line covers."""
        unpaid = Q(contract_line=None, entry__project__customer__isnull=False)
        return Q(self._with_reason(*AGAINST)) | unpaid

    def flagged(self, also: Collection[int] = ()) -> Self:
        """What a rule flags or holds, what nobody would pay for, and those of these keys (X12, A3)."""
        return self.filter(self._worth_a_look() | Q(pk__in=also))

    def approvable_together(self) -> Self:
        """What no rule holds and no closed period forbids, so that it may be ticked with others (X12, P1)."""
        is_closed = Q(entry__date__lte=F("entry__legal_entity__locked_through"))
        return self.filter(~Q(self._with_reason(RuleEffect.HOLD))).exclude(is_closed)

    def unflagged(self) -> Self:
        """What no rule flags or holds, and somebody pays or nobody is to pay."""
        return self.filter(~self._worth_a_look())

    def approvable_by_rule(self) -> Self:
        """Waiting submissions that a rule approves and no rule flags or holds (X12).

        The author of the rule makes the decision, so the author's own work is left out (S1).
        """
        rule = related(self, "reasons").filter(approval=OuterRef("pk"), effect=RuleEffect.APPROVE)
        waiting = self.waiting().unflagged().annotate(rule_author=Subquery(rule.values("rule__author")[:1]))
        own = Q(rule_author=F("submitted_by")) | Q(worker__isnull=False, rule_author=F("worker"))
        return waiting.filter(rule_author__isnull=False).exclude(own)

    def uncovered(self) -> Self:
        """Approved and on no contract line, so that it is not billed."""
        return self.filter(status=ApprovalStatus.APPROVED, contract_line=None)

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
                flags=Count("pk", filter=self._worth_a_look()),
            )
            .order_by("-week", "name", "person")
        )


class OfApprovalQuerySet(VisibleQuerySet):
    """Rows of an approval: those of the projects whose work a user may approve."""

    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(approval__in=related(self, "approval").visible_to(user).values("pk"))


class ApprovalRuleQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """The rules of the user's legal entities."""
        return self.filter(legal_entity__in=entities_of(user))

    def editable_by(self, user: AnyUser) -> Self:
        """All rules with the whole entity, else those of the projects a user manages."""
        rules = self.visible_to(user)
        return rules if sees_whole_entity(user) else rules.filter(project__manager=user)

    def active(self) -> Self:
        """Rules that hold today."""
        return self.filter(is_active=True)

    def locked(self) -> Self:
        """The rows in key order, held until the transaction ends."""
        return self.order_by("pk").select_for_update(of=("self",))


class DelegationQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Those where the user is the approver or the stand-in."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(delegator=user) | Q(stand_in=user))

    def holding_on(self, day: date) -> Self:
        """Those that hold on a day and were not withdrawn."""
        return self.filter(starts_on__lte=day, ends_on__gte=day, is_withdrawn=False)

    def locked(self) -> Self:
        """The rows in key order, held until the transaction ends."""
        return self.order_by("pk").select_for_update(of=("self",))


class RecallRequestQuerySet(OfApprovalQuerySet):
    def unanswered(self) -> Self:
        """Requests that nobody has accepted or refused yet."""
        return self.filter(is_accepted__isnull=True)

    def locked(self) -> Self:
        """The rows in key order, held until the transaction ends."""
        return self.order_by("pk").select_for_update(of=("self",))
