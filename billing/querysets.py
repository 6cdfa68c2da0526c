"""The querysets of billing: who sees which rows, and the selections that verbs and pages ask for by name."""

from datetime import date, timedelta
from typing import Self

from django.db.models import Count, ExpressionWrapper, F, Min, OuterRef, Q, Subquery, Sum
from django.db.models.expressions import OrderBy

from billing.document_nets import net_of
from billing.states import (
    MilestoneStatus,
    ProformaStatus,
    ReviewOutcome,
    ScheduleStatus,
)
from core.money import ZERO
from core.querysets import AnyUser, StateMachineQuerySet, VisibleQuerySet
from projects.access import entities_of
from projects.querysets import OfContractQuerySet, Rows, related
from projects.states import BillingType, ContractStatus


class ProformaQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Proformas of the contracts a user may see."""
        # By key: over joins a contract found twice would show its proformas twice.
        mine = Q(contract__in=related(self, "contract").visible_to(user).values("pk"))
        if user.is_authenticated:
            # Whoever was asked to look at one sees it, whoever manages its contract.
            asked = related(self, "reviews").filter(reviewer=user).values("proforma")
            mine |= Q(pk__in=asked, legal_entity__in=entities_of(user))
        return self.filter(mine)

    def changeable_by(self, user: AnyUser) -> Self:
        """Proformas of the contracts a user manages; to see one, or to be asked about it, is not enough."""
        return self.filter(contract__in=related(self, "contract").managed_by(user).values("pk"))

    def confirmable_by(self, user: AnyUser) -> Self:
        """Those a user may change, and those that wait for this user's answer."""
        mine, asked = (rows.values("pk") for rows in (self.changeable_by(user), self.asked_of(user)))
        return self.filter(Q(pk__in=mine) | Q(pk__in=asked, legal_entity__in=entities_of(user)))

    def asked_of(self, user: AnyUser) -> Self:
        """Those in review that wait for this user's answer."""
        waiting = related(self, "reviews").filter(reviewer=user.pk, outcome=ReviewOutcome.OPEN)
        return self.filter(status=ProformaStatus.IN_REVIEW, pk__in=waiting.values("proforma"))

    def open(self) -> Self:
        """Still editable."""
        return self.filter(status__in=[ProformaStatus.DRAFT, ProformaStatus.IN_REVIEW])

    def confirmed(self) -> Self:
        """Confirmed and perhaps already posted: read-only for ever."""
        return self.filter(status__in=[ProformaStatus.CONFIRMED, ProformaStatus.POSTED])

    def made_by(self, run: int) -> Self:
        """What a batch run drafted."""
        of_run = Q(batch_outcomes__run=run) | Q(more_batch_outcomes__run=run)
        # By key: a proforma with several outcomes of a run is one.
        return self.filter(pk__in=self.model._default_manager.filter(of_run).values("pk"))

    def with_net(self) -> Self:
        """Each with `net`, as documents name it; in its currency."""
        return self.annotate(net=self._net())

    def _net(self) -> ExpressionWrapper:
        return net_of(related(related(self, "lines"), "details"))

    def summed(self) -> Rows:
        """One row per currency and state that still waits: how many, their net, the oldest of them."""
        return (
            # Posted ones wait for nobody: their figures are those of the customer invoices.
            self.exclude(status=ProformaStatus.POSTED)
            .order_by()
            .values("currency", "status")
            .annotate(
                proformas=Count("pk"),
                net=Sum(self._net()),
                created=Min("created_at"),
                confirmed=Min("confirmed_at"),
            )
        )

    def waiting_for_posting(self) -> Self:
        return self.filter(status=ProformaStatus.CONFIRMED)


class ReviewQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Reviews of the proformas a user may see."""
        return self.filter(proforma__in=related(self, "proforma").visible_to(user).values("pk"))

    def waiting(self) -> Self:
        """Those that nobody has answered yet."""
        return self.filter(outcome=ReviewOutcome.OPEN)


def document_order(prefix: str = "") -> tuple[OrderBy | str, ...]:
    """How pages and documents order details: as somebody ordered them, then by contract line and date (B7).

    `prefix` leads to the detail, with its underscores.
    """
    return (
        F(f"{prefix}line__position").asc(nulls_last=True),
        f"{prefix}line__contract_line__number",
        f"{prefix}line_id",
        F(f"{prefix}position").asc(nulls_last=True),
        f"{prefix}transaction_date",
        f"{prefix}pk",
    )


class InvoiceLineQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Lines of the proformas a user may see."""
        return self.filter(proforma__in=related(self, "proforma").visible_to(user).values("pk"))

    def locked(self) -> Self:
        """The rows in key order, held until the transaction ends."""
        return self.order_by("pk").select_for_update(of=("self",))

    def in_order(self) -> Self:
        """As documents print them: as somebody ordered them, the others as in the contract (B7)."""
        return self.order_by("proforma", F("position").asc(nulls_last=True), "contract_line__number", "pk")


