"""Money that stood at the end of a day: receivables, advances, retentions, what is on account (X3).

Rows carry `its_currency`, `standing_amount` in it and, where a row has its own, `standing_base` in the
company's currency. Nothing is locked.
"""

from typing import Any

from django.db.models import (
    Case,
    Count,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounting.as_of import AsOf
from accounting.models import (
    CustomerTransaction,
    EstimateEvent,
    InvoiceProposalLine,
    PostingAccountUse,
    ProjectTransaction,
    Voucher,
    VoucherLine,
)
from accounting.receivable_querysets import CustomerTransactionQuerySet
from accounting.states import EstimateStep, PostingType, ProposalStatus, VoucherSource
from core.fields import AmountField
from core.money import ZERO
from projects.states import BillingMethod, TransactionClass

Grouped = QuerySet[Any, dict[str, Any]]
INVOICE = "proposal__customer_invoice"
INVOICED = (f"{INVOICE}__invoice_date", f"{INVOICE}__posted_at")
OF_ESTIMATES = (PostingType.WIP_SALES_VALUE, PostingType.WIP_COST_VALUE)


def accounts_playing(at: AsOf, *roles: str) -> QuerySet:
    """The accounts of the company that play or once played any of these posting types, as keys."""
    used = PostingAccountUse.objects.filter(legal_entity=at.legal_entity, posting_type__in=roles)
    return used.values("account")


def receivables_of(at: AsOf) -> CustomerTransactionQuerySet:
    """What customers owed or were owed, each row less what was settled of it by then (X3, C11)."""
    rows = CustomerTransaction.objects.filter(legal_entity=at.legal_entity).exclude(amount=ZERO)
    return rows.open(at.day, at.until).annotate(
        its_currency=F("currency"), standing_amount=F("open_amount"), standing_base=F("open_base")
    )


def waiting_of(at: AsOf, transaction_class: str) -> Grouped:
    """Advances not applied, or retentions not released: one row for each, `key` is its work item (X3, P15).

    Above zero where the customer has paid ahead, or has yet to pay what is kept back.
    """
    sign = 1 if transaction_class == TransactionClass.RETAINER else -1
    rows = ProjectTransaction.objects.filter(
        # The moment of the invoice: one that comes to nothing has no voucher.
        at.has("accounting_date", f"actual__proposal_line__{INVOICE}__posted_at"),
        actual__work_item__legal_entity=at.legal_entity,
        actual__work_item__transaction_class=transaction_class,
        base_amount__isnull=False,
    )
    return _by_key(rows, "actual__work_item", sign)


def estimates_of(at: AsOf) -> Grouped:
    """What estimates had put into the balance of projects, `key` is the project (X3, C10).

    What an estimate recognised is kept by its voucher alone once it was made anew; its steps say which of
    them count.
    """
    steps = EstimateEvent.objects.filter(at.has("day", "at"), estimate__legal_entity=at.legal_entity)
    lines = VoucherLine.objects.filter(
        account__in=accounts_playing(at, *OF_ESTIMATES),
        voucher__source_kind=VoucherSource.ESTIMATE,
        voucher__source_id__in=steps.values("pk"),
    )
    return _by_key(lines, "project", 1)


def _by_key(rows: QuerySet, key: str, sign: int) -> Grouped:
    summed = {
        name: ExpressionWrapper(Sum(column) * sign, AmountField())
        for name, column in (("standing_amount", "amount"), ("standing_base", "base_amount"))
    }
    grouped = rows.order_by().values(key=F(key), its_currency=F("currency")).annotate(**summed)
    return grouped.exclude(standing_amount=ZERO, standing_base=ZERO)


def on_account_of(at: AsOf) -> QuerySet[InvoiceProposalLine]:
    """Milestones and their discounts, invoiced and kept in the balance until revenue is recognised (X3, P14).

    Above zero where the customer was asked for them. They stand until an elimination of their project.
    """
    booked = VoucherLine.objects.filter(
        account__in=accounts_playing(at, PostingType.WIP_INVOICED_ON_ACCOUNT),
        voucher__source_kind=VoucherSource.CUSTOMER_INVOICE,
        voucher__source_id=OuterRef(f"{INVOICE}__pk"),
        project=OuterRef("detail__line__contract_line__project"),
    ).order_by("pk")
    lines = InvoiceProposalLine.objects.filter(
        proposal__legal_entity=at.legal_entity,
        proposal__status=ProposalStatus.POSTED,
        detail__transaction_class__in=(TransactionClass.MILESTONE, TransactionClass.DISCOUNT),
        detail__line__contract_line__billing_method=BillingMethod.FIXED_PRICE,
    ).annotate(in_voucher=Subquery(booked.values("voucher")[:1]))
    signed = _times(lines.filter(in_voucher__isnull=False), at, INVOICED, "in_voucher", _PROJECT)
    return signed.annotate(
        its_currency=F("proposal__proforma__currency"),
        standing_amount=ExpressionWrapper(F("amount") * F("times"), AmountField()),
    )


def on_account_in_base(at: AsOf) -> dict[str, Any]:
    """By currency, what is on account in the company's currency: as the vouchers of invoices booked it."""
    lines = VoucherLine.objects.filter(
        account__in=accounts_playing(at, PostingType.WIP_INVOICED_ON_ACCOUNT),
        voucher__legal_entity=at.legal_entity,
        voucher__source_kind=VoucherSource.CUSTOMER_INVOICE,
    )
    signed = _times(lines, at, ("voucher__date", "voucher__posted_at"), "voucher", "project")
    worth = ExpressionWrapper(F("base_amount") * F("times"), AmountField())
    sums = signed.annotate(worth=worth).order_by().values_list("currency").annotate(sum=Sum("worth"))
    return {currency: -base for currency, base in sums}


_PROJECT = "detail__line__contract_line__project"


def _times(rows: QuerySet, at: AsOf, invoiced: tuple[str, str], voucher: str, project: str) -> QuerySet:
    """Each with `times`, and only where it is not zero: one while it is on account.

    Minus one where an elimination is dated before the invoice, as the ledger has it.
    """
    posted = Voucher.objects.filter(source_kind=VoucherSource.ESTIMATE)
    # Only what was invoiced before an elimination was posted is in it, whatever the dates say.
    with_voucher = EstimateEvent.objects.filter(
        at.has("day", "at"), estimate__project=OuterRef(project)
    ).annotate(
        posted_as=Subquery(posted.filter(source_id=OuterRef("pk")).values("pk")[:1]),
        undoes=Subquery(posted.filter(source_id=OuterRef("reverses")).values("pk")[:1]),
    )
    eliminated = with_voucher.filter(step=EstimateStep.ELIMINATED, posted_as__gt=OuterRef(voucher))
    restored = with_voucher.filter(step=EstimateStep.ELIMINATION_REVERSED, undoes__gt=OuterRef(voucher))
    is_in = at.has(*invoiced)
    return rows.annotate(
        times=ExpressionWrapper(
            _one_if(is_in) - _count(eliminated) + _count(restored), output_field=IntegerField()
        )
    ).exclude(times=0)


def _one_if(condition: Q) -> Any:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _count(events: QuerySet) -> Coalesce:
    counted = events.order_by().values("estimate__project").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
