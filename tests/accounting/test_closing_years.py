"""The close of a fiscal year: two people, retained earnings, and results that stay as they were (C8, G15)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounting.balances import Span, balances_of
from accounting.closing import close_periods
from accounting.closing_years import close_years
from accounting.models import FiscalPeriod, JournalVoucher, PostingAccount, VoucherLine
from accounting.proving import prove
from accounting.reopening import reopen_period
from accounting.setting_up import add_fiscal_year
from accounting.writing_vouchers import (
    discard_journal_vouchers,
    reverse_journal_vouchers,
    rewrite_journal_voucher,
)
from core import guarding
from tests.company import Company, only
from tests.company.checking import assert_proven, refused
from tests.company.journal_vouchers import controller_of, meant, posted, written
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
YEAR = Span(date(2026, 1, 1), date(2026, 12, 31))
MARCH = Span(date(2026, 3, 1), date(2026, 3, 31))
JANUARY = Span(date(2027, 1, 1), date(2027, 1, 31))
NEXT = date(2027, 1, 1)


def december(company: Company) -> Any:
    return FiscalPeriod.objects.filter(legal_entity=company.entity, ends_on=YEAR.last)


def with_a_year(*, closed: bool = True) -> Company:
    """1,600.00 of revenue in March, 50.00 of expense with a dimension; 2026 closed, 2027 open."""
    company = Company()
    company.billed(8)
    posted(company, written(company, "4100 50", "1590 -50", dimension="NORTH"))
    periods = FiscalPeriod.objects.filter(legal_entity=company.entity)
    periods.exclude(starts_on__gte=YEAR.first, ends_on__lte=YEAR.last).delete()
    add_fiscal_year(
        company.entity, first_day=NEXT, last_day=date(2027, 12, 31), actor=company.accountant, at=NOW
    )
    if closed:
        close_periods(periods.filter(ends_on__lte=YEAR.last), actor=company.accountant, at=NOW)
    return company


def closed_year(company: Company) -> JournalVoucher:
    (draft,) = close_years(december(company), actor=company.accountant, at=NOW)
    posted(company, draft)
    return draft


def figures(company: Company, span: Span) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """Opening, movement and closing of each account that has any."""
    rows = balances_of(company.entity, span)
    return {
        one.account.number: (one.opening, one.movement, one.closing)
        for one in rows
        if one.account and not one.is_empty
    }


def test_every_balance_goes_to_retained_earnings_by_dimension_on_the_first_day_of_the_next_year():
    company = with_a_year()
    before = {span: figures(company, span) for span in (YEAR, MARCH)}
    draft = closed_year(company)
    lines = draft.lines.order_by("position").values_list("account__number", "dimension", "amount")
    assert list(lines) == [
        ("4100", "", -800),
        ("4100", "NORTH", -50),
        ("4199", "", 800),
        ("8400", "", 1600),
        ("0860", "", -1600),
        ("0860", "NORTH", 50),
    ]
    assert draft.date == NEXT
    # Whatever was reported of the year is reported again.
    assert {span: figures(company, span) for span in (YEAR, MARCH)} == before
    opening = figures(company, JANUARY)
    assert opening["0860"] == (-1550, 0, -1550)
    assert not {"8400", "4100", "4199"} & opening.keys()
    assert opening["1400"] == (1920, 0, 1920)
    assert sum(one[2] for one in opening.values()) == 0
    assert_proven()


def test_the_next_year_begins_without_a_result_and_is_closed_in_its_turn():
    company = with_a_year()
    closed_year(company)
    draft = written(company, "4100 70", "1590 -70", on=date(2027, 2, 3))
    posted(company, draft)
    assert figures(company, Span(NEXT, date(2027, 12, 31)))["4100"] == (0, 70, 70)
    add_fiscal_year(
        company.entity,
        first_day=date(2028, 1, 1),
        last_day=date(2028, 12, 31),
        actor=company.accountant,
        at=NOW,
    )
    months = FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on__year=2027)
    close_periods(months, actor=company.accountant, at=NOW)
    (second,) = close_years(months.filter(ends_on=date(2027, 12, 31)), actor=company.accountant, at=NOW)
    assert list(second.lines.values_list("account__number", "amount")) == [("4100", -70), ("0860", 70)]
    posted(company, second)
    assert figures(company, Span(date(2028, 1, 1), date(2028, 1, 31)))["0860"] == (-1480, 0, -1480)
    assert_proven()


def test_a_year_is_closed_by_two_people_once_and_opened_again_by_reversing():
    company = with_a_year()
    (draft,) = close_years(december(company), actor=company.accountant, at=NOW)
    with refused("own-voucher"):
        posted(company, draft, by=company.accountant)
    with refused("year-closed"):
        close_years(december(company), actor=company.accountant, at=NOW)
    with refused("closes-a-year", "period-closed"):
        rewrite_journal_voucher(
            only(draft), meant(company, "4100 5", "1590 -5"), actor=company.accountant, at=NOW
        )
    posted(company, draft)
    with refused("year-closed"):
        reopen_period(december(company), actor=company.accountant, at=NOW)
    with refused("other-day"):
        reverse_journal_vouchers(only(draft), on=date(2027, 1, 2), actor=company.accountant, at=NOW)
    (back,) = reverse_journal_vouchers(only(draft), on=NEXT, actor=controller_of(company), at=NOW)
    posted(company, back, by=company.accountant)
    assert figures(company, JANUARY)["8400"] == (-1600, 0, -1600)
    assert "0860" not in {number for number, row in figures(company, JANUARY).items() if any(row)}
    assert reopen_period(december(company), actor=company.accountant, at=NOW) == 1
    close_periods(december(company), actor=company.accountant, at=NOW)
    closed_year(company)
    assert figures(company, JANUARY)["0860"] == (-1550, 0, -1550)
    assert_proven()


def test_what_is_in_the_way_of_a_close_is_named():
    company = with_a_year(closed=False)
    with refused(*["year-open"] * 12):
        close_years(december(company), actor=company.accountant, at=NOW)
    months = FiscalPeriod.objects.filter(legal_entity=company.entity, ends_on__lte=YEAR.last)
    close_periods(months, actor=company.accountant, at=NOW)
    PostingAccount.objects.filter(posting_type="retained_earnings").delete()
    later = FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on=NEXT)
    later.update(status="closed")
    with refused("next-year-missing", "account-missing"):
        close_years(december(company), actor=company.accountant, at=NOW)
    with refused("longer-than-a-year", "account-missing"):
        close_years(later, actor=company.accountant, at=NOW)


def test_a_year_without_a_result_needs_no_close():
    company = Company()
    months = FiscalPeriod.objects.filter(legal_entity=company.entity)
    first = months.earliest("starts_on")
    close_periods(months.filter(pk=first.pk), actor=company.accountant, at=NOW)
    with refused("nothing-to-close"):
        close_years(months.filter(pk=first.pk), actor=company.accountant, at=NOW)


def test_a_draft_whose_figures_have_changed_is_not_posted():
    company = with_a_year()
    (draft,) = close_years(december(company), actor=company.accountant, at=NOW)
    discard_journal_vouchers(only(draft), actor=company.accountant, at=NOW)
    reopen_period(december(company), actor=company.accountant, at=NOW)
    late = written(company, "4100 9", "1590 -9", on=date(2026, 12, 30))
    close_periods(december(company), actor=company.accountant, at=NOW)
    (draft,) = close_years(december(company), actor=company.accountant, at=NOW)
    # As if somebody had posted meanwhile: the verb compares, whatever opened the period.
    december(company).update(status="open")
    posted_late = JournalVoucher.objects.filter(pk=late.pk)
    company.entity.refresh_from_db()
    type(company.entity).objects.filter(pk=company.entity.pk).update(locked_through=date(2026, 11, 30))
    posted(company, *posted_late)
    with refused("year-open", "figures-changed"):
        posted(company, draft)


def test_the_database_keeps_one_close_of_a_year_and_its_proof_names_what_is_left():
    company = with_a_year()
    draft = closed_year(company)
    columns = {
        "legal_entity": company.entity,
        "date": NEXT,
        "written_by": company.accountant,
        "written_at": NOW,
    }
    with pytest.raises(IntegrityError, match="a fiscal year is closed once"), transaction.atomic():
        JournalVoucher.objects.create(text="again", kind="year_end", **columns)
    with pytest.raises(IntegrityError, match="one as well, of the same day"), transaction.atomic():
        JournalVoucher.objects.create(text="back", reverses=draft, **columns)
    guarding.lift(connection)
    VoucherLine.objects.filter(account__number="8400", voucher__date=MARCH.first.replace(day=31)).update(
        base_amount=-1601
    )
    assert "G15" in {finding.proof.code for finding in prove() if finding.count}
