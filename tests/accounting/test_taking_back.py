"""What is taken back after it was posted moves the same accounts by the opposite amounts (P13)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.models import (
    Account,
    CostRevenueProfile,
    IntegrationJournalLine,
    PostingAccount,
    ProjectTransaction,
    Voucher,
)
from accounting.posting import Posted
from accounting.pulling import pull_journals
from accounting.states import PostingType
from projects.cancelling import cancel_approvals
from projects.models import Approval, ExchangeRate, LegalEntity
from projects.states import BillingType
from tests.company import Company, only
from tests.company.checking import assert_proven, statements, unbalanced
from tests.company.rows import DAY, NOW
from tests.company.text import amount, table

pytestmark = pytest.mark.django_db

LATER = date(2026, 4, 20)


def cancel(company: Company, *approvals: Approval, on: date = DAY) -> None:
    cancel_approvals(only(*approvals), comment="Wrong project", actor=company.manager, on=on, at=NOW)


def posted_then_cancelled(company: Company, **work: Any) -> None:
    """One piece of work whose cost and sales are posted before its approval is cancelled."""
    approval = company.approved(8, **work)
    company.journalise()
    cancel(company, approval)


def vouchers() -> str:
    """Every voucher with its day, and its lines by account, debits first."""
    return "\n".join(
        f"{voucher.date} "
        + ", ".join(
            f"{line.account.number} {amount(line.amount)} {line.project.number[0]}"
            for line in voucher.lines.select_related("account", "project").order_by("-amount")
        )
        for voucher in Voucher.objects.order_by("pk")
    )


def balances(company: Company) -> list[str]:
    """The accounts that are not at nothing in both currencies."""
    ends = (" 0.00", " 0.00 GBP = 0.00 EUR")
    return [line for line in company.ledger().splitlines() if not line.endswith(ends)]


def test_a_cancelled_approval_negates_the_accounts_of_its_cost_and_of_its_accrual():
    company = Company()
    posted_then_cancelled(company)
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +1600.00
        4100 Project cost                    +800.00
        4199 Payroll allocation              -800.00
        8450 Accrued revenue, sales value   -1600.00
    """)
    assert company.journalise() == Posted(2, 0)
    assert vouchers() == table("""
        2026-03-02 4100 +800.00 P, 4199 -800.00 P
        2026-03-02 1450 +1600.00 P, 8450 -1600.00 P
        2026-03-02 4199 +800.00 P, 4100 -800.00 P
        2026-03-02 8450 +1600.00 P, 1450 -1600.00 P
    """)
    assert company.ledger() == table("""
        1450 Work in progress, sales value  0.00
        4100 Project cost                   0.00
        4199 Payroll allocation             0.00
        8450 Accrued revenue, sales value   0.00
    """)
    sums = ProjectTransaction.objects.order_by("pk").values_list("kind", "amount")
    assert list(sums) == [("cost", 800), ("sales", 1600), ("cost", -800), ("sales", -1600)]
    assert unbalanced() == []
    assert_proven()


def test_an_approval_cancelled_before_it_was_posted_ends_at_nothing_too():
    company = Company()
    cancel(company, company.approved(8))
    assert company.journalise() == Posted(4, 0)
    assert balances(company) == []
    assert_proven()


def test_without_accrual_only_the_cost_is_negated():
    company = Company(accrues=False)
    posted_then_cancelled(company)
    company.journalise()
    assert vouchers() == table("""
        2026-03-02 4100 +800.00 P, 4199 -800.00 P
        2026-03-02 4199 +800.00 P, 4100 -800.00 P
    """)


@pytest.mark.parametrize("kind", ["expense", "material", "fee"])
def test_expenses_material_and_fees_go_back_to_where_they_came_from(kind):
    company = Company()
    company.sells_expenses_at_cost_plus("10")
    company.sells_material_for("600")
    columns = {"product": "Cable"} if kind == "material" else {}
    approval = company.approved(1, kind, price=Decimal(500), **columns)
    company.journalise()
    moved = company.ledger()
    cancel(company, approval)
    company.journalise()
    assert (balances(company), len(company.ledger().splitlines())) == ([], len(moved.splitlines()))
    assert_proven()


def test_a_profile_that_was_changed_since_does_not_change_what_is_taken_back():
    company = Company()
    posted_then_cancelled(company)
    CostRevenueProfile.objects.update(accrues_time=False, post_time_cost="balance")
    company.journalise()
    assert balances(company) == []
    assert IntegrationJournalLine.objects.filter(is_accrued=True).count() == 2
    assert_proven()


