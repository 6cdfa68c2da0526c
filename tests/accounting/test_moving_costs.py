"""Cost in the balance moves to profit and loss: with the invoice of its work, or by hand (P16)."""

from datetime import date
from typing import Any

import pytest

from accounting.models import (
    Account,
    CostRevenueProfile,
    FiscalPeriod,
    IntegrationJournalLine,
    PostingAccount,
    Voucher,
)
from accounting.moving_costs import move_costs
from accounting.states import PeriodStatus, PostingType
from core.models import Activity
from projects.cancelling import cancel_approvals
from projects.states import BillingType
from tests.company import Company, only
from tests.company.checking import assert_proven, refused, statements, unbalanced
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

MARCH_31 = date(2026, 3, 31)


def company_with_cost_in_the_balance(**options: Any) -> Company:
    company = Company(accrues=False, **options)
    held = {f"post_{kind}_cost": "balance" for kind in ("time", "expense", "material")}
    CostRevenueProfile.objects.filter(legal_entity=company.entity).update(**held)
    return company


def lines(company: Company) -> Any:
    return IntegrationJournalLine.objects.filter(journal__legal_entity=company.entity)


def move(company: Company, on: date = MARCH_31) -> int:
    return move_costs(lines(company), on=on, actor=company.accountant, at=NOW)


def test_cost_waits_in_the_balance_until_its_work_is_invoiced():
    company = company_with_cost_in_the_balance()
    company.approved(8)
    company.journalise()
    assert company.ledger() == table("""
        1460 Work in progress, cost value  +800.00
        4199 Payroll allocation            -800.00
    """)
    company.confirm(company.draft())
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables             +1920.00
        1460 Work in progress, cost value      0.00
        1776 Sales tax payable              -320.00
        4100 Project cost                   +800.00
        4199 Payroll allocation             -800.00
        8400 Invoiced revenue              -1600.00
    """)
    assert unbalanced() == []
    assert_proven()


def test_work_given_away_on_the_invoice_leaves_the_balance_with_it():
    company = company_with_cost_in_the_balance()
    company.approved(8)
    company.approved(2, billing_type=BillingType.COMPLIMENTARY)
    company.confirm(company.draft())
    company.invoices()
    assert "1460 Work in progress, cost value 0.00" in company.ledger()
    assert "4100 Project cost +1000.00" in company.ledger()


def test_what_is_not_invoiced_stays_until_it_is_moved_by_hand():
    company = company_with_cost_in_the_balance()
    company.approved(8)
    company.journalise()
    assert move(company) == 1
    assert company.ledger() == table("""
        1460 Work in progress, cost value     0.00
        4100 Project cost                  +800.00
        4199 Payroll allocation            -800.00
    """)
    moved = Voucher.objects.get(source_kind="cost_move")
    assert (moved.date, moved.source_id) == (MARCH_31, lines(company).get(is_held=True).pk)
    assert Activity.objects.get(verb="cost moved").facts == {"on": "2026-03-31"}
    with refused("nothing-held"):
        move(company)
    # It is invoiced later: nothing moves a second time.
    company.confirm(company.draft())
    company.invoices()
    assert "4100 Project cost +800.00" in company.ledger()
    assert_proven()


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_cancelled_approval_takes_back_what_held_the_cost_and_what_moved_it(is_moved):
    company = company_with_cost_in_the_balance()
    approval = company.approved(8)
    company.journalise()
    if is_moved:
        move(company)
    other = Account.objects.create(legal_entity=company.entity, number="1461", name="Other", kind="asset")
    for role in (PostingType.WIP_COST_VALUE, PostingType.PROJECT_COST):
        PostingAccount.objects.create(
            legal_entity=company.entity, posting_type=role, account=other, starts_on=date(2026, 3, 3)
        )
    cancel_approvals(only(approval), comment="Wrong", actor=company.manager, on=date(2026, 4, 2), at=NOW)
    company.journalise()
    assert {line.rsplit(" ", 1)[1] for line in company.ledger().splitlines()} == {"0.00"}
    with refused("nothing-held"):
        move(company, date(2026, 4, 30))
    assert_proven()


def test_cost_goes_back_to_the_account_that_held_it_and_to_where_cost_is_posted_on_that_day():
    company = company_with_cost_in_the_balance()
    company.approved(8)
    company.journalise()
    accounts = {
        role: Account.objects.create(legal_entity=company.entity, number=number, name=number, kind=kind)
        for role, number, kind in (("wip_cost_value", "1461", "asset"), ("project_cost", "4101", "expense"))
    }
    for role, account in accounts.items():
        PostingAccount.objects.create(
            legal_entity=company.entity, posting_type=role, account=account, starts_on=date(2026, 3, 3)
        )
    move(company)
    assert company.ledger() == table("""
        1460 Work in progress, cost value     0.00
        4101 4101                          +800.00
        4199 Payroll allocation            -800.00
    """)
    assert_proven()


def test_a_closed_period_and_a_missing_account_are_refused_and_nothing_moves():
    company = company_with_cost_in_the_balance()
    company.approved(8)
    company.journalise()
    FiscalPeriod.objects.filter(starts_on=date(2026, 4, 1)).update(status=PeriodStatus.CLOSED)
    with refused("period-closed"):
        move(company, date(2026, 4, 30))
    FiscalPeriod.objects.update(status=PeriodStatus.OPEN)
    PostingAccount.objects.filter(posting_type=PostingType.PROJECT_COST).delete()
    with refused("account-missing"):
        move(company)
    assert not Voucher.objects.filter(source_kind="cost_move").exists()
    assert_proven()


def test_many_lines_move_in_as_many_statements_as_one():
    counts = []
    for hours in (1, 12):
        company = company_with_cost_in_the_balance()
        for _each in range(hours):
            company.approved(1)
        company.journalise()
        counts.append(statements(lambda company=company: move(company)))
    assert counts[0] == counts[1]
