"""A role in use is pointed elsewhere from a day on; what is posted goes back to where it was (C2)."""

from datetime import date

import pytest
from django.db import transaction
from django.db.models import F, Value

from accounting.models import Account, IntegrationJournalLine, PostingAccount
from accounting.posting_changes import reasons_against_account
from accounting.pulling import pull_journals
from accounting.states import PostingType
from billing.numbering import take_numbers
from billing.states import SeriesKind
from projects.cancelling import cancel_approvals
from projects.models import Project, TransactionCategory
from tests.company import Company, only
from tests.company.checking import assert_proven, statements
from tests.company.retainers import invoiced as invoiced_advance
from tests.company.rows import DAY, NOW, next_number
from tests.company.text import table

pytestmark = pytest.mark.django_db

APRIL = date(2026, 4, 1)


def pointed(company: Company, role: str, number: str, **columns) -> PostingAccount:
    """The role is played by a new account, at a place or from a day on."""
    general = PostingAccount.objects.filter(legal_entity=company.entity, posting_type=role).first()
    account = Account.objects.create(
        legal_entity=company.entity, number=number, name=f"New {number}", kind=general.account.kind
    )
    return PostingAccount.objects.create(
        legal_entity=company.entity, posting_type=role, account=account, **columns
    )


def test_an_accrual_goes_back_to_the_accounts_of_its_voucher_after_a_change():
    company = Company()
    company.approved(8)
    company.journalise()
    pointed(company, PostingType.WIP_SALES_VALUE, "1451", starts_on=date(2026, 3, 3))
    pointed(company, PostingType.ACCRUED_REVENUE, "8451", starts_on=date(2026, 3, 3))
    company.approved(4, date=date(2026, 3, 10))
    company.journalise()
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +1600.00
        1451 New 1451                        +800.00
        4100 Project cost                   +1200.00
        4199 Payroll allocation             -1200.00
        8450 Accrued revenue, sales value   -1600.00
        8451 New 8451                        -800.00
    """)
    company.confirm(company.draft())
    company.invoices()
    assert company.ledger() == table("""
        1400 Trade receivables              +2880.00
        1450 Work in progress, sales value      0.00
        1451 New 1451                           0.00
        1776 Sales tax payable               -480.00
        4100 Project cost                   +1200.00
        4199 Payroll allocation             -1200.00
        8400 Invoiced revenue               -2400.00
        8450 Accrued revenue, sales value       0.00
        8451 New 8451                           0.00
    """)
    assert_proven()


def test_a_cancelled_approval_goes_back_to_the_accounts_of_its_vouchers_after_a_change():
    company = Company()
    approval = company.approved(8)
    company.journalise()
    for role, number in ((PostingType.PROJECT_COST, "4101"), (PostingType.WIP_SALES_VALUE, "1451")):
        pointed(company, role, number, starts_on=date(2026, 3, 3))
    cancel_approvals(only(approval), comment="Wrong", actor=company.manager, on=date(2026, 3, 9), at=NOW)
    company.journalise()
    assert company.ledger() == table("""
        1450 Work in progress, sales value  0.00
        4100 Project cost                   0.00
        4199 Payroll allocation             0.00
        8450 Accrued revenue, sales value   0.00
    """)
    assert_proven()


def test_a_change_in_the_middle_of_a_journal_splits_its_lines_by_their_days():
    company = Company()
    pointed(company, PostingType.PROJECT_COST, "4101", starts_on=date(2026, 3, 10))
    for day in (9, 10, 11):
        company.approved(8, date=date(2026, 3, day))
    company.journalise()
    assert "4100 Project cost +800.00" in company.ledger()
    assert "4101 New 4101 +1600.00" in company.ledger()


def test_the_account_of_a_category_goes_before_that_of_its_group_and_of_all():
    company = Company(accrues=False)
    food, taxi = (
        TransactionCategory.objects.create(
            name=f"{name} {next_number()}", transaction_class="expense", unit="pcs", group="travel"
        )
        for name in ("Food", "Taxi")
    )
    company.sells_expenses_at_cost_plus("0")
    pointed(company, PostingType.PROJECT_COST, "4660", category_group="travel")
    pointed(company, PostingType.PROJECT_COST, "4654", category=food)
    for amount, category in ((30, food), (50, taxi), (7, company.categories["expense"])):
        company.approved(1, "expense", price=amount, category=category)
    company.journalise()
    assert company.ledger() == table("""
        1590 Expense integration  -87.00
        4100 Project cost          +7.00
        4654 New 4654             +30.00
        4660 New 4660             +50.00
    """)


def test_the_account_of_a_project_goes_before_that_of_its_group():
    company = Company(accrues=False)
    Project.objects.filter(pk=company.project.pk).update(group="north")
    pointed(company, PostingType.PROJECT_COST, "4110", project_group="north")
    company.approved(8)
    company.journalise()
    pointed(company, PostingType.PROJECT_COST, "4111", project=company.project)
    company.approved(4)
    company.journalise()
    assert company.ledger() == table("""
        4110 New 4110             +800.00
        4111 New 4111             +400.00
        4199 Payroll allocation  -1200.00
    """)


def test_a_role_in_use_is_pointed_elsewhere_only_after_its_last_voucher():
    company = Company()
    company.approved(8)
    company.journalise()
    other = Account.objects.create(legal_entity=company.entity, number="4101", name="Other", kind="expense")
    row = PostingAccount(legal_entity=company.entity, posting_type=PostingType.PROJECT_COST, account=other)
    for starts_on in (None, date(2026, 1, 1), DAY):
        row.starts_on = starts_on
        (refusal,) = reasons_against_account(row)
        assert (refusal.code, refusal.message) == ("role-in-use", "Its account is in use until 2 Mar 2026.")
    row.starts_on = date(2026, 3, 3)
    assert list(reasons_against_account(row)) == []


def test_the_account_of_advances_changes_only_while_nothing_is_left_on_it():
    company = Company()
    invoiced_advance(company, "1000", by=DAY)
    company.invoices()
    other = Account.objects.create(legal_entity=company.entity, number="1711", name="Other", kind="liability")
    row = PostingAccount(
        legal_entity=company.entity,
        posting_type=PostingType.CUSTOMER_ADVANCES,
        account=other,
        starts_on=APRIL,
    )
    assert [one.code for one in reasons_against_account(row)] == ["balance-left"]
    company.approved(8)
    company.confirm(company.draft())
    company.invoices()
    assert list(reasons_against_account(row)) == []


def test_vouchers_are_numbered_by_the_database_as_python_writes_them():
    company = Company()
    with transaction.atomic():
        series = take_numbers(company.entity, SeriesKind.PROJECT_VOUCHER, 2026, 1).series
    numbers = (1, 41, 99_999, 100_000, 1_234_567)
    rows = Account.objects.filter(pk=Account.objects.earliest("pk").pk)
    for number in numbers:
        written = rows.values_list(series.written_in_sql(Value(number) + F("pk") - F("pk"))).get()[0]
        assert written == series.written(number)


@pytest.mark.parametrize("many_accounts", [False, True])
def test_statements_depend_neither_on_lines_nor_on_projects(many_accounts):
    counts = []
    for projects in (2, 15):
        company = Company()
        for nth in range(projects):
            company.works_at_a_fixed_price()
            if many_accounts:
                pointed(company, PostingType.PROJECT_COST, f"42{nth:02}", project=company.project)
            company.approved(1)
        pull_journals(company.entity, actor=company.accountant, at=NOW)
        counts.append(statements(company.post_journals))
        posted = IntegrationJournalLine.objects.posted().filter(journal__legal_entity=company.entity)
        assert posted.count() == projects
        accounts = posted.values_list("voucher__lines__account", flat=True)
        assert len(set(accounts)) == (projects + 1 if many_accounts else 2)
    assert counts[0] == counts[1]
