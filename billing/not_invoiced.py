"""Why work and milestones are on no invoice: each reason as a condition of the database (X2).

`with_reason` names the first reason of every row, so that each row is counted once; `all_reasons` finds every
reason of one row. Both ask the same conditions, so a figure and the rows behind it never disagree.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    Exists,
    Expression,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from billing.models import BatchOutcome, InvoiceSchedule, Proforma
from billing.querysets import MilestoneShareQuerySet, ScheduleQuerySet
from billing.states import (
    DueOutcome,
    MilestoneStatus,
    NotInvoiced,
    ProformaStatus,
    RetainerStatus,
    RetainerUse,
    ScheduleStatus,
)
from projects.models import Approval, BacklogItem, WorkItem
from projects.querysets import BacklogQuerySet, EntryQuerySet
from projects.states import (
    ENDED_CONTRACTS,
    BillingStatus,
    BillingType,
    ContractStatus,
    EntryStatus,
    NotToExceedStatus,
)

Conditions = Mapping[NotInvoiced, Q]
Sums = list[dict[str, Any]]

SUBMITTABLE = (EntryStatus.DRAFT, EntryStatus.RETURNED)
LATE = (
    NotInvoiced.RUN_FAILED,
    NotInvoiced.AFTER_CUT_OFF,
    NotInvoiced.WAITS_FOR_RUN,
    NotInvoiced.NOT_SCHEDULED,
)
"""Reasons of what is ready: nothing is to be decided about it, it waits for its day."""


# --- Approved work --------------------------------------------------------------------------------


def item_conditions(today: date) -> Conditions:
    """What keeps an open backlog item off an invoice, in the order in which it is cleared.

    `today` decides whether the period in which it would be invoiced is closed.
    """
    in_review = Proforma.objects.filter(number=OuterRef("proforma_number"), status=ProformaStatus.IN_REVIEW)
    on_draft, is_open = Q(status=BillingStatus.ON_DRAFT), ~Q(status=BillingStatus.ON_DRAFT)
    # A row has a price whenever its amount is not zero, so almost none is looked up.
    unpriced = WorkItem.objects.filter(pk=OuterRef("work_item"), is_priced=False)
    return {
        NotInvoiced.IN_REVIEW: on_draft & Q(Exists(in_review)),
        NotInvoiced.ON_DRAFT: on_draft & ~Q(Exists(in_review)),
        **_of_agreement("contract__", "customer__", is_open),
        NotInvoiced.NO_PRICE: is_open & Q(amount=0) & Q(Exists(unpriced)),
        NotInvoiced.OVER_LIMIT: Q(not_to_exceed_status=NotToExceedStatus.FAILED),
        NotInvoiced.ON_HOLD: is_open & ~Q(hold_reason=""),
        NotInvoiced.IN_PROCESS: is_open & Q(Exists(BacklogItem.objects.all().in_process())),
        NotInvoiced.NON_CHARGEABLE: is_open & Q(billing_type=BillingType.NON_CHARGEABLE),
        NotInvoiced.COMPLIMENTARY: is_open & Q(billing_type=BillingType.COMPLIMENTARY),
        NotInvoiced.CLOSED_PERIOD: is_open & Q(contract__legal_entity__locked_through__gte=today),
        NotInvoiced.NOT_READY: Q(status=BillingStatus.NOT_READY),
    }


def _of_agreement(contract: str, customer: str, is_open: Q) -> Conditions:
    return {
        NotInvoiced.CONTRACT_DRAFT: is_open & Q(**{f"{contract}status": ContractStatus.DRAFT}),
        NotInvoiced.CONTRACT_ON_HOLD: is_open & Q(**{f"{contract}status": ContractStatus.ON_HOLD}),
        NotInvoiced.CONTRACT_ENDED: is_open & Q(**{f"{contract}status__in": ENDED_CONTRACTS}),
        NotInvoiced.PAYER_ON_HOLD: is_open & Q(**{f"{customer}is_on_hold": True}),
    }


def run_of_item() -> Subquery:
    """The day of the run that takes a ready item: the first to come whose cut-off is not before its date."""
    reaching = _runs_to_come().filter(cut_off_date__gte=OuterRef("transaction_date"))
    return Subquery(reaching.values("run_date")[:1], output_field=DateField(null=True))


def _runs_to_come() -> ScheduleQuerySet:
    of_line = InvoiceSchedule.objects.filter(contract_line=OuterRef("contract_line"))
    waiting = [ScheduleStatus.NOT_RUN, ScheduleStatus.FAILED]
    return of_line.filter(status__in=waiting).order_by("run_date", "pk")


def _late_reason() -> Coalesce:
    """Why a ready item waits, decided inside the one row of its schedule that comes next."""
    of_row = Case(
        When(status=ScheduleStatus.FAILED, then=Value(NotInvoiced.RUN_FAILED)),
        When(cut_off_date__lt=OuterRef("transaction_date"), then=Value(NotInvoiced.AFTER_CUT_OFF)),
        default=Value(NotInvoiced.WAITS_FOR_RUN),
        output_field=CharField(),
    )
    first = _runs_to_come().annotate(why=of_row).values("why")[:1]
    return Coalesce(Subquery(first), Value(NotInvoiced.NOT_SCHEDULED), output_field=CharField())


def items_with_reason(items: BacklogQuerySet, today: date) -> BacklogQuerySet:
    """Each backlog item with its first `reason`, by the database."""
    return items.annotate(reason=_first(item_conditions(today), _late_reason()))


# --- Work that is not approved, or that no contract covers ----------------------------------------


def waiting_entries(entries: EntryQuerySet) -> EntryQuerySet:
    """Work for customers that is not approved, and approved work that no contract line covers.

    What was approved and is covered is in the backlog, on a fixed price or on an invoice.
    """
    uncovered = Approval.objects.uncovered().order_by().values("entry")
    waiting = Q(status__in=[*SUBMITTABLE, EntryStatus.SUBMITTED]) | Q(pk__in=uncovered)
    return entries.live().filter(waiting, project__customer__isnull=False)


ENTRY_CONDITIONS: Conditions = {
    NotInvoiced.NOT_SUBMITTED: Q(status=EntryStatus.DRAFT),
    NotInvoiced.RETURNED: Q(status=EntryStatus.RETURNED),
    NotInvoiced.WAITS_FOR_APPROVAL: Q(status=EntryStatus.SUBMITTED),
}


def entries_with_reason(entries: EntryQuerySet) -> EntryQuerySet:
    """Each waiting entry with its first `reason`, and what it was priced at when it was submitted."""
    living = Approval.objects.living().filter(entry=OuterRef("pk")).order_by("-pk")
    first = _first(ENTRY_CONDITIONS, Value(NotInvoiced.NOT_COVERED))
    return entries.annotate(
        reason=first,
        worth=Subquery(living.values("sales_amount")[:1]),
        worth_currency=Coalesce(Subquery(living.values("sales_currency")[:1]), Value("")),
    )


# --- Milestones -----------------------------------------------------------------------------------


def share_conditions(today: date) -> Conditions:
    """What keeps a milestone share off an invoice; `today` decides about its due date and the period."""
    contract = "milestone__contract_line__contract__"
    is_open = ~Q(status__in=[MilestoneStatus.ON_DRAFT, MilestoneStatus.POSTED])
    held = Proforma.objects.filter(
        lines__details__milestone_share=OuterRef("pk"),
        lines__details__claim_number=OuterRef("claim_number"),
    )
    reviewed = Exists(held.filter(status=ProformaStatus.IN_REVIEW))
    posted = Exists(held.filter(status=ProformaStatus.POSTED))
    outcomes = BatchOutcome.objects.filter(milestone_share=OuterRef("pk"))
    # What was drafted after a failure and taken off again has not failed.
    failed = Exists(outcomes.filter(outcome=DueOutcome.FAILED)) & ~Exists(
        outcomes.filter(outcome=DueOutcome.CREATED)
    )
    return {
        NotInvoiced.INVOICED: Q(status=MilestoneStatus.POSTED) & Q(posted),
        NotInvoiced.NOT_POSTED: Q(status=MilestoneStatus.POSTED) & ~Q(posted),
        NotInvoiced.IN_REVIEW: Q(status=MilestoneStatus.ON_DRAFT) & Q(reviewed),
        NotInvoiced.ON_DRAFT: Q(status=MilestoneStatus.ON_DRAFT) & ~Q(reviewed),
        **_of_agreement(contract, "customer__", is_open),
        NotInvoiced.CLOSED_PERIOD: is_open & Q(**{f"{contract}legal_entity__locked_through__gte": today}),
        NotInvoiced.NOT_READY: Q(status=MilestoneStatus.NOT_READY),
        NotInvoiced.RUN_FAILED: Q(status=MilestoneStatus.READY) & Q(failed),
        NotInvoiced.AFTER_CUT_OFF: Q(status=MilestoneStatus.READY, milestone__due_on__gt=today),
    }


def retainer_conditions(today: date) -> Conditions:
    """What keeps an advance off an invoice of its own; `today` decides about its date and the period."""
    waiting = Q(status__in=[RetainerStatus.NOT_READY, RetainerStatus.READY])
    invoicing = Proforma.objects.filter(
        lines__details__retainer=OuterRef("pk"),
        lines__details__retainer_use=RetainerUse.INVOICE,
        lines__details__claim_number=OuterRef("claim_number"),
    )
    reviewed = Q(Exists(invoicing.filter(status=ProformaStatus.IN_REVIEW)))
    posted = Q(Exists(invoicing.filter(status=ProformaStatus.POSTED)))
    on_draft, is_ready = Q(status=RetainerStatus.ON_DRAFT), Q(status=RetainerStatus.READY)
    is_invoiced = ~waiting & ~on_draft
    outcomes = BatchOutcome.objects.filter(retainer=OuterRef("pk"))
    failed = Exists(outcomes.filter(outcome=DueOutcome.FAILED)) & ~Exists(
        outcomes.filter(outcome=DueOutcome.CREATED)
    )
    return {
        NotInvoiced.INVOICED: is_invoiced & posted,
        NotInvoiced.NOT_POSTED: is_invoiced & ~posted,
        NotInvoiced.IN_REVIEW: on_draft & reviewed,
        NotInvoiced.ON_DRAFT: on_draft & ~reviewed,
        **_of_agreement("contract__", "customer__", waiting),
        NotInvoiced.CLOSED_PERIOD: waiting & Q(contract__legal_entity__locked_through__gte=today),
        NotInvoiced.NOT_READY: Q(status=RetainerStatus.NOT_READY),
        NotInvoiced.RUN_FAILED: is_ready & Q(failed),
        NotInvoiced.AFTER_CUT_OFF: is_ready & Q(invoice_on__gt=today),
    }


def shares_with_reason(shares: MilestoneShareQuerySet, today: date) -> MilestoneShareQuerySet:
    """Each milestone share with its first `reason`."""
    first = _first(share_conditions(today), Value(NotInvoiced.WAITS_FOR_RUN))
    return shares.annotate(reason=first, currency=F("milestone__contract_line__contract__currency"))


# --- Figures and single rows ----------------------------------------------------------------------


def sums_by_reason(
    rows: QuerySet, currency: str, amount: str, *, counted: Q | None = None, **more: Combinable
) -> Sums:
    """One row per first reason and currency: how many, and their amount; one statement.

    Amounts are in the currency of the row, of those rows that are `counted` where that is given; a reason
    without any of those has none. `more` are further sums by name, such as hours.
    """
    sums = (
        rows.order_by()
        .values("reason", of=F(currency))
        .annotate(count=Count("pk"), sum=Sum(amount, filter=counted), **more)
    )
    order = list(NotInvoiced)
    return sorted(sums, key=lambda row: (order.index(row["reason"]), row["of"] or ""))


def all_reasons(rows: QuerySet, conditions: Conditions) -> dict[int, list[NotInvoiced]]:
    """Every condition that holds for each of these rows, in their order; one statement.

    What is only late has none: its reason is that of its schedule.
    """
    yes, no = Value(True), Value(False)
    flags = {
        f"is_{code}": Case(When(condition, then=yes), default=no, output_field=BooleanField())
        for code, condition in conditions.items()
    }
    flagged = rows.order_by().annotate(**flags).values("pk", *flags)
    return {row["pk"]: [code for code in conditions if row[f"is_{code}"]] for row in flagged}


def _first(conditions: Conditions, otherwise: Expression) -> Case:
    """The code of the first condition that holds."""
    whens = [When(condition, then=Value(code)) for code, condition in conditions.items()]
    return Case(*whens, default=otherwise, output_field=CharField())
