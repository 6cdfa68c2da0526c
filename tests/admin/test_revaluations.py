"""Revaluations in the admin: shown balance by balance, posted, and reversed (C9)."""

from datetime import date
from typing import Any

import pytest

from accounting.models import Revaluation, Voucher
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.receivables import owed

pytestmark = pytest.mark.django_db
PAGE = "accounting_revaluation"


@pytest.fixture
def dollars(company: Company) -> Company:
    company.rate("USD", "0.80", date(2026, 1, 1))
    company.rate("USD", "0.83", date(2026, 2, 28))
    owed(company, "1000", currency="USD", on=date(2026, 2, 2))
    return company


def preview(accountant: AdminClient, on: str) -> Any:
    page = accountant.shown(f"{PAGE}_list_action", "revalue")
    assert page.status_code == 200
    data = {"on": on, "again": "1", "confirmed": "1", "expect": ""}
    return accountant.post(page.wsgi_request.get_full_path(), data)


def test_what_would_be_posted_is_shown_for_a_day_then_posted_and_reversed(
    dollars: Company, accountant: AdminClient
):
    page = preview(accountant, "2026-02-28")
    words = page.content.decode()
    assert all(figure in words for figure in ("US$1,000.00", "€800.00", "0.83", "€830.00", "€30.00"))
    assert not Revaluation.objects.exists()

    answer = accountant.confirms(page, on="2026-02-28")
    assert messages_of(answer) == [
        "The foreign balances of 1 company are revalued, and that is reversed the day after."
    ]
    made = Revaluation.objects.get()
    shown = accountant.shown(f"{PAGE}_change", made.pk).content.decode()
    numbers = Voucher.objects.filter(source_kind__startswith="revaluation").values_list("number", flat=True)
    assert all(number in shown for number in numbers)
    assert "€30.00" in accountant.shown(f"{PAGE}_changelist").content.decode()

    page = accountant.chosen(PAGE, "reverse", made)
    assert messages_of(accountant.confirms(page)) == ["1 revaluation reversed."]
    words = accountant.shown(f"{PAGE}_changelist").content.decode()
    assert "Reversed" in words and "Reverses another one" in words


def test_a_day_without_a_rate_is_named_before_anything_is_posted(dollars: Company, accountant: AdminClient):
    page = preview(accountant, "2026-03-31")
    assert "There is no exchange rate of USD of" in page.content.decode()
    assert not page.context["preview"].is_possible
    assert [one.code for one in page.context["preview"].refusals] == ["exchange-rate-missing"]
