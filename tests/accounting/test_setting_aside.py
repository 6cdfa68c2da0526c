"""Bank bookings that are no payments of customers: set aside with a reason, and brought back (C11)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounting.models import BankBooking, CustomerPayment, SetAsideBooking
from accounting.proving import prove
from accounting.setting_aside import bring_bookings_back, set_bookings_aside
from core import guarding
from core.models import Activity
from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT
from tests.accounting.test_pages_bank_payments import PAGE, booked, text_of, typed
from tests.admin.admin_client import AdminClient
from tests.company import Company
from tests.company.bank_statements import Booked
from tests.company.checking import assert_proven, refused, unchanged
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
ACTION = "accounting_bankbooking_action"


@pytest.fixture
def company() -> Company:
    return Company()


def aside(company: Company, *bookings: BankBooking, reason: str = "Fee of March") -> list[SetAsideBooking]:
    chosen = BankBooking.objects.filter(pk__in=[one.pk for one in bookings])
    return set_bookings_aside(chosen, reason=reason, actor=company.accountant, at=NOW)


def brought_back(company: Company) -> int:
    return bring_bookings_back(BankBooking.objects.all(), actor=company.accountant, at=NOW)


def test_a_fee_is_set_aside_and_brought_back(company: Company) -> None:
    (fee,) = booked(company, Booked("-9.90", "Fee"))
    (row,) = aside(company, fee, reason=" Fee of March ")
    assert (row.reason, row.set_aside_by, row.set_aside_at) == ("Fee of March", company.accountant, NOW)
    assert list(BankBooking.objects.unmatched()) == []
    assert list(BankBooking.objects.set_aside()) == [fee]
    assert brought_back(company) == 1
    assert list(BankBooking.objects.unmatched()) == [fee]
    assert list(BankBooking.objects.set_aside()) == []
    noted = Activity.objects.filter(subject_kind="accounting.bankbooking", subject_id=fee.pk).order_by("pk")
    assert [one.verb for one in noted][-2:] == ["booking set aside", "booking brought back"]
    aside(company, fee)
    assert SetAsideBooking.objects.count() == 2
    assert_proven()


def test_what_cannot_be_set_aside(company: Company) -> None:
    invoice = company.billed(8)
    paid, fee = booked(company, Booked("1920.00", invoice.number), Booked("-9.90", "Fee", on="2026-04-02"))
    accountant = AdminClient(company.person(PROJECT_ACCOUNTANT))
    accountant.post(PAGE, typed(company, paid, "on-account"))
    with unchanged(), refused("already-matched"):
        aside(company, paid, fee)
    with unchanged(), refused("reason-missing"):
        aside(company, fee, reason=" ")
    with unchanged(), refused("nothing-chosen"):
        aside(company)
    with unchanged(), refused("not-set-aside", "not-set-aside"):
        brought_back(company)
    aside(company, fee)
    with unchanged(), refused("already-matched"):
        aside(company, fee)
    with unchanged():
        answer = accountant.post(PAGE, typed(company, fee, "on-account"))
    assert answer.status_code == 422
    assert [one.code for one in answer.context["refusals"]] == ["already-matched"]
    assert CustomerPayment.objects.count() == 1


def test_a_booking_that_is_paid_in_and_set_aside_is_named(company: Company) -> None:
    invoice = company.billed(8)
    (paid,) = booked(company, Booked("1920.00", invoice.number))
    AdminClient(company.person(PROJECT_ACCOUNTANT)).post(PAGE, typed(company, paid, "on-account"))
    assert_proven()
    guarding.lift(connection)
    SetAsideBooking.objects.create(
        booking=paid, reason="Forged", set_aside_by=company.accountant, set_aside_at=NOW
    )
    assert [finding.proof.code for finding in prove() if finding.count] == ["C11m"]
    guarding.install(connection)


def test_statements_do_not_depend_on_how_many(company: Company) -> None:
    first, *others = booked(company, *(Booked(f"-{nth}.00", "Fee") for nth in range(1, 6)))
    with CaptureQueriesContext(connection) as few:
        aside(company, first)
    with CaptureQueriesContext(connection) as many:
        aside(company, *others)
    assert len(many) == len(few)


def test_the_page_leads_to_it_and_the_list_shows_it(company: Company) -> None:
    (fee,) = booked(company, Booked("-9.90", "Fee"))
    accountant = AdminClient(company.person(PROJECT_ACCOUNTANT))
    controller = AdminClient(company.person(FINANCE_CONTROLLER))
    address = reverse(f"admin:{ACTION}", args=[fee.pk, "set-aside"])
    assert f'href="{address}"' in text_of(accountant.get(PAGE))
    assert address not in text_of(controller.get(PAGE))
    assert controller.sent(ACTION, fee.pk, "set-aside", data={"reason": "x"}).status_code == 403
    page = accountant.get(address)
    answer = accountant.confirms(page, reason="Fee of March")
    assert answer.status_code == 302
    assert SetAsideBooking.objects.get().reason == "Fee of March"
    assert "Every bank booking has its payment." in text_of(accountant.get(PAGE))
    listed = accountant.shown("accounting_bankbooking_changelist", payment="aside")
    assert list(listed.context["cl"].result_list) == [fee]
    opened = text_of(accountant.shown("accounting_bankbooking_change", fee.pk))
    assert "Fee of March" in opened
    accountant.sent(ACTION, fee.pk, "bring-back")
    assert list(BankBooking.objects.unmatched()) == [fee]
