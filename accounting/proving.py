"""The books prove themselves: every invariant as a question to the database, naming offenders (X6, C12)."""

from collections.abc import Iterator
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    Exists,
    F,
    Max,
    Min,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounting.balance_proofs import estimated, held
from accounting.claim_proofs import (
    WAITING,
    backlog_without_open,
    claims,
    milestone_claims,
    open_without_backlog,
    retainer_amounts,
    retainer_balances,
    retainer_statuses,
    retention_balances,
)
from accounting.models import (
    CustomerInvoice,
    CustomerTransaction,
    IntegrationJournalLine,
    InvoiceProposalLine,
    InvoiceTax,
    PostingAccountUse,
    VoucherLine,
)
from accounting.proofs import discounts, estimates, exports, invoices, journals, taxes, vouchers, work
from accounting.proofs.proof import Figures, Finding, Offender, Proof
from accounting.proofs.sides import SIDES
from accounting.receivable_proofs import RECEIVABLES
from accounting.states import ControlKind, PostingType, ProposalStatus, VoucherSource
from billing.models import InvoiceLineDetail, NumberSeries, Proforma
from billing.states import ProformaStatus
from core.fields import AmountField, QuantityField
from core.money import ZERO
from projects.models import Actual, ActualEvent, ActualEventSeal, Adjustment, Approval, WorkItem
from projects.states import ApprovalStatus, BillingType, TransactionType

SHOWN = 5
SALES = [TransactionType.UNBILLED_SALES, TransactionType.BILLED_SALES]
FROZEN = [ProformaStatus.CONFIRMED, ProformaStatus.POSTED]
NO_AMOUNT = Value(ZERO, output_field=AmountField())
NO_QUANTITY = Value(ZERO, output_field=QuantityField())


def prove() -> Iterator[Finding]:
    """Ask every proof in turn; each is one statement, and a second one when it names offenders.

    Locks and refuses nothing. Compares committed rows only, so it may run beside people who work (X6, C12).
    """
    sizes: dict[type[Model], int] = {}
    for proof in PROOFS:
        offenders = proof.offenders()
        count = len(offenders) if isinstance(offenders, list) else offenders.count()
        # Read for offenders alone, and only a few: a broken rule may name a whole table.
        examples = [str(one) for one in offenders[:SHOWN]] if count else []
        whose = _entities_of(proof, offenders) if count else frozenset()
        yield Finding(proof, count, examples, whose, *_sides_of(proof, offenders, count, sizes))


def _sides_of(
    proof: Proof, offenders: QuerySet | list[Offender] | list[str], count: int, sizes: dict[type[Model], int]
) -> tuple[Figures, Figures]:
    """Both sides in money where they are sums, else how many rows were asked and how many hold."""
    if proof.code in SIDES:
        sides = SIDES[proof.code]
        return sides.left(), sides.right()
    if isinstance(offenders, list):
        return {"": count}, {"": 0}
    if offenders.model not in sizes:
        sizes[offenders.model] = offenders.model._base_manager.count()
    return {"": sizes[offenders.model]}, {"": sizes[offenders.model] - count}


def _entities_of(proof: Proof, offenders: QuerySet | list[Offender] | list[str]) -> frozenset[int] | None:
    """The keys of the companies whose books break a proof; None where it cannot be said whose they are."""
    if isinstance(offenders, list):
        keys = {one.legal_entity if isinstance(one, Offender) else None for one in offenders}
    elif not proof.entity:
        return None
    else:
        keys = set(offenders.order_by().values_list(proof.entity, flat=True))
    return None if None in keys else frozenset(key for key in keys if key is not None)


def _sum(rows: QuerySet, by: str, field: str, nothing: Value = NO_AMOUNT) -> Coalesce:
    """The sum of `field` over the rows that point to the outer row by `by`, zero when there are none."""
    # A subquery for each sum: two sums over joins would multiply each other.
    summed = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(sum=Sum(field)).values("sum")
    return Coalesce(Subquery(summed), nothing)


