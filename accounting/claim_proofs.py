"""What breaks the claims of drafts on work, milestones and retainers, and money that waits (K3, K5, G9)."""

from functools import partial

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounting.models import InvoiceProposalLine, PostingAccountUse, ProjectTransaction, VoucherLine
from accounting.states import PostingType, ProposalStatus
from billing.models import InvoiceLineDetail, MilestoneShare, Retainer, Retention
from billing.states import MilestoneStatus, ProformaStatus, RetainerStatus, RetainerUse
from core.fields import AmountField
from core.money import ZERO, sum_by
from projects.models import Actual, BacklogItem
from projects.states import BALANCES, BillingStatus, TransactionClass

FROZEN = [ProformaStatus.CONFIRMED, ProformaStatus.POSTED]
NOTHING = Value(ZERO, output_field=AmountField())


def open_without_backlog() -> QuerySet:
    # Work that no backlog item shows is never billed, and nobody would miss it (K3).
    kept = BacklogItem.objects.filter(actual=OuterRef("pk"))
    opened = Actual.objects.unbilled_sales().unreversed().filter(~Exists(kept))
    # The balance of a retainer is applied and never billed itself (K5).
    return opened.exclude(work_item__transaction_class__in=BALANCES)


def backlog_without_open() -> QuerySet:
    # An item that is left over would offer for billing what was billed already (K3).
    unreversed = Actual.objects.unbilled_sales().unreversed().filter(pk=OuterRef("pk"))
    return BacklogItem.objects.filter(~Exists(unreversed))


def claims() -> QuerySet:
    """Rows on a draft that this draft does not hold, and rows that a draft holds without saying so."""
    held = InvoiceLineDetail.objects.filter(actual=OuterRef("pk")).exclude(line__proforma__status__in=FROZEN)
    named = held.filter(line__proforma__number=OuterRef("proforma_number"))
    on_draft = Q(status=BillingStatus.ON_DRAFT)
    return BacklogItem.objects.filter((on_draft & ~Exists(named)) | (~on_draft & Exists(held)))


def milestone_claims() -> QuerySet:
    held = InvoiceLineDetail.objects.filter(
        milestone_share=OuterRef("pk"), claim_number=OuterRef("claim_number")
    )
    claimed = Q(status__in=[MilestoneStatus.ON_DRAFT, MilestoneStatus.POSTED])
    return MilestoneShare.objects.filter((claimed & ~Exists(held)) | (~claimed & Exists(held)))


def retainer_amounts() -> QuerySet:
    """Retainers whose invoiced, used or drafted amount is not the sum of the details that say so."""
    details = InvoiceLineDetail.objects.filter(retainer=OuterRef("pk"))
    confirmed = details.filter(line__proforma__status__in=FROZEN)
    invoicing = Q(retainer_use=RetainerUse.INVOICE)
    drafted = details.exclude(line__proforma__status__in=FROZEN).filter(amount__lt=0)
    sums = {
        "asked": _sum(confirmed.filter(invoicing), "retainer"),
        "applied": _sum(confirmed.exclude(invoicing), "retainer"),
        "held": _sum(drafted, "retainer"),
    }
    right = {"invoiced_amount": F("asked"), "used_amount": -F("applied"), "drafted_amount": -F("held")}
    return Retainer.objects.annotate(**sums).exclude(**right).order_by("pk")


def retainer_balances() -> QuerySet:
    """Retainers whose open unbilled rows do not add up to what is invoiced and not used, negated."""
    left = Actual.objects.unbilled_sales().unreversed().filter(work_item=OuterRef("work_item"))
    right = {"open_rows": F("used_amount") - F("invoiced_amount")}
    return Retainer.objects.annotate(open_rows=_sum(left, "work_item")).exclude(**right).order_by("pk")


def retention_balances() -> QuerySet:
    """Retentions whose open unbilled rows do not add up to what is kept back and not released."""
    left = Actual.objects.unbilled_sales().unreversed().filter(work_item=OuterRef("work_item"))
    rows = Retention.objects.with_amounts().annotate(open_rows=_sum(left, "work_item"))
    return rows.exclude(open_rows=F("open_amount")).order_by("pk")


