"""Cancellation of what entry journals wrote: in process, then adjusted for good (matrix 4.1 #11b)."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from billing.marking_ready import mark_ready
from projects.journal_cancelling import (
    RowsInProcess,
    choose_actuals,
    confirm_cancellations,
    discard_cancellations,
)
from projects.models import Actual, Adjustment, BacklogItem, CancellationJournal
from projects.states import ActualOutcome, CancellationStatus, EventKind, TransactionType
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused, statements
from tests.company.rows import DAY, NOW
from tests.company.text import table
from tests.projects.test_journalling import confirm, started, type_in

pytestmark = pytest.mark.django_db

WHY = "Typed twice"


@pytest.fixture
def company() -> Company:
    """A company whose accountant typed eight hours of sales and their cost."""
    company = Company()
    typed(company)
    return company


def typed(company: Company) -> None:
    journal = started(company)
    type_in(company, journal)
    type_in(company, journal, type=TransactionType.COST, price=Decimal(100))
    confirm(company, journal)


def choose(company: Company, actuals: Any = None) -> RowsInProcess:
    own = Actual.objects.filter(work_item__legal_entity=company.entity)
    return choose_actuals(own if actuals is None else actuals, reason=WHY, actor=company.accountant, at=NOW)


def cancel(company: Company, journal: CancellationJournal, on: date = DAY) -> int:
    return confirm_cancellations(only(journal), actor=company.accountant, on=on, at=NOW)


def test_chosen_rows_are_in_process_and_then_adjusted(company: Company) -> None:
    journal = choose(company).journal
    assert journal.number == "XJ-00001"
    assert company.statuses() == table("""
        unbilled  chargeable  +8  +1600.00  not_ready  in_process
        cost      chargeable  +8   +800.00  -          in_process
    """)
    assert cancel(company, journal) == 2
    assert company.statuses() == table("""
        unbilled  chargeable  +8  +1600.00  cancelled  adjusted
        cost      chargeable  +8   +800.00  cancelled  adjusted
        unbilled  chargeable  -8  -1600.00  cancelled  unadjustable
        cost      chargeable  -8   -800.00  cancelled  unadjustable
    """)
    assert company.backlog() == ""
    confirmed = CancellationJournal.objects.get()
    assert (confirmed.status, confirmed.confirmed_by) == (CancellationStatus.CONFIRMED, company.accountant)
    assert_proven()


def test_other_actuals_in_the_selection_are_left_alone_and_named(company: Company) -> None:
    company.approved(4)
    chosen = choose(company)
    assert chosen.journal.lines.count() == 2
    assert [text.split(": ")[-1] for text in chosen.ignored] == ["no entry journal wrote it."] * 2
    cancel(company, chosen.journal)
    assert company.backlog() == "2026-03-02 chargeable +4 +800.00 not_ready"
    assert_proven()


def test_rows_on_a_draft_invoiced_chosen_or_taken_back_are_left_alone(company: Company) -> None:
    draft = company.draft()
    assert choose(company).ignored[0].endswith(f"it is on draft {draft.number}.")
    company.confirm(draft)
    typed(company)
    again = choose(company)
    said = [text.split(": ")[-1] for text in again.ignored]
    assert said == ["it was invoiced.", "it is “In process” already.", *["no entry journal wrote it."] * 2]
    cancel(company, again.journal)
    assert_proven()


def test_ready_work_is_ready_no_more_and_cannot_be_made_ready(company: Company) -> None:
    company.ready()
    choose(company)
    items = BacklogItem.objects.all()
    assert items.get().status == "not_ready"
    assert not items.markable().exists()
    with refused("in-process"):
        mark_ready(items, actor=company.manager, at=NOW)


def test_discarded_journal_lets_its_rows_go(company: Company) -> None:
    first = choose(company).journal
    assert discard_cancellations(only(first), actor=company.accountant, at=NOW) == 1
    assert company.statuses().splitlines()[0].endswith("not_ready -")
    assert choose(company).journal.number == "XJ-00002"


def test_typed_work_that_was_posted_is_taken_out_of_the_books(company: Company) -> None:
    company.journalise()
    cancel(company, choose(company).journal)
    company.journalise()
    assert company.ledger() == "" or all(line.endswith(" 0.00") for line in company.ledger().splitlines())
    assert_proven()


def test_reversal_of_a_closed_day_is_dated_on_the_day_of_the_cancellation(company: Company) -> None:
    company.entity.locked_through = date(2026, 3, 31)
    company.entity.save()
    cancel(company, choose(company).journal, on=date(2026, 4, 2))
    days = Actual.objects.exclude(reverses=None).values_list("accounting_date", flat=True)
    assert set(days) == {date(2026, 4, 2)}


def test_statements_do_not_grow_with_the_rows() -> None:
    counts = []
    for size in (1, 3):
        company = Company()
        for _each in range(size):
            typed(company)
        choosing = statements(partial(choose, company))
        journal = CancellationJournal.objects.get(legal_entity=company.entity)
        counts.append((choosing, statements(partial(cancel, company, journal))))
    assert counts[0] == counts[1]


def test_nothing_but_rows_of_entry_journals_can_be_chosen() -> None:
    company = Company()
    company.approved(8)
    with refused("nothing-to-cancel"):
        choose(company)


def test_reason_must_be_given(company: Company) -> None:
    with refused("reason-missing"):
        choose_actuals(Actual.objects.all(), reason=" ", actor=company.accountant, at=NOW)


def test_rows_of_several_companies_are_cancelled_one_by_one(company: Company) -> None:
    typed(Company())
    with refused("several-companies"):
        choose(company, Actual.objects.all())


def test_confirming_is_irreversible(company: Company) -> None:
    journal = choose(company).journal
    cancel(company, journal)
    with refused("not-in-process"):
        cancel(company, journal)
    with refused("not-in-process"):
        discard_cancellations(only(journal), actor=company.accountant, at=NOW)
    with refused("nothing-to-cancel"):
        choose(company)


def test_what_went_with_a_lost_contract_is_not_taken_back_again(company: Company) -> None:
    journal = choose(company).journal
    sales = Actual.objects.get(type=TransactionType.UNBILLED_SALES)
    opened = rows.event(company, EventKind.LOSS)
    rows.mirror(sales, opened, ActualOutcome.ADJUSTED)
    Adjustment.objects.create(event=opened, work_item=sales.work_item, quantity=-8, amount=-1600)
    rows.seal(opened)
    with refused("taken-back-meanwhile"):
        cancel(company, journal)


def test_closed_day_takes_no_cancellation(company: Company) -> None:
    journal = choose(company).journal
    company.entity.locked_through = DAY
    company.entity.save()
    with refused("period-locked"):
        cancel(company, journal)
