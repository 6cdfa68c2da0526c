"""What may be invoiced, what may not, and why (B1, B2)."""

from datetime import timedelta

import pytest

from billing.marking_ready import (
    hold,
    mark_milestones_not_ready,
    mark_milestones_ready,
    mark_not_ready,
    mark_ready,
    release,
)
from billing.models import MilestoneShare
from billing.states import MilestoneStatus
from core.models import Activity
from projects.models import BacklogItem, RolePrice
from projects.states import BillingStatus, HoldReason
from tests.company import Company, only
from tests.company.checking import refused, statements
from tests.company.invoicing_rows import beyond_its_limit
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


def items() -> list[BacklogItem]:
    return list(BacklogItem.objects.order_by("pk"))


def test_a_set_is_marked_and_taken_back():
    company = Company()
    company.approved(8)
    company.approved(4)
    assert mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW) == 2
    assert [item.status for item in items()] == [BillingStatus.READY] * 2
    first, second = items()
    assert mark_not_ready(only(first), actor=company.manager, at=NOW) == 1
    assert [item.status for item in items()] == [BillingStatus.NOT_READY, BillingStatus.READY]
    log = Activity.objects.filter(subject_kind="projects.workitem").order_by("pk")
    assert list(log.values_list("verb", "subject_id", "from_state", "to_state")) == [
        ("ready", first.work_item_id, "not_ready", "ready"),
        ("ready", second.work_item_id, "not_ready", "ready"),
        ("not ready", first.work_item_id, "ready", "not_ready"),
    ]


def test_what_is_ready_already_keeps_the_whole_set_back():
    company = Company()
    company.approved(8)
    company.ready()
    company.approved(4)
    with refused("not-markable"):
        mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW)
    with refused("not-ready"):
        mark_not_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW)


def test_what_a_draft_holds_is_not_marked_at_all():
    company = Company()
    company.approved(8)
    company.draft()
    for verb, code in [(mark_ready, "not-markable"), (mark_not_ready, "not-ready")]:
        with refused(code):
            verb(BacklogItem.objects.all(), actor=company.manager, at=NOW)
    with refused("on-draft"):
        hold(BacklogItem.objects.all(), reason=HoldReason.DISPUTED, actor=company.manager, on=DAY, at=NOW)


def test_work_without_a_price_and_work_beyond_its_limit_is_never_ready():
    company = Company()
    company.approved(8)
    beyond_its_limit(BacklogItem.objects.all())
    RolePrice.objects.filter(price_list=company.sales).update(ends_on=DAY - timedelta(days=1))
    company.approved(4)
    with refused("limit-exceeded", "no-price"):
        mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW)
    assert company.ready() == 0


def test_items_are_held_with_a_reason_and_released_by_marking_them():
    company = Company()
    company.approved(8)
    assert (
        hold(BacklogItem.objects.all(), reason=HoldReason.DISPUTED, actor=company.manager, on=DAY, at=NOW)
        == 1
    )
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready disputed"
    assert company.ready() == 0  # not by the way of "all that may be marked"

    assert mark_ready(BacklogItem.objects.all(), actor=company.manager, at=NOW) == 1
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 ready"
    mark_not_ready(BacklogItem.objects.all(), reason=HoldReason.WRONG_RATE, actor=company.manager, at=NOW)
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready wrong_rate"
    held = Activity.objects.filter(verb="held").order_by("pk")
    assert [one.changes for one in held] == [
        {"hold_reason": ["", "disputed"]},
        {"hold_reason": ["", "wrong_rate"]},
    ]


def test_a_hold_says_who_and_until_when_and_is_released():
    company = Company()
    company.approved(8)
    company.ready()
    options = {"actor": company.manager, "at": NOW}
    items, later = BacklogItem.objects.all(), DAY + timedelta(days=7)
    with refused("reason-missing"):
        hold(items, reason="", on=DAY, **options)
    with refused("review-in-the-past"):
        hold(items, reason=HoldReason.DISPUTED, review_on=DAY - timedelta(days=1), on=DAY, **options)
    with refused("not-on-hold"):
        release(items, **options)
    assert hold(items, reason=HoldReason.DISPUTED, review_on=later, on=DAY, **options) == 1
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready disputed"
    item = items.get()
    assert (item.held_by, item.held_at, item.review_on) == (company.manager, NOW, later)
    assert not items.to_look_at(later - timedelta(days=1)).exists()
    assert items.to_look_at(later).exists()
    assert release(items, **options) == 1
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"
    log = Activity.objects.filter(verb__in=["held", "released"]).order_by("pk")
    assert [(one.verb, one.from_state, one.to_state, one.changes) for one in log] == [
        ("held", "ready", "not_ready", {"hold_reason": ["", "disputed"], "review_on": ["", "2026-03-09"]}),
        (
            "released",
            "not_ready",
            "not_ready",
            {"hold_reason": ["disputed", ""], "review_on": ["2026-03-09", ""]},
        ),
    ]


def test_milestones_are_marked_and_taken_back():
    company = Company()
    share = company.milestone("5000", is_ready=False)
    with refused("not-markable"):
        mark_milestones_not_ready(only(share), actor=company.manager, at=NOW)
    assert mark_milestones_ready(only(share), actor=company.manager, at=NOW) == 1
    with refused("not-markable"):
        mark_milestones_ready(only(share), actor=company.manager, at=NOW)
    assert mark_milestones_not_ready(only(share), actor=company.manager, at=NOW) == 1
    assert MilestoneShare.objects.get().status == MilestoneStatus.NOT_READY


def test_a_milestone_on_a_draft_or_billed_stays_as_it_is():
    company = Company()
    share = company.milestone("5000")
    drafts = company.drafts()
    with refused("not-markable"):
        mark_milestones_not_ready(only(share), actor=company.manager, at=NOW)
    company.confirm(*drafts)
    with refused("not-markable"):
        mark_milestones_ready(only(share), actor=company.manager, at=NOW)


def test_many_are_marked_in_as_many_statements_as_one():
    company = Company()
    company.approved(8)
    expected = statements(company.ready)
    for _each in range(30):
        company.approved(8)
    assert statements(company.ready) == expected
