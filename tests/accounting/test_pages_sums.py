"""A sum of the trial balance has a statement of its own, and a statement has one in each currency."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounting.models import Account, FiscalPeriod
from projects.roles import PROJECT_ACCOUNTANT
from tests.company import Company
from tests.company.people import signed_in
from tests.company.receivables import owed

pytestmark = pytest.mark.django_db

BALANCES, STATEMENT = "/admin/ledger/balances/", "/admin/ledger/statement/"
YEAR = {"first": "2026-01-01", "last": "2026-12-31"}


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def accountant(company: Company) -> Client:
    return signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))


def account(number: str) -> Account:
    return Account.objects.get(number=number)


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def closing(answer: Any) -> Decimal:
    totals = answer.context["totals"]
    return totals.closing


def test_each_sum_leads_to_the_lines_that_it_is_of(company: Company, accountant: Client) -> None:
    """Eight hours at 200.00 with 20 % tax: assets 1,920.00, of it nothing in progress any more."""
    company.billed(8)
    march = FiscalPeriod.objects.get(legal_entity=company.entity, starts_on=date(2026, 3, 1))
    page = text_of(accountant.get(BALANCES, {"period": march.pk}))
    days = "first=2026-03-01&amp;last=2026-03-31"
    first_asset = account("1400").pk
    assets = f"{STATEMENT}?{days}&amp;account={first_asset}&amp;together=asset"
    assert f'<a href="{assets}">1,920.00</a>' in page
    assert f'<a href="{STATEMENT}?{days}&amp;account={first_asset}&amp;together=every">5,920.00</a>' in page
    for together, balance, lines in (
        ("asset", 1920, 3),
        ("liability", -320, 1),
        ("revenue", -1600, 3),
        ("expense", 0, 2),
        ("result", -1600, 5),
        ("every", 0, 9),
    ):
        answer = accountant.get(STATEMENT, {"account": first_asset, "together": together, **YEAR})
        assert (closing(answer), answer.context["totals"].count) == (balance, lines), together
    page = text_of(accountant.get(STATEMENT, {"account": first_asset, "together": "asset", **YEAR}))
    assert "<h1>All assets" in page
    assert "1450 Work in progress, sales value" in page


def test_the_file_of_a_sum_names_the_account_of_each_line(company: Company, accountant: Client) -> None:
    company.billed(8)
    asked = {"account": account("1400").pk, "together": "liability", "export": "csv", **YEAR}
    answer = accountant.get(STATEMENT, asked)
    rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert 'filename="accounts-liability.csv"' in answer.headers["Content-Disposition"]
    assert [(row[6], row[7], row[8], row[9]) for row in rows] == [
        ("credit", "balance", "currency", "account"),
        ("320.00", "-320.00", "EUR", "1776"),
    ]


def test_a_statement_is_read_in_each_currency_that_was_booked(company: Company, accountant: Client) -> None:
    company.rate("USD", "0.80")
    owed(company, "1000", currency="USD", on=date(2026, 2, 2))
    owed(company, "50", on=date(2026, 2, 3))
    asked = {"account": account("1400").pk, **YEAR}
    own = accountant.get(STATEMENT, asked)
    assert closing(own) == 850
    assert [(one["code"], one["current"]) for one in own.context["currencies"]] == [
        ("EUR", True),
        ("USD", False),
    ]
    dollars = accountant.get(STATEMENT, {**asked, "currency": "USD"})
    assert (closing(dollars), dollars.context["totals"].count) == (1000, 1)
    assert "Account statement in USD" in text_of(dollars)
    answer = accountant.get(STATEMENT, {**asked, "currency": "USD", "export": "csv"})
    rows = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert [(row[5], row[7], row[8]) for row in rows[1:]] == [("1000.00", "1000.00", "USD")]


@pytest.mark.parametrize(
    ("asked", "field"), [({"currency": "GBP"}, "currency"), ({"together": "moon"}, "together")]
)
def test_what_has_no_lines_is_said(
    company: Company, accountant: Client, asked: dict[str, str], field: str
) -> None:
    company.billed(1)
    answer = accountant.get(STATEMENT, {"account": account("1400").pk, **YEAR, **asked})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert "rows" not in answer.context
