"""Faults in payments, write-offs and settlements that nobody should be able to make are named (C11, X6)."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounting.models import CustomerPayment, CustomerTransaction, Settlement, Voucher, WriteOff
from accounting.proving import prove
from accounting.unsettling import unsettle
from core import guarding
from tests.company import Company, only
from tests.company.checking import assert_proven
from tests.company.receivables import owed, pays
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> Iterator[Company]:
    """Payments in full, in part and less a difference; one at another rate; one undone; without guards."""
    company = Company()
    company.rate("USD", "0.80")
    company.rate("USD", "0.75", date(2026, 3, 20))
    first, second, third = owed(company, "100", "50", "30")
    pays(company, "99.50", first, parts=("99.50",), writes_off=True)
    pays(company, "20", second, parts=("20",))
    pays(company, "30", third)
    unsettle(only(*third.settled_by.all()), reason="test", actor=company.accountant, at=NOW)
    (foreign,) = owed(company, "1000", currency="USD")
    pays(company, "1000", foreign, on=date(2026, 3, 25), currency="USD")
    assert_proven()
    guarding.lift(connection)
    yield company
    guarding.install(connection)


def of_20() -> Any:
    return Settlement.objects.filter(amount=20)


BREAKS: list[tuple[str, Callable[[], Any], set[str]]] = [
    (
        "a payment one cent off",
        lambda: CustomerPayment.objects.filter(amount=20).update(amount=Decimal("20.01")),
        {"C11a"},
    ),
    (
        "a payment on another day",
        lambda: CustomerPayment.objects.filter(amount=20).update(date=date(2026, 3, 3)),
        {"C11a"},
    ),
    ("a write-off one cent off", lambda: WriteOff.objects.update(amount=Decimal("0.51")), {"C11a"}),
    (
        "a payment of more at the bank",
        lambda: CustomerPayment.objects.filter(amount=20).update(bank_amount=Decimal(21)),
        {"C11b"},
    ),
    (
        "a voucher on another day",
        lambda: Voucher.objects.filter(source_kind="write_off").update(date=date(2026, 3, 9)),
        {"C11c"},
    ),
    ("a settlement of more than is paid", lambda: of_20().update(amount=21), {"C11d"}),
    ("a base that nobody has", lambda: of_20().update(credit_base=19), {"C11d", "C11g", "C11h"}),
    ("a settlement too few", lambda: Settlement.objects.filter(amount__lt=0).delete(), set()),
    (
        "a settlement of two currencies",
        lambda: of_20().update(debit=CustomerTransaction.objects.get(amount=1000)),
        {"C11d", "C11e", "C11h"},
    ),
    ("a settlement before its invoice", lambda: of_20().update(date=date(2026, 1, 1)), {"C11e"}),
    (
        "half undone",
        lambda: Settlement.objects.filter(amount=-30).update(amount=-29, debit_base=-29, credit_base=-29),
        {"C11f"},
    ),
    (
        "a difference of another day",
        lambda: Settlement.objects.filter(debit_base=800).update(date=date(2026, 3, 29)),
        {"C11g"},
    ),
    (
        "a difference twice as large",
        lambda: Settlement.objects.filter(debit_base=800).update(credit_base=700),
        {"C11d", "C11g", "C11h"},
    ),
]


@pytest.mark.parametrize(("do", "codes"), [one[1:] for one in BREAKS], ids=[one[0] for one in BREAKS])
def test_what_is_broken_is_named(books: Company, do: Callable[[], Any], codes: set[str]):
    do()
    assert {finding.proof.code for finding in prove() if finding.count} == codes
