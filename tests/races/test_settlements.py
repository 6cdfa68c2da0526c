"""Two people who settle the same invoice in the same moment: one of them does, and the books hold (C11)."""

from decimal import Decimal

from accounting.models import CustomerPayment, Settlement
from accounting.offsetting import settle_open
from accounting.reversing_payments import reverse_payments
from accounting.unsettling import unsettle
from tests.company import Company, only
from tests.company.checking import assert_proven
from tests.company.receivables import bank_of, open_of, open_rows, owed, pays, row_of
from tests.company.rows import NOW
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

EIGHT = 8


def test_eight_payments_of_one_invoice_pay_it_once():
    company = Company()
    bank_of(company)
    (row,) = owed(company, "100")
    answers = at_once(*[lambda: pays(company, "100", row, parts=("100",))] * EIGHT)
    assert set(codes(answers)) == {"not-open"}
    assert len(codes(answers)) == EIGHT - 1
    assert (CustomerPayment.objects.count(), open_rows(company)) == (1, [])
    assert_proven()


def test_parts_that_are_more_together_are_taken_as_far_as_they_go():
    company = Company()
    (row,) = owed(company, "100")
    payments = [pays(company, "30") for _each in range(EIGHT)]
    credits = [row_of(one) for one in payments]

    def settle(credit):
        shares = {row.pk: Decimal(30), credit.pk: Decimal(-30)}
        return settle_open(shares, actor=company.accountant, at=NOW)

    answers = at_once(*[lambda credit=credit: settle(credit) for credit in credits])
    assert codes(answers) == ["more-than-open"] * (EIGHT - 3)
    assert (open_of(row), Settlement.objects.count()) == (10, 3)
    assert_proven()


def test_undoing_and_reversing_at_once_take_it_back_once():
    company = Company()
    (row,) = owed(company, "100")
    payment = pays(company, "99.50", row, parts=("99.50",), writes_off=True)
    chosen = only(*row.settled_by.all())

    def undo():
        return unsettle(chosen.all(), reason="twice", actor=company.accountant, at=NOW)

    def reverse():
        return reverse_payments(only(payment), on=NOW.date(), reason="AM04", actor=company.accountant, at=NOW)

    answers = at_once(undo, reverse, undo, reverse)
    assert set(codes(answers)) <= {"already-undone", "already-reversed"}
    assert open_of(row) == 100
    assert Settlement.objects.filter(debit=row).count() == 4
    assert_proven()
