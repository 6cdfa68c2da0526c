"""Revenue of fixed prices over time: estimates are created, posted, eliminated and reversed (C10, P14)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.estimate_facts import discounts_of
from accounting.estimating import Estimated, create_estimates
from accounting.models import (
    Account,
    CostRevenueProfile,
    EstimateEvent,
    FiscalPeriod,
    PostingAccount,
    RevenueEstimate,
    Voucher,
)
from accounting.recognising import eliminate_estimates, post_estimates, restore_estimates, withdraw_estimates
from accounting.states import PeriodStatus, PostingType
from billing.discounting import Allowance, grant_discount
from core.models import Activity
from projects.models import ContractLine, Project, ProjectContract
from projects.states import BillingMethod
from tests.company import Company
from tests.company.checking import assert_proven, refused, statements, unbalanced
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
ON = date(2026, 4, 30)


def fixed_price(recognition: str, agreed: str | None = "5000") -> Company:
    """A company whose project is sold at a fixed price of 5,000 and recognised over time."""
    company = Company(on_account="balance")
    company.works_at_a_fixed_price()
    amount = None if agreed is None else Decimal(agreed)
    ContractLine.objects.filter(pk=company.line.pk).update(contracted_amount=amount)
    profiles = CostRevenueProfile.objects.filter(legal_entity=company.entity)
    profiles.filter(billing_method=BillingMethod.FIXED_PRICE).update(recognition=recognition)
    return company


def period(company: Company, starts_on: date = MARCH) -> FiscalPeriod:
    return FiscalPeriod.objects.get(legal_entity=company.entity, starts_on=starts_on)


def estimates(company: Company) -> Any:
    return RevenueEstimate.objects.filter(legal_entity=company.entity)


def estimate(company: Company, starts_on: date = MARCH, **progress: Any) -> RevenueEstimate:
    values = {name: Decimal(value) for name, value in progress.items()}
    (made,) = create_estimates(
        [Estimated(company.project, **values)], period(company, starts_on), actor=company.accountant, at=NOW
    )
    return made


def post(company: Company) -> int:
    created = estimates(company).in_status("created")
    return post_estimates(created, actor=company.accountant, at=NOW)


def worked(company: Company, hours: int, day: date) -> None:
    company.approved(hours, date=day)
    company.journalise()


def invoiced(company: Company, amount: str = "5000") -> None:
    company.milestone(amount, line=company.line)
    (draft,) = company.drafts()
    company.confirm(draft)
    company.invoices()


def test_completed_percentage_recognises_by_cost_and_ends_at_nothing_in_the_balance():
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    march = estimate(company, total_cost="2400")
    assert (march.cost_to_date, march.percent, march.amount) == (800, Decimal("33.3333"), Decimal("1666.67"))
    assert post(company) == 1
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +1666.67
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value   -1666.67
    """)
    assert_proven()

    invoiced(company)
    worked(company, 16, date(2026, 4, 2))
    april = estimate(company, APRIL, total_cost="2400")
    assert (april.percent, april.amount) == (100, Decimal("3333.33"))
    post(company)
    assert eliminate_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW) == 2
    assert company.ledger() == table("""
        1400 Trade receivables              +6000.00
        1450 Work in progress, sales value      0.00
        1470 Invoiced on account                0.00
        1776 Sales tax payable              -1000.00
        4100 Project cost                   +2400.00
        4199 Payroll allocation             -2400.00
        8450 Accrued revenue, sales value   -5000.00
    """)
    assert unbalanced() == []
    assert_proven()


def test_completed_contract_keeps_cost_until_the_project_is_invoiced():
    company = fixed_price("completed_contract")
    worked(company, 8, date(2026, 3, 2))
    made = estimate(company)
    assert (made.amount, made.percent) == (800, 0)
    post(company)
    assert company.ledger() == table("""
        1460 Work in progress, cost value  +800.00
        4100 Project cost                     0.00
        4199 Payroll allocation            -800.00
    """)
    invoiced(company)
    worked(company, 8, date(2026, 4, 2))
    assert estimate(company, APRIL).amount == 800
    post(company)
    eliminate_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    assert company.ledger() == table("""
        1400 Trade receivables             +6000.00
        1460 Work in progress, cost value      0.00
        1470 Invoiced on account               0.00
        1776 Sales tax payable             -1000.00
        4100 Project cost                  +1600.00
        4199 Payroll allocation            -1600.00
        8450 Accrued revenue, sales value  -5000.00
    """)
    assert_proven()


def test_an_elimination_and_then_a_posting_are_reversed_in_order_to_where_they_were():
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, percent="100")
    post(company)
    before_invoice = company.ledger()
    invoiced(company)
    with_invoice = company.ledger()
    eliminate_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    with refused("not-posted"):
        withdraw_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    assert restore_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW) == 1
    assert company.ledger() == with_invoice
    assert withdraw_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW) == 1
    assert "1450 Work in progress, sales value 0.00" in company.ledger()
    assert before_invoice != company.ledger()
    # It is made anew, and recognises what it did before.
    assert estimate(company, percent="60").amount == 3000
    post(company)
    assert "1450 Work in progress, sales value +3000.00" in company.ledger()
    steps = list(EstimateEvent.objects.order_by("pk").values_list("step", flat=True))
    assert steps == ["posted", "eliminated", "elimination_reversed", "posting_reversed", "posted"]
    verbs = ["estimated", "post", "eliminate", "restore", "withdraw", "estimated", "post"]
    about = Activity.objects.filter(subject_kind="accounting.revenueestimate").order_by("pk")
    assert list(about.values_list("verb", flat=True)) == verbs
    assert_proven()


