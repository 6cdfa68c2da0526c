"""Every reason why work is on no invoice: found by a real case, and cleared by the way it names (X2).

One row of the table is one reason: what makes it, what clears it. Whatever clears it is what the page offers,
so that no text promises what does not exist.
"""

import pytest

from billing.marking_ready import hold
from billing.models import InvoiceSchedule, Proforma
from billing.not_invoiced import (
    entries_with_reason,
    items_with_reason,
    waiting_entries,
)
from billing.planning_runs import skip_runs
from billing.why_not_invoiced import why_item
from projects.contracting import hold_contracts
from projects.journal_cancelling import choose_actuals, discard_cancellations
from projects.maintaining import hold_customers
from projects.models import (
    Actual,
    BacklogItem,
    CancellationJournal,
    Entry,
)
from tests.billing.waiting_work import (
    AFTER,
    CASES,
    TODAY,
    WHY,
    Case,
    answer,
    codes,
    entry_of,
    invoiced,
    item_of,
    over_its_limit,
    scheduled,
)
from tests.company import Company, only
from tests.company.corrections import corrected
from tests.company.rows import DAY, NOW
from tests.projects.test_journalling import confirm as confirm_journal
from tests.projects.test_journalling import started, type_in

pytestmark = pytest.mark.django_db
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.code.value)


@pytest.fixture
def at() -> Company:
    made = Company()
    made.is_managed_by(made.manager)
    return made


@each_case
def test_every_reason_is_found_in_words_and_cleared_by_its_way(at: Company, case: Case) -> None:
    thing = case.make(at)
    (reason,) = [one for each in answer(thing) for one in each.reasons if one.code == case.code]
    assert case.says in reason.title
    if case.clear is not None:
        # Whoever is to clear it has a way to it.
        assert reason.ways
        case.clear(at, thing)
        assert case.code not in codes(thing)


@each_case
def test_the_database_counts_the_first_reason_of_the_row(at: Company, case: Case) -> None:
    """Of the same row the figure and the words name the same reason first."""
    thing = case.make(at)
    items = items_with_reason(BacklogItem.objects.all(), TODAY)
    waiting = entries_with_reason(waiting_entries(Entry.objects.all()))
    counted = [*items.values_list("reason", flat=True), *waiting.values_list("reason", flat=True)]
    expected = [] if case.code in NOT_WAITING else codes(thing)[:1]
    assert counted == expected


NOT_WAITING = (WHY.INTERNAL, WHY.FIXED_PRICE, WHY.CONTRACT_ENDED, WHY.NOT_POSTED, WHY.INVOICED)


def test_a_journal_that_is_about_to_cancel_it_is_named_and_discarding_it_clears_it(at: Company) -> None:
    journal = started(at)
    type_in(at, journal)
    confirm_journal(at, journal)
    sales = Actual.objects.filter(work_item__legal_entity=at.entity)
    chosen = choose_actuals(sales, reason="Typed twice", actor=at.accountant, at=NOW).journal
    reason, *_others = why_item(sales.get().pk, TODAY).reasons
    assert (reason.code, reason.title) == (WHY.IN_PROCESS, "On a cancellation journal")
    discard_cancellations(CancellationJournal.objects.filter(pk=chosen.pk), actor=at.accountant, at=NOW)
    assert WHY.IN_PROCESS not in [one.code for one in why_item(sales.get().pk, TODAY).reasons]


def test_reasons_are_named_in_the_order_to_clear_them(at: Company) -> None:
    """The contract before the row, the limit before the mark, which the limit does not allow yet."""
    entry = over_its_limit(at)
    hold(item_of(entry), reason="waiting", on=DAY, actor=at.manager, at=NOW)
    hold_contracts(only(at.contract), actor=at.manager, at=NOW)
    assert codes(entry) == [WHY.CONTRACT_ON_HOLD, WHY.OVER_LIMIT, WHY.ON_HOLD, WHY.NOT_READY]
    (one,) = answer(entry)
    assert one.reasons[2].detail == f"Put on hold by {at.manager.username} on 1 Apr 2026."
    assert one.reasons[3].ways == ()
    assert one.in_order == [
        "Approved",
        "Has a price",
        "Customer is not on hold",
        "The period of Apr 2026 is open",
        "On no draft and no invoice",
    ]


def test_a_run_that_was_skipped_by_hand_is_not_waited_for(at: Company) -> None:
    entry = scheduled(AFTER, AFTER)(at)
    skip_runs(InvoiceSchedule.objects.all(), reason="Closed for the holidays", actor=at.manager, at=NOW)
    assert codes(entry) == [WHY.NOT_SCHEDULED]
    assert [item.reason for item in items_with_reason(item_of(entry), TODAY)] == [WHY.NOT_SCHEDULED]


def test_each_customer_of_a_shared_line_has_an_answer_of_its_own(at: Company) -> None:
    first, second = at.is_shared_by("60", "40")
    entry = entry_of(at)
    at.ready()
    hold_customers(only(second), reason="Does not pay", on=DAY, actor=at.manager, at=NOW)
    answers = {one.payer: [each.code for each in one.reasons] for one in answer(entry)}
    assert answers[first.name] == [WHY.NOT_SCHEDULED]
    assert answers[second.name] == [WHY.PAYER_ON_HOLD, WHY.NOT_SCHEDULED]


def test_what_a_correction_took_back_waits_again_and_the_rest_is_on_the_new_document(at: Company) -> None:
    entry = invoiced(at)
    old = Proforma.objects.get()
    new = corrected(at, old, quantity="6")
    by_code = {one.reasons[0].code: one for one in answer(entry)}
    assert {code: one.quantity for code, one in by_code.items()} == {WHY.NOT_POSTED: 6, WHY.NOT_READY: 2}
    assert by_code[WHY.NOT_POSTED].reasons[0].title == f"Confirmed on {new.number}, not posted yet"
