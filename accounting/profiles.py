"""Pure: which accounts a fact moves, by the profile that governs it (C2)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ProfileFacts:
    """A cost and revenue profile without its database; values are those of accounting.states."""

    name: str
    billing_method: str
    costs: dict[str, str]
    accrues: frozenset[str]
    on_account: str
    recognition: str = "none"


@dataclass(frozen=True)
class RuleFacts:
    """A rule that chooses a profile; it names a project, a group, a contract, or nothing."""

    profile: ProfileFacts
    project_id: int | None = None
    project_group: str = ""
    contract_id: int | None = None


@dataclass(frozen=True)
class Situation:
    """Where a fact happened."""

    billing_method: str
    project_id: int | None
    project_group: str
    contract_id: int | None


@dataclass(frozen=True)
class Move:
    """A debit and a credit of the same amount, by posting type."""

    debit: str
    credit: str


NOTHING_TO_POST = None

COST_DEBIT = {"profit_and_loss": "project_cost", "balance": "wip_cost_value"}
COST_CREDIT = {"time": "payroll_allocation", "expense": "expense_offset", "material": "item_cost"}
PURCHASES = "procurement"
REVENUE = "invoiced_revenue"
DISCOUNT = "sales_discount"
RETENTIONS = "retention_receivable"
ON_ACCOUNT = {"profit_and_loss": "invoiced_on_account", "balance": "wip_invoiced_on_account"}
CUSTOMER_ADVANCES = "customer_advances"
ACCRUAL = Move("wip_sales_value", "accrued_revenue")

ESTIMATE_MOVES = {
    "completed_percentage": ACCRUAL,
    # What a project costs before it is complete is kept in the balance.
    "completed_contract": Move("wip_cost_value", "project_cost"),
}


def profile_for(situation: Situation, rules: Iterable[RuleFacts]) -> ProfileFacts | None:
    """The profile of the most specific fitting rule: project, then group, then contract, then all."""
    best: tuple[int, ProfileFacts] | None = None
    for rule in rules:
        if rule.profile.billing_method != situation.billing_method:
            continue
        weight = _weight(rule, situation)
        if weight is not None and (best is None or weight > best[0]):
            best = (weight, rule.profile)
    return best[1] if best else None


def cost_move(profile: ProfileFacts, transaction_class: str, *, is_purchased: bool = False) -> Move | None:
    """Accounts that a cost of a class moves; nothing when the profile keeps the ledger out of it.

    Material bought for the project is credited where its purchase was booked, other material as used.
    """
    debit = COST_DEBIT.get(profile.costs.get(transaction_class, ""))
    is_bought = is_purchased and transaction_class == "material"
    credit = PURCHASES if is_bought else COST_CREDIT.get(transaction_class)
    if debit is None or credit is None:
        return NOTHING_TO_POST
    return Move(debit, credit)


def accrual_move(profile: ProfileFacts, transaction_class: str) -> Move | None:
    """Accounts that unbilled sales of a class move while they wait for their invoice."""
    return ACCRUAL if transaction_class in profile.accrues else NOTHING_TO_POST


def revenue_account(profile: ProfileFacts, transaction_class: str) -> str:
    """Posting type credited when a class is invoiced; milestones are on account, discounts by themselves.

    A retainer is owed to the customer until it is applied, which debits the same account (P15).
    """
    if transaction_class == "retainer":
        return CUSTOMER_ADVANCES
    if transaction_class == "retention":
        return RETENTIONS
    if transaction_class == "discount":
        return discount_account(profile)
    if transaction_class == "milestone":
        return ON_ACCOUNT[profile.on_account]
    return REVENUE


def discount_account(profile: ProfileFacts) -> str:
    """Posting type debited by a discount; an amount on account is lowered where it was credited."""
    if profile.billing_method == "fixed_price" and profile.on_account == "balance":
        return ON_ACCOUNT[profile.on_account]
    return DISCOUNT


def undiscounted_account(profile: ProfileFacts) -> str:
    """Posting type of the revenue of a line: discounts go there where no account is set for them."""
    return revenue_account(profile, "milestone" if profile.billing_method == "fixed_price" else "time")


def _weight(rule: RuleFacts, situation: Situation) -> int | None:
    if rule.project_id is not None:
        return 3 if rule.project_id == situation.project_id else None
    if rule.project_group:
        return 2 if rule.project_group == situation.project_group else None
    if rule.contract_id is not None:
        return 1 if rule.contract_id == situation.contract_id else None
    return 0
