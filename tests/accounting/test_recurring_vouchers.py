"""Journal vouchers that come back: accruals, and months that are proposed (C6, G17)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from accounting.models import FiscalPeriod, JournalVoucher, RecurringVoucher, VoucherLine
from accounting.proving import prove
from accounting.recurring_vouchers import (
    MonthlyTerms,
    propose_recurring_vouchers,
    repeat_journal_vouchers,
    stop_recurring_vouchers,
)
from accounting.writing_vouchers import reverse_journal_vouchers, write_journal_vouchers
from core import guarding
from projects.models import LegalEntity
from tests.company import Company, only
from tests.company.checking import assert_proven, refused
from tests.company.journal_vouchers import controller_of, meant, posted, written
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 1)


def accrued(company: Company, reversed_on: date | None = APRIL) -> JournalVoucher:
    new = meant(company, "4100 80 USD", "1590 -80 USD", on=MARCH, text="Rent")
    new = type(new)(new.legal_entity, new.date, new.text, new.lines, reversed_on)
    (draft,) = write_journal_vouchers([new], actor=company.accountant, at=NOW)
    return draft


def repeated(company: Company, **terms: Any) -> RecurringVoucher:
    draft = written(company, "4100 80", "1590 -80", on=date(2026, 1, 20), text="Rent")
    posted(company, draft)
    facts = {"first": date(2026, 2, 10)} | terms
    (made,) = repeat_journal_vouchers(only(draft), MonthlyTerms(**facts), actor=company.accountant, at=NOW)
    return made


def proposed(at: datetime = NOW) -> list[tuple[date, str]]:
    propose_recurring_vouchers(at=at)
    rows = JournalVoucher.objects.filter(recurring__isnull=False).order_by("date", "pk")
    return [(one.date, one.status) for one in rows]


def test_an_accrual_is_reversed_on_the_first_day_of_the_next_period_at_its_own_rate():
    company = Company()
    company.rate("USD", "0.80")
    company.rate("USD", "0.90", APRIL)
    draft = accrued(company)
    first, back = posted(company, draft)
    assert (first.date, back.date) == (MARCH, APRIL)
    lines = VoucherLine.objects.filter(voucher=back).order_by("account__number")
    assert list(lines.values_list("account__number", "amount", "base_amount")) == [
        ("1590", 80, 64),
        ("4100", -80, -64),
    ]
    reversal = JournalVoucher.objects.get(reverses=draft)
    assert (reversal.written_by, reversal.status) == (company.accountant, "posted")
    with refused("already-reversed"):
        reverse_journal_vouchers(only(draft), on=APRIL, actor=company.accountant, at=NOW)
    assert_proven()


def test_an_accrual_is_not_posted_where_its_reversal_has_no_open_period():
    company = Company()
    company.rate("USD", "0.80")
    with refused("reversal-too-early"):
        accrued(company, MARCH)
    draft, controller = accrued(company), controller_of(company)
    FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on=APRIL).delete()
    with refused("period-missing"):
        posted(company, draft, by=controller)


def test_each_month_is_proposed_once_on_its_day_and_posted_by_a_second_person():
    company = Company()
    made = repeated(company, day=31, last=date(2026, 4, 5))
    # NOW is 1 April: February and March are due, April is not.
    assert proposed() == [(date(2026, 2, 28), "draft"), (MARCH, "draft")]
    assert proposed() == proposed()
    drafts = JournalVoucher.objects.filter(recurring=made)
    with refused("not-posted", "not-posted"):
        repeat_journal_vouchers(drafts, MonthlyTerms(MARCH), actor=company.accountant, at=NOW)
    with refused("own-voucher", "own-voucher"):
        posted(company, *drafts, by=company.accountant)
    posted(company, *drafts)
    assert len(proposed(datetime(2026, 4, 30, 12, tzinfo=UTC))) == 3
    assert len(proposed(datetime(2026, 9, 30, 12, tzinfo=UTC))) == 3
    made.refresh_from_db()
    assert made.next_month is None
    total = VoucherLine.objects.filter(account__number="4100").aggregate(sum=Sum("base_amount"))["sum"]
    assert total == 240
    assert_proven()


def test_a_monthly_accrual_is_proposed_with_the_day_on_which_it_is_reversed():
    company = Company()
    repeated(company, is_reversed=True, first=date(2026, 3, 1))
    assert proposed() == [(MARCH, "draft")]
    (draft,) = JournalVoucher.objects.filter(recurring__isnull=False)
    assert draft.reversed_on == APRIL
    assert len(posted(company, draft)) == 2
    assert_proven()


def test_what_is_stopped_is_proposed_no_more_and_odd_terms_are_refused():
    company = Company()
    made = repeated(company, first=date(2026, 4, 1), day=1)
    chosen = RecurringVoucher.objects.filter(pk=made.pk)
    assert stop_recurring_vouchers(chosen, actor=company.accountant, at=NOW) == 1
    assert proposed() == []
    with refused("stopped-already"):
        stop_recurring_vouchers(chosen, actor=company.accountant, at=NOW)
    source = JournalVoucher.objects.filter(pk=made.source_id)
    by = {"actor": company.accountant, "at": NOW}
    with refused("ends-before-start", "day-of-month"):
        repeat_journal_vouchers(source, MonthlyTerms(MARCH, date(2026, 2, 1), day=32), **by)
    (back,) = reverse_journal_vouchers(source, on=APRIL, **by)
    posted(company, back)
    with refused("reverses-another"):
        repeat_journal_vouchers(only(back), MonthlyTerms(MARCH), **by)


def test_the_database_lets_a_recurring_one_only_go_on():
    company = Company()
    made = repeated(company)
    draft = written(company, "4100 5", "1590 -5")
    chosen = RecurringVoucher.objects.filter(pk=made.pk)
    for change, words in (
        ({"day": 5}, "is not changed"),
        ({"next_month": date(2026, 1, 1)}, "goes on month by month"),
    ):
        with pytest.raises(IntegrityError, match=words), transaction.atomic():
            chosen.update(**change)
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        chosen.delete()
    with pytest.raises(IntegrityError, match="a posted journal voucher"), transaction.atomic():
        made.pk, made.source = None, draft
        made.save(force_insert=True)


def test_what_is_left_out_is_named():
    company = Company()
    company.rate("USD", "0.80")
    repeated(company)
    proposed()
    posted(company, accrued(company))
    assert_proven()
    guarding.lift(connection)
    JournalVoucher.objects.filter(reverses__isnull=False).update(date=date(2026, 4, 2))
    JournalVoucher.objects.filter(recurring__isnull=False, date=MARCH).update(recurring=None, month=None)
    named = {finding.proof.code for finding in prove() if finding.count}
    assert {"G17a", "G17b"} <= named


def test_a_company_whose_time_zone_is_not_known_stops_no_other():
    company, other = Company(), Company()
    for one in (company, other):
        repeated(one)
    LegalEntity.objects.filter(pk=other.entity.pk).update(timezone="Nowhere/Else")
    assert len(proposed()) == 2
    assert not JournalVoucher.objects.filter(recurring__isnull=False, legal_entity=other.entity).exists()