class DetailQuerySet(StateMachineQuerySet):
    def in_order(self) -> Self:
        """As documents print them: as somebody ordered them, the others by contract line and date (B7)."""
        return self.order_by(*document_order())

    def visible_to(self, user: AnyUser) -> Self:
        """Details of the proformas a user may see."""
        proformas = related(related(self, "line"), "proforma").visible_to(user).values("pk")
        return self.filter(line__proforma__in=proformas)

    def changeable_by(self, user: AnyUser) -> Self:
        """Details of the proformas a user may change."""
        proformas = related(related(self, "line"), "proforma").changeable_by(user)
        return self.filter(line__proforma__in=proformas.values("pk"))

    def chargeable(self) -> Self:
        return self.filter(billing_type=BillingType.CHARGEABLE)

    def corrections(self) -> Self:
        """Details that take billed sales back."""
        return self.filter(corrects__isnull=False)

    def edited(self) -> Self:
        """Details that no longer say what their actual says; confirming writes an adjustment for them."""
        # Compared by the database: exact integers, and no detail is read into Python.
        return self.filter(actual__isnull=False).exclude(
            quantity=F("actual__quantity"),
            price=F("actual__price"),
            amount=F("actual__amount"),
            billing_type=F("actual__billing_type"),
        )


class OfLineQuerySet(VisibleQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Of the contracts a user may see."""
        contracts = related(related(self, "contract_line"), "contract").visible_to(user)
        return self.filter(contract_line__contract__in=contracts.values("pk"))


class MilestoneQuerySet(OfLineQuerySet):
    """Milestones of contract lines."""


class MilestoneShareQuerySet(StateMachineQuerySet):
    # What was agreed in a contract that was lost is never due.
    TO_COME = ~Q(milestone__contract_line__contract__status=ContractStatus.LOST)

    def visible_to(self, user: AnyUser) -> Self:
        """Of the contracts a user may see."""
        lines = related(related(self, "milestone"), "contract_line")
        seen = related(lines, "contract").visible_to(user).values("pk")
        return self.filter(milestone__contract_line__contract__in=seen)

    def changeable_by(self, user: AnyUser) -> Self:
        """Of the contracts a user manages; to see one is not enough."""
        lines = related(related(self, "milestone"), "contract_line")
        managed = related(lines, "contract").managed_by(user).values("pk")
        return self.filter(milestone__contract_line__contract__in=managed)

    def ready(self) -> Self:
        return self.filter(status=MilestoneStatus.READY)

    def untouched(self) -> Self:
        """Those that no draft holds and no invoice ever billed: what was agreed may still change."""
        never = Q(billed_amount=0, claim_number=1)
        return self.filter(never, status__in=[MilestoneStatus.NOT_READY, MilestoneStatus.READY])

    def with_proforma(self) -> Self:
        """Each with the number of the proforma that has it now; an earlier claim was corrected since."""
        claims = related(self, "invoice_details").filter(
            milestone_share=OuterRef("pk"), claim_number=OuterRef("claim_number")
        )
        return self.annotate(draft_number=Subquery(claims.values("line__proforma__number")[:1]))

    def with_readiness(self) -> Self:
        """Each with how many customers share its milestone, and how many of them are ready or further."""
        same = related(self, "milestone").filter(pk=OuterRef("milestone"))
        ready = Q(
            shares__status__in=[MilestoneStatus.READY, MilestoneStatus.ON_DRAFT, MilestoneStatus.POSTED]
        )
        counts = same.annotate(of=Count("shares"), ready=Count("shares", filter=ready))
        return self.annotate(
            share_count=Subquery(counts.values("of")), ready_count=Subquery(counts.values("ready"))
        )

    def not_invoiced(self) -> Self:
        return self.filter(self.TO_COME).exclude(status=MilestoneStatus.POSTED)

    def due_through(self, day: date) -> Self:
        return self.filter(milestone__due_on__lte=day)

    def overdue(self, day: date) -> Self:
        """Due before a day, and nobody has said that it is ready."""
        return self.filter(self.TO_COME, status=MilestoneStatus.NOT_READY, milestone__due_on__lt=day)

    def due_soon(self, day: date) -> Self:
        """Not invoiced, and due within 14 days from a day on; what is overdue is not among them."""
        return self.filter(self.TO_COME, _due_soon(day))

    def unbilled(self, day: date) -> Self:
        """Ready, or due up to a day and not ready: what waits for an invoice, whoever it waits for."""
        # Due and not ready is unbilled as well: somebody forgot to mark it.
        due = Q(status=MilestoneStatus.NOT_READY, milestone__due_on__lte=day)
        return self.filter(self.TO_COME, Q(status=MilestoneStatus.READY) | due)

    def by_progress(self) -> Self:
        """Those that are invoiced in parts: a part is invoiced, or is to go next, and a rest is left."""
        part = Q(next_amount__isnull=False) & Q(next_amount__lt=F("amount") - F("billed_amount"))
        return self.not_invoiced().filter(part | Q(billed_amount__gt=0))

    # Contract and customer may be invoiced.
    FREE = Q(milestone__contract_line__contract__status=ContractStatus.CONFIRMED, customer__is_on_hold=False)

    def stopped(self) -> Self:
        """Those that no draft holds and that contract or customer keep off invoices."""
        return self.exclude(self.FREE).exclude(status=MilestoneStatus.ON_DRAFT)

    def invoiceable(self) -> Self:
        """Ready, with a contract and a customer that may be invoiced."""
        return self.ready().filter(self.FREE)

    def summed(self, *, today: date) -> Rows:
        """One row per currency: how many shares, and amounts and counts by state.

        Ready is what the next drafts ask for; overdue, due soon (in 14 days) and open are all that is left.
        """
        contract = "milestone__contract_line__contract"
        ready = Q(status=MilestoneStatus.READY) & self.FREE
        waits = Q(status=MilestoneStatus.NOT_READY)
        late, soon = waits & Q(milestone__due_on__lt=today), _due_soon(today)
        left = ~Q(status=MilestoneStatus.POSTED) & self.TO_COME
        return (
            self.order_by()
            .values(currency=F(f"{contract}__currency"))
            .annotate(
                shares=Count("pk"),
                total=Sum("amount"),
                ready=Sum("due_amount", filter=ready, default=ZERO),
                ready_shares=Count("pk", filter=ready),
                ready_customers=Count("customer", filter=ready, distinct=True),
                overdue=Sum("open_amount", filter=late, default=ZERO),
                overdue_shares=Count("pk", filter=late),
                oldest=Min("milestone__due_on", filter=late),
                soon=Sum("open_amount", filter=soon, default=ZERO),
                soon_milestones=Count("milestone", filter=soon, distinct=True),
                left=Sum("open_amount", filter=left, default=ZERO),
                left_milestones=Count("milestone", filter=left, distinct=True),
                left_contracts=Count(contract, filter=left, distinct=True),
            )
            .order_by("currency")
        )


SOON = timedelta(days=14)


def _due_soon(today: date) -> Q:
    """Not invoiced, not overdue, and due within 14 days."""
    waits = Q(status__in=[MilestoneStatus.NOT_READY, MilestoneStatus.READY])
    return waits & Q(milestone__due_on__gte=today, milestone__due_on__lte=today + SOON)


class ScheduleQuerySet(StateMachineQuerySet):
    def visible_to(self, user: AnyUser) -> Self:
        """Of the contracts a user may see."""
        lines = related(self, "contract_line")
        return self.filter(
            contract_line__contract__in=related(lines, "contract").visible_to(user).values("pk")
        )

    def due_on(self, day: date) -> Self:
        """Rows whose run date has come and that have not run well, missed days included (decision 10)."""
        return self.filter(
            Q(status=ScheduleStatus.NOT_RUN) | Q(status=ScheduleStatus.FAILED),
            run_date__lte=day,
            # Contracts on hold are due too, so that the run says why they get nothing.
            contract_line__contract__status__in=[ContractStatus.CONFIRMED, ContractStatus.ON_HOLD],
        )


class SchedulePlanQuerySet(OfLineQuerySet):
    """Schedules of contract lines."""


class RemovalQuerySet(OfContractQuerySet):
    def lasting(self) -> Self:
        """What nobody put back."""
        return self.filter(put_back_at=None)

    def of_drafts(self) -> Self:
        """Whole drafts that were deleted."""
        return self.exclude(heading={})
