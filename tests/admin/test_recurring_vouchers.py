"""Recurring journal vouchers in the admin: repeated from a posted one, shown, and stopped (C6)."""

from datetime import date

import pytest

from accounting.models import JournalVoucher, RecurringVoucher
from accounting.recurring_vouchers import propose_recurring_vouchers
from tests.admin.admin_client import AdminClient, messages_of
from tests.company import Company
from tests.company.journal_vouchers import posted, written
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
VOUCHER, RECURRING = "accounting_journalvoucher", "accounting_recurringvoucher"


def test_a_posted_voucher_is_repeated_every_month_until_it_is_stopped(
    company: Company, accountant: AdminClient
):
    draft = written(company, "4100 80", "1590 -80", on=date(2026, 1, 20), text="Rent")
    posted(company, draft)
    page = accountant.shown(f"{VOUCHER}_action", draft.pk, "repeat")
    assert page.status_code == 200
    answer = accountant.confirms(page, first="2026-02-01", last="", day="31", is_reversed="on")
    assert messages_of(answer) == ["1 journal voucher is proposed every month from now on."]
    made = RecurringVoucher.objects.get()
    assert propose_recurring_vouchers(at=NOW) == 2
    shown = accountant.shown(f"{RECURRING}_change", made.pk).content.decode()
    assert "Proposed so far" in shown and "28 Feb 2026" in shown
    assert "Rent" in accountant.shown(f"{RECURRING}_changelist").content.decode()
    first = JournalVoucher.objects.filter(recurring=made).earliest("date")
    assert first.reversed_on == date(2026, 3, 1)
    assert accountant.shown(f"{VOUCHER}_change", first.pk).status_code == 200
    answer = accountant.sent(f"{RECURRING}_action", made.pk, "stop")
    assert messages_of(answer) == ["1 recurring voucher stopped."]
