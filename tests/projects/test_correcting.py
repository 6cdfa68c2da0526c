"""Correction journals: reversal and replacement with other values, previewed first (matrix 4.1 #10)."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from core.models import Activity
from projects.correcting import CorrectionPreview, preview_correction
from projects.correction_plans import NewValues
from projects.models import (
    Actual,
    Approval,
    Entry,
    ProjectContract,
    Role,
    RolePrice,
    Task,
)
from projects.states import ApprovalStatus, BillingType, EntryStatus, EventKind
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, statements, unchanged
from tests.company.rows import DAY, NOW
from tests.company.text import table
from tests.projects.correcting_work import WHY, another_project, correct, lock

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return Company()


def test_eight_hours_move_to_another_project_and_its_line(company: Company) -> None:
    approval = company.approved(8)
    other = another_project(company)
    rows.contract_line(company.contract, company.customer, project=other)
    journal = correct(company, approval, project=other)
    assert company.actuals() == table("""
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  adjusted
        cost      chargeable  -8   -800.00  mirror
        unbilled  chargeable  -8  -1600.00  mirror
        cost      chargeable  +8   +800.00
        unbilled  chargeable  +8  +1600.00  not_ready
    """)
    old, new = Entry.objects.order_by("pk")
    assert (old.status, new.status) == (EntryStatus.CORRECTED, EntryStatus.APPROVED)
    assert (old.project, new.project) == (company.project, other)
    assert (new.corrects, new.correction_line.journal) == (old, journal)
    assert (journal.number, journal.reason, journal.created_by) == ("CJ-00001", WHY, company.accountant)
    assert_proven()


def test_old_rows_are_adjusted_and_their_mirrors_unadjustable(company: Company) -> None:
    other = Role.objects.create(name="Senior")
    RolePrice.objects.create(price_list=company.sales, role=other, price=Decimal(250))
    correct(company, company.approved(8), role=other)
    assert company.statuses() == table("""
        cost      chargeable  +8   +800.00  cancelled  adjusted
        unbilled  chargeable  +8  +1600.00  cancelled  adjusted
        cost      chargeable  -8   -800.00  cancelled  unadjustable
        unbilled  chargeable  -8  -1600.00  cancelled  unadjustable
        cost      chargeable  +8     +0.00  -          -
        unbilled  chargeable  +8  +2000.00  not_ready  -
    """).replace("+0.00", "0.00")


def test_work_moved_to_a_project_that_no_line_covers_keeps_its_cost_alone(company: Company) -> None:
    correct(company, company.approved(8), project=another_project(company))
    assert company.actuals().splitlines()[-1] == "cost not-available +8 +800.00"
    assert company.backlog() == ""
    assert_proven()


def test_work_on_a_fixed_price_line_moves_its_cost(company: Company) -> None:
    fixed = company.fixed_price_line()
    approval = company.approved(8, project=fixed.project)
    correct(company, approval, date=date(2026, 3, 3))
    assert company.actuals() == table("""
        cost  chargeable  +8  +800.00
        cost  chargeable  -8  -800.00  mirror
        cost  chargeable  +8  +800.00
    """)


def test_a_role_that_is_not_chargeable_makes_the_work_non_chargeable(company: Company) -> None:
    idle = Role.objects.create(name="Trainee", is_chargeable=False)
    RolePrice.objects.create(price_list=company.sales, role=idle, price=Decimal(50))
    correct(company, company.approved(8), role=idle)
    assert company.backlog() == "2026-03-02 non-chargeable +8 +400.00 not_ready"


def test_another_day_has_the_prices_of_that_day(company: Company) -> None:
    correct(company, company.approved(8), date=date(2026, 3, 9))
    assert company.backlog() == "2026-03-09 chargeable +8 +1600.00 not_ready"


def test_what_the_approver_decided_stays(company: Company) -> None:
    approval = company.approved(8, billable=6)
    correct(company, approval, date=date(2026, 3, 3))
    assert company.backlog() == table("""
        2026-03-03  chargeable      +6  +1200.00  not_ready
        2026-03-03  non-chargeable  +2   +400.00  not_ready
    """)
    new = Approval.objects.get(status=ApprovalStatus.APPROVED)
    assert (new.decided_by, new.decided_at, new.submitted_by) == (company.accountant, NOW, company.worker)
    assert Approval.objects.get(pk=approval.pk).status == ApprovalStatus.REPLACED


def test_each_payer_has_their_part_taken_back_and_written_anew(company: Company) -> None:
    company.is_shared_by("33.33", "33.33", "33.34")
    approval = company.approved(8)
    before = company.backlog()
    correct(company, approval, date=date(2026, 3, 9))
    assert company.backlog() == before.replace("2026-03-02", "2026-03-09")
    assert_proven()


def test_expense_gets_another_category(company: Company) -> None:
    company.sells_expenses_at_cost_plus("10")
    approval = company.approved(1, "expense", price=Decimal(500))
    travel = company.categories["expense"]
    travel.pk, travel.name = None, "Travel"
    travel.is_default = False
    travel.save()
    correct(company, approval, category=travel)
    assert Entry.objects.get(status=EntryStatus.APPROVED).category == travel
    assert "cost chargeable +1 +500.00" in company.actuals().splitlines()[-2]


def test_task_of_the_old_project_does_not_follow_to_the_new_one(company: Company) -> None:
    task = Task.objects.create(project=company.project, name="Design")
    approval = company.approved(8, task=task)
    other = another_project(company)
    lines = preview(company, approval, project=other).lines
    assert lines[0].changes["task"] == ["Design", ""]
    correct(company, approval, project=other)
    assert Entry.objects.get(status=EntryStatus.APPROVED).task is None


def test_corrected_work_can_be_corrected_again_and_billed(company: Company) -> None:
    correct(company, company.approved(8), date=date(2026, 3, 3))
    second = Approval.objects.get(status=ApprovalStatus.APPROVED)
    journal = correct(company, second, date=date(2026, 3, 4))
    assert journal.number == "CJ-00002"
    assert company.backlog() == "2026-03-04 chargeable +8 +1600.00 not_ready"
    (invoice,) = bill(company)
    assert invoice.net_amount == 1600
    assert_proven()


def bill(company: Company) -> list[Any]:
    company.confirm(company.draft())
    return company.invoices()


def test_work_of_a_closed_period_is_reversed_and_written_on_the_day_itself(
    company: Company,
) -> None:
    approval = company.approved(8)
    lock(company, date(2026, 3, 31))
    other = another_project(company)
    rows.contract_line(company.contract, company.customer, project=other)
    correct(company, approval, project=other, on=date(2026, 4, 2))
    written = Actual.objects.filter(event__kind=EventKind.CORRECTION)
    assert set(written.values_list("accounting_date", flat=True)) == {date(2026, 4, 2)}
    assert written.count() == 4


def test_history_says_what_changed_and_why(company: Company) -> None:
    approval = company.approved(8)
    correct(company, approval, date=date(2026, 3, 3))
    said = Activity.objects.about(approval.entry).get(verb="corrected")
    assert said.changes == {"date": ["2026-03-02", "2026-03-03"]}
    assert (said.facts["reason"], said.facts["journal"], said.actor) == (WHY, "CJ-00001", company.accountant)


# --- Preview ------------------------------------------------------------------------------------------


def preview(
    company: Company, *approvals: Approval, actor: Any = None, on: date = DAY, **values: Any
) -> CorrectionPreview:
    entries = only(*(one.entry for one in approvals))
    return preview_correction(entries, NewValues(**values), actor=actor or company.accountant, on=on, at=NOW)


def test_preview_shows_both_sides_and_changes_nothing(company: Company) -> None:
    senior = Role.objects.create(name="Senior")
    RolePrice.objects.create(price_list=company.sales, role=senior, price=Decimal(250))
    approvals = [company.approved(8), company.approved(4)]
    with unchanged():
        shown = preview(company, *approvals, role=senior)
    assert [(line.old.sales_amount, line.new.sales_amount) for line in shown.lines] == [
        (1600, 2000),
        (800, 1000),
    ]
    assert [(one.side, one.currency, one.before, one.after, one.difference) for one in shown.sums] == [
        ("sales", "EUR", 2400, 3000, 600),
        ("cost", "EUR", 1200, 0, -1200),
    ]
    assert shown.refusals == []


def test_preview_names_every_reason(company: Company) -> None:
    company.approved(8)
    company.draft()
    codes = {one.code for one in preview(company, Approval.objects.get(), actor=company.worker).refusals}
    assert codes == {"own-work", "nothing-changes", "on-draft"}


def test_statements_do_not_grow_with_the_entries(company: Company) -> None:
    counts = []
    for size in (2, 6):
        approvals = [company.approved(1) for _each in range(size)]
        # Read before, because finding the entries of the test is not the verb's work.
        assert all(one.entry for one in approvals)
        counts.append(statements(partial(correct, company, *approvals, date=date(2026, 3, 3))))
    assert counts[0] == counts[1]


def test_complimentary_work_stays_complimentary(company: Company) -> None:
    approval = company.approved(8, billing_type=BillingType.COMPLIMENTARY)
    correct(company, approval, date=date(2026, 3, 3))
    assert company.backlog() == "2026-03-03 complimentary +8 +1600.00 not_ready"


def test_work_moved_to_a_day_outside_the_contract_is_cost_alone_and_the_preview_says_so(company: Company):
    approval = company.approved(8)
    ProjectContract.objects.filter(pk=company.contract.pk).update(starts_on=DAY)
    outside = date(2026, 2, 27)
    preview = preview_correction(
        only(approval.entry), NewValues(date=outside), actor=company.accountant, on=DAY, at=NOW
    )
    (line,) = preview.lines
    assert (line.new.contract_line, line.new.billing_type) == (None, BillingType.NOT_AVAILABLE)
    assert line.uncovered == f"Contract {company.contract.number} covers work from 2 Mar 2026 on"
    correct(company, approval, date=outside)
    assert company.backlog() == ""
    assert Approval.objects.uncovered().get().entry.date == outside
