"""#11, #11b: journals of typed facts and of their cancellation are final, and stay among themselves."""

from decimal import Decimal
from typing import Any

import pytest

from projects.models import CancellationJournal, CancellationLine, EntryJournal, EntryJournalLine
from projects.states import EventKind, TransactionType
from tests.company import journal_rows, rows
from tests.guards.attacks import Attack, delete, each, insert, refused, row, steps, update
from tests.guards.guarded_rows import GuardedRows

pytestmark = pytest.mark.django_db

FINAL = "a confirmed entry journal is final"
LINES = "lines of a confirmed entry journal are final"
OVER = "a cancellation journal that is not in process is final"
KEPT = "cancellation journals are kept"
TYPED = "a journal in process cancels originals that an entry journal wrote"
CHOSEN = "lines of a cancellation journal are not changed"
WRITES = "an entry journal writes cost and unbilled sales of work that nobody submitted"
REVERSES = "cancelling an entry journal reverses what an entry journal wrote"


def confirmed(guarded: GuardedRows) -> EntryJournal:
    return journal_rows.entry_journal(guarded.company, is_confirmed=True)


def line_of(journal: EntryJournal) -> EntryJournalLine:
    return journal.lines.get()


def a_line(guarded: GuardedRows, journal: EntryJournal) -> EntryJournalLine:
    """An unsaved copy of a line on another journal."""
    line = line_of(journal_rows.entry_journal(guarded.company))
    line.pk, line.journal, line._state.adding = None, journal, True
    return line


def cancelled(guarded: GuardedRows) -> CancellationJournal:
    journal = journal_rows.cancellation(guarded.company)
    opened = rows.event(guarded.company, EventKind.JOURNAL_CANCELLATION)
    rows.mirror(journal.lines.get().actual, opened, outcome=2)
    rows.seal(opened)
    row(journal).update(status="confirmed", event=opened)
    return CancellationJournal.objects.get(pk=journal.pk)


def chosen(guarded: GuardedRows, actual: Any) -> CancellationLine:
    return CancellationLine(journal=journal_rows.cancellation(guarded.company), actual=actual)


@each(
    update("journal", FINAL, lambda s: (row(confirmed(s)), {"reason": "Another"})),
    update("journal-reopened", FINAL, lambda s: (row(confirmed(s)), {"status": "draft"})),
    delete("journal", FINAL, lambda s: row(confirmed(s))),
    insert("line-after-confirming", LINES, lambda s: a_line(s, confirmed(s))),
    update("line", LINES, lambda s: (row(line_of(confirmed(s))), {"amount": Decimal(1)})),
    update(
        "line-moved-in",
        LINES,
        lambda s: (row(line_of(journal_rows.entry_journal(s.company))), {"journal": confirmed(s)}),
    ),
    delete("line", LINES, lambda s: row(line_of(confirmed(s)))),
    update("cancellation", OVER, lambda s: (row(cancelled(s)), {"status": "in_process"})),
    delete("cancellation", KEPT, lambda s: row(journal_rows.cancellation(s.company))),
    insert("cancel-an-approval", TYPED, lambda s: chosen(s, s.sales)),
    insert(
        "cancel-once-it-is-over",
        TYPED,
        lambda s: CancellationLine(journal=cancelled(s), actual=confirmed(s).event.actuals.get()),
    ),
    update(
        "another-actual",
        CHOSEN,
        lambda s: (
            row(journal_rows.cancellation(s.company).lines.get()),
            {"actual": confirmed(s).event.actuals.get()},
        ),
    ),
    delete("line-of-what-was-cancelled", CHOSEN, lambda s: row(cancelled(s).lines.get())),
)
def test_journals_of_facts_are_final(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def _typed_billed(guarded: GuardedRows) -> None:
    opened = rows.event(guarded.company, EventKind.ENTRY_JOURNAL)
    rows.actual(rows.work_item(guarded.company, opened), opened, type=TransactionType.BILLED_SALES)
    rows.seal(opened)


def _typed_reversal(guarded: GuardedRows) -> None:
    opened = rows.event(guarded.company, EventKind.ENTRY_JOURNAL)
    rows.mirror(confirmed(guarded).event.actuals.get(), opened, outcome=2)
    rows.seal(opened)


def _typed_submission(guarded: GuardedRows) -> None:
    opened = rows.event(guarded.company, EventKind.ENTRY_JOURNAL)
    rows.actual(rows.work_item(guarded.company, opened, approval=guarded.approval), opened)
    rows.seal(opened)


def _approved_cancelled(guarded: GuardedRows) -> None:
    cost = guarded.sales.work_item.actuals.get(type=TransactionType.COST)
    opened = rows.event(guarded.company, EventKind.JOURNAL_CANCELLATION)
    rows.mirror(cost, opened, outcome=2)
    rows.seal(opened)


def _cancellation_writes_anew(guarded: GuardedRows) -> None:
    opened = rows.event(guarded.company, EventKind.JOURNAL_CANCELLATION)
    rows.actual(rows.work_item(guarded.company, opened), opened)
    rows.seal(opened)


@each(
    steps("billed-sales-are-not-typed", WRITES, _typed_billed),
    steps("reversals-are-not-typed", WRITES, _typed_reversal),
    steps("submitted-work-is-not-typed", WRITES, _typed_submission),
    steps("approved-work-is-not-cancelled-so", REVERSES, _approved_cancelled),
    steps("cancelling-writes-nothing-new", REVERSES, _cancellation_writes_anew),
)
def test_events_of_typed_facts_stay_among_themselves(guarded: GuardedRows, attack: Attack) -> None:
    with refused(attack.because):
        attack.strike(guarded)


def test_what_is_written_by_the_rules_is_accepted(guarded: GuardedRows) -> None:
    assert cancelled(guarded).status == "confirmed"
