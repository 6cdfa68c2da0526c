"""What stood at the end of past days, to the cent, beside the ledger of the same day (X3)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from accounting import standing_rows
from accounting.as_of import AsOf
from accounting.models import CostRevenueProfile, InvoiceProposal
from accounting.recognising import eliminate_estimates, restore_estimates
from accounting.standing import what_stood
from accounting.standing_rows import rows_of
from accounting.states import StandingKind
from projects.cancelling import cancel_approvals
from projects.models import ProjectContract
from tests.accounting.test_moving_costs import company_with_cost_in_the_balance, move
from tests.accounting.test_recognising import estimate, estimates, fixed_price, invoiced, post, worked
from tests.company import Company, only, retainers
from tests.company.checking import assert_proven, statements
from tests.company.receivables import pays
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db

RECORDED = date(2026, 4, 1)
"""The day on which the tests do everything, by the clock of the company."""
BEFORE, LATER = date(2026, 3, 1), date(2026, 5, 1)


def stood(company: Company, day: date, *, is_known: bool = False) -> str:
    """What stood by kind, rows and ledger in the company's currency; what is nothing on both sides is not."""
    past = what_stood(AsOf(company.entity, day, is_known))
    assert past.is_equal
    backlog = [f"backlog {one.amount:.2f}" for one in past.backlog if one.amount]
    return ", ".join(
        [*backlog, *(f"{one.kind} {one.base:.2f}" for one in past.kinds if one.base or one.booked_base)]
    )


def listed(company: Company, kind: StandingKind, day: date, **options: Any) -> list[tuple[str, str]]:
    page = rows_of(kind, AsOf(company.entity, day, **options), 0, 50)
    return [(f"{row.amount:.2f}", row.fate.words) for row in page.rows]


def test_work_stands_in_the_backlog_until_its_proforma_and_is_accrued_until_its_invoice() -> None:
    """8 h at 200.00, worked on 2 March, on a proforma and an invoice of 31 March, all recorded on 1 April."""
    company = Company()
    company.billed(8)
    assert stood(company, BEFORE) == ""
    assert stood(company, DAY) == "backlog 1600.00, accrued 1600.00"
    assert stood(company, CUT_OFF) == "receivables 1920.00"
    assert listed(company, StandingKind.BACKLOG, DAY) == [
        ("1600.00", f"Invoiced with {company_invoice(company)} of 31 Mar 2026")
    ]
    assert_proven()


def company_invoice(company: Company) -> str:
    return InvoiceProposal.objects.get(legal_entity=company.entity).customer_invoice.number


def test_as_known_then_only_what_had_been_recorded_by_the_end_of_the_day_counts() -> None:
    company = Company()
    company.billed(8)
    assert stood(company, CUT_OFF, is_known=True) == ""
    assert stood(company, RECORDED, is_known=True) == "receivables 1920.00"
    # What is recorded on 1 April is dated 31 March: on that day nobody could have read it.
    assert stood(company, CUT_OFF) == "receivables 1920.00"


def test_the_day_ends_by_the_clock_of_the_company() -> None:
    """In Berlin it is 1 April already when an approval is recorded at 23:30 UTC on 31 March."""
    at = AsOf(Company.bare().entity, CUT_OFF, is_known=True)
    assert at.until is not None
    assert at.until.astimezone(UTC) == datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    assert AsOf(at.legal_entity, CUT_OFF).until is None


def test_what_is_confirmed_and_not_invoiced_is_between_backlog_and_accrued_revenue() -> None:
    company = Company()
    company.approved(8)
    company.journalise()
    company.confirm(company.draft())
    company.approved(2)
    (one,) = what_stood(AsOf(company.entity, CUT_OFF)).backlog
    assert (one.amount, one.not_accrued, one.confirmed, one.accrued) == (400, 400, 1600, 1600)
    assert listed(company, StandingKind.ACCRUED, CUT_OFF)[0][1].startswith("On proforma ")
    assert listed(company, StandingKind.BACKLOG, CUT_OFF) == [("400.00", "Still open")]


def test_the_backlog_in_a_foreign_currency_is_worth_what_the_rate_of_the_day_says() -> None:
    company = Company(currency="USD")
    company.rate("USD", "0.90")
    company.rate("USD", "0.80", date(2026, 3, 20))
    company.approved(8)
    company.journalise()
    assert what_stood(AsOf(company.entity, DAY)).worth == 1440
    # The books keep the rate of the day on which the work was accrued.
    later = what_stood(AsOf(company.entity, CUT_OFF))
    assert (later.worth, later.kinds[0].base, later.is_equal) == (1280, 1440, True)


