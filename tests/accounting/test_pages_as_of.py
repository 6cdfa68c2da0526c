"""The page of a past day: figures beside the ledger, rows with what became of them, and the file (X3)."""

import csv
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from projects.roles import FINANCE_CONTROLLER, PROJECT_ACCOUNTANT, PROJECT_MANAGER, TEAM_MEMBER
from tests.company import Company
from tests.company.checking import statements, unchanged
from tests.company.people import signed_in
from tests.company.rows import DAY

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def at() -> Company:
    return Company()


@pytest.fixture
def accountant(at: Company) -> Client:
    return signed_in(at.admit(at.accountant, PROJECT_ACCOUNTANT))


def of(day: date = DAY, **asked: Any) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"day": day, **asked}.items())
    return f"{reverse('as-of')}?{query}"


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_what_was_billed_since_is_shown_as_open_with_what_became_of_it(
    at: Company, accountant: Client
) -> None:
    invoice = at.billed(8)
    with unchanged():
        answer = accountant.get(of())
    page = text_of(answer)
    assert "As of 2 Mar 2026" in page
    assert f"Invoiced with {invoice.number} of 31 Mar 2026" in page
    assert f'href="{reverse("proforma", args=[invoice.proposal.proforma.number])}"' in page
    [row] = answer.context["rows"]
    assert (row.amount, row.fate.is_open) == (1600, False)
    assert answer.context["stood"].is_equal
    assert "Rows and ledger differ" not in page


def test_every_kind_has_its_rows_and_the_account_that_holds_it(at: Company, accountant: Client) -> None:
    at.billed(8)
    answer = accountant.get(of(date(2026, 3, 31), show="receivables"))
    [row] = answer.context["rows"]
    assert (row.amount, row.base) == (1920, 1920)
    account = answer.context["stood"].kinds[3].accounts[0]
    assert account.number == "1400"
    assert f"last=2026-03-31&amp;account={account.pk}" in answer.content.decode()
    for kind in ("backlog", "accrued", "held", "estimates", "on_account", "advances", "retentions"):
        assert accountant.get(of(date(2026, 3, 31), show=kind)).context["rows"] == []


def test_as_known_on_that_day_says_so(at: Company, accountant: Client) -> None:
    at.billed(8)
    answer = accountant.get(of(view="known"))
    assert "had been recorded by its end" in text_of(answer)
    assert answer.context["rows"] == []


def test_the_file_has_every_row_of_the_kind(at: Company, accountant: Client) -> None:
    at.billed(8)
    answer = accountant.get(of(show="accrued", export="csv"))
    [head, row] = csv.reader(b"".join(answer).decode("utf-8-sig").splitlines())
    assert head[:2] == ["kind", "date"]
    assert [row[0], row[5], row[6], row[8]] == ["accrued", "EUR", "1600.00", "1600.00"]
    assert row[-1].startswith("Invoiced with ")
    assert f"accrued-20260302-{at.entity.code}.csv" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    "asked",
    ["day=2199-01-01", "day=yesterday", "company=0", "view=later", "show=everything"],
)
def test_what_cannot_be_shown_is_said_at_its_field(accountant: Client, asked: str) -> None:
    answer = accountant.get(f"{reverse('as-of')}?{asked}")
    assert answer.status_code == 200
    assert "This day cannot be shown." in text_of(answer)
    assert "stood" not in answer.context


def test_without_a_day_it_is_today_and_a_place_that_is_none_begins_at_the_first_row(
    at: Company, accountant: Client
) -> None:
    at.approved(8)
    answer = accountant.get(f"{reverse('as-of')}?after=x")
    assert (answer.status_code, answer.context["is_first"]) == (200, True)
    assert [row.amount for row in answer.context["rows"]] == [1600]


@pytest.mark.parametrize(
    ("role", "status"),
    [(PROJECT_ACCOUNTANT, 200), (FINANCE_CONTROLLER, 200), (PROJECT_MANAGER, 403), (TEAM_MEMBER, 403)],
)
def test_who_may_see_a_past_day(at: Company, role: str, status: int) -> None:
    assert signed_in(at.person(role)).get(of()).status_code == status


def test_another_company_cannot_be_asked_for(accountant: Client) -> None:
    other = Company()
    other.billed(8)
    answer = accountant.get(of(company=other.entity.pk))
    assert "This day cannot be shown." in text_of(answer)


def test_trial_balance_and_backlog_lead_to_the_day(at: Company, accountant: Client) -> None:
    at.billed(8)
    address = reverse("as-of")
    assert (
        f"{address}?day=2026-03-31&amp;company={at.entity.pk}"
        in accountant.get(reverse("balances")).content.decode()
    )
    assert (
        f"{address}?day=2026-03-31"
        in accountant.get(f"{reverse('admin:accounting_ageing')}?on=2026-03-31").content.decode()
    )
    assert f'href="{address}?show=backlog"' in accountant.get(reverse("backlog")).content.decode()


def test_statements_do_not_grow_with_rows(at: Company, accountant: Client) -> None:
    at.billed(8)
    few = statements(lambda: accountant.get(of()))
    for hours in (1, 2, 3):
        at.approved(hours)
    assert statements(lambda: accountant.get(of())) == few