def _conservation() -> QuerySet:
    # Both quantity and amount are compared: a wrong price would keep one of them and change the other.
    sales = Actual.objects.filter(type__in=SALES)
    adjusted = Adjustment.objects.all()
    return (
        WorkItem.objects.annotate(
            kept_quantity=_sum(sales, "work_item", "quantity", NO_QUANTITY),
            kept_amount=_sum(sales, "work_item", "amount"),
            changed_quantity=_sum(adjusted, "work_item", "quantity", NO_QUANTITY),
            changed_amount=_sum(adjusted, "work_item", "amount"),
        )
        .exclude(
            kept_quantity=F("quantity") + F("changed_quantity"),
            kept_amount=F("amount") + F("changed_amount"),
        )
        .order_by("pk")
    )


def _shares() -> QuerySet:
    """Approvals whose payers' shares of cost or of sales do not add up to what was approved."""
    at_first = Actual.objects.filter(type=TransactionType.COST, event=F("work_item__event"))
    # What nobody pays, and what less was billed of than recorded, keeps the amount of all that was recorded.
    in_full = Q(billing_type=BillingType.NON_CHARGEABLE) | Q(billable_quantity__lt=F("priced_quantity"))
    written = WorkItem.objects.filter(approval=OuterRef("pk"))
    return (
        Approval.objects.filter(Exists(written), status=ApprovalStatus.APPROVED)
        .annotate(
            shared_cost=_sum(at_first, "work_item__approval", "amount"),
            shared_sales=_sum(WorkItem.objects.all(), "approval", "amount"),
            approved_sales=Case(When(in_full, then=F("priced_amount")), default=F("sales_amount")),
        )
        .exclude(shared_cost=F("cost_amount"), shared_sales=F("approved_sales"))
        .order_by("pk")
    )


def _reversals() -> QuerySet:
    # The database compares stored integers, so no difference can be rounded away.
    return Actual.objects.filter(reverses__isnull=False).exclude(
        quantity=-F("reverses__quantity"),
        amount=-F("reverses__amount"),
        price=F("reverses__price"),
        type=F("reverses__type"),
        work_item=F("reverses__work_item"),
        billing_type=F("reverses__billing_type"),
    )


def _unsealed_events() -> QuerySet:
    return ActualEvent.objects.filter(~Exists(ActualEventSeal.objects.filter(event=OuterRef("pk"))))


def _proforma_totals() -> QuerySet:
    paid = InvoiceLineDetail.objects.filter(billing_type=BillingType.CHARGEABLE)
    return Proforma.objects.annotate(added_up=_sum(paid, "line__proforma", "amount")).exclude(
        net_amount=F("added_up")
    )


def _billed_details() -> QuerySet:
    """Details of confirmed proformas without their billed row or the reversal of what they claimed."""
    billed = Actual.objects.billed_sales().filter(
        bills=OuterRef("actual"), quantity=OuterRef("quantity"), amount=OuterRef("amount")
    )
    reversal = Actual.objects.filter(reverses=OuterRef("actual"))
    by_hand = Actual.objects.billed_sales().filter(
        work_item=OuterRef("work_item"), quantity=OuterRef("quantity"), amount=OuterRef("amount")
    )
    frozen = InvoiceLineDetail.objects.filter(line__proforma__status__in=FROZEN)
    of_actual = Q(actual__isnull=False)
    return frozen.filter(
        (of_actual & (~Exists(billed) | ~Exists(reversal))) | (~of_actual & ~Exists(by_hand))
    )


def _unbalanced() -> QuerySet:
    """Numbers of vouchers whose debits and credits differ in a currency."""
    # Grouped by currency, because amounts of two currencies never make up for one another (M4).
    return (
        VoucherLine.objects.order_by()
        .values("voucher", "currency")
        .annotate(sum=Sum("amount"), base=Sum("base_amount"))
        .exclude(sum=ZERO)
        .values_list("voucher__number", flat=True)
    )