def test_cancelled_work_stood_as_it_was_known_and_does_not_stand_today() -> None:
    company = Company()
    approval = company.approved(8)
    company.journalise()
    words = {"comment": "Wrong task", "actor": company.manager}
    cancel_approvals(only(approval), on=LATER, at=datetime(2026, 4, 20, 9, tzinfo=UTC), **words)
    assert stood(company, RECORDED) == "accrued 1600.00"
    assert stood(company, RECORDED, is_known=True) == "backlog 1600.00, accrued 1600.00"
    assert listed(company, StandingKind.BACKLOG, RECORDED, is_known=True) == [
        ("1600.00", "Approval cancelled, 1 May 2026")
    ]
    company.journalise()
    assert stood(company, RECORDED) == ""
    assert listed(company, StandingKind.ACCRUED, RECORDED) == []


def test_receivables_are_less_what_was_settled_by_the_day() -> None:
    company = Company()
    company.approved(8)
    company.confirm(company.draft(date(2026, 3, 10)))
    (invoice,) = company.invoices()
    row, until = invoice.customer_transaction, date(2026, 3, 19)
    pays(company, "920", row, parts=("920",), on=date(2026, 3, 20))
    assert stood(company, until) == "receivables 1920.00"
    assert stood(company, date(2026, 3, 20)) == "receivables 1000.00"
    assert listed(company, StandingKind.RECEIVABLES, until) == [
        ("1920.00", "Settled in part, €1,000.00 is open now")
    ]
    pays(company, "1000", row, on=date(2026, 3, 22))
    assert listed(company, StandingKind.RECEIVABLES, until) == [("1920.00", "Settled, 22 Mar 2026")]
    assert stood(company, LATER) == ""


def test_cost_waits_in_the_balance_until_it_moves() -> None:
    company = company_with_cost_in_the_balance()
    company.approved(8)
    company.journalise()
    move(company, on=date(2026, 3, 20))
    assert stood(company, DAY) == "backlog 1600.00, held 800.00"
    assert listed(company, StandingKind.HELD, DAY) == [("800.00", "Moved to profit and loss, 20 Mar 2026")]
    assert stood(company, date(2026, 3, 20)) == "backlog 1600.00"


def test_an_advance_stands_until_it_is_applied() -> None:
    company = Company()
    retainers.invoiced(company, "1000", by=DAY)
    company.invoices()
    company.billed(8)
    assert stood(company, DAY) == "backlog 1600.00, accrued 1600.00, receivables 1200.00, advances 1000.00"
    assert stood(company, CUT_OFF) == "receivables 1920.00"
    assert listed(company, StandingKind.ADVANCES, DAY) == [("1000.00", "Nothing is left of it now")]
    assert_proven()


def test_what_is_kept_back_stands_until_it_is_released() -> None:
    company = Company()
    contracts = ProjectContract.objects.filter(pk=company.contract.pk)
    contracts.update(retention_percent=Decimal(10), retention_months=0)
    company.billed(8)
    assert stood(company, CUT_OFF) == "receivables 1760.00, retentions 160.00"
    assert listed(company, StandingKind.RETENTIONS, CUT_OFF) == [("160.00", "Still open")]


def test_milestones_and_estimates_stand_until_their_project_is_eliminated() -> None:
    """5,000.00 by completed percentage; eliminated on 30 April, restored on 3 May, eliminated on 5 May."""
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, total_cost="800")
    post(company)
    invoiced(company)
    assert stood(company, date(2026, 3, 30)) == ""
    whole = "estimates 5000.00, receivables 6000.00, on_account 5000.00"
    assert stood(company, CUT_OFF) == whole
    by = {"actor": company.accountant, "at": NOW}
    eliminate_estimates(estimates(company), on=date(2026, 4, 30), **by)
    restore_estimates(estimates(company), on=date(2026, 5, 3), **by)
    assert stood(company, date(2026, 4, 29)) == whole
    assert stood(company, date(2026, 4, 30)) == "receivables 6000.00"
    assert stood(company, date(2026, 5, 4)) == whole
    assert listed(company, StandingKind.ON_ACCOUNT, date(2026, 5, 4)) == [("5000.00", "Still on account")]
    eliminate_estimates(estimates(company), on=date(2026, 5, 5), **by)
    assert stood(company, date(2026, 5, 5)) == "receivables 6000.00"
    assert listed(company, StandingKind.ON_ACCOUNT, CUT_OFF) == [("5000.00", "Eliminated, 5 May 2026")]
    assert listed(company, StandingKind.ESTIMATES, CUT_OFF) == [("5000.00", "Nothing is left of it now")]
    assert_proven()


