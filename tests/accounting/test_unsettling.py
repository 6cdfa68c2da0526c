"""Undoing settlements and payments: both sides are open again, and the history keeps everything (C11)."""

from datetime import date
from decimal import Decimal

import pytest

from accounting.models import CustomerPayment, FiscalPeriod, Settlement, WriteOff
from accounting.offsetting import settle_open
from accounting.reversing_payments import reverse_payments
from accounting.states import PeriodStatus
from accounting.unsettling import unsettle
from core.models import Activity
from tests.company import Company, only, text
from tests.company.checking import assert_proven, refused, statements
from tests.company.receivables import bank_of, open_of, open_rows, owed, pays, row_of
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)


def undo(company: Company, *settlements: Settlement, reason: str = "wrong invoice") -> int:
    return unsettle(only(*settlements), reason=reason, actor=company.accountant, at=NOW)


def reverse(company: Company, *payments: CustomerPayment, on: date = date(2026, 3, 20), reason: str = "AM04"):
    return reverse_payments(only(*payments), on=on, reason=reason, actor=company.accountant, at=NOW)


def close(company: Company, month: date) -> None:
    periods = FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on__lte=month)
    periods.update(status=PeriodStatus.CLOSED)


def test_what_is_undone_is_open_again_and_may_be_settled_otherwise():
    company = Company()
    first, second = owed(company, "100", "100")
    payment = pays(company, "100", first)
    (settlement,) = first.settled_by.all()
    assert undo(company, settlement) == 1
    assert [open_of(one) for one in (first, second, row_of(payment))] == [100, 100, -100]
    undone = settlement.reversed_by
    assert (undone.amount, undone.reason, undone.date) == (-100, "wrong invoice", settlement.date)
    assert Activity.objects.about(undone).get().facts == {"reason": "wrong invoice", "amount": "-100"}
    shares = {second.pk: Decimal(100), row_of(payment).pk: Decimal(-100)}
    settle_open(shares, actor=company.accountant, at=NOW)
    assert open_rows(company) == [100]
    assert_proven()


def test_a_write_off_goes_back_with_the_settlement_it_was_made_for():
    company = Company()
    (row,) = owed(company, "100")
    pays(company, "99.50", row, parts=("99.50",), writes_off=True)
    of_payment = row.settled_by.get(amount=Decimal("99.50"))
    undo(company, of_payment)
    assert open_rows(company) == [100, Decimal("-99.50")]
    assert WriteOff.objects.count() == 2
    assert text.ledger_of(company.entity) == table("""
        1200 Bank                          +99.50
        1400 Trade receivables              +0.50
        8400 Invoiced revenue             -100.00
        8995 Small differences of payments   0.00
    """)
    assert_proven()


def test_a_write_off_stays_when_another_settlement_of_the_same_instant_goes_back():
    """Both were entered at one time, and the difference was written off with the second alone."""
    company = Company()
    (row,) = owed(company, "100")
    pays(company, "50", row, parts=("50",))
    pays(company, "49.50", row, parts=("49.50",), writes_off=True)
    assert {one.settled_at for one in row.settled_by.all()} == {NOW}
    undo(company, row.settled_by.get(amount=50))
    assert open_rows(company) == [50, -50]
    assert WriteOff.objects.get().amount == Decimal("0.50")
    undo(company, row.settled_by.get(amount=Decimal("49.50")))
    assert open_rows(company) == [100, -50, Decimal("-49.50")]
    assert [len(acts_of(amount)) for amount in (Decimal("49.50"), Decimal("0.50"))] == [1, 2]
    assert acts_of(Decimal("49.50")) < acts_of(Decimal("0.50"))
    assert_proven()


def acts_of(amount: Decimal) -> set:
    """The keys of what settled this amount, and of what undid it."""
    return set(Settlement.objects.filter(amount__in=(amount, -amount)).values_list("act", flat=True))


def test_an_exchange_difference_goes_back_too():
    company = Company()
    company.rate("USD", "0.80")
    company.rate("USD", "0.75", date(2026, 3, 20))
    (row,) = owed(company, "1000", currency="USD")
    pays(company, "1000", row, on=date(2026, 3, 25), currency="USD")
    undo(company, row.settled_by.get())
    balances = text.ledger_of(company.entity)
    assert "1400 Trade receivables 0.00 USD = +50.00 EUR" in balances
    assert "2150 Exchange differences 0.00 USD = 0.00 EUR" in balances
    assert open_rows(company) == [1000, -1000]
    assert_proven()


