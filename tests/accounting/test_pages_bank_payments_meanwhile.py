"""Bank payments: what happened while the page was open, and what it shows is what is entered (C11)."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounting.models import BankAccount, CustomerPayment, CustomerTransaction
from accounting.reversing_payments import reverse_payments
from accounting.states import VoucherSource
from accounting.views import bank_payments, books_home
from projects.roles import PROJECT_ACCOUNTANT
from tests.accounting.test_pages_bank_payments import PAGE, booked, shares, text_of, typed
from tests.accounting.test_payment_terms import discounted, voucher_of
from tests.admin.admin_client import AdminClient
from tests.company import Company, rows
from tests.company.bank_statements import Booked
from tests.company.checking import assert_proven, unchanged
from tests.company.receivables import bank_of, pays
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def accountant(company: Company) -> AdminClient:
    return AdminClient(company.person(PROJECT_ACCOUNTANT))


def part_of(invoice: Any, amount: str) -> dict[str, str]:
    return {invoice.number.replace("-", "_"): amount}


def codes(answer: Any) -> list[str]:
    return [one.code for one in answer.context["refusals"]]


def figure(answer: Any, label: str) -> dict[str, Any]:
    return next(one for one in answer.context["kpis"] if str(one["label"]) == label)


def test_a_row_that_was_settled_meanwhile_is_refused(company: Company, accountant: AdminClient) -> None:
    first, second = company.billed(8), company.billed(4)
    (booking,) = booked(company, Booked("2880.00", f"{first.number} {second.number}"))
    both = typed(company, booking, "settle", **part_of(first, "1920.00"), **part_of(second, "960.00"))
    pays(company, "1920", first.customer_transaction)
    with unchanged():
        answer = accountant.post(PAGE, both)
    assert (answer.status_code, codes(answer)) == (422, ["not-open"])
    assert [one.subject for one in answer.context["refusals"]] == [first.number]
    pays(company, "960", second.customer_transaction)
    with unchanged():
        answer = accountant.post(PAGE, both)
    assert (answer.status_code, codes(answer)) == (422, ["not-open", "not-open"])
    accountant.post(PAGE, typed(company, booking, "on-account"))
    assert [row.open_amount for row in CustomerTransaction.objects.open()] == [-2880]
    assert_proven()


def test_rows_of_another_customer_are_not_settled_in_silence(
    company: Company, accountant: AdminClient
) -> None:
    invoice, other = company.billed(8), rows.customer(company.entity)
    (booking,) = booked(company, Booked("1920.00", invoice.number))
    sent = typed(company, booking, "settle", **part_of(invoice, "1920.00")) | {"customer": other.pk}
    with unchanged():
        answer = accountant.post(PAGE, sent)
    assert (answer.status_code, codes(answer)) == (422, ["other-customer"])


def test_what_is_open_is_proposed_for_whoever_is_chosen(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    (booking,) = booked(company, Booked("1920.00", "thanks"))
    answer = accountant.post(PAGE, typed(company, booking, "again"))
    assert shares(answer) == {invoice.number: "1920.00"}
    assert "Settle €1,920.00" in text_of(answer)
    kept = accountant.post(PAGE, typed(company, booking, "again", **part_of(invoice, "7.00")))
    assert shares(kept) == {invoice.number: "7.00"}
    with unchanged():
        nothing = accountant.post(PAGE, typed(company, booking, "settle", **part_of(invoice, "")))
    assert (nothing.status_code, codes(nothing)) == (422, ["nothing-chosen"])
    assert "Settle €0.00" not in text_of(nothing)


def test_the_preview_of_a_cash_discount_is_what_is_posted(company: Company, accountant: AdminClient) -> None:
    invoice = discounted(company)
    (booking,) = booked(company, Booked("1881.60", invoice.number))
    answer = accountant.get(PAGE)
    lines = {
        account.number: debit - credit for account, debit, credit in answer.context["pane"].outlook.lines
    }
    sent = typed(company, booking, "settle", **part_of(invoice, "1881.60"))
    accountant.post(PAGE, sent | {f"discount-{invoice.customer_transaction.pk}": "on"})
    written_off = dict(voucher_of(VoucherSource.WRITE_OFF))
    assert {number: lines[number] for number in written_off if number != "1400"} == {
        number: amount for number, amount in written_off.items() if number != "1400"
    }
    assert sorted(lines.values()) == [-1920, Decimal("6.40"), 32, Decimal("1881.60")]
    assert_proven()


def test_a_payment_that_was_reversed_meanwhile_is_said_so(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    came, went = booked(
        company,
        Booked("1920.00", invoice.number, iban="DE44"),
        Booked("-1920.00", f"Return {invoice.number}", iban="DE44", on="2026-04-09", reversal=True),
    )
    accountant.post(PAGE, typed(company, came, "settle", **part_of(invoice, "1920")))
    payments = CustomerPayment.objects.filter(bank_booking=came)
    reverse_payments(payments, on=went.booked_on, reason="Typed", actor=company.accountant, at=NOW)
    with unchanged():
        answer = accountant.post(PAGE, {"booking": went.pk, "do": "reverse", "reason": "No funds"})
    assert (answer.status_code, codes(answer)) == (422, ["changed-since-shown"])
    assert "is reversed already" in text_of(answer)


def test_counts_and_sums_are_of_all_that_wait(
    company: Company, accountant: AdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of three are looked at: what is said of all is of all, and what is not says of how many."""
    monkeypatch.setattr(bank_payments, "MOST", 2)
    monkeypatch.setattr(books_home, "BOOKINGS", 2)
    invoice = company.billed(8)
    booked(company, Booked("1920.00", invoice.number), Booked("5.00", "x"), Booked("7.00", "y"))
    answer, home = accountant.get(PAGE), accountant.get("/admin/")
    assert [tab["count"] for tab in answer.context["tabs"]] == [3, None, None, None, None, None]
    assert (len(answer.context["listed"]), answer.context["sums"]) == (2, [(1932, "EUR")])
    assert figure(answer, "To settle")["amounts"] == [(1932, "EUR")]
    assert figure(answer, "To settle")["detail"] == ["3 bank bookings"]
    assert figure(answer, "Certain matches")["detail"] == [
        "1 bank booking, settled below",
        "looked at: the oldest 2",
    ]
    assert figure(home, "Bank bookings to settle")["amounts"] == [(1932, "EUR")]
    assert figure(home, "Bank bookings to settle")["detail"] == [
        "3 bank bookings",
        "1 of the oldest 2 is certain",
    ]


def test_two_for_one_invoice_are_one_certain_match(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    booked(company, Booked("1920.00", invoice.number), Booked("1920.00", invoice.number, on="2026-04-02"))
    assert figure(accountant.get("/admin/"), "Bank bookings to settle")["detail"] == [
        "2 bank bookings",
        "1 is certain",
    ]
    assert figure(accountant.get(PAGE), "Certain matches")["amounts"] == [(1920, "EUR")]


def test_what_the_books_say_leads_to_one_account_or_to_all(company: Company, accountant: AdminClient) -> None:
    first = bank_of(company)
    statement = f"{reverse('account-statement')}?account={first.account_id}"
    assert figure(accountant.get(PAGE), "In the books")["url"] == statement
    bank_of(company, "USD")
    assert BankAccount.objects.count() == 2
    assert figure(accountant.get(PAGE), "In the books")["url"] == reverse("balances")
