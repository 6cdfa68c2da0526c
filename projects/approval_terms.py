"""What a submission says about an entry: its contract line, prices, amounts and billing type (A4, A7)."""

from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User

from core.money import ZERO, times
from projects.contract_terms import ContractTerms
from projects.models import Approval, Entry
from projects.states import ApprovalStatus, BillingType, PriceContext, TransactionClass


def approval_of(
    entry: Entry,
    terms: ContractTerms,
    *,
    actor: User,
    at: datetime,
    status: ApprovalStatus = ApprovalStatus.SUBMITTED,
) -> Approval:
    """A submission of `entry` as the contract terms say today, not written yet.

    Cost is in the entry's or the entity's currency, sales in the contract's; amounts are rounded once to the
    minor unit (A4, A7).
    """
    line = terms.line_of(entry)
    cost_currency = entry.currency or entry.legal_entity.currency
    cost_price = _cost_price_of(entry, terms, cost_currency)
    sales_price, source, is_priced = terms.sales_price_of(entry, line, cost_price, cost_currency)
    sales_currency = line.contract.currency if line else ""
    sales_amount = times(entry.quantity, sales_price, sales_currency) if line else ZERO
    return Approval(
        entry=entry,
        contract_line=line,
        submitted_quantity=entry.quantity,
        recorded_quantity=entry.quantity,
        billable_quantity=entry.quantity,
        billing_type=terms.billing_type_of(entry, line),
        cost_price=cost_price,
        cost_amount=times(entry.quantity, cost_price, cost_currency),
        cost_currency=cost_currency,
        sales_price=sales_price,
        recorded_amount=sales_amount,
        sales_amount=sales_amount,
        sales_currency=sales_currency,
        price_source=source,
        is_priced=is_priced,
        # Copied, so that the database itself can refuse that somebody approves own work (S1).
        worker_id=entry.resource.user_id if entry.resource else None,
        submitted_by=actor,
        submitted_at=at,
        status=status,
    )


def _cost_price_of(entry: Entry, terms: ContractTerms, currency: str) -> Decimal:
    """Cost of a unit: reported for expenses and material, from the cost list for time, nothing for fees."""
    if entry.transaction_class == TransactionClass.FEE:
        return ZERO
    if entry.price is not None:
        return entry.price
    return terms.price_of(entry, None, PriceContext.COST, currency).unit_price


def renewed(old: Approval, terms: ContractTerms) -> Approval:
    """The decision `old` once more, under the contract terms of today, not written yet.

    Who submitted, who decided and when stay. Billable quantity and billing type stay the approver's where the
    approver changed them, unless no contract line includes the work any more. Amounts as in `approval_of`
    (matrix 4.1 #13, #15, #16).
    """
    approved = ApprovalStatus.APPROVED
    new = approval_of(old.entry, terms, actor=old.submitted_by, at=old.submitted_at, status=approved)
    new.decided_by_id, new.decided_at, new.comment = old.decided_by_id, old.decided_at, old.comment
    if old.terms_changed and new.billing_type != BillingType.NOT_AVAILABLE:
        new.terms_changed = True
        new.billable_quantity, new.billing_type = old.billable_quantity, old.billing_type
        if new.sales_currency:
            new.sales_amount = new.amount_of(new.billable_quantity)
    return new


def waiting_again(old: Approval) -> Approval:
    """The submission `old` once more, undecided and not written yet: prices and terms are those it had.

    Who submitted it, and when, stay. A price list that changed meanwhile changes nothing, as for everything
    that waits (A7, A9).
    """
    kept = {field.attname: getattr(old, field.attname) for field in old._meta.concrete_fields}
    for name in ("id", "decided_by_id", "decided_at", "comment"):
        del kept[name]
    return Approval(**kept | {"status": ApprovalStatus.SUBMITTED})
