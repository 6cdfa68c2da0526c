"""Approve, reject and change terms: four eyes, all or nothing (A9, A10; the rows stand in the scenarios)."""

from datetime import date
from decimal import Decimal

import pytest

from core.models import Activity, OutboxEntry
from projects.approving import approve_entries, change_terms, reject_entries
from projects.models import Actual, ActualEvent, Approval, BacklogItem, Entry, LegalEntity, WorkItem
from projects.states import ApprovalStatus, BillingType, EntryStatus, EventKind
from tests.company import Company, only
from tests.company.checking import refused, statements
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


def approve(company: Company, *approvals: Approval, actor=None) -> int:
    return approve_entries(only(*approvals), actor=actor or company.manager, on=DAY, at=NOW)


def test_approving_a_set_is_one_event_that_accounting_hears_of():
    company = Company()
    assert approve(company, company.submitted(8), company.submitted(4)) == 2
    event = ActualEvent.objects.get()
    assert (event.kind, event.actor, event.happened_on, event.recorded_at) == (
        EventKind.APPROVAL,
        company.manager,
        DAY,
        NOW,
    )
    assert (
        list(Approval.objects.values_list("status", "decided_by")) == [("approved", company.manager.pk)] * 2
    )
    assert set(Entry.objects.values_list("status", flat=True)) == {EntryStatus.APPROVED}
    assert OutboxEntry.objects.get().effect_key == f"actuals-recorded:{event.pk}"
    assert Activity.objects.filter(verb="approved", to_state="approved").count() == 2


def test_nobody_decides_on_own_work_nor_on_what_they_submitted():
    company = Company()
    good, own = company.submitted(1, resource=None, kind="fee", price=Decimal(5)), company.submitted(8)
    with refused("own-work"):
        approve(company, own, actor=company.worker)
    with refused("own-work", "own-work"):
        approve(company, good, own, actor=company.worker)
    with refused("own-work"):
        reject_entries(only(own), actor=company.worker, comment="No", at=NOW)
    with refused("own-work"):
        change_terms(only(own), billable_quantity=Decimal(4), billing_type=None, actor=company.worker, at=NOW)


def test_what_is_decided_is_decided():
    company = Company()
    approved, waiting = company.approved(8), company.submitted(4)
    with refused("not-submitted"):
        approve(company, approved, waiting)
    with refused("not-submitted"):
        reject_entries(only(approved, waiting), actor=company.manager, comment="Too late", at=NOW)
    with refused("not-submitted"):
        change_terms(only(approved), billable_quantity=None, billing_type=2, actor=company.manager, at=NOW)


def test_nothing_is_approved_into_a_closed_period():
    company = Company()
    good, bad = company.submitted(8, date=date(2026, 3, 3)), company.submitted(8)
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=DAY)
    with refused("period-locked"):
        approve(company, good, bad)


def test_what_lies_in_a_closed_period_can_still_be_returned():
    company = Company()
    approval = company.submitted(8)
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=DAY)
    rejected = reject_entries(only(approval), actor=company.manager, comment="Wrong month", at=NOW)
    approval = Approval.objects.get()
    assert (rejected, approval.status, approval.entry.status) == (1, "rejected", "returned")
    assert not Actual.objects.exists()


def test_work_that_nobody_or_not_everybody_pays_for_is_not_approved():
    company = Company()
    approval = company.submitted(8)
    company.is_shared_by("75", "20")
    with refused("split-not-whole") as caught:
        approve(company, approval)
    assert "pay 95 percent of it" in str(caught.value)
    company.line.customers.all().delete()
    with refused("split-not-whole"):
        approve(company, approval)


def test_a_rejected_entry_goes_back_with_the_reason_and_may_come_again():
    company = Company()
    approval = company.submitted(8)
    with refused("comment-missing"):
        reject_entries(only(approval), actor=company.manager, comment="  ", at=NOW)

    assert reject_entries(only(approval), actor=company.manager, comment="Which task?", at=NOW) == 1
    decided = Approval.objects.get()
    assert (decided.status, decided.comment, decided.decided_by) == (
        ApprovalStatus.REJECTED,
        "Which task?",
        company.manager,
    )
    assert Entry.objects.get().status == EntryStatus.RETURNED
    assert not WorkItem.objects.exists()
    assert Activity.objects.get(verb="returned").facts == {"comment": "Which task?"}


def test_terms_change_before_the_decision_and_the_amount_follows():
    company = Company()
    approval = company.submitted("8")
    terms = {"billable_quantity": Decimal("6.33"), "billing_type": BillingType.COMPLIMENTARY}
    assert change_terms(only(approval), **terms, actor=company.manager, at=NOW) == 1
    changed = Approval.objects.get()
    assert (changed.billable_quantity, changed.sales_amount, changed.billing_type) == (
        Decimal("6.33"),
        1266,
        BillingType.COMPLIMENTARY,
    )
    assert (changed.submitted_quantity, changed.cost_amount) == (8, 800)


def test_billable_hours_have_the_sign_of_the_submitted_ones():
    company = Company()
    approval = company.submitted(8)
    with refused("negative-quantity"):
        change_terms(
            only(approval), billable_quantity=Decimal(-1), billing_type=None, actor=company.manager, at=NOW
        )


def test_two_entities_are_two_events():
    one, other = Company(), Company()
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
    company = Company()
    # As many as SQLite takes in one INSERT.
    one, many = company.submitted(1), [company.submitted("0.5") for _each in range(30)]
    expected = statements(lambda: approve(company, one))
    assert statements(lambda: approve(company, *many)) == expected
    assert BacklogItem.objects.count() == 31
