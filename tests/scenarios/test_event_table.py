"""Every cell of the table of accounting events, by profile: the ledger after each step (C2, P1-P18).

Eight hours cost 800 and sell for 1,600, tax is 20 %. Run with `-s` to read the ledger of each step.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.estimating import Estimated, create_estimates
from accounting.models import CostRevenueProfile, FiscalPeriod, IntegrationJournalLine, RevenueEstimate
from accounting.moving_costs import move_costs
from accounting.recognising import eliminate_estimates, post_estimates
from projects.cancelling import cancel_approvals
from projects.models import ContractLine, TransactionCategory
from projects.states import BillingMethod
from tests.company import Company, only
from tests.company.checking import assert_proven, unbalanced
from tests.company.corrections import corrected
from tests.company.retainers import invoiced as invoiced_advance
from tests.company.rows import DAY, NOW, next_number
from tests.company.text import table

pytestmark = pytest.mark.django_db

BALANCE = ("1450", "1460", "1470", "1710")
"""Work in progress at sales and cost value, invoiced on account, advances: nothing of it stays at the end."""

PROFILES: dict[str, dict[str, Any]] = {
    "TM no WIP": {"accrues": False},
    "TM WIP": {"accrues": True},
    "FP no WIP": {"on_account": "profit_and_loss"},
    "FP completed contract": {"on_account": "balance", "recognition": "completed_contract"},
    "FP completed percentage": {"on_account": "balance", "recognition": "completed_percentage"},
}
FIXED = [name for name in PROFILES if name.startswith("FP")]
HOURLY = [name for name in PROFILES if name.startswith("TM")]


def company_of(profile: str) -> Company:
    """A company whose work is governed by one of the five profiles."""
    options = dict(PROFILES[profile])
    recognition = options.pop("recognition", "none")
    company = Company(**options)
    company.sells_expenses_at_cost_plus("0")
    company.sells_material_for("250")
    if profile in FIXED:
        company.works_at_a_fixed_price()
        ContractLine.objects.filter(pk=company.line.pk).update(contracted_amount=Decimal(5000))
        fixed = CostRevenueProfile.objects.filter(billing_method=BillingMethod.FIXED_PRICE)
        fixed.update(recognition=recognition)
    return company


def step(company: Company, name: str, ledger: str) -> None:
    """The ledger after a step, account by account."""
    print(f"\n{name}\n{company.ledger()}")  # noqa: T201 - the ledger is what an accountant reads here
    assert company.ledger() == table(ledger), name
    assert unbalanced() == []


def ends(company: Company) -> None:
    """Nothing is left in the balance of work, and every proof holds."""
    left = [line for line in company.ledger().splitlines() if line.startswith(BALANCE)]
    assert [line for line in left if not line.endswith(" 0.00")] == []
    assert_proven()


def worked(company: Company) -> Any:
    approval = company.approved(8)
    company.journalise()
    return approval


def billed(company: Company) -> Any:
    (confirmed,) = company.confirm(company.draft())
    company.invoices()
    return confirmed


@pytest.mark.parametrize("profile", PROFILES)
def test_cost_of_time_expense_and_material_in_use_and_bought(profile):
    company = company_of(profile)
    CostRevenueProfile.objects.update(
        accrues_time=False, accrues_expense=False, accrues_material=False, accrues_fee=False
    )
    bought = TransactionCategory.objects.create(
        name=f"Bought {next_number()}", transaction_class="material", unit="pcs", is_purchased=True
    )
    worked(company)
    step(
        company,
        f"{profile}: cost of time",
        """
        4100 Project cost        +800.00
        4199 Payroll allocation  -800.00
        """,
    )
    company.approved(1, "expense", price=Decimal(500))
    company.approved(1, "material", price=Decimal(250), product="Cable")
    company.approved(1, "material", price=Decimal(250), product="Cable", category=bought)
    company.journalise()
    step(
        company,
        f"{profile}: an expense, material from stock and material that was bought",
        """
        1590 Expense integration       -500.00
        1600 Procurement integration   -250.00
        4100 Project cost             +1800.00
        4199 Payroll allocation        -800.00
        4400 Cost of items             -250.00
        """,
    )
    assert_proven()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_cancelled_approval_takes_every_voucher_back_exactly(profile):
    company = company_of(profile)
    approval = worked(company)
    cancel_approvals(only(approval), comment="Wrong", actor=company.manager, on=DAY, at=NOW)
    company.journalise()
    assert {line.rsplit(" ", 1)[1] for line in company.ledger().splitlines()} == {"0.00"}
    ends(company)


def test_hours_that_are_not_accrued_from_the_work_to_the_corrected_invoice():
    company = company_of("TM no WIP")
    worked(company)
    confirmed = billed(company)
    step(
        company,
        "TM no WIP: invoice",
        """
        1400 Trade receivables   +1920.00
        1776 Sales tax payable    -320.00
        4100 Project cost         +800.00
        4199 Payroll allocation   -800.00
        8400 Invoiced revenue    -1600.00
        """,
    )
    corrected(company, confirmed, quantity="6")
    company.invoices()
    step(
        company,
        "TM no WIP: 8 to 6",
        """
        1400 Trade receivables   +1440.00
        1776 Sales tax payable    -240.00
        4100 Project cost         +800.00
        4199 Payroll allocation   -800.00
        8400 Invoiced revenue    -1200.00
        """,
    )
    ends(company)


def test_hours_that_are_accrued_from_the_work_to_the_corrected_invoice_and_the_rest():
    company = company_of("TM WIP")
    worked(company)
    step(
        company,
        "TM WIP: cost and unbilled sales",
        """
        1450 Work in progress, sales value  +1600.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value   -1600.00
        """,
    )
    confirmed = billed(company)
    step(
        company,
        "TM WIP: invoice",
        """
        1400 Trade receivables              +1920.00
        1450 Work in progress, sales value      0.00
        1776 Sales tax payable               -320.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value       0.00
        """,
    )
    corrected(company, confirmed, quantity="6")
    company.invoices()
    step(
        company,
        "TM WIP: 8 to 6; two hours wait again (R2)",
        """
        1400 Trade receivables              +1440.00
        1450 Work in progress, sales value   +400.00
        1776 Sales tax payable               -240.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1200.00
        8450 Accrued revenue, sales value    -400.00
        """,
    )
    assert_proven()
    billed(company)
    ends(company)
    assert "1400 Trade receivables +1920.00" in company.ledger()


@pytest.mark.parametrize("by_hand", [False, True])
def test_cost_that_waits_in_the_balance_moves_later(by_hand):
    company = company_of("TM no WIP")
    CostRevenueProfile.objects.update(post_time_cost="balance")
    worked(company)
    step(
        company,
        "TM, cost in the balance: cost of time",
        """
        1460 Work in progress, cost value  +800.00
        4199 Payroll allocation            -800.00
        """,
    )
    if by_hand:
        lines = IntegrationJournalLine.objects.all()
        move_costs(lines, on=date(2026, 3, 31), actor=company.accountant, at=NOW)
        step(
            company,
            "TM, cost in the balance: moved",
            """
            1460 Work in progress, cost value     0.00
            4100 Project cost                  +800.00
            4199 Payroll allocation            -800.00
            """,
        )
    billed(company)
    step(
        company,
        "TM, cost in the balance: invoice",
        """
        1400 Trade receivables             +1920.00
        1460 Work in progress, cost value      0.00
        1776 Sales tax payable              -320.00
        4100 Project cost                   +800.00
        4199 Payroll allocation             -800.00
        8400 Invoiced revenue              -1600.00
        """,
    )
    ends(company)


@pytest.mark.parametrize("profile", HOURLY)
def test_an_advance_is_invoiced_and_applied(profile):
    company = company_of(profile)
    invoiced_advance(company, "1000", by=DAY)
    company.invoices()
    step(
        company,
        f"{profile}: advance invoiced",
        """
        1400 Trade receivables      +1200.00
        1710 Advances of customers  -1000.00
        1776 Sales tax payable       -200.00
        """,
    )
    worked(company)
    billed(company)
    assert "1710 Advances of customers 0.00" in company.ledger()
    assert "8400 Invoiced revenue -1600.00" in company.ledger()
    ends(company)


MILESTONE = {
    "FP no WIP": "8410 Invoiced revenue, on account  -5000.00",
    "FP completed contract": "1470 Invoiced on account  -5000.00",
    "FP completed percentage": "1470 Invoiced on account  -5000.00",
}


@pytest.mark.parametrize("profile", FIXED)
def test_a_milestone_and_the_life_of_its_project(profile):
    company = company_of(profile)
    company.milestone("5000", line=company.line)
    (draft,) = company.drafts()
    company.confirm(draft)
    company.invoices()
    on_account = MILESTONE[profile]
    lines = sorted(["1400 Trade receivables +6000.00", "1776 Sales tax payable -1000.00", on_account])
    step(company, f"{profile}: milestone", "\n".join(lines))
    worked(company)
    if PROFILES[profile]["on_account"] == "balance":
        recognise(company, profile)
    ends(company)
    earned = {"FP no WIP": "8410 Invoiced revenue, on account -5000.00"}
    assert earned.get(profile, "8450 Accrued revenue, sales value -5000.00") in company.ledger()
    assert "4100 Project cost +800.00" in company.ledger()


RECOGNISED = {
    "FP completed contract": """
        1400 Trade receivables             +6000.00
        1460 Work in progress, cost value   +800.00
        1470 Invoiced on account           -5000.00
        1776 Sales tax payable             -1000.00
        4100 Project cost                      0.00
        4199 Payroll allocation             -800.00
        """,
    "FP completed percentage": """
        1400 Trade receivables              +6000.00
        1450 Work in progress, sales value  +5000.00
        1470 Invoiced on account            -5000.00
        1776 Sales tax payable              -1000.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value   -5000.00
        """,
}


def recognise(company: Company, profile: str) -> None:
    """The estimate of the last period: posted, then eliminated."""
    march = FiscalPeriod.objects.get(legal_entity=company.entity, starts_on=date(2026, 3, 1))
    total = Decimal(800) if profile == "FP completed percentage" else None
    create_estimates([Estimated(company.project, total)], march, actor=company.accountant, at=NOW)
    post_estimates(RevenueEstimate.objects.all(), actor=company.accountant, at=NOW)
    step(company, f"{profile}: estimate posted", RECOGNISED[profile])
    assert_proven()
    eliminate_estimates(RevenueEstimate.objects.all(), on=date(2026, 3, 31), actor=company.accountant, at=NOW)
    print(f"\n{profile}: eliminated\n{company.ledger()}")  # noqa: T201