def test_a_project_that_is_eliminated_is_not_estimated_again_until_that_is_reversed():
    """Its revenue is earned: another estimate would recognise all of it once more."""
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, percent="100")
    post(company)
    invoiced(company)
    eliminate_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    with refused("eliminated"):
        estimate(company, APRIL, percent="100")
    restore_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    assert estimate(company, APRIL, percent="100").amount == 0


def test_an_estimate_that_falls_takes_back_what_earlier_ones_recognised_too_much():
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, percent="80")
    post(company)
    assert estimate(company, APRIL, percent="50").amount == -1500
    post(company)
    assert "1450 Work in progress, sales value +2500.00" in company.ledger()
    assert_proven()


def test_elimination_goes_back_to_the_accounts_of_the_vouchers_after_a_change():
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, percent="100")
    post(company)
    other = Account.objects.create(legal_entity=company.entity, number="1451", name="Other", kind="asset")
    PostingAccount.objects.create(
        legal_entity=company.entity,
        posting_type=PostingType.WIP_SALES_VALUE,
        account=other,
        starts_on=APRIL,
    )
    invoiced(company)
    eliminate_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    assert "1450 Work in progress, sales value 0.00" in company.ledger()
    assert "1451" not in company.ledger()
    assert_proven()


@pytest.mark.parametrize(
    ("code", "options", "progress"),
    [
        ("not-recognised-over-time", {"recognition": "none"}, {"percent": "10"}),
        ("nothing-agreed", {"agreed": None}, {"percent": "10"}),
        ("progress-missing", {}, {}),
        ("not-a-percentage", {}, {"percent": "101"}),
        ("total-below-cost", {}, {"total_cost": "799"}),
    ],
)
def test_what_cannot_be_estimated_is_refused_and_nothing_is_written(code, options, progress):
    company = fixed_price(**({"recognition": "completed_percentage"} | options))
    worked(company, 8, date(2026, 3, 2))
    with refused(code):
        estimate(company, **progress)
    assert not RevenueEstimate.objects.exists()


def test_another_currency_than_the_entitys_is_refused():
    company = fixed_price("completed_percentage")
    ProjectContract.objects.filter(pk=company.contract.pk).update(currency="GBP")
    with refused("foreign-currency"):
        estimate(company, percent="10")


def test_periods_follow_one_another():
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, percent="10")
    with refused("earlier-not-posted"):
        estimate(company, APRIL, percent="20")
    post(company)
    with refused("already-posted"):
        estimate(company, percent="20")
    estimate(company, APRIL, percent="20")
    with refused("later-estimate"):
        estimate(company, date(2026, 2, 1), percent="5")
    with refused("not-the-last"):
        withdraw_estimates(estimates(company).in_status("posted"), on=ON, actor=company.accountant, at=NOW)
    with refused("already-posted"):
        post_estimates(estimates(company).in_status("posted"), actor=company.accountant, at=NOW)
    assert_proven()


def test_nothing_is_eliminated_before_all_is_recognised_and_invoiced():
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, percent="50")
    with refused("not-posted"):
        eliminate_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    post(company)
    with refused("not-complete", "not-invoiced-in-full"):
        eliminate_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    with refused("not-eliminated"):
        restore_estimates(estimates(company), on=ON, actor=company.accountant, at=NOW)
    assert Voucher.objects.filter(source_kind="estimate").count() == 1


def test_a_closed_period_and_a_missing_account_are_refused():
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, percent="50")
    FiscalPeriod.objects.filter(starts_on=MARCH).update(status=PeriodStatus.CLOSED)
    with refused("period-closed"):
        post(company)
    FiscalPeriod.objects.filter(starts_on=MARCH).update(status=PeriodStatus.OPEN)
    PostingAccount.objects.filter(posting_type=PostingType.ACCRUED_REVENUE).delete()
    with refused("account-missing"):
        post(company)
    assert set(estimates(company).values_list("status", flat=True)) == {"created"}


def test_many_projects_are_estimated_posted_and_reversed_in_as_many_statements_as_one():
    assert statements_of_a_period(1) == statements_of_a_period(5)


def statements_of_a_period(many: int) -> list[int]:
    company = fixed_price("completed_percentage")
    lines = [company.line, *(company.fixed_price_line() for _each in range(many - 1))]
    ContractLine.objects.filter(pk__in=[one.pk for one in lines]).update(contracted_amount=Decimal(100))
    projects = Project.objects.filter(contract_lines__in=lines)
    whole = [Estimated(project, percent=Decimal(50)) for project in projects]
    march, posted = period(company), estimates(company)
    return [
        statements(lambda: create_estimates(whole, march, actor=company.accountant, at=NOW)),
        statements(lambda: post(company)),
        statements(lambda: withdraw_estimates(posted, on=ON, actor=company.accountant, at=NOW)),
    ]


def test_a_discount_on_hours_is_no_discount_of_the_fixed_price():
    company = Company()
    company.approved(8)
    company.journalise()
    draft = company.draft()
    line = draft.lines.get(contract_line=company.line)
    grant_discount(line, Allowance(amount=Decimal(160), reason="Loyal"), actor=company.manager, at=NOW)
    company.confirm(draft)
    company.invoices()
    assert discounts_of([company.project.pk]) == {}
