"""Moving from another system: trial balance, open items, and taking them back (C13, G16, P22)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum

from accounting.ageing import ageing_of
from accounting.models import (
    CustomerTransaction,
    FiscalPeriod,
    OpeningItem,
    PostingAccount,
    Voucher,
    VoucherLine,
)
from accounting.opening_checks import NewOpeningItem
from accounting.opening_files import BALANCES, ITEMS, KINDS, OpeningPlan, balances_in, items_in
from accounting.opening_items import enter_opening_items, reverse_opening_items
from accounting.posting_context import PostingContext
from accounting.proving import prove
from accounting.writing_vouchers import write_journal_vouchers
from core import guarding
from projects.models import LegalEntity
from projects.record_files import read_table
from tests.accounting.planting import cut
from tests.company import Company
from tests.company.checking import assert_proven, refused, statements
from tests.company.journal_vouchers import posted
from tests.company.receivables import open_rows, pays
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
START = date(2026, 1, 1)
BOOKS = """account;debit;credit;dimension;text
1200;25000;;;Bank
1400;1.790,00;;;
1776;;290,00;;VAT
0860;;26500;NORTH;
"""


def item(
    company: Company, amount: str = "1190", number: str = "2025-17", row: int = 2, **more: Any
) -> NewOpeningItem:
    facts = {
        "document_date": date(2025, 12, 10),
        "due_date": date(2026, 1, 9),
        "currency": "EUR",
        "customer": company.customer,
    } | more
    return NewOpeningItem(row=row, number=number, amount=Decimal(amount), **facts)


def brought(company: Company, *items: NewOpeningItem, on: date = START) -> list[OpeningItem]:
    return enter_opening_items(company.entity, items, on=on, actor=company.accountant, at=NOW)


def reverse(company: Company, *items: OpeningItem) -> int:
    chosen = OpeningItem.objects.filter(pk__in=[one.pk for one in items])
    return reverse_opening_items(chosen, actor=company.accountant, at=NOW)


def balances(company: Company) -> dict[str, Decimal]:
    lines = VoucherLine.objects.filter(voucher__legal_entity=company.entity).order_by("account__number")
    sums = lines.values_list("account__number").annotate(sum=Sum("base_amount"))
    return {number: amount for number, amount in sums if amount}


def read(kind: str, company: Company, text: str) -> OpeningPlan:
    table = read_table(KINDS[kind], "a.csv", text.encode(), language="de")
    if kind == ITEMS:
        return items_in(table, company.entity)
    return balances_in(table, company.entity, START, PostingContext.of(company.entity))


def test_the_trial_balance_and_the_open_items_leave_nothing_on_opening_balances():
    company = Company()
    plan = read(BALANCES, company, BOOKS)
    assert (plan.errors, plan.moved) == ([], 1)
    (draft,) = write_journal_vouchers([plan.voucher], actor=company.accountant, at=NOW)
    posted(company, draft)
    assert balances(company) == {"0860": -26500, "1200": 25000, "1776": -290, "9000": 1790}
    brought(company, item(company), item(company, "700", "2025-18", 3), item(company, "-100", "A-4", 4))
    # 1,790.00 of receivables: nothing is left to explain, and no tax was posted again.
    assert balances(company) == {"0860": -26500, "1200": 25000, "1400": 1790, "1776": -290}
    assert_proven()


def test_an_open_item_keeps_its_number_and_due_date_and_is_paid_and_aged_like_an_invoice():
    company = Company()
    brought(company, item(company))
    row = CustomerTransaction.objects.get()
    assert (row.reference, row.date, row.due_date, row.amount) == ("2025-17", START, date(2026, 1, 9), 1190)
    mine = CustomerTransaction.objects.filter(legal_entity=company.entity)
    (aged,) = ageing_of(mine, date(2026, 2, 28))
    assert aged.parts == (0, 0, 1190, 0, 0)
    pays(company, "1190", row)
    assert open_rows(company) == []
    with refused("settled-already") as caught:
        reverse(company, OpeningItem.objects.get())
    assert str(caught.value.refusals[0].way_out) == "Undo its settlement first."
    assert_proven()


def test_a_foreign_item_takes_what_the_other_books_had_or_the_rate_of_the_day():
    company = Company()
    with refused("exchange-rate-missing"):
        brought(company, item(company, currency="USD"))
    company.rate("USD", "0.80")
    one, other = brought(
        company,
        item(company, "1000", currency="USD", base=Decimal("870.50")),
        item(company, "100", "2025-18", 3, currency="USD"),
    )
    assert (one.base_amount, other.base_amount) == (Decimal("870.50"), 80)
    assert_proven()


def test_what_was_brought_in_is_reversed_whole_and_may_come_again():
    company = Company()
    company.rate("USD", "0.80")
    first, second = brought(
        company, item(company), item(company, "-55", "A-1", 3, currency="USD", base=Decimal("-40.01"))
    )
    with refused("number-taken"):
        brought(company, item(company))
    assert reverse(company, first, second) == 2
    assert open_rows(company) == []
    assert balances(company) == {}
    with refused("reversed-already"):
        reverse(company, first)
    brought(company, item(company, "1200"))
    assert open_rows(company) == [1200]
    assert_proven()


def test_every_reason_names_its_row_and_nothing_is_brought_in():
    company, other = Company(), Company()
    wrong = [
        item(company, customer=other.customer),
        item(company, "0", "2", 3),
        item(company, "1.005", "3", 4),
        item(company, "10", "4", 5, document_date=date(2026, 1, 2)),
        item(company, "10", "5", 6, base=Decimal(9)),
        item(company, "10", "", 7),
        item(company, "10", "6", 8, due_date=date(2025, 12, 9)),
        item(company, "10", "5", 9),
    ]
    codes = (
        *("other-company", "nothing-moved", "amount-too-fine", "date-after-start"),
        *("base-differs", "number-missing", "due-before-invoice", "number-taken"),
    )
    with refused(*codes) as caught:
        brought(company, *wrong)
    assert [one.subject for one in caught.value.refusals][:2] == ["Row 2, 2025-17", "Row 3, 2"]
    PostingAccount.objects.filter(posting_type="opening_balance").delete()
    FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on=START).update(status="closed")
    with refused("period-closed", "account-missing"):
        brought(company, item(company))
    with refused("period-missing", "account-missing"):
        brought(company, item(company, document_date=date(2001, 1, 1)), on=date(2001, 1, 1))


def test_what_is_wrong_in_a_file_names_row_and_column():
    company = Company()
    plan = read(BALANCES, company, "account;debit;credit;currency\n1200;5;5;EUR\n77;5;;EUR\n1200;x;;EU\n")
    assert [(one.number, one.column) for one in plan.errors] == [
        (2, "credit"),
        (3, "account"),
        (4, "debit"),
        (4, "currency"),
    ]
    number = company.customer.number
    plan = read(
        ITEMS,
        company,
        f"customer;number;date;amount\n{number};1;10.12.2025;1.190,00\nK-0;2;10.12.2025;5\n{number};3;32.1.2025;5\n{number};4;;5\n",
    )
    assert [(one.number, one.column) for one in plan.errors] == [(3, "customer"), (4, "date"), (5, "date")]
    (only_one,) = plan.items
    assert (only_one.amount, only_one.due_date, only_one.currency) == (1190, date(2025, 12, 10), "EUR")


def test_statements_do_not_depend_on_how_many_items_there_are():
    counts = []
    for many in (2, 20):
        company = Company()
        items = [item(company, "10", str(nth), nth) for nth in range(many)]
        counts.append(statements(lambda items=items, company=company: brought(company, *items)))
    assert counts[0] == counts[1]


def _second(company: Company) -> OpeningItem:
    first = OpeningItem.objects.get()
    first.pk = None
    return first


def test_the_database_keeps_one_item_of_a_number_and_reverses_it_whole():
    company = Company()
    (made,) = brought(company, item(company))
    for change, words in (
        ({}, "brought in once"),
        ({"customer": Company().customer, "number": "9"}, "of a customer of its company"),
        ({"reverses": made, "amount": -5, "base_amount": -5}, "exact negation"),
    ):
        row = _second(company)
        for name, value in change.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError, match=words), transaction.atomic():
            row.save(force_insert=True)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        OpeningItem.objects.update(number="8")


FAULTS = [
    ("another due date", lambda: CustomerTransaction.objects.update(due_date=START), "G16a"),
    ("another number", lambda: CustomerTransaction.objects.update(reference="8"), "G16a"),
    ("another source", lambda: Voucher.objects.update(source_id=F("source_id") + 90), "G16b"),
    (
        "half of it back",
        lambda: OpeningItem.objects.filter(reverses__isnull=False).update(amount=-1, base_amount=-1),
        "G16c",
    ),
    ("two that stand", lambda: cut(OpeningItem.objects.filter(reverses__isnull=False)), "G16d"),
]


@pytest.mark.parametrize(("plant", "code"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_planted_fault_is_named(plant: Any, code: str):
    company = Company()
    reverse(company, *brought(company, item(company)))
    brought(company, item(company))
    assert_proven()
    guarding.lift(connection)
    plant()
    assert code in {finding.proof.code for finding in prove() if finding.count}


def test_small_amounts_are_judged_in_their_own_currency():
    company = Company()
    LegalEntity.objects.filter(pk=company.entity.pk).update(currency="JPY")
    company.entity.refresh_from_db()
    company.rate("EUR", "160")
    with refused("amount-too-fine") as why:
        brought(company, item(company, "12.34", base=Decimal("1974.40")))
    assert why.value.refusals[0].message == "JPY has no such small amounts."
    (made,) = brought(company, item(company, "12.34"))
    assert (made.amount, made.base_amount) == (Decimal("12.34"), 1974)