def retainer_statuses() -> QuerySet:
    """Retainers in a status that their amounts contradict, or on a draft that does not hold them."""
    before = [RetainerStatus.NOT_READY, RetainerStatus.READY, RetainerStatus.ON_DRAFT]
    used = [RetainerStatus.USED_UP, RetainerStatus.REFUNDED]
    claims = InvoiceLineDetail.objects.exclude(line__proforma__status__in=FROZEN).filter(
        retainer=OuterRef("pk"), claim_number=OuterRef("claim_number")
    )
    on_draft = Q(status=RetainerStatus.ON_DRAFT)
    return Retainer.objects.filter(
        (Q(status__in=before) & ~Q(invoiced_amount=0))
        | (Q(status__in=used) & ~Q(used_amount=F("invoiced_amount")))
        | (~Q(status__in=[*before, *used]) & Q(used_amount=F("invoiced_amount")))
        | (on_draft & ~Exists(claims))
        | (~on_draft & Exists(claims))
    ).order_by("pk")


def waiting_money(posting_type: str, transaction_class: str) -> list[str]:
    """Projects whose advances or retentions in the ledger are not what posted invoices say of them."""
    accounts = PostingAccountUse.objects.filter(posting_type=posting_type).values("account")
    booked = VoucherLine.objects.filter(account__in=accounts).order_by()
    invoiced = InvoiceProposalLine.objects.filter(
        proposal__status=ProposalStatus.POSTED, detail__transaction_class=transaction_class
    ).order_by()
    by = ("detail__line__contract_line__project__number", "proposal__proforma__currency")
    # An invoice credits its lines, so that each of them stands in the ledger with the opposite sign.
    left = sum_by(
        ((project, currency), amount)
        for rows, names in ((booked, ("project__number", "currency")), (invoiced, by))
        for project, currency, amount in rows.values_list(*names).annotate(sum=Sum("amount"))
    )
    return [" ".join(map(str, key)) for key in sorted(left, key=str) if left[key]]


def waiting_in_base(posting_type: str, transaction_class: str) -> list[str]:
    """Projects whose advances or retentions in the entity's currency are not what was booked of them.

    One that is used up or released leaves nothing in the books, whatever the rates were (P15, P18).
    """
    accounts = PostingAccountUse.objects.filter(posting_type=posting_type).values("account")
    booked = VoucherLine.objects.filter(account__in=accounts).order_by()
    kept = ProjectTransaction.objects.filter(
        base_amount__isnull=False, actual__work_item__transaction_class=transaction_class
    ).order_by()
    # An invoice credits its lines, so that each of them stands in the ledger with the opposite sign.
    left = sum_by(
        ((project, currency), base)
        for rows in (booked, kept)
        for project, currency, base in rows.values_list("project__number", "currency").annotate(
            base=Sum("base_amount")
        )
    )
    by_advance = kept.values_list("project__number", "actual__work_item")
    used_up = by_advance.annotate(sum=Sum("amount"), base=Sum("base_amount")).filter(sum=0).exclude(base=0)
    wrong = [" ".join(map(str, key)) for key in sorted(left, key=str) if left[key]]
    return [*wrong, *(f"{project} {item}" for project, item, _amount, _base in used_up)]


def _sum(rows: QuerySet, by: str) -> Coalesce:
    summed = rows.order_by().values(by).annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(summed), NOTHING)


ADVANCES = (PostingType.CUSTOMER_ADVANCES, TransactionClass.RETAINER)
RETENTIONS = (PostingType.RETENTION_RECEIVABLE, TransactionClass.RETENTION)
WAITING = (
    (
        "G9",
        _("Advances of customers are what is invoiced and not applied."),
        partial(waiting_money, *ADVANCES),
    ),
    (
        "G9b",
        _("Advances are taken off at what they were booked with."),
        partial(waiting_in_base, *ADVANCES),
    ),
    (
        "G10",
        _("Retentions receivable are what is kept back and not released."),
        partial(waiting_money, *RETENTIONS),
    ),
    (
        "G10b",
        _("Retentions are released at what they were booked with."),
        partial(waiting_in_base, *RETENTIONS),
    ),
)
"""Proofs of money that waits in the books: code, sentence, and what names those that break it."""
