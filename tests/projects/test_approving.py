"""Approve, reject and change terms: four eyes, all or nothing (A9, A10; the rows stand in the scenarios)."""

from datetime import date
from decimal import Decimal

import pytest

from core.models import Activity, OutboxEntry
from projects.approving import approve_entries, change_terms, reject_entries
from projects.models import ActualEvent, Approval, BacklogItem, Entry, LegalEntity, WorkItem
from projects.states import ApprovalStatus, BillingType, EntryStatus, EventKind
from tests.factories.world import DAY, NOW
from tests.telling import refused, statements, table
from tests.trade import Trade, only

pytestmark = pytest.mark.django_db


def approve(trade: Trade, *approvals: Approval, actor=None) -> int:
    return approve_entries(only(*approvals), actor=actor or trade.manager, on=DAY, at=NOW)


def test_approving_a_set_is_one_event_that_accounting_hears_of():
    trade = Trade()
    assert approve(trade, trade.submitted(8), trade.submitted(4)) == 2
    event = ActualEvent.objects.get()
    assert (event.kind, event.actor, event.happened_on, event.recorded_at) == (
        EventKind.APPROVAL,
        trade.manager,
        DAY,
        NOW,
    )
    assert list(Approval.objects.values_list("status", "decided_by")) == [("approved", trade.manager.pk)] * 2
    assert set(Entry.objects.values_list("status", flat=True)) == {EntryStatus.APPROVED}
    assert OutboxEntry.objects.get().effect_key == f"actuals-recorded:{event.pk}"
    assert Activity.objects.filter(verb="approved", to_state="approved").count() == 2


def test_nobody_decides_on_own_work_nor_on_what_they_submitted():
    trade = Trade()
    good, own = trade.submitted(1, resource=None, kind="fee", price=Decimal(5)), trade.submitted(8)
    with refused("own-work"):
        approve(trade, own, actor=trade.worker)
    with refused("own-work", "own-work"):
        approve(trade, good, own, actor=trade.worker)
    with refused("own-work"):
        reject_entries(only(own), actor=trade.worker, comment="No", at=NOW)
    with refused("own-work"):
        change_terms(only(own), billable_quantity=Decimal(4), billing_type=None, actor=trade.worker, at=NOW)


def test_what_is_decided_is_decided():
    trade = Trade()
    approved, waiting = trade.approved(8), trade.submitted(4)
    with refused("not-submitted"):
        approve(trade, approved, waiting)
    with refused("not-submitted"):
        reject_entries(only(approved, waiting), actor=trade.manager, comment="Too late", at=NOW)
    with refused("not-submitted"):
        change_terms(only(approved), billable_quantity=None, billing_type=2, actor=trade.manager, at=NOW)


def test_nothing_is_approved_into_a_closed_period():
    trade = Trade()
    good, bad = trade.submitted(8, date=date(2026, 3, 3)), trade.submitted(8)
    LegalEntity.objects.filter(pk=trade.entity.pk).update(locked_through=DAY)
    with refused("period-locked"):
        approve(trade, good, bad)


def test_work_that_nobody_or_not_everybody_pays_for_is_not_approved():
    trade = Trade()
    approval = trade.submitted(8)
    trade.is_shared_by("75", "20")
    with refused("split-not-whole") as caught:
        approve(trade, approval)
    assert "pay 95 percent of it" in str(caught.value)
    trade.line.customers.all().delete()
    with refused("split-not-whole"):
        approve(trade, approval)


def test_a_rejected_entry_goes_back_with_the_reason_and_may_come_again():
    trade = Trade()
    approval = trade.submitted(8)
    with refused("comment-missing"):
        reject_entries(only(approval), actor=trade.manager, comment="  ", at=NOW)

    assert reject_entries(only(approval), actor=trade.manager, comment="Which task?", at=NOW) == 1
    decided = Approval.objects.get()
    assert (decided.status, decided.comment, decided.decided_by) == (
        ApprovalStatus.REJECTED,
        "Which task?",
        trade.manager,
    )
    assert Entry.objects.get().status == EntryStatus.RETURNED
    assert not WorkItem.objects.exists()
    assert Activity.objects.get(verb="returned").facts == {"comment": "Which task?"}


def test_terms_change_before_the_decision_and_the_amount_follows():
    trade = Trade()
    approval = trade.submitted("8")
    terms = {"billable_quantity": Decimal("6.33"), "billing_type": BillingType.COMPLIMENTARY}
    assert change_terms(only(approval), **terms, actor=trade.manager, at=NOW) == 1
    changed = Approval.objects.get()
    assert (changed.billable_quantity, changed.sales_amount, changed.billing_type) == (
        Decimal("6.33"),
        1266,
        BillingType.COMPLIMENTARY,
    )
    assert (changed.submitted_quantity, changed.cost_amount) == (8, 800)


def test_billable_hours_have_the_sign_of_the_submitted_ones():
    trade = Trade()
    approval = trade.submitted(8)
    with refused("negative-quantity"):
        change_terms(
            only(approval), billable_quantity=Decimal(-1), billing_type=None, actor=trade.manager, at=NOW
        )


def test_two_entities_are_two_events():
    one, other = Trade(), Trade()
    approvals = [one.submitted(8), other.submitted(4)]
    approve(one, *approvals)
    assert sorted(ActualEvent.objects.values_list("legal_entity", flat=True)) == [
        one.entity.pk,
        other.entity.pk,
    ]
    assert other.actuals() == table("""
        cost      chargeable  +4  +400.00
        unbilled  chargeable  +4  +800.00  not_ready
    """)


def test_a_set_is_approved_in_as_many_statements_as_one():
    trade = Trade()
    one, many = trade.submitted(1), [trade.submitted(hours) for hours in range(1, 41)]
    expected = statements(lambda: approve(trade, one))
    assert statements(lambda: approve(trade, *many)) == expected
    assert BacklogItem.objects.count() == 41
