"""Approvals are cancelled, undone and given back: exact reversals, and what stands in the way (A9, #5)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.models import Activity, OutboxEntry
from projects.approving import approve_entries, change_terms, reject_entries
from projects.cancelling import (
    accept_recalls,
    cancel_approvals,
    refuse_recalls,
    undo_approvals,
    undo_returns,
)
from projects.entering import TimeReport, change_time
from projects.models import Actual, ActualEvent, Approval, Entry, LegalEntity, RecallRequest, RolePrice
from projects.requesting_recalls import request_recalls
from projects.states import ApprovalStatus, BillingType, EntryStatus, EventKind
from tests.company import Company, only
from tests.company.checking import refused, statements
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

APRIL = date(2026, 4, 10)
REVERSED = """
    cost      chargeable  +8   +800.00
    unbilled  chargeable  +8  +1600.00  adjusted
    cost      chargeable  -8   -800.00  mirror
    unbilled  chargeable  -8  -1600.00  mirror
"""


def cancel(company: Company, *approvals: Approval, actor: Any = None, on: date = DAY) -> int:
    actor = actor or company.manager
    return cancel_approvals(only(*approvals), comment="Wrong task", actor=actor, on=on, at=NOW)


def ask_back(company: Company, *approvals: Approval, actor: Any = None, reason: str = "Wrong day") -> int:
    entries = Entry.objects.filter(approvals__in=approvals)
    return request_recalls(entries, reason=reason, actor=actor or company.worker, at=NOW)


def accept(company: Company, *approvals: Approval, actor: Any = None) -> int:
    return accept_recalls(only(*approvals), actor=actor or company.manager, on=DAY, at=NOW)


def keep(company: Company, *approvals: Approval, actor: Any = None, comment: str = "Right as it is") -> int:
    return refuse_recalls(only(*approvals), comment=comment, actor=actor or company.manager, at=NOW)


def states(approval: Approval) -> tuple[str, str]:
    approval = Approval.objects.get(pk=approval.pk)
    return approval.status, approval.entry.status


# --- Cancelling ---


def test_a_cancelled_approval_is_reversed_exactly_and_its_entry_waits_again():
    company = Company()
    approval = company.approved(8)
    assert cancel(company, approval) == 1
    assert company.actuals() == table(REVERSED)
    assert company.backlog() == ""
    assert states(approval) == (ApprovalStatus.CANCELLED, EntryStatus.SUBMITTED)
    event = ActualEvent.objects.latest("pk")
    assert (event.kind, event.actor) == (EventKind.CANCELLATION, company.manager)
    assert OutboxEntry.objects.filter(effect_key=f"actuals-recorded:{event.pk}").exists()
    assert Activity.objects.get(verb="approval cancelled").facts == {"comment": "Wrong task"}


def test_what_waits_again_has_the_terms_it_had_and_they_may_be_changed():
    company = Company()
    old = company.approved(8, billable=6)
    # A price list that changes meanwhile does not change what was submitted (A7).
    RolePrice.objects.filter(price_list=company.sales).update(price=Decimal(300))
    cancel(company, old)
    new = Approval.objects.waiting().get()
    assert (new.submitted_quantity, new.billable_quantity, new.sales_price, new.sales_amount) == (
        8,
        6,
        200,
        1200,
    )
    assert (new.submitted_by, new.worker, new.decided_by, new.comment) == (
        company.worker,
        company.worker,
        None,
        "",
    )
    change_terms(
        only(new),
        billable_quantity=Decimal(7),
        billing_type=BillingType.COMPLIMENTARY,
        actor=company.manager,
        at=NOW,
    )
    approve_entries(only(new), actor=company.manager, on=DAY, at=NOW)
    assert company.backlog() == table("""
        2026-03-02 complimentary +7 +1400.00 not_ready
        2026-03-02 non-chargeable +1 +200.00 not_ready
    """)


def test_work_without_a_contract_line_has_its_cost_reversed_alone():
    company = Company()
    company.line.delete()
    cancel(company, company.approved(8))
    assert company.actuals() == table("""
        cost  not-available  +8  +800.00
        cost  not-available  -8  -800.00  mirror
    """)


def test_a_reversal_is_dated_as_its_original_or_today_where_that_day_is_closed():
    company = Company()
    early, late = company.approved(8), company.approved(4, date=APRIL)
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=date(2026, 3, 31))
    cancel(company, early, late, on=date(2026, 4, 20))
    reversals = Actual.objects.filter(reverses__isnull=False).values_list("quantity", "accounting_date")
    assert set(reversals) == {(Decimal(-8), date(2026, 4, 20)), (Decimal(-4), APRIL)}


def test_what_a_draft_holds_is_not_cancelled_and_the_draft_is_named():
    company = Company()
    approval = company.approved(8)
    draft = company.draft()
    with refused("on-draft") as caught:
        cancel(company, approval)
    assert f"It is on draft {draft.number}." in str(caught.value)


def test_what_was_invoiced_is_not_cancelled():
    company = Company()
    approval = company.approved(8)
    company.confirm(company.draft())
    with refused("invoiced"):
        cancel(company, approval)


def test_nobody_cancels_the_approval_of_own_work():
    company = Company()
    approval = company.approved(8)
    with refused("own-work"):
        cancel(company, approval, actor=company.worker)


def test_cancelling_needs_a_reason_an_approval_and_an_open_day():
    company = Company()
    approval, waiting = company.approved(8), company.submitted(4)
    with refused("comment-missing"):
        cancel_approvals(only(approval), comment=" ", actor=company.manager, on=DAY, at=NOW)
    with refused("not-approved"):
        cancel(company, approval, waiting)
    ask_back(company, approval)
    with refused("not-approved"):
        cancel(company, approval)
    keep(company, approval)
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=DAY)
    with refused("period-locked"):
        cancel(company, approval)


def test_a_set_is_cancelled_in_as_many_statements_as_one():
    company = Company()
    one, many = company.approved(1), [company.approved("0.5") for _each in range(20)]
    expected = statements(lambda: cancel(company, one))
    assert statements(lambda: cancel(company, *many)) == expected


# --- Undo ---


def test_who_approved_may_undo_it_for_ten_seconds():
    company = Company()
    approval = company.approved(8)
    soon = NOW + timedelta(seconds=10)
    assert undo_approvals(only(approval), actor=company.manager, on=DAY, at=soon) == 1
    assert company.actuals() == table(REVERSED)
    assert states(approval) == (ApprovalStatus.CANCELLED, EntryStatus.SUBMITTED)
    assert Approval.objects.waiting().count() == 1


def test_later_or_by_somebody_else_an_approval_is_not_undone():
    company = Company()
    approval = company.approved(8)
    with refused("too-late"):
        undo_approvals(
            only(approval), actor=company.manager, on=DAY, at=NOW + timedelta(seconds=10, microseconds=1)
        )
    with refused("not-your-decision"):
        undo_approvals(only(approval), actor=company.accountant, on=DAY, at=NOW)
    waiting = company.submitted(1)
    with refused("not-approved"):
        undo_approvals(only(waiting), actor=company.manager, on=DAY, at=NOW)
    draft = company.draft()
    with refused("on-draft"):
        undo_approvals(only(approval), actor=company.manager, on=DAY, at=NOW)
    company.confirm(draft)
    with refused("invoiced"):
        undo_approvals(only(approval), actor=company.manager, on=DAY, at=NOW)


def test_what_was_sent_back_by_mistake_waits_again_as_it_was():
    company = Company()
    approval = company.submitted(8)
    reject_entries(only(approval), actor=company.manager, comment="Wrong", at=NOW)
    assert undo_returns(only(approval), actor=company.manager, at=NOW) == 1
    assert states(approval) == (ApprovalStatus.REJECTED, EntryStatus.SUBMITTED)
    again = Approval.objects.waiting().get()
    assert (again.sales_amount, again.submitted_by, again.comment) == (1600, company.worker, "")


def test_a_return_that_was_acted_upon_is_not_undone():
    company = Company()
    approval = company.submitted(8)
    with refused("not-returned"):
        undo_returns(only(approval), actor=company.manager, at=NOW)
    reject_entries(only(approval), actor=company.manager, comment="Wrong", at=NOW)
    with refused("not-your-decision"):
        undo_returns(only(approval), actor=company.accountant, at=NOW)
    with refused("too-late"):
        undo_returns(only(approval), actor=company.manager, at=NOW + timedelta(seconds=11))
    report = TimeReport(company.project, None, company.role, DAY, Decimal(4), "Half a day")
    change_time(Entry.objects.all(), report, actor=company.worker, at=NOW)
    with refused("changed-since"):
        undo_returns(only(approval), actor=company.manager, at=NOW)


# --- Recall requests ---


def test_the_submitter_asks_back_and_the_approver_gives_it_back():
    company = Company()
    approval = company.approved(8)
    assert ask_back(company, approval) == 1
    assert states(approval) == (ApprovalStatus.APPROVED, EntryStatus.RECALL_REQUESTED)
    request = RecallRequest.objects.get()
    assert (request.approval, request.reason, request.requested_by, request.is_accepted) == (
        approval,
        "Wrong day",
        company.worker,
        None,
    )
    assert accept(company, approval) == 1
    assert states(approval) == (ApprovalStatus.CANCELLED, EntryStatus.RETURNED)
    assert company.actuals() == table(REVERSED)
    request.refresh_from_db()
    assert (request.is_accepted, request.decided_by, request.decided_at) == (True, company.manager, NOW)


def test_a_refused_request_leaves_everything_approved_and_says_why():
    company = Company()
    approval = company.approved(8)
    ask_back(company, approval)
    before = company.actuals()
    assert keep(company, approval) == 1
    assert (states(approval), company.actuals()) == ((ApprovalStatus.APPROVED, EntryStatus.APPROVED), before)
    request = RecallRequest.objects.get()
    assert (request.is_accepted, request.comment) == (False, "Right as it is")
    # It may be asked for again, and then given back.
    ask_back(company, approval)
    accept(company, approval)
    assert sorted(RecallRequest.objects.values_list("is_accepted", flat=True)) == [False, True]


def test_what_may_not_be_asked_back_is_refused():
    company = Company()
    approval, waiting = company.approved(8), company.submitted(4)
    with refused("reason-missing"):
        ask_back(company, approval, reason=" ")
    with refused("not-yours"):
        ask_back(company, approval, actor=company.accountant)
    with refused("not-approved"):
        request_recalls(only(waiting.entry), reason="Wrong", actor=company.worker, at=NOW)
    company.confirm(company.draft())
    with refused("invoiced"):
        ask_back(company, approval)


def test_a_request_is_not_answered_by_who_asks_nor_without_request_nor_while_on_a_draft():
    company = Company()
    approval = company.approved(8)
    with refused("not-requested"):
        accept(company, approval)
    with refused("not-requested"):
        keep(company, approval)
    draft = company.draft()
    ask_back(company, approval)
    with refused("own-work", "on-draft") as caught:
        accept(company, approval, actor=company.worker)
    assert draft.number in str(caught.value)
    with refused("own-work"):
        keep(company, approval, actor=company.worker)
    with refused("comment-missing"):
        keep(company, approval, comment="")
    company.confirm(draft)
    with refused("invoiced"):
        accept(company, approval)


def test_a_request_into_a_closed_day_waits_for_an_open_one():
    company = Company()
    approval = company.approved(8)
    ask_back(company, approval)
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=DAY)
    with refused("period-locked"):
        accept(company, approval)


def test_requests_are_answered_in_as_many_statements_as_one():
    company = Company()
    one, many = company.approved(1), [company.approved("0.5") for _each in range(20)]
    asking = statements(lambda: ask_back(company, one))
    assert statements(lambda: ask_back(company, *many)) == asking
    answering = statements(lambda: accept(company, one))
    assert statements(lambda: accept(company, *many)) == answering
