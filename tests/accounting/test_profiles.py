"""Which accounts a fact moves, and which profile decides (C2)."""

import pytest

from accounting.profiles import (
    ACCRUAL,
    COST_CREDIT,
    COST_DEBIT,
    CUSTOMER_ADVANCES,
    DISCOUNT,
    ON_ACCOUNT,
    PURCHASES,
    RETENTIONS,
    REVENUE,
    Move,
    ProfileFacts,
    RuleFacts,
    Situation,
    accrual_move,
    cost_move,
    profile_for,
    revenue_account,
)
from accounting.states import CostPosting, OnAccountPosting, PostingType

COSTS = {"time": "profit_and_loss", "expense": "profit_and_loss", "material": "profit_and_loss"}


def profile(name: str = "p", method: str = "time_and_material", **facts) -> ProfileFacts:
    facts = {"costs": COSTS, "accrues": frozenset(), "on_account": "profit_and_loss"} | facts
    return ProfileFacts(name, method, **facts)


HERE = Situation("time_and_material", project_id=1, project_group="group", contract_id=5)
OF_ALL = RuleFacts(profile("all"))
OF_CONTRACT = RuleFacts(profile("contract"), contract_id=5)
OF_GROUP = RuleFacts(profile("group"), project_group="group")
OF_PROJECT = RuleFacts(profile("project"), project_id=1)


@pytest.mark.parametrize(
    ("rules", "name"),
    [
        ([OF_ALL], "all"),
        ([OF_ALL, OF_CONTRACT], "contract"),
        ([OF_ALL, OF_CONTRACT, OF_GROUP], "group"),
        ([OF_ALL, OF_CONTRACT, OF_GROUP, OF_PROJECT], "project"),
        ([OF_ALL, RuleFacts(profile("another"), project_id=2)], "all"),
        ([OF_ALL, RuleFacts(profile("another"), project_group="other")], "all"),
        ([OF_ALL, RuleFacts(profile("another"), contract_id=6)], "all"),
        ([OF_ALL, RuleFacts(profile("fixed", "fixed_price"), project_id=1)], "all"),
        ([OF_ALL, RuleFacts(profile("second of all"))], "all"),
    ],
)
def test_the_most_specific_rule_decides_in_whatever_order(rules, name):
    assert profile_for(HERE, rules).name == name


def test_where_no_rule_fits_there_is_no_profile():
    assert profile_for(HERE, []) is None
    assert profile_for(HERE, [RuleFacts(profile("fixed", "fixed_price"))]) is None


@pytest.mark.parametrize(
    ("kind", "where", "move"),
    [
        ("time", "profit_and_loss", Move("project_cost", "payroll_allocation")),
        ("time", "balance", Move("wip_cost_value", "payroll_allocation")),
        ("time", "no_ledger", None),
        ("time", "never_ledger", None),
        ("expense", "profit_and_loss", Move("project_cost", "expense_offset")),
        ("material", "profit_and_loss", Move("project_cost", "item_cost")),
        ("material", "balance", Move("wip_cost_value", "item_cost")),
        ("fee", "profit_and_loss", None),
    ],
)
def test_what_a_cost_moves(kind, where, move):
    assert cost_move(profile(costs=COSTS | {kind: where}), kind) == move


def test_what_waits_for_its_invoice_is_accrued_where_the_profile_says_so():
    accruing = profile(accrues=frozenset({"time"}))
    assert accrual_move(accruing, "time") == Move("wip_sales_value", "accrued_revenue")
    assert accrual_move(accruing, "expense") is None


@pytest.mark.parametrize(
    ("kind", "on_account", "account"),
    [
        ("time", "balance", "invoiced_revenue"),
        ("fee", "profit_and_loss", "invoiced_revenue"),
        ("retainer", "balance", "customer_advances"),
        ("milestone", "profit_and_loss", "invoiced_on_account"),
        ("milestone", "balance", "wip_invoiced_on_account"),
        ("discount", "profit_and_loss", "sales_discount"),
        ("retention", "balance", "retention_receivable"),
    ],
)
def test_what_an_invoice_credits(kind, on_account, account):
    assert revenue_account(profile(on_account=on_account), kind) == account


def test_the_tables_speak_of_the_values_of_the_enumerations_alone():
    """The rules are pure and so repeat the values of what is chosen in the set-up."""
    assert set(COST_DEBIT) | {CostPosting.NO_LEDGER, CostPosting.NEVER_LEDGER} == set(CostPosting)
    assert set(ON_ACCOUNT) == set(OnAccountPosting)
    roles = [*COST_DEBIT.values(), *COST_CREDIT.values(), *ON_ACCOUNT.values(), REVENUE, DISCOUNT, RETENTIONS]
    roles += [ACCRUAL.debit, ACCRUAL.credit]
    roles += [CUSTOMER_ADVANCES, PURCHASES]
    others = {PostingType.CUSTOMER_BALANCE, PostingType.SALES_TAX_PAYABLE}
    others |= {PostingType.ROUNDING, PostingType.EXCHANGE_DIFFERENCE, PostingType.SMALL_DIFFERENCE}
    others |= {PostingType.RETAINED_EARNINGS, PostingType.CASH_DISCOUNT}
    others |= {PostingType.REVALUATION, PostingType.UNREALISED_GAIN, PostingType.UNREALISED_LOSS}
    others |= {PostingType.OPENING_BALANCE}
    assert set(roles) | others == set(PostingType)