def test_what_was_settled_in_a_closed_month_is_undone_in_the_next():
    company = Company()
    (row,) = owed(company, "100", on=date(2026, 2, 10))
    pays(company, "100", row, on=date(2026, 2, 20))
    close(company, date(2026, 2, 1))
    undo(company, row.settled_by.get())
    assert [one.date for one in row.settled_by.order_by("pk")] == [date(2026, 2, 20), date(2026, 3, 1)]
    assert (open_of(row, date(2026, 2, 28)), open_of(row)) == (0, 100)
    close(company, date(2026, 12, 1))
    shares = {row.pk: Decimal(100), row.settled_by.first().credit_id: Decimal(-100)}
    with refused("period-closed"):
        settle_open(shares, actor=company.accountant, at=NOW)


def test_undoing_is_refused_without_a_reason_twice_and_for_nothing():
    company = Company()
    (row,) = owed(company, "100")
    pays(company, "100", row)
    (settlement,) = row.settled_by.all()
    with refused("reason-missing"):
        undo(company, settlement, reason=" ")
    close(company, date(2026, 12, 1))
    with refused("period-closed"):
        undo(company, settlement)
    FiscalPeriod.objects.update(status=PeriodStatus.OPEN)
    undo(company, settlement)
    with refused("already-undone"):
        undo(company, settlement)
    with refused("already-undone"):
        undo(company, settlement.reversed_by)
    with refused("nothing-chosen"):
        unsettle(Settlement.objects.none(), reason="why", actor=company.accountant, at=NOW)


def test_a_returned_payment_reopens_what_it_paid():
    company = Company()
    first, second, later = owed(company, "100", "50", "10")
    payment = pays(company, "155", first, second)
    settle_open({later.pk: Decimal(5), row_of(payment).pk: Decimal(-5)}, actor=company.accountant, at=NOW)
    (back,) = reverse(company, payment)
    assert (back.amount, back.reverses, back.reason) == (-155, payment, "AM04")
    assert open_rows(company) == [100, 50, 10]
    assert text.ledger_of(company.entity) == table("""
        1200 Bank                 0.00
        1400 Trade receivables +160.00
        8400 Invoiced revenue  -160.00
    """)
    assert open_of(row_of(payment), date(2026, 3, 19)) == 0
    assert open_of(first, date(2026, 3, 19)) == 0
    done = Activity.objects.about(payment).filter(verb="payment reversed").get()
    assert done.facts == {"reason": "AM04", "amount": "155", "currency": "EUR"}
    assert_proven()


def test_a_payment_in_another_currency_is_reversed_on_the_accounts_it_moved():
    company = Company()
    company.rate("USD", "0.80")
    (row,) = owed(company, "1000", currency="USD")
    payment = pays(
        company, "1000", row, currency="USD", bank_account=bank_of(company), bank_amount=Decimal("790")
    )
    reverse(company, payment)
    assert open_rows(company) == [1000]
    assert "1200 Bank 0.00" in text.ledger_of(company.entity).splitlines()
    assert_proven()


def test_reversing_is_refused_twice_too_early_and_without_a_reason():
    company = Company()
    payment = pays(company, "100", on=date(2026, 3, 10))
    with refused("date-before-payment"):
        reverse(company, payment, on=date(2026, 3, 9))
    with refused("reason-missing"):
        reverse(company, payment, reason="")
    (back,) = reverse(company, payment)
    with refused("already-reversed"):
        reverse(company, payment)
    with refused("already-reversed"):
        reverse(company, back)
    with refused("nothing-chosen"):
        reverse_payments(
            CustomerPayment.objects.none(), on=NOW.date(), reason="x", actor=company.accountant, at=NOW
        )
    other = pays(company, "100", on=date(2026, 3, 10))
    close(company, MARCH)
    with refused("period-closed"):
        reverse(company, other)


def test_rows_that_do_not_settle_one_another_are_refused():
    company, other = Company(), Company()
    (row, credit) = owed(company, "100", "-90")
    (foreign,) = owed(other, "-100")

    def settle(shares, **options):
        return settle_open(shares, actor=company.accountant, at=NOW, **options)

    with refused("not-balanced"):
        settle({row.pk: Decimal(100), credit.pk: Decimal(-90)})
    with refused("difference-too-large"):
        settle({row.pk: Decimal(98), credit.pk: Decimal(-90)}, writes_off=True)
    with refused("other-customer"):
        settle({row.pk: Decimal(100), foreign.pk: Decimal(-100)})
    with refused("nothing-chosen"):
        settle({})
    settle({row.pk: Decimal(90), credit.pk: Decimal(-90)})
    with refused("not-open", "not-balanced"):
        settle({row.pk: Decimal(10), credit.pk: Decimal(-9)})
    assert open_rows(company) == [10]


def test_undoing_many_takes_the_statements_of_a_few():
    counts = []
    for many in (3, 30):
        company = Company()
        rows = owed(company, *["10"] * many)
        payments = [pays(company, "9.90", row, parts=("9.90",), writes_off=True) for row in rows]
        counts.append(statements(lambda: reverse(company, *payments)))  # noqa: B023 - called at once
        assert open_rows(company) == [10] * many
    assert counts[0] == counts[1] < 80
    assert_proven()
