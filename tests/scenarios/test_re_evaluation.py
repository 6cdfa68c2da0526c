"""Work follows the contract that is confirmed, changed or joined later (matrix 4.1 #13, #15, #16)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounting.proving import prove
from core.models import OutboxEntry
from projects.agreements import ChargeRule, LineTerms, PayerShare, head_of, terms_of
from projects.cancelling import accept_recalls
from projects.contracting import confirm_contracts
from projects.models import Actual, ActualEvent, Approval, ContractLine, Entry, Project, ProjectContract
from projects.requesting_recalls import request_recalls
from projects.states import ApprovalStatus, BillingMethod, BillingType, EntryStatus, EventKind
from projects.writing_contracts import change_contract
from tests.company import Company, only, rows
from tests.company.checking import statements
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

LATER = date(2026, 3, 20)


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def site(at: Company) -> Project:
    """A project of the customer that no contract covers."""
    return rows.project(at)


def confirm(at: Company, *contracts: ProjectContract) -> None:
    confirm_contracts(only(*contracts), actor=at.manager, on=LATER, at=NOW)


def change(at: Company, contract: ProjectContract, *lines: LineTerms, **terms: Any) -> None:
    head = replace(head_of(contract), **terms)
    change_contract(only(contract), head, lines or None, actor=at.manager, on=LATER, at=NOW)


def living(of: Approval) -> Approval:
    return of.entry.approvals.exclude(status=ApprovalStatus.REPLACED).get()


def books_agree() -> bool:
    return not [finding for finding in prove() if finding.count]


# --- #13: confirmed afterwards --------------------------------------------------------------------


def test_work_before_any_contract_is_written_again_when_one_is_confirmed(at, site):
    old = at.approved(8, project=site)
    assert at.actuals() == table("cost not-available +8 +800.00")
    deal = rows.draft_contract(at, site)
    confirm(at, deal)
    assert at.actuals() == table("""
        cost      not-available  +8   +800.00
        cost      not-available  -8   -800.00  mirror
        cost      chargeable     +8   +800.00
        unbilled  chargeable     +8  +1600.00  not_ready
    """)
    assert at.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"
    new = living(old)
    assert (new.contract_line, new.status) == (deal.lines.get(), ApprovalStatus.APPROVED)
    assert (new.decided_by, new.submitted_by, new.worker) == (at.manager, at.worker, at.worker)
    assert Entry.objects.get(pk=old.entry_id).status == EntryStatus.APPROVED
    event = ActualEvent.objects.latest("pk")
    assert (event.kind, event.happened_on, event.actor) == (EventKind.RE_EVALUATION, LATER, at.manager)
    assert OutboxEntry.objects.latest("pk").kind == "actuals-recorded"


def test_it_is_posted_billed_and_invoiced_like_any_other_work(at, site):
    at.approved(8, project=site)
    at.journalise()
    confirm(at, rows.draft_contract(at, site))
    at.journalise()
    assert books_agree()
    draft = at.draft()
    assert draft.net_amount == 1600
    at.confirm(draft)
    at.invoices()
    assert books_agree()


def test_work_on_the_draft_is_priced_again_when_it_is_confirmed(at, site):
    """All of it, because confirming settles what the draft only foresaw."""
    deal = rows.draft_contract(at, site)
    at.approved(8, project=site)
    at.sells_hours_for("210")
    confirm(at, deal)
    assert at.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  adjusted
        cost      chargeable  -8   -800.00  mirror
        unbilled  chargeable  -8  -1600.00  mirror
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1680.00  not_ready
    """)


def test_a_confirmed_contract_wins_over_a_draft(at, site):
    rows.draft_contract(at, site)
    deal = rows.draft_contract(at, site)
    first = at.approved(8, project=site)
    confirm(at, deal)
    assert living(first).contract_line == deal.lines.get()
    assert at.approved(2, project=site).contract_line == deal.lines.get()


def test_a_fixed_price_takes_the_cost_over_and_sells_nothing(at, site):
    at.approved(8, project=site)
    deal = rows.draft_contract(at, site)
    ContractLine.objects.filter(contract=deal).update(billing_method=BillingMethod.FIXED_PRICE)
    confirm(at, deal)
    assert at.actuals() == table("""
        cost  not-available  +8  +800.00
        cost  not-available  -8  -800.00  mirror
        cost  chargeable     +8  +800.00
    """)


def test_what_waits_for_its_approver_gets_the_terms_of_now(at, site):
    waiting = at.submitted(8, project=site)
    deal = rows.draft_contract(at, site)
    ContractLine.objects.filter(contract=deal).update(includes_expense=False)
    expense = at.submitted(1, "expense", project=site, price=Decimal(50))
    confirm(at, deal)
    now = Approval.objects.get(pk=waiting.pk)
    assert (now.contract_line, now.billing_type, now.sales_amount) == (
        deal.lines.get(),
        BillingType.CHARGEABLE,
        1600,
    )
    assert Approval.objects.get(pk=expense.pk).contract_line is None
    assert at.actuals() == ""


def test_a_recall_that_was_asked_for_can_still_be_answered(at, site):
    old = at.approved(8, project=site)
    request_recalls(only(old.entry), reason="Wrong day", actor=at.worker, at=NOW)
    confirm(at, rows.draft_contract(at, site))
    accept_recalls(only(living(old)), actor=at.manager, on=LATER, at=NOW)
    assert at.backlog() == ""
    assert Entry.objects.get(pk=old.entry_id).status == EntryStatus.RETURNED


