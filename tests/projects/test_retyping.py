"""The billing type of unbilled work is changed by reversal and replacement, and stays changed (B1)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing.marking_ready import hold
from core.models import Activity, OutboxEntry
from projects.correcting import correct_entries
from projects.correction_plans import NewValues
from projects.describing import describe_work
from projects.models import (
    ActualEvent,
    BacklogItem,
    CancellationLine,
    Entry,
    LegalEntity,
    ProjectContract,
    RolePrice,
)
from projects.rerating import rerate_work
from projects.rerating_preview import rerating_of
from projects.rerating_scope import Scope
from projects.retyping import TypeChange, change_billing_type
from projects.states import BillingStatus, BillingType, EventKind, HoldReason, NotToExceedStatus
from tests.company import Company, journal_rows, rows
from tests.company.checking import assert_proven, refused, statements
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

FREE, GIVEN, CHARGED = BillingType.NON_CHARGEABLE, BillingType.COMPLIMENTARY, BillingType.CHARGEABLE


@pytest.fixture
def at() -> Company:
    """A company whose hour costs 100 and sells for 200."""
    return Company()


def retype(at: Company, billing_type: BillingType, items: Any = None, **columns: Any) -> TypeChange:
    columns = {"reason": "Goodwill", "actor": at.manager, "on": DAY, "at": NOW} | columns
    return change_billing_type(BacklogItem.objects.all() if items is None else items, billing_type, **columns)


def rerate(at: Company) -> None:
    approvals = Scope(contract=at.contract).approvals()
    expected = rerating_of(approvals).digest
    rerate_work(approvals, reason="New prices", expected=expected, actor=at.accountant, on=DAY, at=NOW)


def test_eight_hours_become_complimentary(at):
    at.approved(8)
    done = retype(at, GIVEN)
    assert (done.count, done.chargeable, done.over_limit) == (1, {"EUR": Decimal(-1600)}, [])
    assert at.actuals() == table("""
        cost     chargeable    +8 +800.00
        unbilled chargeable    +8 +1600.00 adjusted
        unbilled complimentary +8 +1600.00 not_ready
        unbilled chargeable    -8 -1600.00 mirror
    """)
    assert at.backlog() == "2026-03-02 complimentary +8 +1600.00 not_ready"
    event = ActualEvent.objects.get(kind=EventKind.BILLING_TYPE)
    assert (event.actor, event.happened_on, event.recorded_at) == (at.manager, DAY, NOW)
    key = OutboxEntry.objects.filter(kind="actuals-recorded", effect_key__endswith=f":{event.pk}")
    assert key.count() == 1
    (log,) = Activity.objects.filter(verb="billing type changed")
    assert log.facts == {
        "reason": "Goodwill",
        "changes": {"billing_type": ["chargeable", "complimentary"]},
    }
    assert_proven()


def test_what_is_given_is_on_the_invoice_for_nothing_and_what_is_charged_again_costs(at):
    at.approved(8)
    at.approved(4)
    retype(at, FREE, BacklogItem.objects.filter(quantity=4))
    retype(at, GIVEN, BacklogItem.objects.filter(quantity=8))
    retype(at, CHARGED, BacklogItem.objects.filter(quantity=4))
    draft = at.draft()
    assert draft.net_amount == 800
    at.confirm(draft)
    (invoice,) = at.invoices()
    assert invoice.net_amount == 800
    assert_proven()


def test_the_books_take_accrued_revenue_back(at):
    at.approved(8)
    at.journalise()
    before = at.ledger()
    retype(at, FREE)
    at.journalise()
    assert before != at.ledger()
    assert "1600" in before
    assert "1600" not in at.ledger()
    retype(at, CHARGED)
    at.journalise()
    assert at.ledger() == before
    assert_proven()


def test_what_was_ready_stays_ready_and_holds_and_words_stay(at):
    at.approved(8)
    at.approved(4)
    at.ready()
    held = BacklogItem.objects.filter(quantity=4)
    later = DAY + timedelta(days=3)
    options = {"actor": at.manager, "at": NOW}
    hold(held, reason=HoldReason.DISPUTED, review_on=later, on=DAY, **options)
    describe_work(held, "Workshop", **options)
    retype(at, GIVEN)
    assert at.backlog() == table("""
        2026-03-02 complimentary +8 +1600.00 ready
        2026-03-02 complimentary +4 +800.00 not_ready disputed
    """)
    item = held.get()
    assert (item.held_by, item.held_at, item.review_on) == (at.manager, NOW, later)
    assert item.external_description == "Workshop"


def test_what_becomes_chargeable_and_exceeds_a_limit_waits(at):
    ProjectContract.objects.filter(pk=at.contract.pk).update(not_to_exceed_amount=Decimal(1000))
    at.approved(8, billing_type=GIVEN)
    at.approved(4, billing_type=GIVEN)
    at.ready()
    done = retype(at, CHARGED)
    assert [item.amount for item in done.over_limit] == [1600]
    states = BacklogItem.objects.order_by("-quantity").values_list("not_to_exceed_status", "status")
    assert list(states) == [
        (NotToExceedStatus.FAILED, BillingStatus.NOT_READY),
        (NotToExceedStatus.COMMITTED, BillingStatus.READY),
    ]
    retype(at, GIVEN)
    assert set(BacklogItem.objects.values_list("not_to_exceed_status", flat=True)) == {
        NotToExceedStatus.NOT_APPLICABLE
    }


def test_each_customer_and_each_part_by_itself(at):
    first, second = at.is_shared_by("60", "40")
    at.approved(8, billable=6)
    retype(at, GIVEN, BacklogItem.objects.filter(customer=second, billing_type=CHARGED))
    retype(at, CHARGED, BacklogItem.objects.filter(customer=first, billing_type=FREE))
    kinds = BacklogItem.objects.order_by("customer", "-quantity").values_list(
        "customer", "billing_type", "amount"
    )
    assert list(kinds) == [
        (first.pk, CHARGED, 720),
        (first.pk, CHARGED, 240),
        (second.pk, GIVEN, 480),
        (second.pk, FREE, 160),
    ]
    assert_proven()


def test_pricing_again_keeps_what_was_decided(at):
    first, second = at.is_shared_by("60", "40")
    at.approved(8, billable=6)
    given = BacklogItem.objects.filter(customer=second, billing_type=CHARGED)
    retype(at, GIVEN, given)
    retype(at, CHARGED, BacklogItem.objects.filter(customer=first, billing_type=FREE))
    describe_work(BacklogItem.objects.filter(customer=second), "Shared work", actor=at.manager, at=NOW)
    RolePrice.objects.filter(price_list=at.sales).update(price=Decimal(220))
    rerate(at)
    kinds = BacklogItem.objects.order_by("customer", "-quantity").values_list(
        "customer", "billing_type", "amount", "external_description"
    )
    assert list(kinds) == [
        (first.pk, CHARGED, 792, ""),
        (first.pk, CHARGED, 264, ""),
        (second.pk, GIVEN, 528, "Shared work"),
        (second.pk, FREE, 176, "Shared work"),
    ]
    assert_proven()
    # Once more: the rows that were decided about are those of a change of billing type now.
    RolePrice.objects.filter(price_list=at.sales).update(price=Decimal(200))
    rerate(at)
    assert [row[1] for row in kinds.all()] == [CHARGED, CHARGED, GIVEN, FREE]
    assert_proven()


def test_correcting_an_entry_keeps_what_was_decided(at):
    at.approved(8)
    retype(at, GIVEN)
    hold(BacklogItem.objects.all(), reason=HoldReason.OTHER, review_on=DAY, actor=at.manager, on=DAY, at=NOW)
    corrector = rows.user("corrector")
    correct_entries(
        Entry.objects.all(),
        NewValues(date=DAY + timedelta(days=1)),
        reason="Wrong day",
        actor=corrector,
        on=DAY,
        at=NOW,
    )
    assert at.backlog() == "2026-03-03 complimentary +8 +1600.00 not_ready other"
    assert BacklogItem.objects.get().review_on == DAY
    assert_proven()


def test_a_closed_day_is_reversed_and_written_on_the_day_of_the_change(at):
    at.approved(8)
    LegalEntity.objects.filter(pk=at.entity.pk).update(locked_through=DAY)
    with refused("period-locked"):
        retype(at, FREE)
    later = DAY + timedelta(days=30)
    retype(at, FREE, on=later)
    event = ActualEvent.objects.get(kind=EventKind.BILLING_TYPE)
    assert set(event.actuals.values_list("accounting_date", flat=True)) == {later}


def test_reasons_against(at):
    at.approved(8)
    with refused("reason-missing"):
        retype(at, FREE, reason=" ")
    with refused("not-a-billing-type"):
        retype(at, BillingType.NOT_AVAILABLE)
    with refused("same-billing-type"):
        retype(at, CHARGED)
    with refused("nothing-selected"):
        retype(at, FREE, BacklogItem.objects.none())
    at.draft()
    with refused("on-draft"):
        retype(at, FREE)


def test_typed_facts_keep_the_billing_type_they_were_typed_with(at):
    opened = rows.event(at, EventKind.ENTRY_JOURNAL)
    sales = rows.actual(rows.work_item(at, opened), opened)
    rows.seal(opened)
    with refused("typed-fact"):
        retype(at, FREE)
    CancellationLine.objects.create(journal=journal_rows.cancellation(at), actual=sales)
    with refused("in-process"):
        retype(at, FREE)


def test_one_and_many_take_the_same_statements(at):
    at.approved(8)
    expected = statements(lambda: retype(at, GIVEN))
    for _each in range(30):
        at.approved(8)
    chargeable = BacklogItem.objects.filter(billing_type=CHARGED)
    assert statements(lambda: retype(at, GIVEN, chargeable)) == expected
    assert BacklogItem.objects.filter(billing_type=GIVEN).count() == 31


# --- Descriptions ---------------------------------------------------------------------------------


def describe(at: Company, text: str, items: Any = None) -> int:
    return describe_work(
        BacklogItem.objects.all() if items is None else items, text, actor=at.manager, at=NOW
    )


def test_the_invoice_says_what_the_work_was_given_as_its_description(at):
    at.approved(8, external_description="Meeting")
    at.approved(4, external_description="Meeting")
    assert describe(at, "  Steering   committee ", BacklogItem.objects.filter(quantity=8)) == 1
    draft = at.draft()
    details = draft.lines.get().details.order_by("-quantity").values_list("external_description", flat=True)
    assert list(details) == ["Steering committee", "Meeting"]
    (log,) = Activity.objects.filter(verb="described")
    assert log.facts == {"changes": {"external_description": ["Meeting", "Steering committee"]}}
    with refused("on-draft", "on-draft"):
        describe(at, "Other")


def test_an_empty_description_is_the_recorded_one_again(at):
    at.approved(8, external_description="Meeting")
    assert describe(at, "Workshop") == 1
    assert describe(at, "Workshop") == 0
    assert describe(at, "") == 1
    assert BacklogItem.objects.with_description().get().printed_description == "Meeting"


def test_a_description_has_an_end(at):
    at.approved(8)
    with refused("description-too-long"):
        describe(at, "x" * 501)
    with refused("nothing-selected"):
        describe(at, "x", BacklogItem.objects.none())
    assert describe(at, "x" * 500) == 1
