"""The close of a fiscal year in the admin: shown account by account, drafted, posted by another (C8)."""

from datetime import date

import pytest

from accounting.closing import close_periods
from accounting.models import FiscalPeriod, JournalVoucher
from accounting.setting_up import add_fiscal_year
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
PERIOD, VOUCHER = "accounting_fiscalperiod", "accounting_journalvoucher"


def test_a_year_is_shown_closed_and_posted_by_another(
    company: Company, controller: AdminClient, accountant: AdminClient
):
    company.billed(8)
    months = FiscalPeriod.objects.filter(legal_entity=company.entity)
    months.exclude(starts_on__year=2026).delete()
    last = months.get(ends_on=date(2026, 12, 31))
    page = controller.chosen(PERIOD, "close-year", last)
    assert not page.context["preview"].is_possible
    assert {one.code for one in page.context["preview"].refusals} == {"year-open", "next-year-missing"}

    by = {"actor": company.accountant, "at": NOW}
    add_fiscal_year(company.entity, first_day=date(2027, 1, 1), last_day=date(2027, 12, 31), **by)
    close_periods(months.filter(starts_on__year=2026), **by)
    page = controller.chosen(PERIOD, "close-year", last)
    assert all(words in page.content.decode() for words in ("result €1,600.00", "8400 Invoiced revenue"))
    answer = controller.confirms(page)
    assert messages_of(answer) == ["The close of 1 fiscal year is kept as a draft. Another person posts it."]
    draft = JournalVoucher.objects.get()
    shown = controller.shown(f"{VOUCHER}_change", draft.pk).content.decode()
    assert "Close of a fiscal year" in shown and "/rewrite/" not in shown
    accountant.confirms(accountant.chosen(VOUCHER, "post", draft))
    assert JournalVoucher.objects.get().status == "posted"


def test_what_is_shorter_than_a_year_is_said(company: Company, controller: AdminClient):
    months = FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on__year=2026)
    FiscalPeriod.objects.filter(legal_entity=company.entity).exclude(pk__in=months).delete()
    close_periods(months.filter(starts_on__month__lte=3), actor=company.accountant, at=NOW)
    short = "1 Jan 2026 to 31 Mar 2026 is shorter than a year: close it only if it is a whole fiscal year."
    march = months.get(starts_on__month=3)
    assert short in controller.chosen(PERIOD, "close-year", march).content.decode()
    december = months.get(starts_on__month=12)
    assert "is shorter than a year" not in controller.chosen(PERIOD, "close-year", december).content.decode()