def test_the_approvers_own_terms_stay(at, site):
    deal = rows.draft_contract(at, site)
    at.approved(8, billable=6, project=site)
    confirm(at, deal)
    assert at.backlog() == table("""
        2026-03-02 chargeable     +6  +1200.00 not_ready
        2026-03-02 non-chargeable +2   +400.00 not_ready
    """)


def test_the_days_of_the_contract_bind(at, site):
    deal = rows.draft_contract(at, site, starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 5))
    ContractLine.objects.filter(contract=deal).update(billing_starts_on=date(2026, 3, 4))
    for day in range(2, 7):
        at.approved(day, project=site, date=date(2026, 3, day))
    confirm(at, deal)
    assert at.backlog() == table("""
        2026-03-04 chargeable +4  +800.00 not_ready
        2026-03-05 chargeable +5 +1000.00 not_ready
    """)


def test_what_is_in_a_closed_period_is_reversed_on_the_day_of_the_confirmation(at, site):
    at.approved(8, project=site)
    type(at.entity).objects.filter(pk=at.entity.pk).update(locked_through=DAY)
    confirm(at, rows.draft_contract(at, site))
    mirror = Actual.objects.get(reverses__isnull=False)
    assert mirror.accounting_date == LATER


def test_several_contracts_at_once_take_no_more_statements_and_one_event(at):
    def deals(count: int) -> list[ProjectContract]:
        sites = [rows.project(at) for _each in range(count)]
        for one in sites:
            at.approved(8, project=one)
        return [rows.draft_contract(at, one) for one in sites]

    few, many = deals(2), deals(6)
    events = ActualEvent.objects.count()
    assert statements(lambda: confirm(at, *few)) == statements(lambda: confirm(at, *many))
    assert ActualEvent.objects.count() == events + 2


# --- #16: a project or a task joins a line later --------------------------------------------------


def test_a_project_that_joins_a_confirmed_contract_brings_its_work(at, site):
    at.approved(8, project=site)
    (own,) = terms_of(at.contract)
    joined = LineTerms("Site", BillingMethod.TIME_AND_MATERIAL, project=site, payers=own.payers)
    change(at, at.contract, own, joined)
    assert at.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"


def test_a_task_that_joins_a_line_brings_its_work_and_no_other_is_touched(at):
    one, other = rows.task(at.project, "A"), rows.task(at.project, "B")
    at.line.tasks.add(one)
    at.approved(8, task=one)
    at.approved(4, task=other)
    (own,) = terms_of(at.contract)
    change(at, at.contract, replace(own, tasks=(one, other)))
    assert at.actuals() == table("""
        cost      chargeable     +8   +800.00
        unbilled  chargeable     +8  +1600.00  not_ready
        cost      not-available  +4   +400.00
        cost      not-available  -4   -400.00  mirror
        cost      chargeable     +4   +400.00
        unbilled  chargeable     +4   +800.00  not_ready
    """)


# --- #15: a task leaves, or what a line says changes ----------------------------------------------


def test_a_task_that_leaves_a_line_takes_its_work_along(at):
    one, other = rows.task(at.project, "A"), rows.task(at.project, "B")
    at.line.tasks.add(one, other)
    gone = at.approved(8, task=one)
    at.approved(4, task=other)
    (own,) = terms_of(at.contract)
    change(at, at.contract, replace(own, tasks=(other,)))
    assert living(gone).contract_line is None
    assert at.backlog() == "2026-03-02 chargeable +4 +800.00 not_ready"
    assert books_agree()


def test_new_payers_of_a_line_pay_what_is_not_billed(at):
    at.approved(8)
    other = rows.customer(at.entity)
    (own,) = terms_of(at.contract)
    shares = (PayerShare(at.customer, Decimal(60)), PayerShare(other, Decimal(40), is_rounding=True))
    change(at, at.contract, replace(own, payers=shares))
    assert at.backlog() == table("""
        2026-03-02 chargeable +4.8 +960.00 not_ready
        2026-03-02 chargeable +3.2 +640.00 not_ready
    """)


def test_a_rule_decides_about_work_that_is_not_billed(at):
    at.approved(8)
    (own,) = terms_of(at.contract)
    change(at, at.contract, replace(own, rules=(ChargeRule(role=at.role),)))
    assert at.backlog() == "2026-03-02 non-chargeable +8 +1600.00 not_ready"


def test_shorter_days_let_work_go(at):
    at.approved(8)
    change(at, at.contract, ends_on=date(2026, 3, 1))
    assert at.backlog() == ""


def test_other_words_and_limits_touch_no_work(at):
    at.approved(8)
    (own,) = terms_of(at.contract)
    change(at, at.contract, replace(own, name="Other", not_to_exceed_amount=Decimal(9)), name="Renamed")
    assert at.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"
    assert ActualEvent.objects.count() == 1


# --- What is billed or on a draft stays -----------------------------------------------------------


def test_what_is_on_a_draft_or_billed_stays_as_it_is(at):
    billed = at.approved(8)
    at.confirm(at.draft())
    drafted = at.approved(4)
    at.draft()
    at.approved(2)
    before = at.actuals()
    (own,) = terms_of(at.contract)
    change(at, at.contract, replace(own, rules=(ChargeRule(role=at.role),)))
    assert at.actuals().startswith(before.rpartition("\n")[0].rpartition("\n")[0])
    assert at.backlog() == table("""
        2026-03-02 chargeable     +4  +800.00 on_draft
        2026-03-02 non-chargeable +2  +400.00 not_ready
    """)
    assert [living(one) for one in (billed, drafted)] == [billed, drafted]
    assert books_agree()
