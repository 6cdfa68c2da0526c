"""What a bank returns is matched to the payment, and reverses it on its own day (C11)."""

from datetime import date
from typing import Any

import pytest

from accounting.bank_returns import returns_of
from accounting.importing_bank_files import import_bank_file
from accounting.models import BankBooking, CustomerPayment
from accounting.reversing_payments import reverse_payments
from projects.roles import PROJECT_ACCOUNTANT
from tests.admin.admin_client import AdminClient
from tests.company import Company, only
from tests.company.bank_statements import Booked, camt
from tests.company.checking import assert_proven, refused, statements
from tests.company.receivables import bank_of, open_of, owed, pays
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
FIRST = Booked("100", "RE-1", payer="Alster", iban="DE1", on="2026-03-20")
BACK = Booked("-100", "RETURNED: ACCOUNT CLOSED", payer="Alster", iban="DE1", on="2026-03-25", reversal=True)


def taken(company: Company, *bookings: Booked, name: str = "one.xml") -> list[BankBooking]:
    made, _new = import_bank_file(
        bank_of(company), name=name, content=camt(*bookings), actor=company.accountant, at=NOW
    )
    return list(made.entries.select_related("bank_account").order_by("booked_on", "pk"))


def paid(company: Company, booking: BankBooking, **options: Any) -> tuple[Any, CustomerPayment]:
    (row,) = owed(company, "100")
    return row, pays(company, "100", row, on=booking.booked_on, bank_booking=booking, **options)


def take_back(company: Company, payment: CustomerPayment, booking: BankBooking) -> list[CustomerPayment]:
    return reverse_payments(
        only(payment),
        on=booking.booked_on,
        reason=booking.text,
        booking=booking,
        actor=company.accountant,
        at=NOW,
    )


def test_what_the_bank_takes_back_is_open_again_and_neither_booking_waits():
    company = Company()
    came, went = taken(company, FIRST, BACK)
    row, payment = paid(company, came)
    suggested = returns_of([came, went])
    assert list(suggested) == [went.pk]
    assert (suggested[went.pk].payment, suggested[went.pk].is_certain) == (payment, True)
    assert suggested[went.pk].reasons == (
        "The amount of the payment of 20 Mar 2026",
        "The account it was paid from",
    )
    (back,) = take_back(company, payment, went)
    assert (back.date, back.bank_booking, back.amount) == (date(2026, 3, 25), went, -100)
    assert open_of(row) == 100
    assert not BankBooking.objects.unmatched().exists()
    assert returns_of([went]) == {}
    assert_proven()


def test_a_payment_that_was_entered_wrongly_leaves_its_booking_open():
    company = Company()
    came, _went = taken(company, FIRST, BACK)
    _row, payment = paid(company, came)
    reverse_payments(only(payment), on=came.booked_on, reason="typo", actor=company.accountant, at=NOW)
    assert came in BankBooking.objects.unmatched()


def test_the_amount_alone_is_no_certainty_and_two_of_them_no_suggestion():
    company = Company()
    (other,) = taken(company, Booked("-100", "?", on="2026-03-28"))
    first, second = owed(company, "100", "100")
    pays(company, "100", first, on=date(2026, 3, 20))
    assert not returns_of([other])[other.pk].is_certain
    named = pays(company, "100", second, on=date(2026, 3, 21), reference="Invoice 4711")
    assert returns_of([other]) == {}
    (said,) = taken(company, Booked("-100", "return of invoice-4711", on="2026-03-28"), name="two.xml")
    assert returns_of([said])[said.pk].payment == named
    later = pays(company, "30", *owed(company, "30"), on=date(2026, 3, 30))
    (early,) = taken(company, Booked("-30", "?", on="2026-03-29"), name="three.xml")
    assert later.amount == 30
    assert returns_of([early]) == {}


def test_another_amount_and_a_booking_with_a_payment_are_refused():
    company = Company()
    came, went, less = taken(company, FIRST, BACK, Booked("-99", "?", on="2026-03-26"))
    _row, payment = paid(company, came)
    with refused("other-amount"):
        take_back(company, payment, less)
    with refused("already-matched", "other-amount"):
        reverse_payments(
            only(payment), on=came.booked_on, reason="x", booking=came, actor=company.accountant, at=NOW
        )
    take_back(company, payment, went)
    with refused("already-reversed", "already-matched"):
        take_back(company, payment, went)


def test_one_statement_for_any_number_and_none_without_a_return():
    company = Company()
    came, went = taken(company, FIRST, BACK)
    paid(company, came)
    assert statements(lambda: returns_of([came])) == 0
    assert statements(lambda: returns_of([came, went])) == 1


def test_one_booking_takes_several_payments_back():
    company = Company()
    first, second, other = owed(company, "50", "70", "30")
    on = date(2026, 3, 20)
    chosen = [
        pays(company, "50", first, on=on, reference="RE-4711"),
        pays(company, "70", second, on=on, reference="RE-4712"),
    ]
    pays(company, "30", other, on=on, reference="RE-4713")
    said = Booked("-120", "returned: RE-4711, RE-4712", on="2026-03-25")
    less, went = taken(company, Booked("-119", said.text, on="2026-03-24"), said)
    suggested = returns_of([went, less])
    assert list(suggested) == [went.pk]
    assert (suggested[went.pk].payments, suggested[went.pk].is_certain) == (tuple(chosen), True)
    assert suggested[went.pk].reasons == ("The amount of 2 payments together", "Its text")

    acting = {"on": went.booked_on, "reason": said.text, "actor": company.accountant, "at": NOW}
    with refused("other-amount"):
        reverse_payments(only(chosen[0]), booking=went, **acting)
    backs = reverse_payments(only(*chosen), booking=went, **acting)
    assert [(one.amount, one.bank_booking) for one in backs] == [(-50, went), (-70, went)]
    assert (open_of(first), open_of(second), open_of(other)) == (50, 70, 0)
    assert list(BankBooking.objects.unmatched()) == [less]
    assert_proven()


def test_the_page_takes_it_back():
    company = Company()
    company.admit(company.accountant, PROJECT_ACCOUNTANT)
    came, went = taken(company, FIRST, BACK)
    row, _payment = paid(company, came)
    client = AdminClient(company.accountant)
    listed = client.shown("accounting_bankbooking_changelist").content.decode()
    assert f"Returns a payment of {company.customer}: The amount of the payment of 20 Mar 2026" in listed
    page = client.shown("accounting_bankbooking_action", went.pk, "reverse")
    assert "The account it was paid from" in page.content.decode()
    client.confirms(page, reason="account closed")
    assert open_of(row) == 100
    assert CustomerPayment.objects.get(reverses__isnull=False).reason == "account closed"
