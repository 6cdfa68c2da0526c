"""Submit and recall: each entry gets its contract line, its chargeability and its prices (A4, A7, A8)."""

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from core.models import Activity
from core.querysets import ChangedMeanwhile
from projects.models import (
    Approval,
    Chargeability,
    ContractLine,
    Entry,
    LegalEntity,
    PriceList,
    Project,
    Role,
    RolePrice,
    Task,
    TransactionCategory,
)
from projects.states import ApprovalStatus, BillingType, ContractStatus, EntryStatus
from projects.submitting import recall_entries, submit_entries
from tests.company import Company, only, rows
from tests.company.checking import all_rows, refused, statements
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


def test_a_submission_is_priced_when_it_is_made():
    company = Company()
    approval = company.submitted("7.25")
    assert (approval.contract_line, approval.billing_type) == (company.line, BillingType.CHARGEABLE)
    assert (approval.submitted_quantity, approval.billable_quantity) == (Decimal("7.25"), Decimal("7.25"))
    assert (approval.cost_price, approval.cost_amount, approval.cost_currency) == (100, 725, "EUR")
    assert (approval.sales_price, approval.sales_amount, approval.sales_currency) == (200, 1450, "EUR")
    assert (approval.price_source, approval.is_priced) == ("sales prices", True)
    assert (approval.worker, approval.submitted_by, approval.submitted_at) == (
        company.worker,
        company.worker,
        NOW,
    )
    assert Entry.objects.get().status == EntryStatus.SUBMITTED
    log = Activity.objects.get(verb="submitted")
    assert (log.verb, log.from_state, log.to_state, log.actor) == (
        "submitted",
        "draft",
        "submitted",
        company.worker,
    )


def test_a_set_is_submitted_in_as_many_statements_as_one():
    company = Company()
    one = only(company.entry("0.5"))
    many = only(*(company.entry(f"0.{tenths:02}") for tenths in range(1, 21)))
    expected = statements(lambda: submit_entries(one, actor=company.worker, at=NOW))
    assert statements(lambda: submit_entries(many, actor=company.worker, at=NOW)) == expected
    assert Approval.objects.count() == 21


def test_only_drafts_and_returned_entries_can_be_submitted():
    company = Company()
    good, submitted = company.entry(1), company.submitted(8).entry
    with refused("not-submittable"):
        submit_entries(only(good, submitted), actor=company.worker, at=NOW)


def test_nothing_is_submitted_into_a_closed_period_or_a_closed_project():
    company = Company()
    good, bad = company.entry(1, date=date(2026, 3, 3)), company.entry(8)
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=DAY)
    with refused("period-locked"):
        submit_entries(only(good, bad), actor=company.worker, at=NOW)
    Project.objects.filter(pk=company.project.pk).update(is_closed=True)
    with refused("project-closed", "period-locked", "project-closed"):
        submit_entries(only(good, bad), actor=company.worker, at=NOW)


def test_a_recalled_submission_ends_and_the_next_is_a_new_one():
    company = Company()
    first = company.submitted(8)
    assert recall_entries(only(first.entry), actor=company.worker, at=NOW) == 1
    assert Entry.objects.get().status == EntryStatus.DRAFT
    assert Approval.objects.get().status == ApprovalStatus.RECALLED

    submit_entries(Entry.objects.all(), actor=company.worker, at=NOW)
    statuses = Approval.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == [ApprovalStatus.RECALLED, ApprovalStatus.SUBMITTED]


def test_only_submitted_entries_can_be_recalled():
    company = Company()
    good, approved = company.submitted(1).entry, company.approved(8).entry
    with refused("not-submitted"):
        recall_entries(only(good, approved), actor=company.worker, at=NOW)


# --- Which line, which price ---------------------------------------------------------------------


def test_a_line_for_the_task_wins_over_the_line_for_the_rest():
    company = Company()
    special, other = (Task.objects.create(project=company.project, code=code, name=code) for code in "AB")
    narrow = rows.contract_line(company.contract, company.customer, project=company.project)
    narrow.tasks.add(special)
    assert company.submitted(1, task=special).contract_line == narrow
    assert company.submitted(1, task=other).contract_line == company.line
    assert company.submitted(1).contract_line == company.line


def test_a_contract_on_hold_takes_work():
    company = Company()
    type(company.contract).objects.filter(pk=company.contract.pk).update(status=ContractStatus.ON_HOLD)
    assert company.submitted(1).contract_line == company.line


def test_work_of_a_class_that_no_line_includes_is_not_available_for_billing():
    company = Company()
    company.line.includes_time = False
    company.line.save()
    approval = company.submitted(1)
    assert approval.contract_line is None
    assert (approval.billing_type, approval.sales_amount, approval.sales_currency) == (
        BillingType.NOT_AVAILABLE,
        0,
        "",
    )


