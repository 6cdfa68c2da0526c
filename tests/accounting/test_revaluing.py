"""Foreign balances at the rate of a day: posted, reversed the next day, once for a period (C9, G14)."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from accounting.closing import close_periods
from accounting.models import (
    CustomerTransaction,
    FiscalPeriod,
    PostingAccount,
    Revaluation,
    RevaluationLine,
    Settlement,
    VoucherLine,
)
from accounting.revaluing import revalue_balances, reverse_revaluations
from projects.models import ExchangeRate, LegalEntity, ProjectContract
from tests.company import Company
from tests.company.checking import assert_proven, refused
from tests.company.receivables import bank_of, open_rows, owed, pays
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 28)
MARCH = date(2026, 3, 31)


def abroad(*rates: tuple[str, date]) -> Company:
    """A company in euros that is owed dollars since January, at 0.80 for one."""
    company = Company()
    company.rate("USD", "0.80")
    for rate, day in rates:
        company.rate("USD", rate, day)
    return company


def revalued(company: Company, on: date = FEBRUARY) -> Revaluation:
    mine = LegalEntity.objects.filter(pk=company.entity.pk)
    (made,) = revalue_balances(mine, on=on, actor=company.accountant, at=NOW)
    return made


def reverse(one: Revaluation, company: Company) -> int:
    chosen = Revaluation.objects.filter(pk=one.pk)
    return reverse_revaluations(chosen, actor=company.accountant, at=NOW)


def balances(company: Company, on: date) -> dict[str, Decimal]:
    """What stands on each account in the company's currency at the end of a day; nothing of zero."""
    lines = VoucherLine.objects.filter(voucher__legal_entity=company.entity, voucher__date__lte=on)
    sums = lines.order_by("account__number").values_list("account__number").annotate(sum=Sum("base_amount"))
    return {number: amount for number, amount in sums if amount}


def test_each_invoice_has_its_own_unrealised_difference_and_the_next_day_has_none():
    company = abroad(("0.85", date(2026, 2, 10)), ("0.83", FEBRUARY))
    owed(company, "1000", currency="USD", on=date(2026, 2, 2))  # 800.00 in the books, worth 830.00
    owed(company, "200.55", currency="USD", on=date(2026, 2, 12))  # 170.47 in the books, worth 166.46
    made = revalued(company)
    assert [(one.amount, one.base_amount, one.difference) for one in made.lines.order_by("pk")] == [
        (1000, 800, 30),
        (Decimal("200.55"), Decimal("170.47"), Decimal("-4.01")),
    ]
    assert balances(company, FEBRUARY) == {
        "1400": Decimal("970.47"),
        "1405": Decimal("25.99"),
        "2151": Decimal("4.01"),
        "2661": Decimal(-30),
        "8400": Decimal("-970.47"),
    }
    assert balances(company, date(2026, 3, 1)) == {"1400": Decimal("970.47"), "8400": Decimal("-970.47")}
    assert_proven()


def test_a_payment_after_a_revaluation_realises_the_whole_difference_and_leaves_nothing():
    company = abroad(("0.83", FEBRUARY), ("0.79", date(2026, 3, 20)))
    (row,) = owed(company, "1000", currency="USD", on=date(2026, 2, 2))
    revalued(company)
    pays(company, "1000", row, currency="USD", on=date(2026, 3, 20))
    assert open_rows(company) == []
    settlement = Settlement.objects.get()
    assert (settlement.debit_base, settlement.credit_base) == (800, 790)
    assert balances(company, MARCH) == {"18USD": 790, "2150": 10, "8400": -800}
    assert CustomerTransaction.objects.aggregate(sum=Sum("base_amount"))["sum"] == 0
    assert_proven()


def test_what_is_paid_in_part_is_valued_by_what_is_open_and_money_at_the_bank_as_well():
    company = abroad(("0.83", FEBRUARY))
    (row,) = owed(company, "1000", currency="USD", on=date(2026, 2, 2))
    pays(company, "400", row, parts=("400",), currency="USD", on=date(2026, 2, 10))
    pays(company, "50", currency="USD", on=date(2026, 2, 11))  # on account: owed to the customer in money
    made = revalued(company)
    assert [(one.account.number, one.amount, one.difference) for one in made.lines.order_by("pk")] == [
        ("1400", 600, 18),
        ("1400", -50, Decimal("-1.50")),
        ("18USD", 450, Decimal("13.50")),
    ]
    assert balances(company, FEBRUARY)["1405"] == 30
    assert "1405" not in balances(company, MARCH)
    assert_proven()


