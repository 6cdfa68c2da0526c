"""C11: nothing is settled twice, with what is not its own, or in a month that has been reported."""

import datetime
import re
import uuid
from decimal import Decimal

from django.db import transaction

from accounting.models import (
    BankBooking,
    CustomerPayment,
    CustomerTransaction,
    FiscalPeriod,
    SetAsideBooking,
    Settlement,
    WriteOff,
)
from projects.models import LegalEntity
from tests.company import Company, book_rows, rows
from tests.guards.attacks import Attack, each, insert, refused
from tests.guards.guarded_rows import GuardedRows

SIDES = "a settlement joins what one customer owes with what that customer is owed"
OPEN = "a settlement never takes more than is open of either side"
BASE = "what is settled in full leaves nothing in the currency of the company"
# More than is open of a row is more of its base as well: two guards say so.
OVER = re.compile(f"{OPEN}|{BASE}")
UNDOES = "what undoes a settlement is its exact negation"
EARLY = "nothing is settled before both sides are in the books"
CLOSED = "nothing is settled in a closed period"
SIGN = re.compile("(?i)settlement_above_zero_or_undone")
COMPANY = "a payment is received by the company of its customer"
TAKES_BACK = "what takes a payment back is its exact negation"
WRITE_OFF = "what takes a write-off back is its exact negation"
OFFERED = "a cash discount is what its invoice offered, until that day"
NEXT_DAY = rows.CUT_OFF + datetime.timedelta(days=1)


def _settlement(guarded: GuardedRows, part: str = "20", **columns: object) -> Settlement:
    """The 20 that are left of the 60 paid, as they should be settled; `columns` spoil it."""
    usual = {
        "debit": guarded.owed,
        "credit": guarded.paid,
        "date": rows.CUT_OFF,
        "amount": Decimal(part),
        "debit_base": Decimal(part),
        "credit_base": Decimal(part),
        "settled_by": guarded.company.accountant,
        "settled_at": rows.NOW,
    }
    return Settlement(**usual | columns)


def _row(guarded: GuardedRows, amount: str = "-60", **columns: object) -> CustomerTransaction:
    return book_rows.customer_row(guarded.company, amount, **columns)


def _undoing(guarded: GuardedRows, **columns: object) -> Settlement:
    usual = {
        "reverses": guarded.settlement,
        "act": guarded.settlement.act,
        "debit_base": Decimal(-40),
        "credit_base": Decimal(-40),
    }
    return _settlement(guarded, **usual | {"amount": Decimal(-40)} | columns)


def _undone_twice(guarded: GuardedRows) -> Settlement:
    first = _undoing(guarded)
    first.save()
    return _undoing(guarded, reverses=first, amount=Decimal(40))


def _before_the_last(guarded: GuardedRows) -> Settlement:
    _settlement(guarded, "10", date=NEXT_DAY).save()
    return _settlement(guarded, "10")


def _in_closed_period(guarded: GuardedRows) -> Settlement:
    FiscalPeriod.objects.update(status="closed", closed_by=guarded.company.accountant)
    return _settlement(guarded)


def _on_lock_date(guarded: GuardedRows) -> Settlement:
    LegalEntity.objects.update(locked_through=rows.CUT_OFF)
    return _settlement(guarded)


def _of_another_company(guarded: GuardedRows) -> CustomerTransaction:
    other = Company.bare()
    return _row(guarded, legal_entity=other.entity, voucher=book_rows.balanced(guarded.company, "-60"))


def _of_another_customer(guarded: GuardedRows) -> CustomerTransaction:
    return _row(guarded, customer=rows.customer(guarded.company.entity))


def _foreign_row(guarded: GuardedRows) -> CustomerTransaction:
    return _row(guarded, "-60", base_amount=Decimal("-48.50"))


