"""The event table, what is taken off an invoice and given back: advances, discounts, fees, retentions (C2).

Each under all five profiles. Run with `-s` to read the ledger of each step.
"""

from datetime import date
from decimal import Decimal

import pytest

from billing.discounting import Allowance, charge_fee, grant_discount
from billing.models import Retention
from billing.releasing import RetentionTerms, keep_share, release_retentions
from tests.company import Company
from tests.company.retainers import invoiced as invoiced_advance
from tests.company.retainers import to_be_refunded
from tests.company.rows import DAY, NOW
from tests.scenarios.event_table import PROFILES, company_of, drafted, ends, recognised, step

pytestmark = pytest.mark.django_db

BY_PROFILE = pytest.mark.parametrize("profile", PROFILES)

WORK = """
    4100 Project cost        +800.00
    4199 Payroll allocation  -800.00
    """
REVENUE = {
    "TM no WIP": "8400 Invoiced revenue -1600.00",
    "TM WIP": """
        1450 Work in progress, sales value      0.00
        8400 Invoiced revenue               -1600.00
        8450 Accrued revenue, sales value       0.00
        """,
    "FP no WIP": "8410 Invoiced revenue, on account -5000.00",
    "FP completed contract": "1470 Invoiced on account -5000.00",
    "FP completed percentage": "1470 Invoiced on account -5000.00",
}
"""What eight hours, or the milestone of 5,000, credit when they are invoiced."""

EARNED = REVENUE | {
    "FP completed contract": """
        1460 Work in progress, cost value      0.00
        1470 Invoiced on account               0.00
        8450 Accrued revenue, sales value  -5000.00
        """,
    "FP completed percentage": """
        1450 Work in progress, sales value      0.00
        1470 Invoiced on account                0.00
        8450 Accrued revenue, sales value   -5000.00
        """,
}
"""The same at the end, when estimates are eliminated."""


def together(*parts: str) -> str:
    """Parts of a ledger in the order of its accounts."""
    return "\n".join(sorted(line.strip() for part in parts for line in part.strip().splitlines()))


def books_of(net: str, tax: str, *parts: str) -> str:
    """What is owed, its tax, the work, and more."""
    return together(f"1400 Trade receivables {net}\n1776 Sales tax payable {tax}", *parts)


def at_the_end(company: Company, profile: str, ledger: str) -> None:
    recognised(company, profile)
    step(company, f"{profile}: the end", ledger)
    ends(company)


def post(company: Company, *drafts: object) -> None:
    company.confirm(*drafts)
    company.invoices()


@BY_PROFILE
def test_an_advance_is_invoiced_and_applied(profile):
    company = company_of(profile)
    invoiced_advance(company, "1000", by=DAY)
    company.invoices()
    advances = "1710 Advances of customers {}"
    step(
        company,
        f"{profile}: advance invoiced",
        books_of("+1200.00", "-200.00", advances.format("-1000.00")),
    )
    post(company, drafted(company, profile))
    owed = ("+1920.00", "-320.00") if profile.startswith("TM") else ("+6000.00", "-1000.00")
    used = (WORK, advances.format("0.00"))
    step(company, f"{profile}: advance applied", books_of(*owed, *used, REVENUE[profile]))
    at_the_end(company, profile, books_of(*owed, *used, EARNED[profile]))


@BY_PROFILE
def test_an_advance_is_invoiced_and_refunded(profile):
    company = company_of(profile)
    advance = invoiced_advance(company, "1000", by=DAY)
    company.invoices()
    to_be_refunded(company, advance)
    post(company, *company.drafts())
    step(
        company,
        f"{profile}: advance refunded",
        books_of("0.00", "0.00", "1710 Advances of customers 0.00"),
    )
    ends(company)


