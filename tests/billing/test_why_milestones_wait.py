"""Why milestones and contracts are on no invoice, and the figures of all reasons (X2)."""

import pytest

from billing.asking_reviews import submit_for_review
from billing.marking_ready import mark_milestones_ready, mark_ready
from billing.models import MilestoneShare
from billing.not_invoiced import (
    entries_with_reason,
    items_with_reason,
    shares_with_reason,
    sums_by_reason,
    waiting_entries,
)
from projects.contracting import hold_contracts
from projects.locking import lock_through
from projects.maintaining import hold_customers
from projects.models import (
    BacklogItem,
    Customer,
    Entry,
)
from projects.states import BillingType
from tests.billing.waiting_work import (
    AFTER,
    CASES,
    TODAY,
    WHY,
    answer,
    codes,
    entry_of,
    given_away,
    held,
    item_of,
    ready,
    release,
    reopen_period,
    resume,
    uncovered,
)
from tests.company import Company, only
from tests.company.batch import Batch
from tests.company.checking import statements
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    made = Company()
    made.is_managed_by(made.manager)
    return made


# --- Milestones and contracts ---------------------------------------------------------------------


def test_a_milestone_is_marked_drafted_confirmed_and_posted(at: Company) -> None:
    share = at.milestone("5000", due_on=DAY, is_ready=False)
    assert codes(share) == [WHY.NOT_READY]
    mark_milestones_ready(only(share), actor=at.manager, at=NOW)
    assert codes(share) == [WHY.WAITS_FOR_RUN]
    (draft,) = at.drafts(TODAY)
    assert codes(share) == [WHY.ON_DRAFT]
    submit_for_review(only(draft), reviewer=at.second_person(), actor=at.manager, at=NOW)
    assert codes(share) == [WHY.IN_REVIEW]
    at.confirm(draft)
    assert codes(share) == [WHY.NOT_POSTED]
    at.invoices()
    assert codes(share) == [WHY.INVOICED]


def test_a_milestone_waits_for_its_day_and_says_which_run_failed(at: Company) -> None:
    share = at.milestone("5000", due_on=AFTER)
    assert codes(share) == [WHY.AFTER_CUT_OFF]
    assert answer(share)[0].reasons[0].title == "Ready, due on 30 Apr 2026"
    late = at.milestone("300", due_on=DAY)
    Customer.objects.filter(pk=at.customer.pk).update(is_on_hold=True)
    Batch(at).by_hand(TODAY)
    assert codes(late) == [WHY.PAYER_ON_HOLD, WHY.RUN_FAILED]
    release(at, Entry())
    Batch(at).by_hand(TODAY)
    assert codes(late) == [WHY.ON_DRAFT]


def test_the_first_reason_of_a_milestone_is_counted(at: Company) -> None:
    at.milestone("5000", due_on=AFTER)
    at.milestone("300", due_on=DAY, is_ready=False)
    shares = shares_with_reason(MilestoneShare.objects.all(), TODAY)
    sums = [(row["reason"], row["of"], row["count"], row["sum"]) for row in sums_by_reason(shares, *OF_SHARE)]
    assert sums == [("not_ready", "EUR", 1, 300), ("after_cut_off", "EUR", 1, 5000)]


def test_a_contract_says_what_keeps_all_of_it_back(at: Company) -> None:
    hold_contracts(only(at.contract), actor=at.manager, at=NOW)
    hold_customers(only(at.customer), reason="Does not pay", on=DAY, actor=at.manager, at=NOW)
    lock_through(at.entity, TODAY, actor=at.accountant, at=NOW)
    assert codes(at.contract) == [WHY.CONTRACT_ON_HOLD, WHY.PAYER_ON_HOLD, WHY.CLOSED_PERIOD]
    resume(at, Entry())
    release(at, Entry())
    reopen_period(at, Entry())
    assert codes(at.contract) == []


# --- Figures --------------------------------------------------------------------------------------

OF_SHARE = ("currency", "open_amount")


def test_figures_are_per_reason_and_currency_and_add_up_to_the_backlog(at: Company) -> None:
    given_away(BillingType.NON_CHARGEABLE)(at)
    held(at)
    entry_of(at, 4)
    ready_one = item_of(entry_of(at, 2))
    mark_ready(ready_one, actor=at.manager, at=NOW)
    items = items_with_reason(BacklogItem.objects.all(), TODAY)
    sums = [(row["reason"], row["count"], row["sum"]) for row in sums_by_reason(items, "currency", "amount")]
    assert sums == [
        ("on_hold", 1, 1600),
        ("non_chargeable", 1, 1600),
        ("not_ready", 1, 800),
        ("not_scheduled", 1, 400),
    ]


def test_figures_take_one_statement_however_many_rows(at: Company) -> None:
    def figures() -> None:
        sums_by_reason(items_with_reason(BacklogItem.objects.all(), TODAY), "currency", "amount")
        waiting = entries_with_reason(waiting_entries(Entry.objects.all()))
        sums_by_reason(waiting, "worth_currency", "worth")
        sums_by_reason(shares_with_reason(MilestoneShare.objects.all(), TODAY), *OF_SHARE)

    ready(at)
    few = statements(figures)
    for _each in range(5):
        held(at.with_another_customer())
        uncovered(at)
        at.milestone("100")
    assert (few, statements(figures)) == (3, 3)


def test_the_table_has_every_reason() -> None:
    assert {case.code for case in CASES} | {WHY.IN_PROCESS} == set(WHY)
