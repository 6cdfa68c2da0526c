"""What a submission says about an entry: its contract line, prices, amounts and billing type (A4, A7)."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from core.money import ZERO, times
from core.refusals import Refusal
from projects.contract_terms import ContractTerms, cost_currency_of
from projects.models import Approval, ContractLine, Entry
from projects.states import ApprovalStatus, BillingType, TransactionClass
from projects.steps import unit_of
from projects.time_amounts import kept, settle
from projects.time_totals import TimeTotals

TERMS = (
    "contract_line",
    "submitted_quantity",
    "unit",
    "proposed_quantity",
    "proposed_seconds",
    "proposed_amount",
    "priced_quantity",
    "priced_amount",
    "billable_quantity",
    "billing_type",
    "cost_price",
    "cost_amount",
    "cost_currency",
    "sales_price",
    "sales_amount",
    "sales_currency",
    "price_source",
    "price_list",
    "is_priced",
    "price_problem",
    "cost_price_source",
    "cost_price_list",
    "is_cost_priced",
)
"""What the contract terms say of a submission."""


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
    minor unit. Time is billed as its line says, as if it were the only entry of its day and month;
    `set_time_amounts` takes the others into account (A4, A7, A11).
    """
    line = terms.line_of(entry)
    cost_currency = cost_currency_of(entry)
    cost = terms.cost_price_of(entry, line)
    sales = terms.sales_price_of(entry, line, cost)
    sales_currency = line.contract.currency if line else ""
    amount = times(entry.quantity, sales.unit_price, sales_currency) if line else ZERO
    approval = Approval(
        entry=entry,
        contract_line=line,
        submitted_quantity=entry.quantity,
        unit=unit_of(entry, line),
        proposed_quantity=entry.quantity,
        proposed_amount=amount,
        priced_quantity=entry.quantity,
        priced_amount=amount,
        billable_quantity=entry.quantity,
        billing_type=terms.billing_type_of(entry, line),
        cost_price=cost.unit_price,
        cost_amount=times(entry.quantity, cost.unit_price, cost_currency),
        cost_currency=cost_currency,
        sales_price=sales.unit_price,
        sales_amount=amount,
        sales_currency=sales_currency,
        price_source=sales.source,
        price_list_id=sales.list_key,
        is_priced=sales.is_known,
        price_problem=sales.problem,
        cost_price_source=cost.source,
        cost_price_list_id=cost.list_key,
        is_cost_priced=cost.is_known,
        # Copied, so that the database itself can refuse that somebody approves own work (S1).
        worker_id=entry.resource.user_id if entry.resource else None,
        submitted_by=actor,
        submitted_at=at,
        status=status,
    )
    # As if it were the only entry; `set_time_amounts` sets it again together with the others.
    if entry.transaction_class == TransactionClass.TIME:
        settle(approval, TimeTotals())
    return approval


def renewed(old: Approval, terms: ContractTerms, entry: Entry | None = None) -> Approval:
    """A copy of the decision `old` under the contract terms of today, not written yet.

    `entry` stands in the place of the old one where that is corrected. Who submitted, who decided and when
    stay. Billable quantity and billing type stay the approver's where the approver changed them, unless no
    contract line includes the work any more. Amounts as in `approval_of`
    (matrix 4.1 #10, #13, #15, #16).
    """
    approved = ApprovalStatus.APPROVED
    new = approval_of(entry or old.entry, terms, actor=old.submitted_by, at=old.submitted_at, status=approved)
    new.decided_by_id, new.decided_at, new.comment = old.decided_by_id, old.decided_at, old.comment
    new.on_behalf_of_id = old.on_behalf_of_id
    if old.terms_changed and new.billing_type != BillingType.NOT_AVAILABLE:
        new.terms_changed = True
        # What no line included was not available, which nobody chose.
        if old.billing_type != BillingType.NOT_AVAILABLE:
            new.billing_type = old.billing_type
        # Hours say nothing where days are billed now, and a quantity nobody changed follows the line.
        if old.billable_quantity != old.proposed_quantity and old.unit == new.unit:
            new.billable_quantity = old.billable_quantity
        if new.sales_currency:
            new.sales_amount = new.amount_of(new.billable_quantity)
    return new


def repriced(old: Approval, terms: ContractTerms) -> Approval:
    """A copy of the decision `old` at the prices of today, not written yet; nothing but prices changes.

    Contract line, quantities and billing type stay. Where there is no price today, the old one stays. Amounts
    are in the old currencies, rounded once to the minor unit (B11).
    """
    columns = {field.attname: getattr(old, field.attname) for field in old._meta.concrete_fields}
    del columns["id"]
    new = Approval(**columns)
    new.entry, new.contract_line = old.entry, old.contract_line
    cost = terms.cost_price_of(old.entry, old.contract_line)
    if cost.is_known:
        new.cost_price, new.is_cost_priced = cost.unit_price, True
        new.cost_price_source, new.cost_price_list_id = cost.source, cost.list_key
    sales = terms.sales_price_of(old.entry, old.contract_line, cost)
    # A price per day says nothing about hours that were billed before the line began to bill days.
    if sales.is_known and old.unit == unit_of(old.entry, old.contract_line):
        new.sales_price, new.is_priced, new.price_problem = sales.unit_price, True, ""
        new.price_source, new.price_list_id = sales.source, sales.list_key
    if (new.cost_price, new.sales_price) != (old.cost_price, old.sales_price):
        _multiply(new)
    return new


def _multiply(approval: Approval) -> None:
    """Set the amounts of a submission whose prices changed and whose quantities stay."""
    if approval.entry.transaction_class == TransactionClass.TIME:
        settle(approval, TimeTotals(), kept(approval))
        return
    price, currency = approval.sales_price, approval.sales_currency
    approval.cost_amount = times(approval.submitted_quantity, approval.cost_price, approval.cost_currency)
    if currency:
        approval.proposed_amount = times(approval.proposed_quantity, price, currency)
        approval.priced_amount = times(approval.priced_quantity, price, currency)
        approval.sales_amount = approval.amount_of(approval.billable_quantity)


def waiting_again(old: Approval) -> Approval:
    """A copy of the submission `old`, undecided and not written yet: prices and terms are those it had.

    Who submitted it, and when, stay. A price list that changed meanwhile changes nothing, as for everything
    that waits (A7, A9).
    """
    columns = {field.attname: getattr(old, field.attname) for field in old._meta.concrete_fields}
    for name in ("id", "decided_by_id", "decided_at", "on_behalf_of_id", "comment"):
        del columns[name]
    new = Approval(**columns | {"status": ApprovalStatus.SUBMITTED})
    # Loaded already; without this the policy would read them one by one.
    new.entry, new.contract_line = old.entry, old.contract_line
    return new


def fee_refusals(entry: Entry, line: ContractLine | None) -> Iterator[Refusal]:
    """Why a fee cannot be billed: no line by time and material takes it, and it has no cost (matrix 4.1 #12).

    Code: fee-not-billable.
    """
    if line is not None and line.is_time_and_material:
        return
    message = (
        _("No contract line includes fees of project %(project)s.") % {"project": entry.project}
        if line is None
        else _("Contract line %(line)s has a fixed price, and fees are not billed on it.") % {"line": line}
    )
    yield Refusal(
        "fee-not-billable",
        message,
        str(entry),
        _("Add fees to a line by time and material, or bill a milestone."),
    )
