"""The five usual profiles of the event table, and the ledger as an accountant reads it after each step.

Eight hours cost 800 and sell for 1,600, a fixed price is 5,000, tax is 20 %.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from accounting.estimating import Estimated, create_estimates
from accounting.models import CostRevenueProfile, FiscalPeriod, RevenueEstimate
from accounting.recognising import eliminate_estimates, post_estimates
from billing.models import Proforma
from projects.models import Approval, ContractLine
from projects.states import BillingMethod
from tests.company import Company
from tests.company.checking import assert_proven, unbalanced
from tests.company.rows import NOW
from tests.company.text import table

BALANCE = ("1410", "1450", "1460", "1470", "1710")
"""Retentions, work in progress at sales and cost value, invoiced on account, advances: nothing stays."""

PROFILES: dict[str, dict[str, Any]] = {
    "TM no WIP": {"accrues": False},
    "TM WIP": {"accrues": True},
    "FP no WIP": {"on_account": "profit_and_loss"},
    "FP completed contract": {"on_account": "balance", "recognition": "completed_contract"},
    "FP completed percentage": {"on_account": "balance", "recognition": "completed_percentage"},
}
FIXED = [name for name in PROFILES if name.startswith("FP")]
HOURLY = [name for name in PROFILES if name.startswith("TM")]
OVER_TIME = [name for name in FIXED if "completed" in name]

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
ON = date(2026, 4, 30)


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


def worked(company: Company) -> Approval:
    approval = company.approved(8)
    company.journalise()
    return approval


def billed(company: Company) -> Proforma:
    (confirmed,) = company.confirm(company.draft())
    company.invoices()
    return confirmed


def milestone(company: Company) -> Proforma:
    """The draft of a milestone of the project at a fixed price."""
    company.milestone("5000", line=company.line)
    (draft,) = company.drafts()
    return draft


def billed_milestone(company: Company) -> Proforma:
    (confirmed,) = company.confirm(milestone(company))
    company.invoices()
    return confirmed


def drafted(company: Company, profile: str) -> Proforma:
    """A draft of what the profile bills: eight hours by time, the milestone of 5,000 at a fixed price."""
    company.approved(8)
    return milestone(company) if profile in FIXED else company.draft()


def estimate(company: Company, starts_on: date = MARCH, **progress: int) -> None:
    """Estimate the project at the end of a period, and post it."""
    period = FiscalPeriod.objects.get(legal_entity=company.entity, starts_on=starts_on)
    values = {name: Decimal(value) for name, value in progress.items()}
    create_estimates([Estimated(company.project, **values)], period, actor=company.accountant, at=NOW)
    created = RevenueEstimate.objects.in_status("created")
    post_estimates(created, actor=company.accountant, at=NOW)


def eliminate(company: Company) -> None:
    eliminate_estimates(RevenueEstimate.objects.all(), on=ON, actor=company.accountant, at=NOW)


def recognised(company: Company, profile: str) -> None:
    """At a fixed price over time: the estimate of March, when all is done, is posted and eliminated."""
    if profile in OVER_TIME:
        estimate(company, **({"percent": 100} if "percentage" in profile else {}))
        eliminate(company)
