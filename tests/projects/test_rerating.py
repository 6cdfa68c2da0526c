"""Unbilled work is priced again by reversal and replacement; what is billed or on a draft stays (B11)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing.marking_ready import hold
from billing.models import Proforma
from core.models import Activity, OutboxEntry
from projects.models import Actual, ActualEvent, Approval, BacklogItem, Entry, PriceList, Role, RolePrice
from projects.price_setting import copy_price_list, set_prices
from projects.rerating import rerate_work
from projects.rerating_preview import Rerating, rerating_of
from projects.rerating_scope import Scope, rerateable_by
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from projects.states import ApprovalStatus, BillingStatus, BillingType, EntryStatus, EventKind, HoldReason
from tests.company import Company
from tests.company.checking import refused, statements
from tests.company.rows import DAY, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db

JULY = date(2026, 7, 1)


@pytest.fixture
def at() -> Company:
    """A company whose hour costs 100 and sells for 180."""
    company = Company()
    company.sells_hours_for("180")
    return company


def price(at: Company, role: Role | None = None, *, hour: str, prices: PriceList | None = None) -> None:
    row = RolePrice(role=role or at.role, price=Decimal(hour))
    set_prices(prices or at.sales, [row], actor=at.accountant, at=NOW)


def rerate(at: Company, **scope: Any) -> Rerating:
    asked = Scope(**scope)
    approvals, prices = asked.approvals(), asked.prices
    expected = rerating_of(approvals, prices=prices).digest
    terms = {"reason": "New prices", "actor": at.accountant, "on": DAY, "at": NOW}
    return rerate_work(approvals, expected=expected, prices=prices, **terms)


def test_eight_hours_from_180_to_200(at):
    old = at.approved(8)
    price(at, hour="200")
    preview = rerating_of(Scope(contract=at.contract).approvals())
    (change,) = preview.changes
    assert (change.old.sales_price, change.old.sales_amount) == (180, 1440)
    assert (change.new.sales_price, change.new.sales_amount, change.difference) == (200, 1600, 160)
    assert (preview.differences(), preview.cost_differences(), preview.hours) == ({"EUR": 160}, {}, 8)

    rerate(at, contract=at.contract)
    assert at.actuals() == table("""
        cost      chargeable +8  +800.00
        unbilled  chargeable +8 +1440.00 adjusted
        cost      chargeable -8  -800.00 mirror
        unbilled  chargeable -8 -1440.00 mirror
        cost      chargeable +8  +800.00
        unbilled  chargeable +8 +1600.00 not_ready
    """)
    (open_item,) = BacklogItem.objects.all()
    assert (open_item.quantity, open_item.amount, open_item.status) == (8, 1600, BillingStatus.NOT_READY)
    old = Approval.objects.get(pk=old.pk)
    new = Approval.objects.get(status=ApprovalStatus.APPROVED)
    assert (old.status, old.sales_price) == (ApprovalStatus.REPLACED, 180)
    assert (new.sales_price, new.price_source, new.price_list) == (200, at.sales.name, at.sales)
    assert (new.decided_by, new.decided_at, new.submitted_by) == (old.decided_by, NOW, at.worker)
    assert Entry.objects.get().status == EntryStatus.APPROVED


def test_one_event_and_the_log_keep_who_and_why(at):
    at.approved(8)
    at.approved(2)
    price(at, hour="200")
    rerate(at, contract=at.contract)
    event = ActualEvent.objects.get(kind=EventKind.RE_RATING)
    assert (event.legal_entity, event.actor, event.happened_on) == (at.entity, at.accountant, DAY)
    assert (
        OutboxEntry.objects.filter(kind="actuals-recorded", effect_key__endswith=f":{event.pk}").count() == 1
    )
    log = Activity.objects.filter(verb="priced again").earliest("pk")
    assert log.facts == {
        "reason": "New prices",
        "changes": {"sales_price": ["180", "200"], "sales_amount": ["1440", "1600"]},
    }


def test_unpriced_work_gets_its_price_once_there_is_one(at):
    unknown = Role.objects.create(name="Unknown")
    at.approved(8, role=unknown)
    assert not BacklogItem.objects.markable().exists()
    price(at, unknown, hour="120")
    price(at, unknown, hour="60", prices=at.costs)
    (change,) = rerating_of(Scope(price_list=at.sales).approvals()).changes
    assert (change.old.is_priced, change.old.is_cost_priced) == (False, False)
    rerate(at, price_list=at.sales)
    new = Approval.objects.get(status=ApprovalStatus.APPROVED)
    assert (new.is_priced, new.price_problem, new.sales_amount) == (True, "", 960)
    assert (new.is_cost_priced, new.cost_amount, new.cost_price_source) == (True, 480, at.costs.name)
    item = BacklogItem.objects.select_related("work_item").get()
    assert (item.amount, item.work_item.is_priced, item.work_item.is_cost_priced) == (960, True, True)
    assert at.ready() == 1


def test_internal_work_gets_its_cost(at):
    unknown = Role.objects.create(name="Unknown")
    fixed = at.fixed_price_line()
    at.approved(8, project=fixed.project, role=unknown)
    price(at, unknown, hour="60", prices=at.costs)
    assert rerate(at, price_list=at.costs).cost_differences() == {"EUR": 480}
    assert at.actuals() == table("""
        cost chargeable +8    0.00
        cost chargeable -8    0.00 mirror
        cost chargeable +8 +480.00
    """)


def test_work_keeps_the_price_of_its_day(at):
    at.approved(8, date=date(2026, 6, 30))
    at.approved(8, date=JULY)
    second = copy_price_list(
        at.sales, name="second half", starts_on=JULY, ends_on=None, actor=at.accountant, at=NOW
    )
    price(at, hour="200", prices=second)
    (change,) = rerating_of(Scope(contract=at.contract).approvals()).changes
    assert (change.old.entry.date, change.difference) == (JULY, 160)
    assert [one.old.entry.date for one in rerating_of(Scope(price_list=second).approvals()).changes] == [JULY]
    assert rerating_of(Scope(price_list=PriceList.objects.get(pk=at.sales.pk)).approvals()).changes == []


def test_recorded_work_is_raised_to_the_prices_of_a_later_list_by_choice(at):
    own = PriceList.objects.create(
        legal_entity=at.entity, name="own", context="sales", currency="EUR", contract=at.contract
    )
    agreed = Role.objects.create(name="Agreed")
    price(at, agreed, hour="150", prices=own)
    at.approved(8, date=date(2026, 6, 30))
    at.approved(8, date=date(2026, 6, 29), role=agreed)
    later = copy_price_list(at.sales, name="later", starts_on=JULY, ends_on=None, actor=at.accountant, at=NOW)
    price(at, hour="200", prices=later)
    price(at, agreed, hour="170", prices=later)
    done = rerate(at, price_list=later, every_day=True)
    # What the contract agrees for itself goes before the list, whichever day it is.
    assert [(one.old.entry.role, one.difference) for one in done.changes] == [(at.role, 160)]
    assert Approval.objects.approved().get(entry__role=at.role).price_list == later


def test_quantities_billing_types_and_customers_stay(at):
    first, second = at.is_shared_by("33.33", "66.67")
    at.approved(8, billable=6)
    at.approved(1, billing_type=BillingType.COMPLIMENTARY)
    price(at, hour="200")
    rerate(at, contract=at.contract)
    shown = sorted(
        BacklogItem.objects.values_list("customer", "billing_type", "amount"),
        key=lambda row: (row[1], row[0]),
    )
    assert shown == [
        (first.pk, BillingType.CHARGEABLE, Decimal("399.96")),
        (second.pk, BillingType.CHARGEABLE, Decimal("800.04")),
        (first.pk, BillingType.NON_CHARGEABLE, Decimal("133.32")),
        (second.pk, BillingType.NON_CHARGEABLE, Decimal("266.68")),
        (first.pk, BillingType.COMPLIMENTARY, Decimal("66.66")),
        (second.pk, BillingType.COMPLIMENTARY, Decimal("133.34")),
    ]


def test_what_is_on_a_draft_or_billed_is_left_out_and_named(at):
    at.approved(8)
    at.ready()
    (billed,) = at.drafts()
    at.confirm(billed)
    at.approved(4)
    at.ready()
    (draft,) = at.drafts()
    at.approved(2)
    price(at, hour="200")
    preview = rerating_of(Scope(contract=at.contract).approvals())
    assert [str(one) for one in preview.left_out] == [
        f"2 Mar 2026 Time 4 h: It is on draft {draft.number}. Remove it from the draft first."
    ]
    done = rerate(at, contract=at.contract)
    assert (len(done.changes), done.differences()) == (1, {"EUR": 40})
    assert Proforma.objects.get(pk=draft.pk).net_amount == 720
    assert sorted(BacklogItem.objects.values_list("amount", "status")) == [
        (400, BillingStatus.NOT_READY),
        (720, BillingStatus.ON_DRAFT),
    ]


def test_work_billed_to_one_of_its_customers_is_left_out(at):
    first, _second = at.is_shared_by("50", "50")
    at.approved(8)
    at.ready()
    drafts = at.drafts()
    mine = next(one for one in drafts if one.customer_id == first.pk)
    at.confirm(mine)
    theirs = next(one for one in drafts if one.pk != mine.pk)
    price(at, hour="200")
    (left,) = rerating_of(Scope(contract=at.contract).approvals()).left_out
    assert (left.code, theirs.number in str(left)) == ("on-draft", True)


def test_a_hold_outlives_the_price_and_what_was_ready_is_looked_at_again(at):
    at.approved(8)
    at.approved(2)
    hold(BacklogItem.objects.filter(quantity=8), reason=HoldReason.DISPUTED, actor=at.manager, on=DAY, at=NOW)
    at.ready()
    price(at, hour="200")
    rerate(at, contract=at.contract)
    shown = BacklogItem.objects.order_by("quantity").values_list("quantity", "hold_reason", "status")
    assert list(shown) == [
        (2, HoldReason.NONE, BillingStatus.NOT_READY),
        (8, HoldReason.DISPUTED, BillingStatus.NOT_READY),
    ]


def test_a_price_that_is_gone_leaves_the_old_one(at):
    at.approved(8)
    RolePrice.objects.filter(price_list=at.sales).update(ends_on=date(2026, 1, 1))
    preview = rerating_of(Scope(contract=at.contract).approvals())
    assert (preview.changes, preview.unchanged) == ([], 1)


def test_nothing_changes_without_a_reason_a_change_or_the_preview_that_was_shown(at):
    at.approved(8)
    approvals = Approval.objects.all()
    terms = {"actor": at.accountant, "on": DAY, "at": NOW}
    with refused("reason-missing", "nothing-to-rate"):
        rerate_work(approvals, reason=" ", expected="0", **terms)
    price(at, hour="200")
    with refused("not-as-previewed"):
        rerate_work(approvals, reason="New prices", expected="1 EUR:80", **terms)
    assert rerating_of(approvals).digest == "1 EUR:160"


def test_rerating_twice_changes_nothing_more(at):
    at.approved(8)
    price(at, hour="200")
    rerate(at, contract=at.contract)
    with refused("nothing-to-rate"):
        rerate(at, contract=at.contract)


def test_the_books_take_reversal_and_replacement(at):
    at.approved(8)
    at.journalise()
    price(at, hour="200")
    rerate(at, contract=at.contract)
    at.journalise()
    invoice = at.confirm(at.draft())
    assert invoice[0].net_amount == 1600
    at.post(at.proposals())
    # Nothing is accrued any more, cost and revenue stand once.
    assert Actual.objects.unbilled_sales().unreversed().count() == 0


def test_many_are_rated_in_as_many_statements_as_one(at):
    at.approved(1)
    price(at, hour="190")
    one = statements(lambda: rerate(at, contract=at.contract))
    for _nth in range(20):
        at.approved(1)
    price(at, hour="200")
    assert statements(lambda: rerate(at, contract=at.contract)) <= one + 3


def test_whose_work_somebody_may_price_again(at):
    at.approved(8)
    elsewhere = Company()
    elsewhere.approved(8)
    manager, accountant = at.person(PROJECT_MANAGER), at.person(PROJECT_ACCOUNTANT)
    everything = Approval.objects.all()
    assert rerateable_by(everything, accountant).count() == 1
    assert rerateable_by(everything, manager).count() == 0
    at.is_managed_by(manager)
    assert rerateable_by(everything, manager).get().entry.legal_entity == at.entity
