"""Confirming, correcting and taking work off drafts count the prepaid hours of the month again (A12)."""

from datetime import date
from decimal import Decimal

import pytest

from billing.models import Removal, Retainer
from billing.putting_back import put_back
from billing.removing import delete_drafts, remove_details
from billing.states import RetainerStatus
from projects.models import BacklogItem
from projects.states import BillingStatus
from tests.company import Company, details_of, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.corrections import corrected
from tests.company.prepaid import agreed, bill, expire, invoice_block, statement, ten_hours, work
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 31)


@pytest.fixture
def company() -> Company:
    made = Company()
    made.agreement = agreed(made, ten_hours())
    # The block is asked for later, so that each draft has work alone.
    Retainer.objects.filter(status=RetainerStatus.READY).update(invoice_on=date(2027, 1, 1))
    return made


def backlog() -> str:
    rows = BacklogItem.objects.select_related("actual").order_by("transaction_date", "work_item", "pk")
    return "\n".join(
        f"{one.transaction_date:%d} {one.quantity.normalize():f} x {one.actual.price.normalize():f}"
        f" = {one.amount.normalize():f}"
        for one in rows
    )


def test_hours_that_are_written_off_are_free_for_other_work(company):
    work(company, (3, 2, "8"))
    draft = company.draft(MARCH)
    work(company, (3, 3, "6"))
    assert backlog() == "02 8 x 120 = 960\n03 2 x 120 = 240\n03 4 x 148 = 592"
    company.edit(draft, quantity="5")
    company.confirm(draft)
    # Three hours are billed to nobody, and pay for three that were beyond the block.
    assert backlog() == "03 5 x 120 = 600\n03 1 x 148 = 148"
    assert statement(company.agreement) == "Mar 0.00 10.00 11.00 1.00 0.00 0.00"
    assert_proven()


def test_hours_that_are_kept_stay_in_the_block(company):
    work(company, (3, 2, "8"))
    draft = company.draft(MARCH)
    work(company, (3, 3, "6"))
    company.edit(draft, quantity="5", remainder="keep")
    company.confirm(draft)
    assert backlog() == "02 3 x 120 = 360\n03 2 x 120 = 240\n03 4 x 148 = 592"
    assert_proven()


def test_a_confirmed_correction_moves_the_boundary(company):
    work(company, (3, 20, "8"))
    confirmed = bill(company, MARCH)
    work(company, (3, 2, "6"))
    assert backlog() == "02 2 x 120 = 240\n02 4 x 148 = 592"
    corrected(company, confirmed, quantity="5")
    # What is open again is the latest of the month, so that it is beyond the block first.
    assert backlog() == "02 5 x 120 = 600\n02 1 x 148 = 148\n20 3 x 148 = 444"
    assert statement(company.agreement) == "Mar 0.00 10.00 14.00 4.00 0.00 0.00"
    assert_proven()


def test_work_that_is_taken_off_a_draft_is_counted_with_what_is_open(company):
    work(company, (3, 20, "9"))
    draft = company.draft(MARCH)
    work(company, (3, 2, "4"))
    assert backlog() == "02 1 x 120 = 120\n02 3 x 148 = 444\n20 9 x 120 = 1080"
    remove_details(details_of(draft), actor=company.manager, at=NOW)
    assert backlog() == "02 4 x 120 = 480\n20 6 x 120 = 720\n20 3 x 148 = 444"
    ready = BacklogItem.objects.filter(transaction_date=date(2026, 3, 20))
    assert {one.status for one in ready} == {BillingStatus.READY}
    assert_proven()


def test_what_a_deleted_draft_held_is_counted_with_what_is_open(company):
    work(company, (3, 20, "9"))
    draft = company.draft(MARCH)
    work(company, (3, 2, "4"))
    delete_drafts(only(draft), actor=company.manager, at=NOW)
    assert backlog() == "02 4 x 120 = 480\n20 6 x 120 = 720\n20 3 x 148 = 444"
    # Its nine hours are two other rows by now: the draft comes back by drafting, not by putting it back.
    with refused("not-open-any-more"):
        put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    assert [one.amount for one in details_of(company.draft(MARCH))] == [480, 720, 444]
    assert_proven()


def test_a_draft_is_put_back_where_nothing_moved(company):
    work(company, (3, 20, "9"))
    delete_drafts(only(company.draft(MARCH)), actor=company.manager, at=NOW)
    (draft,) = put_back(Removal.objects.all(), actor=company.manager, at=NOW)
    assert draft.net_amount == 1080
    assert_proven()


def test_the_statements_do_not_depend_on_how_many_rows_are_counted():
    def counted(count: int) -> list[int]:
        company = Company()
        agreed(company, ten_hours())
        Retainer.objects.filter(status=RetainerStatus.READY).update(invoice_on=date(2027, 1, 1))
        work(company, *((3, 31 - number, "3") for number in range(count)))
        draft = company.draft(MARCH)
        work(company, (3, 1, "9"))
        mine = details_of(draft)
        removed = statements(lambda: remove_details(only(*mine[: count - 1]), actor=company.manager, at=NOW))
        company.edit_only(details_of(draft), quantity=Decimal(1))
        return [removed, statements(lambda: company.confirm(draft))]

    assert counted(4) == counted(12)


def test_work_that_is_approved_after_hours_expired_does_not_bring_them_back():
    company = Company()
    agreement = agreed(company)
    invoice_block(company, 8)
    work(company, (8, 3, "15"), (8, 4, "15"))
    (expiry,) = expire(company, agreement, date(2026, 8, 31))
    assert expiry.hours == 10
    # 30 are used and 10 expired: ten that would have rolled over are left, and two are over.
    work(company, (8, 5, "12"))
    late = BacklogItem.objects.filter(transaction_date=date(2026, 8, 5)).order_by("pk")
    assert [(one.quantity, one.actual.price, one.amount) for one in late] == [(10, 120, 1200), (2, 148, 296)]
    assert statement(agreement).splitlines()[0] == "Aug 0.00 50.00 42.00 2.00 0.00 0.00"
    assert statement(agreement).splitlines()[1] == "Sep 0.00 50.00 0.00 0.00 10.00 40.00"
    # The block pays for forty hours and for those that expired; the two hours over are to be paid.
    assert bill(company, date(2026, 8, 31)).net_amount == 296
    assert_proven()
