"""No unbilled sales come back on a contract that was completed or lost (A2, A3; matrix 4.1 #14)."""

from decimal import Decimal

import pytest

from billing.ending import complete_contracts, lose_contracts
from projects.approving import approve_entries, reject_entries
from projects.cancelling import cancel_approvals, undo_returns
from projects.contracting import confirm_contracts
from projects.models import Approval, BacklogItem, Project, RolePrice
from projects.price_setting import set_prices
from projects.rerating import rerate_work
from projects.rerating_preview import rerating_of
from projects.rerating_scope import Scope
from projects.states import BillingType, ContractStatus
from projects.submitting import submit_entries
from tests.company import Company, only, rows
from tests.company.checking import assert_proven, refused, statements
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> Company:
    return Company()


def lose(at: Company) -> int:
    return lose_contracts(only(at.contract), actor=at.manager, on=DAY, at=NOW)


def approve(at: Company, *approvals: Approval) -> int:
    return approve_entries(only(*approvals), actor=at.manager, on=DAY, at=NOW)


def cancel(at: Company, *approvals: Approval) -> list[Approval]:
    cancel_approvals(only(*approvals), comment="Wrong task", actor=at.manager, on=DAY, at=NOW)
    entries = [one.entry_id for one in approvals]
    return list(Approval.objects.waiting().filter(entry__in=entries).order_by("entry"))


def test_work_of_a_lost_contract_is_cancelled_and_approved_again_without_it(at):
    old = at.approved(8, billable=6)
    lose(at)
    (again,) = cancel(at, old)
    assert (again.contract_line, again.sales_currency, again.sales_amount) == (None, "", 0)
    assert (again.billing_type, again.submitted_by, again.decided_by) == (
        BillingType.NOT_AVAILABLE,
        at.worker,
        None,
    )
    approve(at, again)
    assert at.actuals() == table("""
        cost      chargeable      +8   +800.00
        unbilled  chargeable      +6  +1200.00  adjusted
        unbilled  non-chargeable  +2   +400.00  adjusted
        unbilled  chargeable      -6  -1200.00  mirror
        unbilled  non-chargeable  -2   -400.00  mirror
        cost      chargeable      -8   -800.00  mirror
        cost      not-available   +8   +800.00
    """)
    assert at.backlog() == ""
    assert_proven()


def test_work_of_a_lost_contract_goes_to_the_contract_that_takes_its_place(at):
    old = at.approved(8)
    lose(at)
    Project.objects.update(is_closed=False)
    foreseen = rows.draft_contract(at, at.project)
    (again,) = cancel(at, old)
    assert again.contract_line.contract == foreseen
    confirm_contracts(only(foreseen), actor=at.manager, on=DAY, at=NOW)
    approve(at, again)
    assert at.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"
    assert not BacklogItem.objects.filter(contract=at.contract).exists()


def test_work_of_a_completed_contract_waits_again_without_it(at):
    old = at.approved(8, billing_type=BillingType.NON_CHARGEABLE)
    complete_contracts(only(at.contract), actor=at.manager, at=NOW)
    (again,) = cancel(at, old)
    assert (again.contract_line, again.billing_type) == (None, BillingType.NOT_AVAILABLE)


def test_a_return_that_is_undone_does_not_come_back_to_a_lost_contract(at):
    waiting = at.submitted(8)
    reject_entries(only(waiting), actor=at.manager, comment="Wrong day", at=NOW)
    lose(at)
    undo_returns(only(waiting), actor=at.manager, at=NOW)
    assert Approval.objects.waiting().get().contract_line is None


def test_cancelling_many_takes_no_more_statements(at):
    few = [at.approved(1) for _each in range(2)]
    many = [at.approved(1) for _each in range(6)]
    lose(at)
    assert statements(lambda: cancel(at, *few)) == statements(lambda: cancel(at, *many))


@pytest.mark.parametrize("ended", [ContractStatus.COMPLETED, ContractStatus.LOST])
def test_what_came_to_a_contract_while_it_ended_is_sent_back(at, ended):
    waiting = at.submitted(8)
    # As if somebody had submitted it in the moment in which the contract ended.
    type(at.contract).objects.filter(pk=at.contract.pk).update(status=ended)
    with refused("contract-ended") as caught:
        approve(at, waiting)
    assert f"is “{ended.label}”." in str(caught.value)
    reject_entries(only(waiting), actor=at.manager, comment="The contract has ended", at=NOW)
    submit_entries(only(waiting.entry), actor=at.worker, at=NOW)
    approve(at, Approval.objects.waiting().get())
    assert at.actuals() == "cost not-available +8 +800.00"


def test_new_prices_write_no_work_of_a_lost_contract_again(at):
    at.approved(8)
    lose(at)
    before = at.actuals()
    set_prices(at.sales, [RolePrice(role=at.role, price=Decimal(300))], actor=at.accountant, at=NOW)
    work = Scope(contract=at.contract).approvals()
    preview = rerating_of(work)
    assert (preview.changes, [one.code for one in preview.left_out]) == ([], ["contract-ended"])
    assert str(preview.left_out[0]) == (
        f"2 Mar 2026 Time 8 h: Contract {at.contract} is “Lost”. It keeps the price it had."
    )
    with refused("nothing-to-rate"):
        rerate_work(work, expected=preview.digest, reason="New prices", actor=at.accountant, on=DAY, at=NOW)
    assert (at.actuals(), at.backlog()) == (before, "")