def _unbalanced_in_base() -> QuerySet:
    lines = VoucherLine.objects.order_by().values("voucher")
    wrong = lines.annotate(base=Sum("base_amount"), count=Count("pk")).exclude(base=ZERO)
    return wrong.values_list("voucher__number", flat=True)


def _numbers() -> QuerySet:
    # From one to the count without a gap, and the series stands where its last invoice does (L2).
    used = NumberSeries.objects.annotate(
        count=Count("customer_invoices"),
        first=Min("customer_invoices__series_number"),
        last=Max("customer_invoices__series_number"),
    ).filter(count__gt=0)
    return used.exclude(first=1, last=F("count"), last_number=F("count"))


def _subledger() -> list[str]:
    """Customers whose subledger differs from the control account, in their currency or the entity's."""
    # Customer by customer: opposite differences of two of them would cancel out in one total (G4).
    control = VoucherLine.objects.filter(account__control=ControlKind.CUSTOMER)
    sums = {"sum": Sum("amount"), "base": Sum("base_amount")}
    return _unequal(
        _by(control, "customer__name", **sums),
        _by(CustomerTransaction.objects.all(), "customer__name", **sums),
    )


def _by(rows: QuerySet, name: str, **sums: Aggregate) -> dict[tuple[Any, str], tuple[Any, ...]]:
    """Sums by a name and the currency; what adds up to nothing is left out."""
    grouped = rows.order_by().values_list(name, "currency").annotate(**sums)
    return {(row[0], row[1]): tuple(row[2:]) for row in grouped if any(row[2:])}


def _accounts_of(posting_type: str) -> QuerySet:
    return PostingAccountUse.objects.filter(posting_type=posting_type).values("account")


def _unequal(one: dict[Any, Any], other: dict[Any, Any]) -> list[str]:
    return [
        " ".join(str(part) for part in key)
        for key in sorted(one.keys() | other.keys(), key=str)
        if one.get(key) != other.get(key)
    ]


def _control_without_party() -> QuerySet:
    return VoucherLine.objects.filter(account__control=ControlKind.CUSTOMER, customer__isnull=True)


def _control_without_subledger() -> QuerySet:
    owed = CustomerTransaction.objects.filter(
        voucher=OuterRef("voucher"), customer=OuterRef("customer"), amount=OuterRef("amount")
    )
    return VoucherLine.objects.filter(~Exists(owed), account__control=ControlKind.CUSTOMER)


def _work_in_progress() -> list[str]:
    """Projects whose work in progress in the ledger is not what was accrued and is not yet invoiced."""
    invoiced = InvoiceProposalLine.objects.filter(
        detail__actual=OuterRef("actual"), proposal__status=ProposalStatus.POSTED
    )
    # Posting an invoice takes the accrual back: only what no posted proposal holds may be left there.
    waiting = IntegrationJournalLine.objects.posted().filter(~Exists(invoiced), is_accrued=True)
    booked = VoucherLine.objects.filter(account__in=_accounts_of(PostingType.WIP_SALES_VALUE))
    # What estimates put there has a proof of its own (G12).
    booked = booked.exclude(voucher__source_kind=VoucherSource.ESTIMATE)
    total = {"sum": Sum("amount"), "base": Sum("base_amount")}
    return _unequal(_by(booked, "project__number", **total), _by(waiting, "project__number", **total))


def _invoice_sums() -> QuerySet:
    lines = InvoiceProposalLine.objects.filter(proposal=OuterRef("proposal"))
    net = lines.order_by().values("proposal").annotate(sum=Sum("amount")).values("sum")
    taxes = InvoiceTax.objects.all()
    return CustomerInvoice.objects.annotate(
        lines_net=Coalesce(Subquery(net), NO_AMOUNT),
        proforma_net=F("proposal__proforma__net_amount"),
        tax_rows=_sum(taxes, "invoice", "tax_amount"),
    ).exclude(net_amount=F("lines_net"), proforma_net=F("net_amount"), tax_amount=F("tax_rows"))