def test_what_customers_keep_back_is_valued_by_project():
    company = Company(currency="USD")
    company.rate("USD", "0.90")
    company.rate("USD", "0.95", MARCH)
    terms = {"retention_percent": Decimal(10), "retention_months": 3}
    ProjectContract.objects.filter(pk=company.contract.pk).update(**terms)
    company.approved(8)
    company.confirm(company.draft(date(2026, 3, 30)))
    company.invoices()
    made = revalued(company, MARCH)
    # 1,760.00 are owed now and 160.00 later, at 0.90; what is accrued keeps its rate.
    assert [(one.account.number, one.amount, one.difference) for one in made.lines.order_by("pk")] == [
        ("1400", 1760, 88),
        ("1410", 160, 8),
    ]
    assert made.lines.get(account__number="1410").project == company.project
    assert_proven()


def test_a_period_is_valued_once_until_that_is_reversed_on_its_own_days():
    company = abroad(("0.83", FEBRUARY))
    owed(company, "1000", currency="USD", on=date(2026, 2, 2))
    first = revalued(company)
    with refused("revalued-already"):
        revalued(company)
    ExchangeRate.objects.filter(starts_on=FEBRUARY).update(rate=Decimal("0.84"))
    assert reverse(first, company) == 1
    with refused("reversed-already"):
        reverse(first, company)
    second = revalued(company)
    assert (first.nth, second.nth, second.lines.get().difference) == (1, 3, 40)
    assert balances(company, FEBRUARY)["2661"] == -40
    assert "1405" not in balances(company, date(2026, 3, 1))
    assert_proven()


def test_the_next_period_is_valued_from_the_books_and_not_from_the_last_revaluation():
    company = abroad(("0.83", FEBRUARY), ("0.78", MARCH))
    owed(company, "1000", currency="USD", on=date(2026, 2, 2))
    revalued(company)
    revalued(company, MARCH)
    assert balances(company, FEBRUARY)["2661"] == -30
    assert balances(company, MARCH) == {"1400": 800, "1405": -20, "2151": 20, "8400": -800}
    assert_proven()


def test_every_reason_is_named_and_nothing_is_posted():
    company = abroad()
    owed(company, "1000", currency="USD", on=date(2026, 2, 2))
    with refused("exchange-rate-missing"):
        revalued(company)
    with refused("date-ahead", "exchange-rate-missing"):
        revalued(company, date(2026, 4, 30))
    company.rate("USD", "0.80", FEBRUARY)
    with refused("nothing-to-value"):
        revalued(company)
    ExchangeRate.objects.filter(starts_on=FEBRUARY).update(rate=Decimal("0.83"))
    PostingAccount.objects.filter(posting_type="unrealised_gain").delete()
    with refused("account-missing"):
        revalued(company)
    FiscalPeriod.objects.filter(starts_on=date(2026, 2, 1)).update(status="closed")
    with refused("period-closed", "account-missing"):
        revalued(company)
    FiscalPeriod.objects.filter(starts_on=date(2026, 3, 1)).delete()
    with refused("period-closed", "period-missing", "account-missing") as caught:
        revalued(company)
    assert [str(one.way_out) for one in caught.value.refusals[:2]] == [
        "Choose a date in an open period.",
        "Add that fiscal year first.",
    ]
    assert not Revaluation.objects.exists()
    assert not RevaluationLine.objects.exists()


def test_a_revaluation_of_a_closed_period_stays():
    company = abroad(("0.83", date(2026, 1, 31)))
    owed(company, "1000", currency="USD", on=date(2026, 1, 12))
    made = revalued(company, date(2026, 1, 31))
    january = FiscalPeriod.objects.filter(legal_entity=company.entity, starts_on=date(2026, 1, 1))
    close_periods(january, actor=company.accountant, at=NOW)
    with refused("period-closed") as caught:
        reverse(made, company)
    assert str(caught.value.refusals[0].way_out) == "Reopen that period first."
    assert Revaluation.objects.count() == 1
    assert_proven()


def test_statements_do_not_depend_on_how_many_balances_there_are():
    counts = []
    for many in (2, 12):
        company = abroad(("0.83", FEBRUARY))
        owed(company, *["10"] * many, currency="USD", on=date(2026, 2, 2))
        bank_of(company, "USD")
        with CaptureQueriesContext(connection) as caught:
            revalued(company)
        counts.append(len(caught))
    assert counts[0] == counts[1]
