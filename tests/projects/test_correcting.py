"""Correction journals: reversal and replacement with other values, previewed first (matrix 4.1 #10)."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from billing.ending import complete_contracts, lose_contracts
from core.models import Activity
from projects.correcting import CorrectionPreview, correct_entries, preview_correction
from projects.correction_plans import NewValues
from projects.models import (
    Actual,
    Approval,
    CorrectionJournal,
    Entry,
    FiscalSpan,
    Project,
    ProjectContract,
    Resource,
    Role,
    RolePrice,
    Task,
)
from projects.states import ApprovalStatus, BillingType, ContractStatus, EntryStatus, EventKind
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused, statements, unchanged
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

WHY = "Booked on the wrong project"


@pytest.fixture
def company() -> Company:
    return Company()


def correct(
    company: Company, *approvals: Approval, on: date = DAY, actor: Any = None, **values: Any
) -> CorrectionJournal:
    entries = only(*(one.entry for one in approvals))
    return correct_entries(
        entries, NewValues(**values), reason=WHY, actor=actor or company.accountant, on=on, at=NOW
    )


def another_project(company: Company, **columns: Any) -> Project:
    columns = {"number": f"N{rows.next_number()}", "name": "Other", "customer": company.customer} | columns
    return Project.objects.create(**{"legal_entity": company.entity} | columns)


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


def lock(company: Company, through: date) -> None:
    company.entity.locked_through = through
    company.entity.save()


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


# --- Refusals -----------------------------------------------------------------------------------------


def test_reason_must_be_given(company: Company) -> None:
    approval = company.approved(8)
    values = NewValues(date=date(2026, 3, 3))
    with refused("reason-missing"):
        correct_entries(only(approval.entry), values, reason=" ", actor=company.accountant, on=DAY, at=NOW)


def test_nothing_selected(company: Company) -> None:
    nothing, values = Entry.objects.none(), NewValues(date=DAY)
    with refused("nothing-selected"):
        correct_entries(nothing, values, reason=WHY, actor=company.accountant, on=DAY, at=NOW)


def test_only_approved_entries_are_corrected(company: Company) -> None:
    approval = company.submitted(8)
    with refused("not-approved"):
        correct(company, approval, date=date(2026, 3, 3))


def test_entries_of_several_companies_are_corrected_one_by_one(company: Company) -> None:
    other = Company()
    approvals = [company.approved(8), other.approved(8)]
    with refused("several-companies"):
        correct(company, *approvals, date=date(2026, 3, 3))


@pytest.mark.parametrize("who", ["worker", "submitter", "new worker"])
def test_nobody_corrects_own_work(company: Company, who: str) -> None:
    approval = company.approved(8)
    colleague = Resource.objects.create(
        legal_entity=company.entity, code="new", name="New", role=company.role, user=company.accountant
    )
    actor, values = company.worker, {"date": date(2026, 3, 3)}
    if who == "submitter":
        actor = approval.submitted_by
    if who == "new worker":
        actor, values = company.accountant, {"resource": colleague}
    with refused("own-work"):
        correct(company, approval, actor=actor, **values)


def test_values_that_are_there_already_change_nothing(company: Company) -> None:
    approval = company.approved(8)
    with refused("nothing-changes"):
        correct(company, approval, project=company.project)


def test_closed_project_takes_no_work(company: Company) -> None:
    closed = another_project(company, is_closed=True)
    approval = company.approved(8)
    with refused("project-closed"):
        correct(company, approval, project=closed)


@pytest.mark.parametrize("ended", [ContractStatus.LOST, ContractStatus.COMPLETED])
def test_work_of_a_contract_that_ended_stays_on_it_or_leaves_its_project(
    company: Company, ended: ContractStatus
) -> None:
    old = company.approved(8, billing_type=BillingType.NON_CHARGEABLE)
    ended_contract(company, ended)
    senior = Role.objects.create(name="Senior")
    with refused("contract-ended") as caught:
        correct(company, old, role=senior)
    (reason,) = caught.value.refusals
    assert reason.message == f"Contract {company.contract} is {ended.label}."
    assert reason.way_out == ("Move it to another project, or cancel its approval.")
    other = another_project(company)
    line = rows.contract_line(
        rows.contract(company.entity, company.customer), company.customer, project=other
    )
    correct(company, old, project=other)
    assert Approval.objects.get(status=ApprovalStatus.APPROVED).contract_line == line
    assert_proven()


@pytest.mark.parametrize("ended", [ContractStatus.LOST, ContractStatus.COMPLETED])
def test_work_moves_to_no_contract_that_ended(company: Company, ended: ContractStatus) -> None:
    old, other = company.approved(8), another_project(company)
    rows.contract_line(
        rows.contract(company.entity, company.customer, status=ended), company.customer, project=other
    )
    correct(company, old, project=other)
    assert Approval.objects.get(status=ApprovalStatus.APPROVED).contract_line is None
    assert company.backlog() == ""


def ended_contract(company: Company, status: ContractStatus) -> None:
    """End the contract of the company by its verbs."""
    contract = only(company.contract)
    if status == ContractStatus.LOST:
        lose_contracts(contract, actor=company.manager, on=DAY, at=NOW)
    else:
        complete_contracts(contract, actor=company.manager, at=NOW)


def test_project_of_another_company_takes_no_work(company: Company) -> None:
    elsewhere = Company()
    approval = company.approved(8)
    with refused("other-entity"):
        correct(company, approval, project=elsewhere.project)


def test_task_must_be_one_of_the_project(company: Company) -> None:
    task = Task.objects.create(project=another_project(company), name="Design")
    approval = company.approved(8)
    with refused("task-not-of-project"):
        correct(company, approval, task=task)


def test_category_must_be_of_the_class(company: Company) -> None:
    category = company.categories["expense"]
    approval = company.approved(8)
    with refused("category-of-other-class"):
        correct(company, approval, category=category)


def test_new_day_must_be_open_and_so_must_today(company: Company) -> None:
    approval = company.approved(8, date=date(2026, 3, 20))
    lock(company, date(2026, 3, 10))
    with refused("period-locked"):
        correct(company, approval, date=date(2026, 3, 9), on=date(2026, 3, 20))
    with refused("period-locked"):
        correct(company, approval, date=date(2026, 3, 21), on=date(2026, 3, 9))


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 4, 20), "too-far-ahead"),
        (date(2025, 1, 2), "too-far-back"),
    ],
)
def test_new_day_must_be_near(company: Company, day: date, code: str) -> None:
    approval = company.approved(8)
    if day.year == 2025:
        rows.fiscal_days(company.entity, date(2025, 1, 1), date(2025, 12, 31))
    with refused(code):
        correct(company, approval, date=day)


def test_new_day_must_lie_in_a_fiscal_period(company: Company) -> None:
    approval = company.approved(8)
    FiscalSpan.objects.filter(legal_entity=company.entity, starts_on__gt=DAY).delete()
    FiscalSpan.objects.filter(legal_entity=company.entity).update(ends_on=DAY)
    with refused("period-missing"):
        correct(company, approval, date=date(2026, 3, 3))


def test_day_does_not_become_longer_than_it_may(company: Company) -> None:
    company.approved(20, date=date(2026, 3, 3))
    approval = company.approved(8)
    with refused("daily-maximum"):
        correct(company, approval, date=date(2026, 3, 3))


def test_fee_moves_only_to_a_project_where_it_can_be_billed(company: Company) -> None:
    approval = company.approved(1, "fee", price=Decimal(500))
    other = another_project(company)
    with refused("fee-not-billable"):
        correct(company, approval, project=other)


def test_split_of_the_new_line_must_be_whole(company: Company) -> None:
    other = another_project(company)
    line = rows.contract_line(company.contract, company.customer, project=other)
    line.customers.update(split_percent=Decimal(60))
    approval = company.approved(8)
    with refused("split-not-whole"):
        correct(company, approval, project=other)


def test_work_on_a_draft_or_an_invoice_stays(company: Company) -> None:
    approval = company.approved(8)
    draft = company.draft()
    with refused("on-draft"):
        correct(company, approval, date=date(2026, 3, 3))
    company.confirm(draft)
    with refused("invoiced"):
        correct(company, approval, date=date(2026, 3, 3))


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
