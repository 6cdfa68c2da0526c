"""Complete contracts that are done, and give up those that came to nothing (A2; matrix 4.1 #14)."""

from datetime import date

import pytest

from accounting.proving import prove
from billing.ending import closed_by_losing, complete_contracts, lose_contracts
from billing.models import MilestoneShare
from billing.states import MilestoneStatus
from core.models import Activity
from projects.contracting import confirm_contracts, hold_contracts, reopen_contracts
from projects.models import ActualEvent, Approval, BacklogItem, Project, ProjectContract
from projects.states import BillingType, ContractStatus, EventKind
from tests.company import Company, only, rows
from tests.company.checking import refused, statements
from tests.company.rows import NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

LATER = date(2026, 3, 20)


@pytest.fixture
def at() -> Company:
    return Company()


def complete(at: Company, *contracts: ProjectContract) -> int:
    return complete_contracts(only(*(contracts or [at.contract])), actor=at.manager, at=NOW)


def lose(at: Company, *contracts: ProjectContract) -> int:
    return lose_contracts(only(*(contracts or [at.contract])), actor=at.manager, on=LATER, at=NOW)


def status(of: ProjectContract) -> str:
    return ProjectContract.objects.get(pk=of.pk).status


# --- Complete -------------------------------------------------------------------------------------


def test_a_contract_whose_work_is_billed_is_completed(at):
    at.approved(8)
    at.milestone("1000")
    at.confirm(at.draft())
    assert complete(at) == 1
    log = Activity.objects.latest("pk")
    assert (log.verb, log.from_state, log.to_state) == ("completed", "confirmed", "completed")
    # What is worked afterwards is no work of the contract.
    assert at.submitted(1).contract_line is None


def test_what_is_not_done_keeps_it_open(at):
    at.approved(8)
    with refused("unbilled-work") as caught:
        complete(at)
    assert "1 entry is not billed." in str(caught.value)
    at.milestone("1000", is_ready=False)
    at.submitted(1)
    with refused("unbilled-work", "milestones-open", "work-waits"):
        complete(at)
    draft = at.draft()
    with refused("open-drafts", "unbilled-work", "milestones-open", "work-waits") as caught:
        complete(at)
    assert f"It is on draft {draft.number}." in str(caught.value)


def test_work_that_asks_for_no_money_keeps_no_contract_open(at):
    at.approved(8, billing_type=BillingType.NON_CHARGEABLE)
    assert complete(at) == 1


def test_only_a_confirmed_contract_is_completed(at):
    hold_contracts(only(at.contract), actor=at.manager, at=NOW)
    with refused("not-confirmed"):
        complete(at)
    draft = rows.draft_contract(at)
    with refused("not-confirmed"):
        complete(at, draft)


# --- Lose -----------------------------------------------------------------------------------------


def test_what_is_not_invoiced_is_reversed_and_its_cost_stays(at):
    at.approved(8)
    at.confirm(at.draft())
    at.approved(4, billable=3)
    assert lose(at) == 1
    assert at.actuals() == table("""
        cost      chargeable      +8   +800.00
        unbilled  chargeable      +8  +1600.00  invoiced
        unbilled  chargeable      -8  -1600.00  mirror
        billed    chargeable      +8  +1600.00
        cost      chargeable      +4   +400.00
        unbilled  chargeable      +3   +600.00  adjusted
        unbilled  non-chargeable  +1   +200.00  adjusted
        unbilled  chargeable      -3   -600.00  mirror
        unbilled  non-chargeable  -1   -200.00  mirror
    """)
    assert at.backlog() == ""
    event = ActualEvent.objects.latest("pk")
    assert (event.kind, event.happened_on, event.actor) == (EventKind.LOSS, LATER, at.manager)
    log = Activity.objects.filter(verb="lost").get()
    assert (log.from_state, log.to_state) == ("confirmed", "lost")
    at.journalise()
    at.invoices()
    assert not [finding for finding in prove() if finding.count]