# The discount is 160 of 1,600 and 500 of 5,000; a fee of 75 is revenue of its own. Tax follows both.
DISCOUNTED = {
    "TM no WIP": """
        1400 Trade receivables   +1818.00
        1776 Sales tax payable    -303.00
        4100 Project cost         +800.00
        4199 Payroll allocation   -800.00
        8400 Invoiced revenue    -1675.00
        8700 Sales discounts      +160.00
        """,
    "TM WIP": """
        1400 Trade receivables              +1818.00
        1450 Work in progress, sales value      0.00
        1776 Sales tax payable               -303.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue               -1675.00
        8450 Accrued revenue, sales value       0.00
        8700 Sales discounts                 +160.00
        """,
    "FP no WIP": """
        1400 Trade receivables             +5490.00
        1776 Sales tax payable              -915.00
        4100 Project cost                   +800.00
        4199 Payroll allocation             -800.00
        8400 Invoiced revenue                -75.00
        8410 Invoiced revenue, on account  -5000.00
        8700 Sales discounts                +500.00
        """,
    "FP completed contract": """
        1400 Trade receivables    +5490.00
        1470 Invoiced on account  -4500.00
        1776 Sales tax payable     -915.00
        4100 Project cost          +800.00
        4199 Payroll allocation    -800.00
        8400 Invoiced revenue       -75.00
        """,
}
DISCOUNTED["FP completed percentage"] = DISCOUNTED["FP completed contract"]

# Of 5,000 that were accrued 500 are never paid: revenue is what was invoiced, by either method.
DISCOUNTED_AT_THE_END = DISCOUNTED | {
    "FP completed contract": """
        1400 Trade receivables             +5490.00
        1460 Work in progress, cost value      0.00
        1470 Invoiced on account               0.00
        1776 Sales tax payable              -915.00
        4100 Project cost                   +800.00
        4199 Payroll allocation             -800.00
        8400 Invoiced revenue                -75.00
        8450 Accrued revenue, sales value  -4500.00
        """,
    "FP completed percentage": """
        1400 Trade receivables              +5490.00
        1450 Work in progress, sales value      0.00
        1470 Invoiced on account                0.00
        1776 Sales tax payable               -915.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8400 Invoiced revenue                 -75.00
        8450 Accrued revenue, sales value   -4500.00
        """,
}


@BY_PROFILE
def test_a_discount_and_a_fee_are_granted_and_charged(profile):
    company = company_of(profile)
    draft = drafted(company, profile)
    line = draft.lines.get(contract_line=company.line)
    discount = Allowance(amount=Decimal(160 if profile.startswith("TM") else 500), reason="Loyal customer")
    grant_discount(line, discount, actor=company.manager, at=NOW)
    group = company.item_group
    charge_fee(line, Decimal(75), "Express", item_sales_tax_group=group, actor=company.manager, at=NOW)
    post(company, draft)
    step(company, f"{profile}: invoice with a discount and a fee", DISCOUNTED[profile])
    at_the_end(company, profile, DISCOUNTED_AT_THE_END[profile])


@BY_PROFILE
def test_a_tenth_is_kept_back_and_released(profile):
    company = company_of(profile)
    draft = drafted(company, profile)
    until = date(2026, 6, 30)
    keep_share(draft, RetentionTerms(Decimal(10), until), actor=company.manager, at=NOW)
    post(company, draft)
    kept, owed, tax = KEPT["TM" if profile.startswith("TM") else "FP"]
    step(
        company,
        f"{profile}: a tenth kept back",
        books_of(owed, tax, WORK, REVENUE[profile], f"1410 Retentions receivable {kept}"),
    )
    whole = "+1920.00" if profile.startswith("TM") else "+6000.00"
    releasing = {"amount": None, "invoice_date": until, "actor": company.manager, "at": NOW}
    post(company, *release_retentions(Retention.objects.confirmed(), **releasing))
    nothing_kept = (WORK, "1410 Retentions receivable 0.00")
    step(company, f"{profile}: released", books_of(whole, tax, *nothing_kept, REVENUE[profile]))
    at_the_end(company, profile, books_of(whole, tax, *nothing_kept, EARNED[profile]))


KEPT = {"TM": ("+160.00", "+1760.00", "-320.00"), "FP": ("+500.00", "+5500.00", "-1000.00")}
"""What is kept back, what is owed meanwhile, and the tax, which is owed at once."""
