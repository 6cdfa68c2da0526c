"""Ageing and statements as of any day: buckets to the day, balances to the cent (C11, X3)."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounting.ageing import ageing_of, statements_of, totals_of
from accounting.models import CustomerTransaction
from tests.admin.admin_client import AdminClient
from tests.company import Company, rows
from tests.company.checking import statements
from tests.company.receivables import owed, pays

pytestmark = pytest.mark.django_db

ON = date(2026, 4, 1)
MIDYEAR = date(2026, 6, 30)


def aged(on: date = ON) -> list[tuple[str, str, tuple[Decimal, ...]]]:
    return [
        (one.customer.name, one.currency, one.parts)
        for one in ageing_of(CustomerTransaction.objects.all(), on)
    ]


def test_every_edge_of_a_bucket_is_where_it_says():
    company = Company()
    for days, amount in (
        (0, "1"),
        (1, "2"),
        (30, "4"),
        (31, "8"),
        (60, "16"),
        (61, "32"),
        (90, "64"),
        (91, "128"),
    ):
        owed(company, amount, on=MIDYEAR - timedelta(days=days))
    assert aged(MIDYEAR) == [(company.customer.name, "EUR", (1, 6, 24, 96, 128))]
    (row,) = ageing_of(CustomerTransaction.objects.all(), MIDYEAR)
    assert (row.total, row.overdue) == (255, 254)


def test_what_is_paid_later_is_open_on_the_day_before():
    company = Company()
    (row,) = owed(company, "100", on=date(2026, 3, 1))
    pays(company, "40", row, parts=("40",), on=date(2026, 3, 10))
    pays(company, "100", on=date(2026, 3, 15))
    name = company.customer.name
    assert aged(date(2026, 2, 28)) == []
    assert aged(date(2026, 3, 9)) == [(name, "EUR", (0, 100, 0, 0, 0))]
    assert aged(date(2026, 3, 10)) == [(name, "EUR", (0, 60, 0, 0, 0))]
    assert aged(date(2026, 3, 15)) == [(name, "EUR", (-100, 60, 0, 0, 0))]


def test_currencies_are_never_added_up():
    company = Company()
    company.rate("USD", "0.80")
    owed(company, "100", on=ON)
    owed(company, "70", on=ON, currency="USD")
    totals = totals_of(ageing_of(CustomerTransaction.objects.all(), ON))
    assert totals == {"EUR": (100, 0, 0, 0, 0), "USD": (70, 0, 0, 0, 0)}


def test_a_statement_runs_from_its_opening_to_what_is_open():
    company = Company()
    (old,) = owed(company, "100", on=date(2026, 2, 10))
    owed(company, "50", on=date(2026, 3, 5))
    pays(company, "30", old, parts=("30",), on=date(2026, 3, 20))
    (statement,) = statements_of(
        CustomerTransaction.objects.all(), company.customer, date(2026, 3, 1), date(2026, 3, 31)
    )
    assert (statement.opening, statement.closing, statement.open_total) == (100, 120, 120)
    assert [(one.row.amount, one.balance) for one in statement.rows] == [(50, 150), (-30, 120)]
    assert [one.open_amount for one in statement.open_rows] == [70, 50]


@pytest.mark.parametrize("seed", [1, 2])
def test_any_day_agrees_with_plain_python(seed: int):
    dice, company = random.Random(seed), Company()
    others = [company.customer, rows.customer(company.entity, currency="EUR")]
    paper: list[tuple[str, date, date, Decimal]] = []
    for _each in range(25):
        day = date(2026, 1, 2) + timedelta(days=dice.randrange(80))
        amount = Decimal(dice.randrange(100, 100_000)) / 100
        customer = dice.choice(others)
        (row,) = owed(company, str(amount), on=day, customer=customer)
        paper.append((customer.name, day, day, amount))
        if dice.random() < 0.6 and customer == company.customer:
            part = (amount * dice.randrange(1, 101) / 100).quantize(Decimal("0.01"))
            paid_on = day + timedelta(days=dice.randrange(9))
            pays(company, str(part), row, parts=(str(part),), on=paid_on)
            paper.append((customer.name, paid_on, day, -part))
    for _each in range(20):
        on = date(2026, 1, 1) + timedelta(days=dice.randrange(100))
        sums: dict[str, list[Decimal]] = {}
        for name, since, due, amount in paper:
            if since <= on:
                late = (on - due).days
                place = sum(late > edge for edge in (0, 30, 60, 90))
                sums.setdefault(name, [Decimal(0)] * 5)[place] += amount
        expected = {name: tuple(parts) for name, parts in sums.items() if any(parts)}
        assert {name: parts for name, _currency, parts in aged(on)} == expected


def test_statements_of_the_database_do_not_depend_on_the_rows():
    company = Company()
    counts = []
    for many in (2, 30):
        owed(company, *["10"] * many)
        everything = CustomerTransaction.objects.all()
        counts.append(statements(lambda: ageing_of(everything.all(), ON)))  # noqa: B023 - called at once
    assert counts == [3, 3]


def test_the_pages_show_the_figures_and_lead_to_their_rows():
    company = Company()
    (row,) = owed(company, "100", on=date(2026, 2, 1))
    client = AdminClient(company.person("Project accountant"))
    page = client.shown("accounting_ageing", on="2026-04-01")
    assert (page.status_code, "€100.00" in page.content.decode()) == (200, True)
    assert f"/ageing/{company.customer.pk}/?last=2026-04-01" in page.content.decode()
    key = company.customer.pk

    def shown(**days: str):
        return client.shown("accounting_statement", key, **days)

    assert row.voucher.number in shown(last="2026-04-01", first="2026-01-01").content.decode()
    assert client.shown("accounting_statement", 999_999).status_code == 404
    for wrong in ("nonsense", "9999-99-99", "0001-01-01"):
        assert client.shown("accounting_ageing", on=wrong).status_code == 200
        assert shown(first=wrong, last=wrong).status_code == 200
    backwards = shown(first="2026-04-01", last="2026-01-01").content.decode()
    assert "The first day lies after the last." in backwards


def test_nobody_sees_the_customers_of_another_company():
    company, other = Company(), Company()
    owed(other, "100")
    client = AdminClient(company.person("Project accountant"))
    assert other.customer.name not in client.shown("accounting_ageing").content.decode()
    assert client.shown("accounting_statement", other.customer.pk).status_code == 404
