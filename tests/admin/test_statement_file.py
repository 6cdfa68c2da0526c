"""The statement of a customer is switched from currency to currency, and exported as it is shown (C11)."""

import csv
from datetime import date

import pytest

from tests.admin.admin_client import AdminClient
from tests.company import Company
from tests.company.receivables import owed, pays

pytestmark = pytest.mark.django_db

YEAR = {"first": "2026-03-01", "last": "2026-12-31"}


def rows_of(accountant: AdminClient, company: Company, **asked: str) -> list[list[str]]:
    answer = accountant.shown("accounting_statement", company.customer.pk, export="csv", **YEAR, **asked)
    assert answer["Content-Disposition"].endswith(f'"statement-{company.customer.number}.csv"')
    return list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))


def test_each_currency_is_shown_by_itself_and_exported(company: Company, accountant: AdminClient) -> None:
    company.rate("USD", "0.80")
    owed(company, "40", on=date(2026, 2, 2))
    (row,) = owed(company, "100", on=date(2026, 3, 4))
    pays(company, "60", row, parts=("60",), on=date(2026, 3, 9))
    owed(company, "1000", currency="USD", on=date(2026, 3, 5))
    both = accountant.shown("accounting_statement", company.customer.pk, **YEAR)
    assert both.context["currencies"] == ["EUR", "USD"]
    assert [one["currency"] for one in both.context["statements"]] == ["EUR", "USD"]
    dollars = accountant.shown("accounting_statement", company.customer.pk, currency="USD", **YEAR)
    assert [one["currency"] for one in dollars.context["statements"]] == ["USD"]
    other = accountant.shown("accounting_statement", company.customer.pk, currency="GBP", **YEAR)
    assert len(other.context["statements"]) == 2

    euros = rows_of(accountant, company, currency="EUR")
    assert euros[0] == ["date", "document", "what", "due", "amount", "open", "balance", "currency"]
    assert [(row[0], row[4], row[5], row[6], row[7]) for row in euros[1:]] == [
        ("", "", "", "40.00", "EUR"),
        ("2026-03-04", "100.00", "40.00", "140.00", "EUR"),
        ("2026-03-09", "-60.00", "0.00", "80.00", "EUR"),
    ]
    assert [row[7] for row in rows_of(accountant, company)[1:]] == ["EUR"] * 3 + ["USD"] * 2
