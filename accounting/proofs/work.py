"""What breaks approved work: where it comes from, its states, its backlog (A9, A10, I4, J7, K3, C8)."""

from decimal import Decimal

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.translation import gettext_lazy as _

from accounting.models import FiscalPeriod
from accounting.proofs.proof import Offender, Proof
from accounting.states import PeriodStatus
from billing.models import Proforma
from core.fields import QuantityField
from core.log_chain import breaks_of_chain
from projects.models import Actual, Approval, BacklogItem, Entry, LegalEntity, ProjectContract, WorkItem
from projects.states import ApprovalStatus, ContractStatus, EntryStatus, EventKind

BEFORE_APPROVAL = [EntryStatus.DRAFT, EntryStatus.SUBMITTED, EntryStatus.RETURNED]
UNDECIDED = [ApprovalStatus.SUBMITTED, ApprovalStatus.REJECTED, ApprovalStatus.RECALLED]


def without_approval() -> QuerySet:
    """Work that was written by an approval and names none."""
    return WorkItem.objects.filter(approval__isnull=True, event__kind=EventKind.APPROVAL)


def states_of_approvals() -> QuerySet:
    """Approvals of which work was written although they are not approved, or approved ones without any."""
    work = WorkItem.objects.filter(approval=OuterRef("pk"))
    is_approved = Q(status=ApprovalStatus.APPROVED)
    return Approval.objects.filter((is_approved & ~Exists(work)) | (Q(status__in=UNDECIDED) & Exists(work)))


def states_of_entries() -> QuerySet:
    """Entries that went back although an approval of theirs stands."""
    approved = Approval.objects.filter(entry=OuterRef("pk"), status=ApprovalStatus.APPROVED)
    return Entry.objects.filter(Exists(approved), status__in=BEFORE_APPROVAL)


def quantities_of_entries() -> QuerySet:
    """Approvals of another quantity than was recorded.

    Seconds that four places cannot say are rounded towards the exact sum of their month, up or down (A11).
    """
    stands = Approval.objects.filter(status=ApprovalStatus.APPROVED, entry__status=EntryStatus.APPROVED)
    recorded, unit = F("entry__quantity"), Value(Decimal("0.0001"), output_field=QuantityField())
    rounded = Q(submitted_quantity=recorded - unit) | Q(submitted_quantity=recorded + unit)
    return stands.exclude(submitted_quantity=recorded).exclude(rounded & Q(entry__seconds__isnull=False))


def states_of_contracts() -> QuerySet:
    """Contracts that are drafts although something of them was confirmed."""
    confirmed = Proforma.objects.filter(contract=OuterRef("pk"), event__isnull=False)
    return ProjectContract.objects.filter(Exists(confirmed), status=ContractStatus.DRAFT)


def events_of_work() -> QuerySet:
    """Work of another legal entity than its event."""
    return WorkItem.objects.exclude(legal_entity=F("event__legal_entity"))


def events_of_actuals() -> QuerySet:
    """Actuals of another legal entity than their event."""
    return Actual.objects.exclude(work_item__legal_entity=F("event__legal_entity"))


def backlog_differs() -> QuerySet:
    """Backlog items that do not repeat their actual and its work."""
    return BacklogItem.objects.exclude(
        quantity=F("actual__quantity"),
        amount=F("actual__amount"),
        billing_type=F("actual__billing_type"),
        work_item=F("actual__work_item"),
        customer=F("actual__work_item__customer"),
        contract=F("actual__work_item__contract"),
        contract_line=F("actual__work_item__contract_line"),
        currency=F("actual__work_item__currency"),
        transaction_date=F("actual__work_item__transaction_date"),
    )


def lock_dates() -> QuerySet:
    """Companies whose lock date lies before the end of a closed period."""
    last = (
        FiscalPeriod.objects.filter(legal_entity=OuterRef("pk"), status=PeriodStatus.CLOSED)
        .order_by()
        .values("legal_entity")
        .annotate(last=Max("ends_on"))
    )
    rows = LegalEntity.objects.annotate(last_closed=Subquery(last.values("last")))
    behind = Q(locked_through__isnull=True) | Q(locked_through__lt=F("last_closed"))
    return rows.filter(behind, last_closed__isnull=False)


def periods_closed_by_nobody() -> QuerySet:
    """Closed periods without person or moment, and open ones that have them."""
    closed = Q(status=PeriodStatus.CLOSED)
    whole = Q(closed_by__isnull=False, closed_at__isnull=False)
    none = Q(closed_by__isnull=True, closed_at__isnull=True)
    return FiscalPeriod.objects.filter((closed & ~whole) | (~closed & ~none))


def periods_that_overlap() -> QuerySet:
    """Fiscal periods that share a day with another one of their company."""
    other = FiscalPeriod.objects.filter(
        legal_entity=OuterRef("legal_entity"),
        starts_on__lte=OuterRef("ends_on"),
        ends_on__gte=OuterRef("starts_on"),
    ).exclude(pk=OuterRef("pk"))
    return FiscalPeriod.objects.filter(Exists(other))


def log_was_touched() -> list[Offender]:
    """What of the activity log is not as it was closed."""
    return [Offender(one) for one in breaks_of_chain()]


def own_approvals() -> QuerySet:
    """Approvals by whoever submitted the entry or did the work."""
    return Approval.objects.filter(Q(decided_by=F("submitted_by")) | Q(decided_by=F("worker")))


WORK = "legal_entity"
PROOFS = (
    Proof("S1", _("Nobody approved own work."), own_approvals, "entry__legal_entity"),
    Proof("J7a", _("Work that was approved names its approval."), without_approval, WORK),
    Proof("J7b", _("Work belongs to the company of its event."), events_of_work, WORK),
    Proof(
        "J7c",
        _("Actuals belong to the company of their event."),
        events_of_actuals,
        "work_item__legal_entity",
    ),
    Proof(
        "I4d",
        _("An approval stands exactly when its work was written."),
        states_of_approvals,
        "entry__legal_entity",
    ),
    Proof("I4e", _("An entry whose approval stands is approved."), states_of_entries, WORK),
    Proof(
        "I4f",
        _("An approval is of the quantity that was recorded."),
        quantities_of_entries,
        "entry__legal_entity",
    ),
    Proof("I4g", _("A contract under which something was confirmed is no draft."), states_of_contracts, WORK),
    Proof("K3e", _("A backlog item repeats its actual."), backlog_differs, "contract__legal_entity"),
    Proof("G6c", _("The lock date is the end of the last closed period or later."), lock_dates, "pk"),
    Proof("G6d", _("A closed period says who closed it, and when."), periods_closed_by_nobody, WORK),
    Proof("G6e", _("Fiscal periods share no day."), periods_that_overlap, WORK),
    Proof("S5", _("The activity log is as it was written."), log_was_touched),
)