def test_an_account_that_was_changed_since_does_not_either():
    company = Company()
    posted_then_cancelled(company)
    other = Account.objects.create(
        legal_entity=company.entity, number="4105", name="Other cost", kind=_kind_of(company, "4100")
    )
    PostingAccount.objects.filter(posting_type=PostingType.PROJECT_COST).update(account=other)
    company.journalise()
    assert balances(company) == []
    assert "4105" not in company.ledger()


def _kind_of(company: Company, number: str) -> str:
    return Account.objects.get(legal_entity=company.entity, number=number).kind


def test_what_was_kept_off_the_ledger_is_taken_back_off_the_ledger():
    company = Company(accrues=False)
    CostRevenueProfile.objects.update(post_time_cost="no_ledger")
    posted_then_cancelled(company)
    CostRevenueProfile.objects.update(post_time_cost="profit_and_loss", accrues_time=True)
    assert company.journalise() == Posted(2, 0)
    assert not Voucher.objects.exists()
    assert set(IntegrationJournalLine.objects.values_list("is_accrued", flat=True)) == {False}


def test_work_given_away_takes_back_its_cost_alone():
    company = Company()
    posted_then_cancelled(company, billing_type=BillingType.COMPLIMENTARY)
    company.journalise()
    assert vouchers() == table("""
        2026-03-02 4100 +800.00 P, 4199 -800.00 P
        2026-03-02 4199 +800.00 P, 4100 -800.00 P
    """)


def test_foreign_sales_are_taken_back_at_the_rate_at_which_they_were_posted():
    company = Company(currency="GBP")
    company.rate("GBP", "1.25")
    posted_then_cancelled(company)
    ExchangeRate.objects.update(rate=Decimal("1.30"))
    company.journalise()
    assert company.ledger() == table("""
        1450 Work in progress, sales value  0.00 GBP = 0.00 EUR
        4100 Project cost                   0.00
        4199 Payroll allocation             0.00
        8450 Accrued revenue, sales value   0.00 GBP = 0.00 EUR
    """)


def test_what_is_taken_back_in_a_later_period_keeps_the_rate_of_its_original():
    company = Company(currency="GBP")
    company.rate("GBP", "1.25")
    company.rate("GBP", "1.30", date(2026, 4, 1))
    approval = company.approved(8)
    company.journalise()
    LegalEntity.objects.update(locked_through=date(2026, 3, 31))
    cancel(company, approval, on=LATER)
    company.journalise()
    assert list(Voucher.objects.order_by("pk").values_list("date", flat=True)) == [DAY, DAY, LATER, LATER]
    assert in_euros() == [2000, -2000]
    assert balances(company) == []


def in_euros() -> list[Decimal]:
    """What the lines of foreign sales come to, the original first."""
    lines = IntegrationJournalLine.objects.filter(currency="GBP").order_by("actual")
    return list(lines.values_list("base_amount", flat=True))


def test_original_and_reversal_pulled_together_come_to_the_opposite_of_each_other():
    company = Company(currency="GBP")
    company.rate("GBP", "1.23457")
    company.rate("GBP", "1.30", date(2026, 3, 20))
    company.rate("GBP", "1.40005", date(2026, 4, 1))
    approval = company.approved("0.37")
    LegalEntity.objects.update(locked_through=DAY)
    cancel(company, approval, on=date(2026, 3, 20))
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    # 74 pounds at the rate of April, into which the closed day moves, and not at that of the reversal's day.
    assert in_euros() == [Decimal("103.60"), Decimal("-103.60")]


def test_a_line_in_error_and_its_reversal_post_by_the_profile_once_it_is_mended():
    company = Company()
    missing = PostingAccount.objects.filter(posting_type=PostingType.PROJECT_COST)
    account = missing.get().account
    missing.delete()
    approval = company.approved(8)
    assert company.journalise() == Posted(1, 1)
    cancel(company, approval)
    assert company.journalise() == Posted(1, 2)
    PostingAccount.objects.create(
        legal_entity=company.entity, posting_type=PostingType.PROJECT_COST, account=account
    )
    company.post_journals()
    assert balances(company) == []
    assert_proven()


def test_many_are_taken_back_in_as_many_statements_as_one():
    counts = []
    for hours in (1, 12):
        company = Company()
        approvals = [company.approved(1) for _each in range(hours)]
        company.journalise()
        cancel(company, *approvals)
        pull_journals(company.entity, actor=company.accountant, at=NOW)
        counts.append(statements(company.post_journals))
        assert balances(company) == []
    assert counts[0] == counts[1]
