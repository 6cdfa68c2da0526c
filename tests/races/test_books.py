"""Two people, or a person and the clock, who do the same to the books in the same moment: it is done once."""

from datetime import date
from decimal import Decimal

from accounting.closing_years import close_years
from accounting.models import (
    CustomerInvoice,
    JournalVoucher,
    OpeningItem,
    Reminder,
    Revaluation,
    Voucher,
    VoucherLine,
)
from accounting.opening_checks import NewOpeningItem
from accounting.opening_items import enter_opening_items, reverse_opening_items
from accounting.posting_by_clock import post_scheduled
from accounting.recurring_vouchers import propose_recurring_vouchers
from accounting.revaluing import revalue_balances, reverse_revaluations
from projects.models import LegalEntity
from tests.accounting.test_closing_years import december, with_a_year
from tests.accounting.test_recurring_vouchers import repeated
from tests.accounting.test_scheduling_invoices import TODAY, proposed, schedule
from tests.company import Company, only
from tests.company.checking import assert_proven
from tests.company.journal_vouchers import controller_of, posted
from tests.company.receivables import owed
from tests.company.reminders import proposed as reminders_of
from tests.company.reminders import reached, sent
from tests.company.rows import NOW
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

FOUR = 4
FEBRUARY = date(2026, 2, 28)
OVERDUE = date(2026, 5, 7)


def test_balances_are_revalued_once_and_reversed_once():
    company = Company()
    company.rate("USD", "0.80")
    company.rate("USD", "0.90", FEBRUARY)
    owed(company, "100", currency="USD", on=date(2026, 1, 15))

    def revalue():
        mine = LegalEntity.objects.filter(pk=company.entity.pk)
        return revalue_balances(mine, on=FEBRUARY, actor=company.accountant, at=NOW)

    answers = at_once(*[revalue] * FOUR)
    assert len(codes(answers)) == FOUR - 1
    (made,) = Revaluation.objects.all()

    def reverse():
        return reverse_revaluations(only(made), actor=company.accountant, at=NOW)

    answers = at_once(*[reverse] * FOUR)
    assert codes(answers) == ["reversed-already"] * (FOUR - 1)
    assert_proven()


def test_a_year_is_closed_by_one_draft_that_is_posted_once():
    company = with_a_year()

    def close():
        return close_years(december(company), actor=company.accountant, at=NOW)

    assert codes(at_once(*[close] * FOUR)) == ["year-closed"] * (FOUR - 1)
    (draft,) = JournalVoucher.objects.filter(status="draft")
    controller = controller_of(company)
    answers = at_once(*[lambda: posted(company, draft, by=controller)] * FOUR)
    assert codes(answers) == ["not-draft"] * (FOUR - 1)
    assert Voucher.objects.filter(date=date(2027, 1, 1)).count() == 1
    assert_proven()


def test_open_items_come_in_once_and_go_back_once():
    company = Company()
    facts = {"document_date": date(2025, 12, 10), "due_date": date(2026, 1, 9), "currency": "EUR"}
    item = NewOpeningItem(row=2, number="2025-17", amount=Decimal(1190), customer=company.customer, **facts)

    def enter():
        day = date(2026, 1, 1)
        return enter_opening_items(company.entity, [item], on=day, actor=company.accountant, at=NOW)

    assert len(codes(at_once(*[enter] * FOUR))) == FOUR - 1
    (made,) = OpeningItem.objects.all()

    def reverse():
        return reverse_opening_items(only(made), actor=company.accountant, at=NOW)

    assert codes(at_once(*[reverse] * FOUR)) == ["reversed-already"] * (FOUR - 1)
    assert sum(VoucherLine.objects.values_list("base_amount", flat=True)) == 0
    assert_proven()


def test_a_month_of_a_recurring_voucher_is_proposed_once():
    company = Company()
    repeated(company)
    answers = at_once(*[lambda: propose_recurring_vouchers(at=NOW)] * FOUR)
    assert codes(answers) == []
    days = list(JournalVoucher.objects.filter(recurring__isnull=False).values_list("date", flat=True))
    assert len(days) == len(set(days)) > 0
    assert sum(answers) == len(days)
    assert_proven()


def test_a_scheduled_proposal_is_posted_once_by_the_clock_or_by_hand():
    company = Company()
    schedule(company, proposed(company), TODAY)
    by_hand = lambda: len(company.post(company.proposals()))  # noqa: E731 - one of several like it
    answers = at_once(by_hand, lambda: post_scheduled(at=NOW), by_hand, lambda: post_scheduled(at=NOW))
    assert set(codes(answers)) <= {"already-posted"}
    assert sum(one for one in answers if isinstance(one, int)) == 1
    assert CustomerInvoice.objects.count() == 1
    assert_proven()


def test_a_reminder_goes_once_to_a_customer():
    company = Company()
    company.billed(8)
    reached(company)
    shown = reminders_of(company, OVERDUE).reminders
    answers = at_once(*[lambda: sent(company, OVERDUE, *shown)] * FOUR)
    assert codes(answers) == ["sent-today"] * (FOUR - 1)
    assert Reminder.objects.count() == 1
    assert_proven()
