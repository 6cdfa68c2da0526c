"""The page of bank payments: what is suggested and why, settled by one click, kept, reversed (C11)."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.importing_bank_files import import_bank_file
from accounting.models import BankBooking, CustomerPayment, CustomerTransaction
from accounting.views import bank_settling
from accounting.waiting_bookings import WaitingBookings
from projects.models import Customer
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.bank_statements import Booked, camt
from tests.company.checking import assert_proven, unchanged
from tests.company.receivables import bank_of, open_of, pays
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

PAGE = "/admin/ledger/payments/"


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def accountant(company: Company) -> AdminClient:
    return AdminClient(company.person(PROJECT_ACCOUNTANT))


def booked(company: Company, *bookings: Booked) -> list[BankBooking]:
    content = camt(*bookings)
    import_bank_file(bank_of(company), name="april.xml", content=content, actor=company.accountant, at=NOW)
    return list(BankBooking.objects.order_by("pk"))


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def shares(answer: Any) -> dict[str, Decimal | None]:
    """What the form proposes or kept for each open row, by its name."""
    return {row["name"]: row["field"].value() for row in answer.context["pane"].shown_rows()}


def typed(company: Company, booking: BankBooking, do: str, **parts: str) -> dict[str, Any]:
    """What the form of a booking sends: so much of each invoice, by its number."""
    rows = {row.invoice.number: row.pk for row in CustomerTransaction.objects.filter(invoice__isnull=False)}
    fields = {f"share-{rows[number.replace('_', '-')]}": part for number, part in parts.items()}
    return {"booking": booking.pk, "customer": company.customer.pk, "do": do, **fields}


def test_each_booking_says_who_paid_and_why(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    number = invoice.number
    booked(
        company,
        Booked("1920.00", f"Re {number}", "Alster", iban="DE44"),
        Booked("500.00", f"part of {number}", on="2026-04-02"),
        Booked("11.00", "nobody", on="2026-04-03"),
    )
    answer = accountant.get(PAGE)
    page = text_of(answer)
    assert [(str(tab["label"]), tab["count"]) for tab in answer.context["tabs"]] == [
        ("To settle", 3),
        ("Suggested", 1),
        ("To look at", 1),
        ("Unknown", 1),
        ("Reversals", 0),
        ("Matched", None),
    ]
    for said in (
        "€2,431.00",
        f"{number} in the text",
        "Amount equal",
        "bank booking 1 of 3",
        "DE44",
        "april.xml",
    ):
        assert said in page, said
    outlook = answer.context["pane"].outlook
    assert shares(answer) == {number: "1920.00"}
    assert (outlook.taken, outlook.missing, outlook.left, outlook.has_difference) == (1920, 0, 0, False)
    assert [(account.number, debit, credit) for account, debit, credit in outlook.lines] == [
        ("1200", 1920, 0),
        ("1400", 0, 1920),
    ]
    assert "Settle €1,920.00" in page


def test_one_click_settles_what_is_suggested(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    (booking,) = booked(company, Booked("1920.00", invoice.number))
    sent = typed(company, booking, "settle", **{invoice.number.replace("-", "_"): "1920.00"})
    answer = accountant.post(PAGE, sent)
    assert (answer.status_code, answer.url) == (302, f"{PAGE}?show=open")
    assert messages_of(answer) == [f"€1,920.00 of {company.customer} entered."]
    assert open_of(invoice.customer_transaction) == 0
    assert CustomerPayment.objects.get().bank_booking == booking
    assert "Every bank booking has its payment." in text_of(accountant.get(PAGE))
    matched = text_of(accountant.get(PAGE, {"show": "matched"}))
    assert f"/customerpayment/{CustomerPayment.objects.get().pk}/change/" in matched
    with unchanged():
        again = accountant.post(PAGE, sent)
    assert [one.code for one in again.context["refusals"]] == ["already-matched", "not-open"]
    assert_proven()


def test_a_cent_that_is_missing_is_left_or_written_off(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    (booking,) = booked(company, Booked("1919.98", invoice.number))
    answer = accountant.get(PAGE)
    outlook = answer.context["pane"].outlook
    assert (outlook.taken, outlook.missing, outlook.may_write_off, outlook.limit) == (
        Decimal("1919.98"),
        Decimal("0.02"),
        True,
        1,
    )
    part = {invoice.number.replace("-", "_"): "1919.98"}
    again = accountant.post(PAGE, typed(company, booking, "again", **part) | {"difference": "write-off"})
    written_off = again.context["pane"].outlook.lines
    assert [(account.number, debit, credit) for account, debit, credit in written_off] == [
        ("1200", Decimal("1919.98"), 0),
        (again.context["pane"].outlook.difference_account.number, Decimal("0.02"), 0),
        ("1400", 0, 1920),
    ]
    accountant.post(PAGE, typed(company, booking, "settle", **part) | {"difference": "write-off"})
    assert open_of(invoice.customer_transaction) == 0
    assert_proven()


def test_what_is_suggested_is_shown_also_behind_the_oldest_rows(
    company: Company, accountant: AdminClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_settling, "ROWS_SHOWN", 1)
    oldest, _between, newest = company.billed(8), company.billed(2), company.billed(4)
    (booking,) = booked(company, Booked("960.00", newest.number))
    answer = accountant.get(PAGE)
    assert shares(answer) == {oldest.number: None, newest.number: "960.00"}
    assert "The oldest are here" in text_of(answer)
    accountant.post(PAGE, typed(company, booking, "settle", **{newest.number.replace("-", "_"): "960"}))
    assert (open_of(oldest.customer_transaction), open_of(newest.customer_transaction)) == (1920, 0)


def test_more_than_is_open_stays_on_account(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    (booking,) = booked(company, Booked("2020.00", invoice.number))
    outlook = accountant.get(PAGE).context["pane"].outlook
    assert (outlook.left, outlook.missing, outlook.may_write_off) == (100, 0, False)
    part = {invoice.number.replace("-", "_"): "1920"}
    accountant.post(PAGE, typed(company, booking, "settle", **part))
    assert [row.open_amount for row in CustomerTransaction.objects.open()] == [-100]
    assert_proven()


def test_nothing_is_settled_where_it_is_kept_on_account(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    (booking,) = booked(company, Booked("1920.00", "thanks"))
    assert accountant.get(PAGE).context["pane"].customer is None
    chosen = accountant.get(PAGE, {"booking": booking.pk, "customer": company.customer.pk})
    assert shares(chosen) == {invoice.number: "1920.00"}
    accountant.post(PAGE, typed(company, booking, "on-account"))
    assert sorted(row.open_amount for row in CustomerTransaction.objects.open()) == [-1920, 1920]
    assert_proven()


def test_what_cannot_be_settled_keeps_the_form(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    (booking,) = booked(company, Booked("500.00", invoice.number))
    part = {invoice.number.replace("-", "_"): "600"}
    with unchanged():
        answer = accountant.post(PAGE, typed(company, booking, "settle", **part))
        nobody = accountant.post(PAGE, {"booking": booking.pk, "do": "settle"})
        gone = accountant.post(PAGE, {"booking": "9" * 18, "do": "settle"})
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (422, ["more-than-paid"])
    assert shares(answer) == {invoice.number: "600"}
    assert (nobody.status_code, gone.status_code) == (422, 404)


def test_certain_lines_are_settled_together_as_they_were_shown(
    company: Company, accountant: AdminClient
) -> None:
    first, second = company.billed(8), company.billed(4)
    booked(company, Booked("1920.00", first.number), Booked("960.00", second.number, on="2026-04-02"))
    marks = [one.mark for one, _rows in accountant.get(PAGE).context["certain"]]
    assert len(marks) == 2
    # Meanwhile half of the second one is paid by hand: what was shown is no more what would be entered.
    pays(company, "480", second.customer_transaction, parts=("480",))
    with unchanged():
        answer = accountant.post(PAGE, {"do": "together", "line": marks})
        nothing = accountant.post(PAGE, {"do": "together"})
    assert [one.code for one in answer.context["refusals"]] == ["changed-since-shown"]
    assert [one.code for one in nothing.context["refusals"]] == ["nothing-chosen"]
    answer = accountant.post(PAGE, {"do": "together", "line": marks[:1]})
    assert messages_of(answer) == ["1 payment entered."]
    assert (open_of(first.customer_transaction), open_of(second.customer_transaction)) == (0, 480)
    assert_proven()


def test_a_payment_is_reversed_by_the_booking_of_the_bank(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    came, went = booked(
        company,
        Booked("1920.00", invoice.number, iban="DE44"),
        Booked("-1920.00", f"Return {invoice.number}", iban="DE44", on="2026-04-09", reversal=True),
    )
    part = {invoice.number.replace("-", "_"): "1920"}
    accountant.post(PAGE, typed(company, came, "settle", **part))
    answer = accountant.get(PAGE, {"show": "reversal"})
    assert answer.context["pane"].entry == went
    assert "What it settled is open again" in text_of(answer)
    answer = accountant.post(PAGE, {"booking": went.pk, "do": "reverse", "reason": ""})
    assert (answer.status_code, open_of(invoice.customer_transaction)) == (422, 0)
    answer = accountant.post(PAGE, {"booking": went.pk, "do": "reverse", "reason": "No funds"})
    assert messages_of(answer) == ["1 payment reversed."]
    assert open_of(invoice.customer_transaction) == 1920
    assert not BankBooking.objects.unmatched().exists()
    assert_proven()


def test_who_may_look_and_who_may_enter(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    (booking,) = booked(company, Booked("1920.00", invoice.number))
    controller = AdminClient(company.person(FINANCE_CONTROLLER))
    assert "Settle €" not in text_of(controller.get(PAGE))
    sent = typed(company, booking, "on-account")
    assert controller.post(PAGE, sent).status_code == 403
    assert AdminClient(company.person(PROJECT_MANAGER)).get(PAGE).status_code == 403
    other = AdminClient(Company().person(PROJECT_ACCOUNTANT))
    assert other.get(PAGE).context["listed"] == []
    assert other.post(PAGE, sent).status_code == 404
    assert not Customer.objects.filter(payments__isnull=False).exists()


def test_statements_do_not_depend_on_how_many_wait(company: Company, accountant: AdminClient) -> None:
    invoice = company.billed(8)
    booked(company, Booked("1920.00", invoice.number))
    accountant.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        accountant.get(PAGE)
    booked(company, *(Booked(f"{nth}.00", invoice.number, on="2026-04-05") for nth in range(1, 9)))
    with CaptureQueriesContext(connection) as many:
        accountant.get(PAGE)
    assert len(many) == len(few) <= 40
    rows = list(BankBooking.objects.unmatched().select_related("bank_account"))
    assert len({one.mark for one in WaitingBookings(rows).rows}) == 9
    assert reverse("bank-payments") == PAGE