def test_without_a_price_it_is_marked_and_not_priced_at_zero_in_silence():
    company = Company()
    unknown = Role.objects.create(name=f"Unknown {rows.next_number()}")
    approval = company.submitted(8, role=unknown)
    assert (approval.is_priced, approval.sales_price, approval.price_source) == (False, 0, "")


def test_the_contracts_own_price_wins_and_a_currency_has_its_own_prices():
    company = Company()
    own = PriceList.objects.create(
        legal_entity=company.entity,
        name="special",
        context="sales",
        currency="EUR",
        contract=company.contract,
    )
    RolePrice.objects.create(price_list=own, role=company.role, price=Decimal("118.40"))
    approval = company.submitted("0.33")
    assert (approval.price_source, approval.sales_amount) == ("special", Decimal("39.07"))


def test_an_expense_costs_what_was_paid_in_the_currency_it_was_paid_in():
    company = Company()
    company.sells_expenses_at_cost_plus("10")
    at_home = company.submitted(2, "expense", price=Decimal("12.345"))
    assert (at_home.cost_amount, at_home.sales_price, at_home.sales_amount) == (
        Decimal("24.69"),
        Decimal("13.5795"),
        Decimal("27.16"),
    )
    abroad = company.submitted(1, "expense", price=Decimal(500), currency="GBP")
    assert (abroad.cost_amount, abroad.cost_currency, abroad.is_priced) == (500, "GBP", False)


def test_fixed_price_needs_no_price():
    company = Company()
    fixed = company.fixed_price_line()
    approval = company.submitted(8, project=fixed.project)
    assert (approval.contract_line, approval.is_priced) == (fixed, True)
    assert (approval.cost_amount, approval.sales_amount) == (800, 0)


def test_whatever_says_non_chargeable_wins():
    company = Company()
    task = Task.objects.create(project=company.project, code="T", name="T")
    Chargeability.objects.create(contract_line=company.line, task=task, is_chargeable=False)
    assert company.submitted(1, task=task).billing_type == BillingType.NON_CHARGEABLE
    assert company.submitted(1).billing_type == BillingType.CHARGEABLE

    Role.objects.filter(pk=company.role.pk).update(is_chargeable=False)
    assert company.submitted(1).billing_type == BillingType.NON_CHARGEABLE
    Chargeability.objects.create(contract_line=company.line, role=company.role, is_chargeable=True)
    assert company.submitted(1).billing_type == BillingType.CHARGEABLE
    assert company.submitted(1, task=task).billing_type == BillingType.NON_CHARGEABLE

    TransactionCategory.objects.filter(pk=company.categories["expense"].pk).update(is_chargeable=False)
    assert company.submitted(1, "expense", price=Decimal(5)).billing_type == BillingType.NON_CHARGEABLE
    assert (
        company.submitted(1, billing_type=BillingType.COMPLIMENTARY).billing_type == BillingType.COMPLIMENTARY
    )


def test_a_rule_for_the_task_decides_about_expenses_beside_the_rule_for_their_category():
    company = Company()
    expense = partial(company.submitted, 1, "expense", price=Decimal(5))
    category = company.categories["expense"]
    TransactionCategory.objects.filter(pk=category.pk).update(is_chargeable=False)
    rule = Chargeability.objects.create(contract_line=company.line, category=category, is_chargeable=True)
    assert expense().billing_type == BillingType.CHARGEABLE

    task = Task.objects.create(project=company.project, code="T", name="T")
    Chargeability.objects.create(contract_line=company.line, task=task, is_chargeable=False)
    assert expense(task=task).billing_type == BillingType.NON_CHARGEABLE
    assert expense().billing_type == BillingType.CHARGEABLE

    rule.is_chargeable = False
    rule.save()
    Chargeability.objects.filter(task=task).update(is_chargeable=True)
    assert expense(task=task).billing_type == BillingType.NON_CHARGEABLE


def test_a_class_that_the_line_leaves_out_is_not_available():
    company = Company()
    ContractLine.objects.filter(pk=company.line.pk).update(includes_time=False)
    assert company.submitted(8).billing_type == BillingType.NOT_AVAILABLE


def test_an_entry_whose_approval_came_in_between_is_not_recalled_without_it():
    company = Company()
    approval = company.submitted(8)
    late = company.entry(4)
    Entry.objects.filter(pk=late.pk).update(status=EntryStatus.SUBMITTED)
    before = all_rows()
    with pytest.raises(ChangedMeanwhile):
        recall_entries(only(approval.entry, late), actor=company.worker, at=NOW)
    assert all_rows() == before