def test_an_elimination_dated_before_the_invoice_stands_as_the_ledger_has_it() -> None:
    company = fixed_price("completed_percentage")
    worked(company, 8, date(2026, 3, 2))
    estimate(company, total_cost="800")
    post(company)
    invoiced(company)
    eliminate_estimates(estimates(company), on=date(2026, 3, 31), actor=company.accountant, at=NOW)
    restore_estimates(estimates(company), on=date(2026, 3, 10), actor=company.accountant, at=NOW)
    past = what_stood(AsOf(company.entity, date(2026, 3, 10)))
    assert past.is_equal
    assert listed(company, StandingKind.ON_ACCOUNT, date(2026, 3, 10)) == [("5000.00", "Still on account")]


def test_an_invoice_dated_before_its_work_takes_back_what_is_not_there_yet() -> None:
    """Work of 2 March is invoiced on 1 March: on that day ledger and rows are 1,600.00 below zero."""
    company = Company()
    company.approved(8)
    company.confirm(company.draft())
    company.journalise()
    company.post(company.proposals(), invoice_date=BEFORE)
    assert stood(company, BEFORE) == "accrued -1600.00, receivables 1920.00"
    assert stood(company, DAY) == "backlog 1600.00, receivables 1920.00"


def test_rows_come_a_page_at_a_time_in_the_order_of_their_keys() -> None:
    company = Company()
    for hours in (1, 2, 3):
        company.approved(hours)
    at = AsOf(company.entity, DAY)
    first = rows_of(StandingKind.BACKLOG, at, 0, 2)
    assert [row.amount for row in first.rows] == [200, 400]
    assert first.next_key == first.rows[-1].key
    second = rows_of(StandingKind.BACKLOG, at, first.next_key, 2)
    assert ([row.amount for row in second.rows], second.next_key) == ([600], None)


def test_statements_depend_neither_on_rows_nor_on_days() -> None:
    company = Company()
    company.billed(8)
    few = statements(partial(what_stood, AsOf(company.entity, DAY)))
    listing = partial(rows_of, StandingKind.BACKLOG, AsOf(company.entity, DAY), 0, 50)
    of_few = statements(listing)
    for hours in (1, 2, 3):
        company.approved(hours)
    company.journalise()
    assert statements(partial(what_stood, AsOf(company.entity, LATER, is_known=True))) == few
    assert statements(listing) == of_few
    assert (few, of_few) == (16, 4)


def test_another_company_is_not_in_it() -> None:
    company, other = Company(), Company()
    other.billed(8)
    assert stood(company, LATER) == ""
    assert CostRevenueProfile.objects.exclude(legal_entity=company.entity).exists()
    assert what_stood(AsOf(company.entity, LATER)).kinds[0].difference == Decimal(0)


def test_the_currencies_of_one_group_stay_on_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [
        {"key": key, "its_currency": currency} for key, currency in [(1, "EUR"), (2, "EUR"), (2, "USD")]
    ]

    def read(_at: AsOf, after: int, count: int) -> list[Any]:
        return [one for one in [*groups, {"key": 3, "its_currency": "EUR"}] if one["key"] > after][:count]

    kind = StandingKind.ESTIMATES
    monkeypatch.setitem(standing_rows.READERS, kind, (read, "key"))  # type: ignore[call-overload]
    monkeypatch.setitem(standing_rows._BUILDERS, kind, list)  # type: ignore[call-overload]
    pages, after = [], 0
    while after is not None:
        page = rows_of(kind, AsOf(Company().entity, DAY), after, 2)
        pages.append([(row["key"], row["its_currency"]) for row in page.rows])  # type: ignore[index]
        after = page.next_key
    assert pages == [[(1, "EUR")], [(2, "EUR"), (2, "USD")], [(3, "EUR")]]
