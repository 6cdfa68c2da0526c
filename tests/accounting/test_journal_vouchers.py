"""Journal vouchers: one person writes, another posts, a reversal undoes it, to the cent (C6, G13)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounting.closing import close_periods
from accounting.models import Account, FiscalPeriod, JournalVoucher, JournalVoucherLine, Voucher
from accounting.posting_vouchers import post_journal_vouchers
from accounting.writing_vouchers import (
    discard_journal_vouchers,
    reverse_journal_vouchers,
    rewrite_journal_voucher,
    write_journal_vouchers,
)
from core.models import Activity
from projects.models import LegalEntity
from tests.company import Company, only
from tests.company.checking import assert_proven, refused, statements
from tests.company.journal_vouchers import controller_of, meant, posted, written
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db
LATER = date(2026, 4, 15)


@pytest.fixture
def company() -> Company:
    made = Company()
    controller_of(made)
    return made


def reversed_on(company: Company, *vouchers: JournalVoucher, on: date = LATER) -> list[JournalVoucher]:
    return reverse_journal_vouchers(only(*vouchers), on=on, actor=company.accountant, at=NOW)


def close_march(company: Company) -> None:
    early = FiscalPeriod.objects.filter(legal_entity=company.entity, ends_on__lte=date(2026, 3, 31))
    close_periods(early, actor=controller_of(company), at=NOW)


def test_what_one_person_writes_another_posts_under_a_number_of_its_own(company: Company):
    draft = written(company, "4100 34500.00", "4199 -30000.00", "1590 -4500.00")
    assert company.ledger() == ""
    assert not Voucher.objects.exists()

    (voucher,) = posted(company, draft)
    assert (voucher.number, voucher.date, voucher.source_id) == ("GV-2026-00001", DAY, draft.pk)
    assert company.ledger() == table("""
        1590 Expense integration  -4500.00
        4100 Project cost        +34500.00
        4199 Payroll allocation  -30000.00
    """)
    draft = JournalVoucher.objects.get()
    assert (draft.status, draft.written_by, draft.posted_at) == ("posted", company.accountant, NOW)
    said = Activity.objects.filter(subject_kind="accounting.journalvoucher").order_by("pk")
    assert [(one.verb, one.facts) for one in said] == [
        ("written", {"amount": "34500", "lines": 3}),
        ("posted", {"number": "GV-2026-00001"}),
    ]
    assert_proven()


def test_nobody_posts_what_they_wrote_and_nothing_is_posted_twice(company: Company):
    draft = written(company, "4100 80", "4199 -80")
    with refused("own-voucher"):
        posted(company, draft, by=company.accountant)
    posted(company, draft)
    with refused("not-draft"):
        posted(company, draft)


def test_everything_wrong_with_a_voucher_is_said_at_once_line_by_line(company: Company):
    new = meant(company, "4100 80", "1400 -20", "8400 0", "4100 5 USD", "8990 -5 USD", text="Wrong")
    other = Company.bare()
    theirs = Account.objects.create(legal_entity=other.entity, number="9", name="Theirs", kind="asset")
    lines = [replace(new.lines[0], account=theirs), *new.lines[1:]]
    codes = ["other-company", "control-account", "nothing-moved"]
    codes += ["exchange-rate-missing", "exchange-rate-missing", "not-balanced"]
    with refused(*codes) as said:
        write_journal_vouchers([replace(new, lines=lines)], actor=company.accountant, at=NOW)
    assert [one.subject for one in said.value.refusals] == [*(f"Line {row}" for row in range(1, 6)), "Wrong"]
    assert str(said.value.refusals[-1].message) == "Debit and credit differ by €60.00."


@pytest.mark.parametrize(
    ("said", "on", "text", "codes"),
    [
        (["4100 80"], DAY, "One", ["too-few-lines", "not-balanced"]),
        (["4100 80", "4199 -80"], DAY, " ", ["text-missing"]),
        (["4100 80", "4199 -80"], date(2031, 1, 1), "Far", ["period-missing"]),
        (["4100 0.005", "4199 -0.005"], DAY, "Fine", ["amount-too-fine", "amount-too-fine"]),
        (["1710 5", "1450 -5"], DAY, "Kept", ["control-account", "control-account"]),
    ],
)
def test_what_is_refused_writes_nothing(
    company: Company, said: list[str], on: date, text: str, codes: list[str]
):
    with refused(*codes):
        written(company, *said, on=on, text=text)


def test_a_closed_period_takes_no_voucher_also_when_it_was_closed_meanwhile(company: Company):
    draft = written(company, "4100 80", "4199 -80")
    close_march(company)
    with refused("period-closed"):
        posted(company, draft)
    with refused("period-closed"):
        written(company, "4100 80", "4199 -80")


def test_broken_books_and_accounts_that_came_into_use_meanwhile_stop_posting(company: Company):
    draft = written(company, "4100 80", "4199 -80")
    Account.objects.filter(legal_entity=company.entity, number="4100").update(control="customer")
    with refused("control-account"):
        posted(company, draft)
    LegalEntity.objects.filter(pk=company.entity.pk).update(books_broken_at=NOW)
    with refused("books-broken", "control-account"):
        posted(company, draft)


def test_a_foreign_voucher_balances_in_both_currencies_and_the_last_line_takes_the_cent(company: Company):
    company.rate("USD", "0.333")
    draft = written(company, "4100 0.10 USD", "2150 0.10 USD", "4199 -0.20 USD", "4100 5", "4199 -5")
    posted(company, draft)
    bases = JournalVoucherLine.objects.order_by("position").values_list("base_amount", flat=True)
    # Each 0.0333 is 0.03; the last line of the dollars would be -0.07.
    assert list(bases) == [Decimal("0.03"), Decimal("0.03"), Decimal("-0.06"), 5, -5]
    assert_proven()


def test_a_reversal_takes_back_every_line_at_its_old_rate_once(company: Company):
    company.rate("USD", "0.80")
    draft = written(company, "4100 100 USD", "4199 -100 USD")
    posted(company, draft)
    company.rate("USD", "0.90", starts_on=date(2026, 4, 1))
    (back,) = reversed_on(company, draft)
    assert (back.text, back.date, back.status) == ("Reversal: Salaries", LATER, "draft")
    with refused("already-reversed"):
        reversed_on(company, draft)

    (voucher,) = posted(company, back)
    assert voucher.number == "GV-2026-00002"
    assert list(voucher.lines.order_by("pk").values_list("amount", "base_amount")) == [(-100, -80), (100, 80)]
    assert company.ledger() == table("""
        4100 Project cost        0.00 USD = 0.00 EUR
        4199 Payroll allocation  0.00 USD = 0.00 EUR
    """)
    with refused("reverses-another"):
        reversed_on(company, back)
    assert_proven()


def test_what_cannot_be_reversed_says_why(company: Company):
    draft = written(company, "4100 80", "4199 -80", on=LATER)
    with refused("not-posted"):
        reversed_on(company, draft)
    posted(company, draft)
    with refused("date-before-voucher"):
        reversed_on(company, draft, on=DAY)
    with refused("period-missing"):
        reversed_on(company, draft, on=date(2031, 1, 1))


def test_a_discarded_reversal_is_followed_by_another(company: Company):
    draft = written(company, "4100 80", "4199 -80")
    posted(company, draft)
    (back,) = reversed_on(company, draft)
    assert discard_journal_vouchers(only(back), actor=company.accountant, at=NOW) == 1
    (again,) = reversed_on(company, draft, on=date(2026, 5, 1))
    assert again.date == date(2026, 5, 1)
    with refused("not-draft"):
        discard_journal_vouchers(only(back), actor=company.accountant, at=NOW)
    with refused("not-draft"):
        posted(company, back)
    assert_proven()


def test_whoever_writes_a_draft_anew_has_written_it(company: Company):
    draft = written(company, "4100 80", "4199 -80")
    controller = controller_of(company)
    new = meant(company, "4100 90", "1590 -50", "4199 -40", on=LATER, text="Salaries, right")
    rewrite_journal_voucher(only(draft), new, actor=controller, at=NOW)
    with refused("own-voucher"):
        posted(company, draft, by=controller)
    posted(company, draft, by=company.accountant)
    assert company.ledger() == table("""
        1590 Expense integration  -50.00
        4100 Project cost         +90.00
        4199 Payroll allocation   -40.00
    """)
    changes = Activity.objects.get(verb="rewritten").facts["changes"]
    assert changes == {
        "date": ["2026-03-02", "2026-04-15"],
        "text": ["Salaries", "Salaries, right"],
        "amount": ["80", "90"],
    }
    with refused("not-draft"):
        rewrite_journal_voucher(only(draft), new, actor=controller, at=NOW)


def test_what_a_colleague_wrote_meanwhile_is_not_written_over(company: Company):
    draft = written(company, "4100 80", "4199 -80")
    shown, theirs, mine = draft.written_at, controller_of(company), company.accountant
    later = NOW + timedelta(minutes=1)
    new = meant(company, "4100 500", "4199 -500")
    rewrite_journal_voucher(only(draft), new, actor=theirs, at=later, shown=shown)
    old = meant(company, "4100 90", "4199 -90")
    with refused("changed-since-shown"):
        rewrite_journal_voucher(only(draft), old, actor=mine, at=later, shown=shown)
    rewrite_journal_voucher(only(draft), old, actor=mine, at=later, shown=later)


def test_a_reversal_is_not_written_anew_nor_moved_to_another_company(company: Company):
    draft = written(company, "4100 80", "4199 -80")
    other = Company()
    theirs = meant(other, "4100 80", "4199 -80")
    with refused("other-company"):
        rewrite_journal_voucher(only(draft), theirs, actor=company.accountant, at=NOW)
    posted(company, draft)
    (back,) = reversed_on(company, draft)
    with refused("reverses-another"):
        rewrite_journal_voucher(
            only(back), meant(company, "4100 1", "4199 -1"), actor=company.accountant, at=NOW
        )


def test_statements_do_not_depend_on_how_many_are_written_posted_and_reversed(company: Company):
    def taken(count: int) -> list[int]:
        new = [meant(company, "4100 80", "4199 -80") for _each in range(count)]
        made: dict[str, Any] = {}

        def write() -> None:
            made["drafts"] = write_journal_vouchers(new, actor=company.accountant, at=NOW)

        def reverse() -> None:
            made["back"] = reversed_on(company, *made["drafts"])

        counts = [statements(write)]
        second = controller_of(company)
        chosen = [one.pk for one in made["drafts"]]
        drafts = JournalVoucher.objects.filter(pk__in=chosen)
        counts.append(statements(lambda: post_journal_vouchers(drafts, actor=second, at=NOW)))
        return [*counts, statements(reverse)]

    posted(company, written(company, "4100 1", "4199 -1"))
    assert taken(2) == taken(30)
    numbers = Voucher.objects.order_by("pk").values_list("number", flat=True)
    assert list(numbers) == [f"GV-2026-{nth:05}" for nth in range(1, 34)]
    assert_proven()
