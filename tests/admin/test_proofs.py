"""The proofs of the books and the closing of periods, as controllers see them in the admin (C8, X6)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.admin import site
from django.db import connection

from accounting.admin.proofs import IntegrityCheckAdmin
from accounting.checking_books import check_books
from accounting.models import CustomerInvoice, FiscalPeriod, IntegrityCheck
from accounting.outbox_handlers import sweep_outbox
from accounting.states import CheckOccasion
from core import guarding
from projects.roles import FINANCE_CONTROLLER
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
LIST = "accounting_integritycheck_changelist"


@pytest.fixture
def books() -> Iterator[Company]:
    company = Company()
    company.billed(8)
    company.approved(4)
    company.journalise()
    yield company
    guarding.install(connection)


@pytest.fixture
def controller(books: Company) -> AdminClient:
    return AdminClient(books.person(FINANCE_CONTROLLER))


def panels_of(page: Any) -> dict[str, list[list[str]]]:
    return {
        str(panel.title): [[str(cell.text) for cell in row] for row in panel.rows]
        for panel in page.context["panels"]
    }


def test_a_check_shows_both_sides_of_what_holds(books: Company, controller: AdminClient):
    check = check_books(occasion=CheckOccasion.NIGHTLY, clock=lambda: NOW)
    page = controller.shown("accounting_integritycheck_change", check.pk)
    panels = panels_of(page)
    assert panels["Broken"] == []
    assert [
        "The customer subledger equals its control account.",
        "Customer transactions: €1,920.00",
        "Control accounts of customers: €1,920.00",
        "Holds",
        "–",
    ] in panels["Amounts"]
    assert ["Every voucher is sealed.", "Rows: 5", "Rows that hold: 5", "Holds", "–"] in panels["Rows"]
    assert "All" in controller.shown(LIST).content.decode()


def test_a_broken_proof_is_named_on_its_page_and_on_the_first_one(books: Company, controller: AdminClient):
    guarding.lift(connection)
    CustomerInvoice.objects.update(snapshot={})
    check = check_books(occasion=CheckOccasion.NIGHTLY, clock=lambda: NOW)
    page = controller.shown("accounting_integritycheck_change", check.pk)
    assert panels_of(page)["Broken"] == [
        ["An invoice and its snapshot are as they were posted.", "Rows: 1", "Rows that hold: 0", "1 row"]
        + ["RE-2026-00001"]
    ]
    sentence = "1 proof of the books is broken: confirming and posting have stopped"
    assert sentence in controller.shown("index").content.decode()


def test_a_check_is_asked_for_and_done_by_the_worker(books: Company, controller: AdminClient):
    answer = controller.sent("accounting_integritycheck_list_action", "check")
    assert messages_of(answer)[-1] == "The books are being checked: load this page again in a moment."
    sweep_outbox(now=NOW)
    assert IntegrityCheck.objects.get().asked_by == controller.user


def test_the_page_of_a_period_lists_what_stops_its_closing_and_reconciles_accrued_revenue(
    books: Company, controller: AdminClient
):
    books.approved(2, date=date(2026, 3, 9))
    march = FiscalPeriod.objects.get(legal_entity=books.entity, starts_on=date(2026, 3, 1))
    panels = panels_of(controller.shown("accounting_fiscalperiod_change", march.pk))
    assert panels["Before it is closed"] == [
        ["March 2026", "An earlier period is still open.", "Close the earlier ones first."],
        [
            "March 2026",
            f"2 actuals of approved work are in no integration journal yet: {books.project.number}.",
            "Import what is missing, then post it.",
        ],
    ]
    assert panels["Accrued revenue on 31 Mar 2026"] == [
        [books.project.number, books.contract.number, "€800.00", "€800.00", "equal"]
    ]


def test_the_next_fiscal_year_is_opened_with_one_action(books: Company, controller: AdminClient):
    any_of_them = FiscalPeriod.objects.filter(legal_entity=books.entity)[0]
    page = controller.chosen("accounting_fiscalperiod", "next-year", any_of_them)
    answer = controller.confirms(page)
    assert messages_of(answer)[-1] == "12 periods opened."
    opened = FiscalPeriod.objects.filter(legal_entity=books.entity, starts_on__year=2027)
    assert (opened.count(), opened.order_by("ends_on").last().ends_on) == (12, date(2027, 12, 31))


@pytest.mark.usefixtures("books")
def test_a_check_before_a_closing_says_no_duration() -> None:
    check = check_books(occasion=CheckOccasion.CLOSING, clock=lambda: NOW)
    shown = IntegrityCheckAdmin(IntegrityCheck, site)
    assert (check.milliseconds, shown.duration(check)) == (0, "–")
    check.milliseconds = 1500
    assert shown.duration(check) == "1.50 s"
