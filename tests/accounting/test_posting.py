"""Post integration journals: good lines reach the books, bad ones wait and say why (C1, C2)."""

from datetime import date

import pytest

from accounting.models import (
    Account,
    CostRevenueProfile,
    CostRevenueRule,
    FiscalPeriod,
    IntegrationJournal,
    IntegrationJournalLine,
    PostingAccount,
    ProjectTransaction,
    Voucher,
)
from accounting.posting import Posted, post_journals
from accounting.pulling import pull_journals
from accounting.states import JournalLineStatus, JournalStatus, PeriodStatus, PostingType
from core.models import Activity
from projects.states import BillingMethod
from tests.company import Company
from tests.company.checking import refused, statements, unbalanced
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


def imported(*hours: int, **options) -> Company:
    company = Company(**options)
    for each in hours:
        company.approved(each)
    pull_journals(company.entity, actor=company.accountant, at=NOW)
    return company


def test_every_line_that_moves_an_account_has_its_own_voucher():
    company = imported(8)
    assert company.post_journals() == Posted(2, 0)
    lines = IntegrationJournalLine.objects.select_related("voucher").order_by("pk")
    assert [line.voucher.number for line in lines] == ["PV-2026-00001", "PV-2026-00002"]
    assert [line.voucher.source_id for line in lines] == [line.pk for line in lines]
    assert {line.voucher.date for line in lines} == {date(2026, 3, 2)}
    assert [(row.kind, row.amount, row.voucher) for row in ProjectTransaction.objects.order_by("pk")] == [
        ("cost", 800, lines[0].voucher),
        ("sales", 1600, lines[1].voucher),
    ]
    assert IntegrationJournal.objects.get().status == JournalStatus.POSTED
    assert Activity.objects.get(verb="posted").facts == {"posted": 2, "failed": 0}
    assert unbalanced() == []


def test_what_the_profile_keeps_off_the_ledger_reaches_the_subledger_alone():
    company = imported(8, accrues=False)
    CostRevenueProfile.objects.update(post_time_cost="no_ledger")
    assert company.post_journals() == Posted(2, 0)
    assert company.ledger() == ""
    assert not Voucher.objects.exists()
    assert list(ProjectTransaction.objects.values_list("voucher", flat=True)) == [None, None]


def test_cost_in_the_balance():
    company = imported(8, accrues=False)
    CostRevenueProfile.objects.update(post_time_cost="balance")
    company.post_journals()
    assert company.ledger() == table("""
        1460 Work in progress, cost value  +800.00
        4199 Payroll allocation            -800.00
    """)


def test_a_posted_journal_is_not_posted_again():
    company = imported(8)
    company.post_journals()
    with refused("already-posted"):
        post_journals(IntegrationJournal.objects.all(), actor=company.accountant, at=NOW)


def test_a_missing_account_sets_its_lines_aside_and_the_others_post():
    company = imported(8, 4)
    PostingAccount.objects.filter(posting_type=PostingType.PAYROLL_ALLOCATION).delete()
    assert company.post_journals() == Posted(posted=2, failed=2)
    assert company.ledger() == table("""
        1450 Work in progress, sales value  +2400.00
        8450 Accrued revenue, sales value   -2400.00
    """)
    good, bad = IntegrationJournal.objects.order_by("pk")
    assert (good.status, bad.status, bad.original) == (JournalStatus.POSTED, JournalStatus.ERROR, good)
    assert set(bad.lines.values_list("status", "error")) == {
        (JournalLineStatus.ERROR, "No account is set for this posting type: Payroll allocation.")
    }


def test_an_error_journal_posts_when_its_cause_is_gone():
    company = imported(8)
    role = PostingAccount.objects.get(
        posting_type=PostingType.PAYROLL_ALLOCATION, legal_entity=company.entity
    )
    account = role.account
    role.delete()
    assert company.post_journals() == Posted(1, 1)
    assert company.post_journals() == Posted(0, 1)  # nothing has changed
    assert IntegrationJournal.objects.count() == 2

    PostingAccount.objects.create(
        legal_entity=company.entity, posting_type=PostingType.PAYROLL_ALLOCATION, account=account
    )
    assert company.post_journals() == Posted(1, 0)
    assert set(IntegrationJournal.objects.values_list("status", flat=True)) == {JournalStatus.POSTED}
    assert set(IntegrationJournalLine.objects.values_list("status", "error")) == {("posted", "")}


def test_no_profile_is_an_error_and_not_a_guess():
    company = imported(8)
    CostRevenueRule.objects.all().delete()
    assert company.post_journals() == Posted(0, 2)
    error = "No cost and revenue profile applies: add a rule for it."
    assert set(IntegrationJournalLine.objects.values_list("error", flat=True)) == {error}


def test_a_period_closed_since_the_import_is_an_error():
    company = imported(8)
    march = FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on=date(2026, 3, 1))
    march.update(status=PeriodStatus.CLOSED)
    assert company.post_journals() == Posted(0, 2)
    march.update(status=PeriodStatus.OPEN)
    assert company.post_journals() == Posted(2, 0)


def test_a_rule_for_the_project_wins_and_a_projects_own_account_too():
    company = imported(8)
    kept_off = CostRevenueProfile.objects.create(
        legal_entity=company.entity,
        name="Kept off",
        billing_method=BillingMethod.TIME_AND_MATERIAL,
        post_time_cost="balance",
    )
    CostRevenueRule.objects.create(profile=kept_off, project=company.project)
    own = Account.objects.create(
        legal_entity=company.entity, number="1461", name="This project", kind="asset"
    )
    PostingAccount.objects.create(
        legal_entity=company.entity,
        posting_type=PostingType.WIP_COST_VALUE,
        project=company.project,
        account=own,
    )
    company.post_journals()
    assert company.ledger() == table("""
        1461 This project        +800.00
        4199 Payroll allocation  -800.00
    """)


def test_a_line_of_nothing_needs_no_voucher():
    company = Company()
    company.approved(8, billable=8)
    company.sells_hours_for("0")
    company.approved(4)
    company.journalise()
    assert Voucher.objects.count() == 3
    assert ProjectTransaction.objects.count() == 4


def test_many_lines_are_posted_in_as_many_statements_as_few():
    few, many = imported(8), imported(*[8] * 30)
    for company in (few, many):  # the first of a year makes the series
        company.post_journals()
        for _each in range(1 if company is few else 30):
            company.approved(4)
        pull_journals(company.entity, actor=company.accountant, at=NOW)
    assert statements(few.post_journals) == statements(many.post_journals)
