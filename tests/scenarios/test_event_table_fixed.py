"""The event table at a fixed price: milestones, their correction, estimates of two periods (C2, C10).

The price is 5,000, eight hours cost 800, tax is 20 %. Run with `-s` to read the ledger of each step.
"""

import pytest

from accounting.models import RevenueEstimate
from accounting.recognising import restore_estimates, withdraw_estimates
from tests.company import Company
from tests.company.corrections import corrected
from tests.company.rows import NOW
from tests.scenarios.event_table import (
    APRIL,
    FIXED,
    ON,
    OVER_TIME,
    billed_milestone,
    company_of,
    eliminate,
    ends,
    estimate,
    recognised,
    step,
    worked,
)

pytestmark = pytest.mark.django_db

ON_ACCOUNT = {
    "FP no WIP": "8410 Invoiced revenue, on account",
    "FP completed contract": "1470 Invoiced on account",
    "FP completed percentage": "1470 Invoiced on account",
}


@pytest.mark.parametrize("profile", FIXED)
def test_a_milestone_is_invoiced_corrected_from_five_thousand_to_four_and_invoiced_in_full(profile):
    company, on_account = company_of(profile), ON_ACCOUNT[profile]
    confirmed = billed_milestone(company)
    step(company, f"{profile}: milestone", receivables("+6000.00", "-1000.00", f"{on_account} -5000.00"))
    corrected(company, confirmed, amount="4000")
    company.invoices()
    step(company, f"{profile}: 5,000 to 4,000", receivables("+4800.00", "-800.00", f"{on_account} -4000.00"))
    company.confirm(*company.drafts())
    company.invoices()
    step(company, f"{profile}: the rest", receivables("+6000.00", "-1000.00", f"{on_account} -5000.00"))
    worked(company)
    recognised(company, profile)
    step(company, f"{profile}: the end", AT_THE_END[profile])
    ends(company)


def receivables(owed: str, tax: str, revenue: str) -> str:
    lines = [f"1400 Trade receivables {owed}", f"1776 Sales tax payable {tax}", revenue]
    return "\n".join(sorted(lines))


AT_THE_END = {
    "FP no WIP": """
        1400 Trade receivables             +6000.00
        1776 Sales tax payable             -1000.00
        4100 Project cost                   +800.00
        4199 Payroll allocation             -800.00
        8410 Invoiced revenue, on account  -5000.00
        """,
    "FP completed contract": """
        1400 Trade receivables             +6000.00
        1460 Work in progress, cost value      0.00
        1470 Invoiced on account               0.00
        1776 Sales tax payable             -1000.00
        4100 Project cost                   +800.00
        4199 Payroll allocation             -800.00
        8450 Accrued revenue, sales value  -5000.00
        """,
    "FP completed percentage": """
        1400 Trade receivables              +6000.00
        1450 Work in progress, sales value      0.00
        1470 Invoiced on account                0.00
        1776 Sales tax payable              -1000.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value   -5000.00
        """,
}


# Of three times eight hours, eight are worked in March: a third of the price, or the cost of those hours.
MARCH_POSTED = {
    "FP completed contract": """
        1460 Work in progress, cost value  +800.00
        4100 Project cost                     0.00
        4199 Payroll allocation            -800.00
        """,
    "FP completed percentage": """
        1450 Work in progress, sales value  +1666.67
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value   -1666.67
        """,
}
MARCH_REVERSED = {
    "FP completed contract": """
        1460 Work in progress, cost value     0.00
        4100 Project cost                  +800.00
        4199 Payroll allocation            -800.00
        """,
    "FP completed percentage": """
        1450 Work in progress, sales value      0.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value       0.00
        """,
}
APRIL_POSTED = {
    "FP completed contract": """
        1400 Trade receivables             +6000.00
        1460 Work in progress, cost value  +2400.00
        1470 Invoiced on account           -5000.00
        1776 Sales tax payable             -1000.00
        4100 Project cost                      0.00
        4199 Payroll allocation            -2400.00
        """,
    "FP completed percentage": """
        1400 Trade receivables              +6000.00
        1450 Work in progress, sales value  +5000.00
        1470 Invoiced on account            -5000.00
        1776 Sales tax payable              -1000.00
        4100 Project cost                   +2400.00
        4199 Payroll allocation             -2400.00
        8450 Accrued revenue, sales value   -5000.00
        """,
}
ELIMINATED = {
    "FP completed contract": """
        1400 Trade receivables             +6000.00
        1460 Work in progress, cost value      0.00
        1470 Invoiced on account               0.00
        1776 Sales tax payable             -1000.00
        4100 Project cost                  +2400.00
        4199 Payroll allocation            -2400.00
        8450 Accrued revenue, sales value  -5000.00
        """,
    "FP completed percentage": """
        1400 Trade receivables              +6000.00
        1450 Work in progress, sales value      0.00
        1470 Invoiced on account                0.00
        1776 Sales tax payable              -1000.00
        4100 Project cost                   +2400.00
        4199 Payroll allocation             -2400.00
        8450 Accrued revenue, sales value   -5000.00
        """,
}


@pytest.mark.parametrize("profile", OVER_TIME)
def test_estimates_of_two_periods_are_posted_reversed_eliminated_and_restored(profile):
    company, done = company_of(profile), progress_of(profile)
    worked(company)
    estimate(company, **done)
    step(company, f"{profile}: estimate of March", MARCH_POSTED[profile])
    reversal = {"on": ON, "actor": company.accountant, "at": NOW}
    withdraw_estimates(RevenueEstimate.objects.all(), **reversal)
    step(company, f"{profile}: its reversal", MARCH_REVERSED[profile])
    estimate(company, **done)
    step(company, f"{profile}: estimate of March, made anew", MARCH_POSTED[profile])
    work_through_april(company)
    billed_milestone(company)
    estimate(company, APRIL, **done)
    step(company, f"{profile}: milestone, and estimate of April", APRIL_POSTED[profile])
    eliminate(company)
    step(company, f"{profile}: eliminated", ELIMINATED[profile])
    restore_estimates(RevenueEstimate.objects.all(), **reversal)
    restored = APRIL_POSTED[profile].strip().splitlines()
    if profile == "FP completed contract":
        restored.append("8450 Accrued revenue, sales value 0.00")
    step(company, f"{profile}: elimination reversed", "\n".join(restored))
    eliminate(company)
    step(company, f"{profile}: eliminated again", ELIMINATED[profile])
    ends(company)


def progress_of(profile: str) -> dict[str, int]:
    """By completed percentage a total cost of 2,400 was estimated; by completed contract none is needed."""
    return {"total_cost": 2400} if profile == "FP completed percentage" else {}


def work_through_april(company: Company) -> None:
    for day in (1, 2):
        company.approved(8, date=APRIL.replace(day=day))
    company.journalise()