@pytest.mark.parametrize("before", [ContractStatus.DRAFT, ContractStatus.ON_HOLD])
def test_drafts_and_contracts_on_hold_are_lost_as_well(at, before):
    deal = rows.contract(at.entity, at.customer, status=before)
    site = rows.project(at)
    rows.contract_line(deal, at.customer, project=site)
    at.approved(8, project=site)
    assert lose(at, deal) == 1
    assert (status(deal), at.backlog()) == (ContractStatus.LOST, "")


def test_a_contract_on_a_draft_is_not_lost_and_the_draft_is_named(at):
    at.approved(8)
    draft = at.draft()
    at.approved(4)
    with refused("open-drafts") as caught:
        lose(at)
    assert f"It is on draft {draft.number}." in str(caught.value)
    lose(at, rows.draft_contract(at))
    assert BacklogItem.objects.count() == 2


def test_what_has_ended_does_not_end_again(at):
    lose(at)
    with refused("already-ended"):
        lose(at)
    with refused("not-confirmed"):
        complete(at)


def test_milestones_of_a_lost_contract_are_never_due(at):
    share = at.milestone("1000", due_on=date(2026, 3, 1))
    assert MilestoneShare.objects.unbilled(LATER).count() == 1
    lose(at)
    assert MilestoneShare.objects.get(pk=share.pk).status == MilestoneStatus.NOT_READY
    for waiting in (
        MilestoneShare.objects.unbilled(LATER),
        MilestoneShare.objects.overdue(LATER),
        MilestoneShare.objects.not_invoiced(),
    ):
        assert not waiting.exists()


def test_a_project_that_nothing_else_covers_is_closed(at):
    other = rows.draft_contract(at, at.project)
    alone = rows.draft_contract(at)
    site = alone.lines.get().project
    assert closed_by_losing([at.contract, alone]) == [site]
    lose(at, at.contract, alone)
    assert Project.objects.get(pk=site.pk).is_closed
    assert not Project.objects.get(pk=at.project.pk).is_closed
    lose(at, other)
    assert Project.objects.get(pk=at.project.pk).is_closed


def reopen(at: Company) -> int:
    return reopen_contracts(only(at.contract), actor=at.manager, on=LATER, at=NOW)


def test_a_completed_contract_opens_again_and_covers_what_came_meanwhile(at):
    at.approved(8)
    at.confirm(at.draft())
    complete(at)
    at.approved(2)
    assert at.backlog() == ""
    reopen(at)
    assert status(at.contract) == ContractStatus.CONFIRMED
    assert at.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"
    assert Activity.objects.about(at.contract).filter(verb="reopened").count() == 1
    assert not [finding for finding in prove() if finding.count]


def test_only_what_is_completed_opens_again(at):
    with refused("not-completed"):
        reopen(at)
    lose(at)
    # Its project was closed with it.
    with refused("not-completed", "project-closed"):
        reopen(at)
    assert status(at.contract) == ContractStatus.LOST


def test_a_contract_whose_work_another_covers_by_now_stays_completed(at):
    complete(at)
    confirm_contracts(only(rows.draft_contract(at, at.project)), actor=at.manager, on=LATER, at=NOW)
    with refused("lines-overlap"):
        reopen(at)
    assert status(at.contract) == ContractStatus.COMPLETED


def test_what_waits_for_its_approver_leaves_a_lost_contract(at):
    waiting = at.submitted(8)
    lose(at)
    now = Approval.objects.get(pk=waiting.pk)
    assert (now.contract_line, now.billing_type) == (None, BillingType.NOT_AVAILABLE)


def test_the_work_of_a_lost_contract_may_be_won_by_another(at):
    at.approved(8)
    lose(at)
    Project.objects.update(is_closed=False)
    deal = rows.draft_contract(at, at.project)
    confirm_contracts(only(deal), actor=at.manager, on=LATER, at=NOW)
    assert at.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"
    assert not [finding for finding in prove() if finding.count]


def test_many_at_once_take_no_more_statements(at):
    def deals(count: int) -> list[ProjectContract]:
        made = [rows.draft_contract(at) for _each in range(count)]
        for one in made:
            at.approved(1, project=one.lines.get().project)
        return made

    few, many = deals(2), deals(5)
    assert statements(lambda: lose(at, *few)) == statements(lambda: lose(at, *many))