@each(
    insert("more-than-is-paid", OVER, lambda s: _settlement(s, "20.01")),
    insert("more-than-is-owed", OVER, lambda s: _settlement(s, "61", credit=_row(s, "-200"))),
    insert("nothing", SIGN, lambda s: _settlement(s, "0")),
    insert("below-zero", re.compile(f"{SIGN.pattern}|{UNDOES}"), lambda s: _settlement(s, "-20")),
    insert("both-owed", SIDES, lambda s: _settlement(s, credit=_row(s, "100"))),
    insert("both-paid", SIDES, lambda s: _settlement(s, debit=_row(s, "-60"))),
    insert("another-currency", SIDES, lambda s: _settlement(s, credit=_row(s, currency="USD"))),
    insert("another-customer", SIDES, lambda s: _settlement(s, credit=_of_another_customer(s))),
    insert("another-company", SIDES, lambda s: _settlement(s, credit=_of_another_company(s))),
    insert("base-left-behind", BASE, lambda s: _settlement(s, "20", credit_base=Decimal("19.99"))),
    insert("base-beyond", BASE, lambda s: _settlement(s, "10", credit_base=Decimal("20.01"))),
    insert("base-below-zero", BASE, lambda s: _settlement(s, "10", debit_base=Decimal(-50))),
    insert(
        "base-of-another-rate",
        BASE,
        lambda s: _settlement(s, "60", credit=_foreign_row(s), credit_base=Decimal(60)),
    ),
    insert("undoes-a-part", UNDOES, lambda s: _undoing(s, amount=Decimal(-39))),
    insert("undoes-another-base", UNDOES, lambda s: _undoing(s, debit_base=Decimal(-39))),
    insert("undoes-as-another-act", UNDOES, lambda s: _undoing(s, act=uuid.uuid4())),
    insert("undoes-another-pair", UNDOES, lambda s: _undoing(s, credit=_row(s, "-60"))),
    insert("undoes-what-undoes", re.compile(f"{UNDOES}|(?i:{SIGN.pattern[4:]})"), _undone_twice),
    insert("before-it-was-owed", EARLY, lambda s: _settlement(s, date=rows.DAY)),
    insert("before-the-last", EARLY, _before_the_last),
    insert("in-a-closed-period", CLOSED, _in_closed_period),
    insert("on-the-lock-date", CLOSED, _on_lock_date),
)
def test_settlements_are_sound(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def _payment(guarded: GuardedRows, amount: str = "20", **columns: object) -> CustomerPayment:
    original = CustomerPayment.objects.earliest("pk")
    usual = {
        "bank_account": original.bank_account,
        "customer": original.customer,
        "date": original.date,
        "bank_amount": Decimal(amount),
        "currency": "EUR",
        "amount": Decimal(amount),
        "entered_by": guarded.company.accountant,
        "entered_at": rows.NOW,
    }
    return CustomerPayment(**usual | columns)


def _taking_back(guarded: GuardedRows, amount: str = "-20", **columns: object) -> CustomerPayment:
    return _payment(guarded, amount, **{"reverses": CustomerPayment.objects.earliest("pk")} | columns)


def _write_off(guarded: GuardedRows, **columns: object) -> WriteOff:
    original = WriteOff.objects.get(invoice__isnull=True)
    usual = {
        "customer": original.customer,
        "date": original.date,
        "currency": "EUR",
        "amount": Decimal("-0.02"),
        "reverses": original,
        "entered_by": guarded.company.accountant,
        "entered_at": rows.NOW,
    }
    return WriteOff(**usual | columns)


def _paid_in_twice(guarded: GuardedRows) -> CustomerPayment:
    entry = BankBooking.objects.get()
    _payment(guarded, bank_booking=entry).save()
    return _payment(guarded, bank_booking=entry)


def _beyond_the_booking(guarded: GuardedRows) -> CustomerPayment:
    original = CustomerPayment.objects.earliest("pk")
    entry = book_rows.bank_booking(original.bank_account, guarded.company.accountant, "-19", nth=2)
    return _taking_back(guarded, bank_booking=entry)


def _aside(guarded: GuardedRows, **columns: object) -> SetAsideBooking:
    usual = {
        "booking": BankBooking.objects.get(),
        "reason": "Fee",
        "set_aside_by": guarded.company.accountant,
        "set_aside_at": rows.NOW,
    }
    return SetAsideBooking(**usual | columns)


def _aside_with_payment(guarded: GuardedRows) -> SetAsideBooking:
    _payment(guarded, bank_booking=BankBooking.objects.get()).save()
    return _aside(guarded)


def _payment_of_aside(guarded: GuardedRows) -> CustomerPayment:
    _aside(guarded).save()
    return _payment(guarded, bank_booking=BankBooking.objects.get())


def _aside_twice(guarded: GuardedRows) -> SetAsideBooking:
    _aside(guarded).save()
    return _aside(guarded)


@each(
    insert("with-a-payment", "a bank booking with a payment is not set aside", _aside_with_payment),
    insert("paid-in-aside", "a bank booking that is set aside has no payment", _payment_of_aside),
    insert("twice", "a bank booking is set aside once", _aside_twice),
    insert("without-a-reason", re.compile("(?i)set_aside_for_a_reason"), lambda s: _aside(s, reason="")),
    insert(
        "brought-back-by-nobody",
        re.compile("(?i)brought_back_by_somebody"),
        lambda s: _aside(s, brought_back_at=rows.NOW),
    ),
)
def test_what_is_set_aside_has_no_payment(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)


def test_what_was_said_of_a_booking_is_brought_back_once_and_kept(guarded: GuardedRows):
    _aside(guarded).save()
    back = {"brought_back_by": guarded.company.accountant, "brought_back_at": rows.NOW}
    once = "a bank booking is brought back once"
    with refused(once), transaction.atomic():
        SetAsideBooking.objects.update(reason="Other", **back)
    SetAsideBooking.objects.update(**back)
    with refused(once), transaction.atomic():
        SetAsideBooking.objects.update(**back)
    with refused("what was said of a bank booking is kept"), transaction.atomic():
        SetAsideBooking.objects.all()._raw_delete("default")


@each(
    insert(
        "back-beyond-the-booking",
        "a booking takes back no more than the bank has booked",
        _beyond_the_booking,
    ),
    insert("paid-in-twice", "a bank booking is paid in once", _paid_in_twice),
    insert("of-nothing", re.compile("(?i)payment_is_not_zero"), lambda s: _payment(s, "0")),
    insert(
        "both-ways", re.compile("(?i)payment_is_not_zero"), lambda s: _payment(s, bank_amount=Decimal(-20))
    ),
    insert(
        "at-another-company", COMPANY, lambda s: _payment(s, customer=rows.customer(Company.bare().entity))
    ),
    insert("taken-back-in-part", TAKES_BACK, lambda s: _taking_back(s, "-19")),
    insert("taken-back-before", TAKES_BACK, lambda s: _taking_back(s, date=rows.DAY)),
    insert(
        "taken-back-from-another",
        TAKES_BACK,
        lambda s: _taking_back(s, customer=rows.customer(s.company.entity)),
    ),
    insert(
        "written-off-nothing",
        re.compile("(?i)not_zero|exact negation"),
        lambda s: _write_off(s, amount=Decimal(0)),
    ),
    insert("half-written-on", WRITE_OFF, lambda s: _write_off(s, amount=Decimal("-0.01"))),
    insert("written-on-before", WRITE_OFF, lambda s: _write_off(s, date=rows.DAY)),
    insert(
        "discount-not-offered",
        OFFERED,
        lambda s: _write_off(s, reverses=None, kind="discount", invoice=s.invoice, amount=Decimal(1000)),
    ),
    insert(
        "written-on-to-another", WRITE_OFF, lambda s: _write_off(s, customer=rows.customer(s.company.entity))
    ),
)
def test_payments_and_write_offs_are_taken_back_whole(guarded: GuardedRows, attack: Attack):
    with refused(attack.because):
        attack.strike(guarded)
