"""Which hours lie within a prepaid block, after each thing that can happen to work (A12)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.marking_ready import mark_ready
from projects.approving import approve_entries
from projects.cancelling import cancel_approvals
from projects.correcting import correct_entries
from projects.correction_plans import NewValues
from projects.models import ActualEvent, Approval, BacklogItem, Entry
from projects.prepaid_reckoning import count_prepaid_hours
from projects.retyping import change_billing_type
from projects.states import BillingStatus, BillingType, EventKind
from projects.submitting import submit_entries
from tests.company import Company, only
from tests.company.checking import assert_proven, statements
from tests.company.prepaid import agreed, statement, ten_hours, work
from tests.company.rows import NOW, moment_for

pytestmark = pytest.mark.django_db
TEN_HOURS = ten_hours()


@pytest.fixture
def company() -> Company:
    made = Company()
    made.agreement = agreed(made, TEN_HOURS)
    return made


def backlog() -> str:
    rows = BacklogItem.objects.select_related("actual").order_by("transaction_date", "work_item", "pk")
    return "\n".join(
        f"{one.transaction_date:%d} {one.quantity.normalize():f} x {one.actual.price.normalize():f}"
        f" = {one.amount.normalize():f}"
        for one in rows
    )


def march(day: int) -> date:
    return date(2026, 3, day)


def test_an_entry_across_the_boundary_is_divided(company):
    work(company, (3, 2, "8"), (3, 3, "6"))
    assert backlog() == "02 8 x 120 = 960\n03 2 x 120 = 240\n03 4 x 148 = 592"
    event = ActualEvent.objects.get(kind=EventKind.PREPAID_HOURS)
    assert (event.actor, event.happened_on) == (company.manager, march(2))
    assert_proven()


def test_earlier_work_that_is_approved_later_moves_the_boundary(company):
    work(company, (3, 10, "8"), (3, 11, "2"))
    work(company, (3, 2, "3"))
    assert backlog() == "02 3 x 120 = 360\n10 7 x 120 = 840\n10 1 x 148 = 148\n11 2 x 148 = 296"
    assert_proven()


def test_a_cancelled_approval_gives_its_hours_back(company):
    first = company.approved(8, date=march(2))
    company.approved(6, date=march(3))
    cancel_approvals(only(first), comment="Wrong", actor=company.manager, on=march(4), at=NOW)
    # The two parts are one row again, with the amount it was approved with.
    assert backlog() == "03 6 x 120 = 720"
    assert_proven()


def test_a_correction_gives_hours_back(company):
    first = company.approved(8, date=march(2))
    company.approved(6, date=march(3))
    correct_entries(
        Entry.objects.filter(pk=first.entry_id),
        NewValues(date=date(2026, 4, 1)),
        reason="Another day",
        actor=company.second_person(),
        on=march(4),
        at=NOW,
    )
    assert backlog() == "03 6 x 120 = 720\n01 8 x 200 = 1600"
    assert_proven()


def test_work_that_is_not_chargeable_uses_nothing(company):
    company.approved(8, date=march(2), billing_type=BillingType.NON_CHARGEABLE)
    work(company, (3, 3, "12"))
    assert statement(company.agreement) == "Mar 0.00 10.00 12.00 2.00 0.00 0.00"
    item = BacklogItem.objects.get(actual__price=120, billing_type=BillingType.CHARGEABLE)
    change_billing_type(
        only(item),
        BillingType.COMPLIMENTARY,
        reason="Our mistake",
        actor=company.manager,
        on=march(4),
        at=NOW,
    )
    assert statement(company.agreement) == "Mar 0.00 10.00 2.00 0.00 0.00 8.00"
    # What was beyond the block lies within it now.
    assert BacklogItem.objects.get(billing_type=BillingType.CHARGEABLE).amount == 240
    assert_proven()


def test_expenses_and_other_months_use_nothing(company):
    company.approved(100, "expense", date=march(2), price=Decimal(1))
    work(company, (4, 1, "12"))
    assert statement(company.agreement) == "Mar 0.00 10.00 0.00 0.00 0.00 10.00"
    assert BacklogItem.objects.get(transaction_date=date(2026, 4, 1)).actual.price == 200


def test_what_is_on_a_draft_stays_and_the_overage_falls_on_what_is_open(company):
    work(company, (3, 20, "9"))
    company.draft()
    work(company, (3, 2, "4"))
    # The nine hours of the 20th are the later ones, but a draft asks for them already.
    assert backlog() == "02 1 x 120 = 120\n02 3 x 148 = 444\n20 9 x 120 = 1080"
    assert statement(company.agreement) == "Mar 0.00 10.00 13.00 3.00 0.00 0.00"
    assert_proven()


def test_what_was_decided_on_the_backlog_stays(company):
    work(company, (3, 2, "8"))
    mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW)
    work(company, (3, 1, "4"))
    parts = BacklogItem.objects.filter(transaction_date=march(2)).order_by("pk")
    assert [(one.quantity, one.status) for one in parts] == [
        (6, BillingStatus.READY),
        (2, BillingStatus.READY),
    ]
    assert BacklogItem.objects.get(transaction_date=march(1)).status == BillingStatus.NOT_READY


def test_twenty_minutes_keep_their_amounts(company):
    """Thirds of an hour are rounded together within the month, and divided hours by themselves."""
    for day in range(1, 31):
        entry = company.worked(1200, date=march(day))
        (approval,) = submit_entries(only(entry), actor=company.worker, at=moment_for(entry.date))
        approve_entries(only(approval), actor=company.manager, on=march(31), at=NOW)
    within = BacklogItem.objects.filter(actual__price=120)
    assert sum(one.quantity for one in within) == 10
    assert sum(one.amount for one in within) == 1200
    assert not BacklogItem.objects.filter(actual__price=148).exists()
    assert_proven()


def test_counting_again_changes_nothing(company):
    work(company, (3, 2, "8"), (3, 3, "6"))
    before = backlog()
    with_again = count_prepaid_hours([company.line.pk], actor=company.manager, on=march(4), at=NOW)
    assert (with_again, backlog()) == (0, before)


def test_a_set_costs_one_statement_without_prepaid_hours_and_the_same_for_any_size_with_them():
    def approving(company: Company, count: int) -> int:
        entries = [company.entry(8, date=march(1 + number)) for number in range(count)]
        submit_entries(only(*entries), actor=company.worker, at=NOW)
        waiting = Approval.objects.waiting().filter(entry__in=entries)
        return statements(lambda: approve_entries(waiting, actor=company.manager, on=march(31), at=NOW))

    without = Company()
    counted = statements(
        lambda: count_prepaid_hours([without.line.pk], actor=without.manager, on=march(2), at=NOW)
    )
    assert counted == 1
    few, many = Company(), Company()
    for one in (few, many):
        agreed(one, TEN_HOURS)
    assert approving(few, 3) == approving(many, 20)
