"""One amount on several values of the dimension: typed as percents, divided to the cent (C4)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from accounting.line_shares import LineShare, divided, read_shares
from accounting.models import FinancialDimension, JournalVoucher, JournalVoucherLine, VoucherLine
from accounting.proving import prove
from accounting.recurring_vouchers import MonthlyTerms, propose_recurring_vouchers, repeat_journal_vouchers
from accounting.writing_vouchers import reverse_journal_vouchers
from core import guarding
from core.durations import Unreadable
from projects.roles import PROJECT_ACCOUNTANT
from tests.company import Company, only
from tests.company.checking import assert_proven, refused
from tests.company.journal_vouchers import controller_of, posted, written
from tests.company.people import signed_in
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db
RENT = "4100 100.00: north 33.33; south 33.33; head 33.34"


def parts_of(voucher: JournalVoucher) -> list[tuple[str, str]]:
    return [(one.dimension, f"{one.amount:.2f}") for one in voucher.lines.order_by("position")]


def in_ledger(number: str = "4100") -> dict[str, Decimal]:
    lines = VoucherLine.objects.filter(account__number=number).order_by("pk")
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.dimension] = sums.get(line.dimension, Decimal(0)) + line.amount
    return sums


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("north", []),
        ("north 60; south 40", [("north", "60"), ("south", "40")]),
        (" cost centre 7 33,5% ;south 66.5 %; ", [("cost centre 7", "33.5"), ("south", "66.5")]),
    ],
)
def test_percents_are_read_behind_each_value(text: str, shares: list[tuple[str, str]]):
    assert list(read_shares(text, "en-gb")) == [LineShare(value, Decimal(one)) for value, one in shares]


@pytest.mark.parametrize("text", [";", " ; ;", "north; south 40", "north 1e2; south 0"])
def test_what_is_no_value_with_its_percent_is_no_value_either(text: str):
    with pytest.raises(Unreadable):
        read_shares(text, "en-gb")


@pytest.mark.parametrize(
    ("amount", "currency", "percents", "parts"),
    [
        ("100.00", "EUR", ("33.33", "33.33", "33.34"), ("33.33", "33.33", "33.34")),
        ("0.05", "EUR", ("50", "50"), ("0.03", "0.02")),
        ("-0.05", "EUR", ("50", "50"), ("-0.03", "-0.02")),
        ("1001", "JPY", ("50", "25", "25"), ("501", "250", "250")),
        ("10.001", "KWD", ("33.3333", "66.6667"), ("3.334", "6.667")),
    ],
)
def test_parts_are_the_amount_exactly(amount: str, currency: str, percents: Any, parts: Any):
    shares = [LineShare(str(nth), Decimal(one)) for nth, one in enumerate(percents)]
    made = divided(Decimal(amount), currency, shares)
    assert made == [Decimal(one) for one in parts]
    assert sum(made) == Decimal(amount)


def test_rent_of_three_sites_stands_in_the_ledger_on_each_of_them():
    company = Company()
    draft = written(company, RENT, "4199 -100")
    assert parts_of(draft) == [("north", "33.33"), ("south", "33.33"), ("head", "33.34"), ("", "-100.00")]
    posted(company, draft)
    assert in_ledger() == {"north": Decimal("33.33"), "south": Decimal("33.33"), "head": Decimal("33.34")}
    accountant = signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))
    account = VoucherLine.objects.filter(account__number="4100").first().account_id
    asked = {"account": account, "first": DAY, "last": DAY, "dimension": "south"}
    page = accountant.get("/admin/ledger/statement/", asked).content.decode()
    assert "33.33" in page
    assert "33.34" not in page
    assert_proven()


def test_its_reversal_and_what_repeats_it_are_divided_alike():
    company = Company()
    draft = written(company, RENT, "4199 -100")
    posted(company, draft)
    (back,) = reverse_journal_vouchers(only(draft), on=DAY, actor=company.accountant, at=NOW)
    posted(company, back)
    assert set(in_ledger().values()) == {0}
    terms = MonthlyTerms(first=date(2026, 3, 1), day=1)
    repeat_journal_vouchers(only(draft), terms, actor=company.accountant, at=NOW)
    assert propose_recurring_vouchers(at=NOW) >= 1
    again = JournalVoucher.objects.filter(recurring__isnull=False).order_by("pk").first()
    assert again is not None
    assert parts_of(again) == parts_of(draft)
    posted(company, again)
    assert_proven()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("4100 100.00: north 60; south 39.99", "shares-not-whole"),
        ("4100 100.00: north 100; south 0", "shares-not-whole"),
        ("4100 100.00: north 60; north 40", "shares-unclear"),
        ("4100 100.00: north 100;", "shares-unclear"),
    ],
)
def test_what_does_not_come_to_the_whole_is_refused(line: str, code: str):
    company = Company()
    with refused(code):
        written(company, line, "4199 -100")
    assert not JournalVoucher.objects.exists()


def test_a_part_of_nothing_and_a_value_that_nobody_keeps_are_refused():
    company = Company()
    with refused("share-of-nothing"):
        written(company, "4100 0.01: north 50; south 50", "4199 -0.01")
    FinancialDimension.objects.create(legal_entity=company.entity, code="north", name="North")
    with refused("dimension-unknown"):
        written(company, "4100 1: north 50; south 50", "4199 -1")
    assert not JournalVoucher.objects.exists()


def test_an_accountant_types_percents_and_sees_the_row_as_it_was_typed():
    company = Company()
    accountant = signed_in(company.admit(company.accountant, PROJECT_ACCOUNTANT))
    address = "/admin/accounting/journalvoucher/write/"
    page = accountant.get(address)
    keys = {one.number: key for key, one in page.context["rows"][0].accounts.items()}
    typed = {
        "rows": "2",
        "legal_entity": company.entity.pk,
        "date": DAY,
        "text": "Rent",
        "line-1-account": keys["4100"],
        "line-1-debit": "100.00",
        "line-1-dimension": "north 60; south 40",
        "line-2-account": keys["4199"],
        "line-2-credit": "100.00",
    }
    wrong = accountant.post(address, typed | {"line-1-dimension": "north sixty; south 40"})
    assert "Type each value with its percent" in wrong.content.decode()
    accountant.post(address, typed)
    draft = JournalVoucher.objects.get()
    assert parts_of(draft) == [("north", "60.00"), ("south", "40.00"), ("", "-100.00")]
    again = accountant.get(f"/admin/accounting/journalvoucher/{draft.pk}/rewrite/")
    first = again.context["rows"][0]
    assert (first.initial["dimension"], first.initial["debit"]) == ("north 60; south 40", 100)
    shown = accountant.get(f"/admin/accounting/journalvoucher/{draft.pk}/change/").content.decode()
    assert "north, 60% of €100.00" in shown.replace("\xa0", " ")


def test_the_database_posts_no_parts_that_are_not_the_whole():
    company = Company()
    draft = written(company, RENT, "4199 -100")
    part = draft.lines.filter(dimension="head")
    part.update(percent=Decimal("33.33"))
    draft.lines.update(base_amount=F("amount"))
    stamps = {"posted_by": controller_of(company), "posted_at": NOW}
    with pytest.raises(IntegrityError, match="come to 100 percent"), transaction.atomic():
        JournalVoucher.objects.update(status="posted", **stamps)
    assert JournalVoucher.objects.get().status == "draft"
    assert not VoucherLine.objects.exists()
    with pytest.raises(IntegrityError, match="(?i)part_of_a_whole"), transaction.atomic():
        part.update(whole=Decimal(-100))


def test_parts_changed_behind_the_verbs_are_named():
    company = Company()
    posted(company, written(company, RENT, "4199 -100"))
    assert_proven()
    guarding.lift(connection)
    try:
        JournalVoucherLine.objects.filter(dimension="head").update(percent=Decimal(33))
        assert {finding.proof.code for finding in prove() if finding.count} == {"G13f"}
    finally:
        guarding.install(connection)
