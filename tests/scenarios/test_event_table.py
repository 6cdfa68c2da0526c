"""Every cell of the table of accounting events, by profile: the ledger after each step (C2, P1-P18).

Eight hours cost 800 and sell for 1,600, tax is 20 %. Run with `-s` to read the ledger of each step.
"""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import CostRevenueProfile, IntegrationJournalLine
from accounting.moving_costs import move_costs
from projects.cancelling import cancel_approvals
from projects.models import TransactionCategory
from tests.company import only
from tests.company.checking import assert_proven
from tests.company.corrections import corrected
from tests.company.rows import DAY, NOW, next_number
from tests.scenarios.event_table import PROFILES, billed, company_of, ends, step, worked

pytestmark = pytest.mark.django_db


def bought_material() -> TransactionCategory:
    """The category of material that is bought for a project, not taken from stock."""
    return TransactionCategory.objects.create(
        name=f"Bought {next_number()}", transaction_class="material", unit="pcs", is_purchased=True
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_cost_of_time_expense_and_material_in_use_and_bought(profile):
    company = company_of(profile)
    CostRevenueProfile.objects.update(
        accrues_time=False, accrues_expense=False, accrues_material=False, accrues_fee=False
    )
    bought = bought_material()
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
    bought = bought_material()
    approvals = [
        company.approved(8),
        company.approved(1, "expense", price=Decimal(500)),
        company.approved(1, "material", price=Decimal(250), product="Cable"),
        company.approved(1, "material", price=Decimal(250), product="Cable", category=bought),
    ]
    company.journalise()
    assert "4100 Project cost +1800.00" in company.ledger()
    cancel_approvals(only(*approvals), comment="Wrong", actor=company.manager, on=DAY, at=NOW)
    company.journalise()
    accrued = {
        "TM WIP": """
        1450 Work in progress, sales value  0.00
        8450 Accrued revenue, sales value   0.00
        """
    }
    taken_back = """
        1590 Expense integration      0.00
        1600 Procurement integration  0.00
        4100 Project cost             0.00
        4199 Payroll allocation       0.00
        4400 Cost of items            0.00
        """
    lines = [*taken_back.strip().splitlines(), *accrued.get(profile, "").strip().splitlines()]
    step(company, f"{profile}: cancelled", "\n".join(sorted(line.strip() for line in lines)))
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


def test_an_expense_and_material_that_are_accrued_until_their_invoice():
    company = company_of("TM WIP")
    company.approved(1, "expense", price=Decimal(500))
    company.approved(1, "material", price=Decimal(250), product="Cable")
    company.approved(1, "material", price=Decimal(250), product="Cable", category=bought_material())
    company.journalise()
    step(
        company,
        "TM WIP: an expense, material from stock and material that was bought",
        """
        1450 Work in progress, sales value  +1000.00
        1590 Expense integration             -500.00
        1600 Procurement integration         -250.00
        4100 Project cost                   +1000.00
        4400 Cost of items                   -250.00
        8450 Accrued revenue, sales value   -1000.00
        """,
    )
    TransactionCategory.objects.update(item_sales_tax_group=company.item_group)
    billed(company)
    step(
        company,
        "TM WIP: their invoice",
        """
        1400 Trade receivables              +1200.00
        1450 Work in progress, sales value      0.00
        1590 Expense integration             -500.00
        1600 Procurement integration         -250.00
        1776 Sales tax payable               -200.00
        4100 Project cost                   +1000.00
        4400 Cost of items                   -250.00
        8400 Invoiced revenue               -1000.00
        8450 Accrued revenue, sales value       0.00
        """,
    )
    ends(company)
