"""Hours recorded in minutes: what they come to, however they are submitted and billed (A8, A11, M2)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from core.money import hours_of
from projects.approving import approve_entries, change_terms
from projects.models import Approval, BacklogItem, WorkItem
from projects.submitting import recall_entries, submit_entries
from tests.company import Company, details_of, only
from tests.company.checking import statements
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

TWENTY = 20 * 60


def submit(company: Company, *entries) -> list[Approval]:
    return submit_entries(only(*entries), actor=company.worker, at=NOW)


def amounts(approvals: list[Approval]) -> list[str]:
    return [f"{one.sales_amount:.2f}" for one in approvals]


def hours(approvals: list[Approval]) -> list[str]:
    return [f"{one.billable_quantity:.4f}" for one in approvals]


def test_three_times_twenty_minutes_at_200_are_an_hour_and_200():
    company = Company()
    approvals = submit(company, *(company.worked(TWENTY) for _each in range(3)))
    assert amounts(approvals) == ["66.67", "66.66", "66.67"]
    assert hours(approvals) == ["0.3333", "0.3334", "0.3333"]
    # What it costs comes to a hundred in the same way.
    assert [f"{one.cost_amount:.2f}" for one in approvals] == ["33.33", "33.34", "33.33"]


def test_submitted_one_by_one_they_come_to_the_same():
    company = Company()
    approvals = [one for _each in range(3) for one in submit(company, company.worked(TWENTY))]
    assert amounts(approvals) == ["66.67", "66.66", "66.67"]
    assert hours(approvals) == ["0.3333", "0.3334", "0.3333"]
    assert sum(one.cost_amount for one in approvals) == 100


def test_three_times_twenty_minutes_at_90_print_one_hour_and_90():
    company = Company()
    company.sells_hours_for("90")
    approve_entries(
        only(*submit(company, *(company.worked(TWENTY) for _each in range(3)))),
        actor=company.manager,
        on=DAY,
        at=NOW,
    )
    draft = company.draft()
    assert draft.net_amount == 90
    assert sum(details_of(draft).values_list("quantity", flat=True)) == 1


def test_three_hundred_times_twenty_minutes_are_a_hundred_hours():
    company = Company()
    company.sells_hours_for("33.3333")
    entries = [company.worked(TWENTY, date=DAY + timedelta(days=number % 25)) for number in range(300)]
    approvals = [*submit(company, *entries[:110]), *submit(company, *entries[110:])]
    assert sum(one.billable_quantity for one in approvals) == 100
    assert sum(one.submitted_quantity for one in approvals) == 100
    assert sum(one.sales_amount for one in approvals) == Decimal("3333.33")
    assert sum(one.cost_amount for one in approvals) == 10000


def test_what_four_places_say_exactly_is_priced_by_itself():
    company = Company()
    company.sells_hours_for("33.33")
    approvals = submit(company, company.worked(15 * 60), company.worked(15 * 60), company.entry("7.5"))
    assert amounts(approvals) == ["8.33", "8.33", "249.98"]


def test_each_price_and_each_month_comes_to_its_own_sum():
    company = Company()
    first = submit(company, *(company.worked(TWENTY) for _each in range(2)))
    next_month = submit(company, company.worked(TWENTY, date=date(2026, 4, 1)))
    company.sells_hours_for("100")
    dearer = submit(company, company.worked(TWENTY))
    assert amounts([*first, *next_month, *dearer]) == ["66.67", "66.66", "66.67", "33.33"]


def test_what_was_recalled_is_not_made_up_for():
    company = Company()
    (first,) = submit(company, company.worked(TWENTY))
    (second,) = submit(company, company.worked(TWENTY))
    recall_entries(only(first.entry), actor=company.worker, at=NOW)
    (third,) = submit(company, company.worked(TWENTY))
    # 66.66 and 66.67 are two thirds of 200; the recalled 66.67 does not count any more.
    assert amounts([second, third]) == ["66.66", "66.67"]
    assert hours([second, third]) == ["0.3334", "0.3333"]


def test_a_changed_quantity_that_is_set_back_has_its_amount_again():
    company = Company()
    (approval,) = submit(company, company.worked(TWENTY))
    for quantity in ("0.25", "0.3333"):
        change_terms(
            only(approval),
            billable_quantity=Decimal(quantity),
            billing_type=None,
            actor=company.manager,
            at=NOW,
        )
    assert amounts([Approval.objects.get()]) == ["66.67"]
    approve_entries(only(approval), actor=company.manager, on=DAY, at=NOW)
    assert company.actuals() == table("""
        cost      chargeable  +0.3333  +33.33
        unbilled  chargeable  +0.3333  +66.67  not_ready
    """)
    draft = company.draft()
    company.edit(draft, quantity="0.25")
    company.edit(draft, quantity="0.3333")
    assert details_of(draft).get().amount == Decimal("66.67")


def test_what_is_not_billed_of_minutes_is_a_subtraction():
    company = Company()
    (approval,) = submit(company, company.worked(TWENTY))
    change_terms(
        only(approval), billable_quantity=Decimal("0.25"), billing_type=None, actor=company.manager, at=NOW
    )
    approve_entries(only(approval), actor=company.manager, on=DAY, at=NOW)
    assert company.backlog() == table("""
        2026-03-02 chargeable +0.25 +50.00 not_ready
        2026-03-02 non-chargeable +0.0833 +16.67 not_ready
    """)


def test_minutes_are_shared_by_percentage_and_still_add_up():
    company = Company()
    payers = company.is_shared_by("33.33", "33.33", "33.34")
    for _each in range(30):
        company.approved(hours_of(TWENTY), seconds=TWENTY)
    assert company.unbilled_of(*payers) == [Decimal("666.60"), Decimal("666.60"), Decimal("666.80")]
    assert sum(BacklogItem.objects.values_list("quantity", flat=True)) == 10


def test_a_set_is_submitted_in_as_many_statements_as_one():
    company = Company()
    one = company.worked(TWENTY)
    many = [company.worked(TWENTY) for _each in range(20)]
    assert statements(lambda: submit(company, *many)) == statements(lambda: submit(company, one))


# --- Billing increments and days ------------------------------------------------------------------


def test_a_quarter_hour_up_for_one_customer_and_exactly_for_the_next():
    company = Company()
    company.bills_time(increment_minutes=15)
    other = company.with_another_customer()
    stepped, exact = submit(company, company.worked(TWENTY), other.worked(TWENTY))
    assert (stepped.submitted_quantity, stepped.billable_quantity) == (Decimal("0.3333"), Decimal("0.5"))
    assert (stepped.sales_amount, stepped.cost_amount) == (100, Decimal("33.33"))
    assert (exact.billable_quantity, exact.sales_amount) == (Decimal("0.3333"), Decimal("66.67"))


def test_what_is_billed_above_what_was_recorded_is_chargeable_and_the_cost_stays():
    company = Company()
    company.bills_time(increment_minutes=30)
    company.approved("0.25")
    assert company.actuals() == table("""
        cost      chargeable  +0.25  +25.00
        unbilled  chargeable  +0.5   +100.00  not_ready
    """)
    item = WorkItem.objects.get()
    assert (item.recorded_hours, item.quantity, item.unit) == (Decimal("0.25"), Decimal("0.5"), "h")


def test_what_the_nearest_step_leaves_is_not_chargeable():
    company = Company()
    company.bills_time(increment_minutes=60, increment_rule="nearest")
    company.approved("1.25")
    assert company.actuals() == table("""
        cost      chargeable      +1.25  +125.00
        unbilled  chargeable      +1     +200.00  not_ready
        unbilled  non-chargeable  +0.25   +50.00  not_ready
    """)


@pytest.mark.parametrize("at_once", [True, False])
def test_three_times_ten_minutes_at_half_hour_steps_are_half_an_hour(at_once):
    company = Company()
    company.bills_time(increment_minutes=30, increment_scope="day")
    entries = [company.worked(600) for _each in range(3)]
    sets = [entries] if at_once else [[one] for one in entries]
    approvals = [one for together in sets for one in submit(company, *together)]
    approve_entries(only(*approvals), actor=company.manager, on=DAY, at=NOW)
    assert sum(one.sales_amount for one in approvals) == 100
    assert sum(one.cost_amount for one in approvals) == 50
    rows = BacklogItem.objects.order_by("pk").values_list("billing_type", "quantity")
    expected = ["0.1667", "0.1666", "0.1667"] if at_once else ["0.5", "0", "0"]
    assert list(rows) == [(1, Decimal(quantity)) for quantity in expected]
    assert sum(WorkItem.objects.values_list("recorded_hours", flat=True)) == Decimal("0.5")


def test_another_day_another_task_and_another_person_begin_anew():
    company = Company()
    company.bills_time(increment_minutes=30, increment_scope="day")
    approvals = submit(
        company,
        company.worked(600),
        company.worked(600, date=DAY + timedelta(days=1)),
        company.worked(600, task=company.task("Other")),
    )
    assert hours(approvals) == ["0.5000"] * 3


@pytest.mark.parametrize("at_once", [True, False])
def test_a_day_rate_bills_half_days_and_days_of_a_persons_day(at_once):
    company = Company()
    company.bills_time(day_hours=Decimal(8))
    entries = [company.entry(3), company.entry("4.5"), company.entry(2, date=DAY + timedelta(days=1))]
    sets = [entries] if at_once else [[one] for one in entries]
    approvals = [one for together in sets for one in submit(company, *together)]
    # An hour at 200 is a day of eight hours at 1,600.
    assert [(one.billable_quantity, one.unit, one.sales_amount) for one in approvals] == [
        (Decimal("0.5"), "day", 800),
        (Decimal("0.5"), "day", 800),
        (Decimal("0.5"), "day", 800),
    ]
    assert [one.submitted_quantity for one in approvals] == [3, Decimal("4.5"), 2]
    approve_entries(only(*approvals[1:2]), actor=company.manager, on=DAY, at=NOW)
    assert company.actuals() == table("""
        cost      chargeable  +4.5  +450.00
        unbilled  chargeable  +0.5  +800.00  not_ready
    """)


def test_a_day_that_is_billed_in_full_takes_more_hours_at_nothing():
    company = Company()
    company.bills_time(day_hours=Decimal(8))
    company.sells_days_for("1200")
    company.approved(8)
    company.approved(2)
    assert company.actuals() == table("""
        cost      chargeable  +8  +800.00
        unbilled  chargeable  +1  +1200.00  not_ready
        cost      chargeable  +2  +200.00
        unbilled  chargeable  +0      0.00  not_ready
    """)


def test_days_that_an_approver_changes_leave_days():
    company = Company()
    company.bills_time(day_hours=Decimal(8))
    company.approved(8, billable="0.5")
    assert company.actuals() == table("""
        cost      chargeable      +8    +800.00
        unbilled  chargeable      +0.5  +800.00  not_ready
        unbilled  non-chargeable  +0.5  +800.00  not_ready
    """)


def test_another_price_on_a_draft_is_that_of_the_exact_minutes():
    company = Company()
    for _each in range(3):
        company.approved(hours_of(TWENTY), seconds=TWENTY)
    draft = company.draft()
    company.edit(draft, price="90")
    # 0.3334 h at 90 would be 30.01.
    assert sorted(details_of(draft).values_list("amount", flat=True)) == [30, 30, 30]
    company.edit(draft, price="200")
    assert sum(details_of(draft).values_list("amount", flat=True)) == 200
    company.edit(draft, price="90", quantity="0.25")
    assert sum(details_of(draft).values_list("amount", flat=True)) == Decimal("67.50")


def test_another_price_for_a_share_is_that_of_the_exact_share():
    company = Company()
    company.is_shared_by("50", "50")
    for _each in range(3):
        company.approved(hours_of(TWENTY), seconds=TWENTY)
    company.ready()
    drafts = company.drafts()
    for draft in drafts:
        company.edit(draft, price="90")
    assert [sum(details_of(draft).values_list("amount", flat=True)) for draft in drafts] == [45, 45]