def _proformas_out_of_step() -> QuerySet:
    posted = CustomerInvoice.objects.filter(
        proposal__proforma=OuterRef("pk"), number=OuterRef("customer_invoice_number")
    )
    is_posted = Q(status=ProformaStatus.POSTED)
    return Proforma.objects.filter(
        (is_posted & ~Exists(posted)) | (~is_posted & ~Q(customer_invoice_number=""))
    )


def _lines_of_proposals() -> list[str]:
    """Proposals that do not carry exactly the details of their proforma."""
    details = InvoiceLineDetail.objects.filter(line__proforma__proposal__isnull=False).order_by()
    held = InvoiceProposalLine.objects.order_by()
    return _unequal(
        _counted(details.values_list("line__proforma__number")),
        _counted(held.values_list("proposal__proforma__number")),
    )


def _counted(names: QuerySet) -> dict[tuple[str], int]:
    return {(one,): count for one, count in names.annotate(count=Count("pk"))}


PROOFS = (
    Proof("J2", _("A reversal is the exact negation of its original."), _reversals),
    Proof("J3", _("Unbilled plus billed equals approved plus adjusted, for every work item."), _conservation),
    Proof("M3", _("The shares of an approval's payers add up to its cost and its sales."), _shares),
    Proof("J3s", _("Every event is sealed."), _unsealed_events),
    Proof("K3a", _("Every open unbilled row is in the backlog."), open_without_backlog),
    Proof("K3b", _("Every backlog row is open."), backlog_without_open),
    Proof("K3c", _("On a draft means held by an open draft, and only then."), claims),
    Proof("K3d", _("A milestone is on an invoice exactly when it says so."), milestone_claims),
    Proof("K5a", _("The amounts of an advance are those of its proformas."), retainer_amounts),
    Proof("K5b", _("What is left of an advance is its open unbilled row, negated."), retainer_balances),
    Proof("K6", _("What is open of a retention is its open unbilled row."), retention_balances),
    Proof("K5c", _("An advance says what became of its balance."), retainer_statuses),
    Proof("I2", _("A proforma's net is the sum of its chargeable details."), _proforma_totals),
    Proof(
        "I3",
        _("Every confirmed detail has its billed row, and what it claimed is reversed."),
        _billed_details,
    ),
    Proof("I3p", _("A proposal carries every detail of its proforma once."), _lines_of_proposals),
    Proof("L2", _("Invoice numbers run from one without a gap."), _numbers),
    Proof("G1", _("Every voucher balances in each currency."), _unbalanced),
    Proof("G1b", _("Every voucher balances in the entity's currency."), _unbalanced_in_base),
    Proof("G4a", _("The customer subledger equals its control account."), _subledger),
    Proof("G4b", _("Every line on a control account names its customer."), _control_without_party),
    Proof("G4c", _("Every line on a control account has its subledger row."), _control_without_subledger),
    Proof("G5", _("Work in progress is what was accrued and is not invoiced."), _work_in_progress),
    Proof("G11", _("Cost in the balance is what was posted there and neither moved nor taken back."), held),
    Proof("G12", _("Estimates are in the balance until they are eliminated or reversed."), estimated),
    *(Proof(*one) for one in WAITING),
    Proof("G7", _("An invoice is the sum of its lines and taxes, and equals its proforma."), _invoice_sums),
    Proof("I1", _("A proforma is posted exactly when its customer invoice exists."), _proformas_out_of_step),
    *work.PROOFS,
    *journals.PROOFS,
    *exports.PROOFS,
    *vouchers.PROOFS,
    *invoices.PROOFS,
    *taxes.PROOFS,
    *discounts.PROOFS,
    *estimates.PROOFS,
    *(Proof(*one) for one in RECEIVABLES),
)
