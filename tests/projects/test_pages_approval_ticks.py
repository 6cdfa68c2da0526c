"""Which entries of a week can be ticked to be approved together, and what is ticked once that was done."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from projects.roles import PROJECT_MANAGER
from projects.states import ApprovalStatus
from tests.company import Company, rows
from tests.company.people import signed_in
from tests.projects.test_pages_approvals import MONDAY, shown, state_of, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    made = Company.bare()
    made.project.manager = made.person(PROJECT_MANAGER)
    made.project.save()
    return made


@pytest.fixture
def manager(at):
    return signed_in(at.project.manager)


def test_what_is_held_has_no_box_and_is_said_to_be_left_out(at, manager):
    plain, long, late = submitted(at), submitted(at, hours="10.5"), submitted(at)
    rows.reason(rows.approval_rule(at, "above_hours", number=Decimal(10)), long, Decimal("10.5"))
    rows.reason(rows.approval_rule(at, "late", "hold", number=Decimal(7)), late, Decimal(9))
    table = shown(manager)["table"]
    ticks = {row.record.pk: table.tick(row.record) for row in table.rows}
    why = "it is held and decided by itself, with a comment"
    assert {key: (one.ticked, one.blocked) for key, one in ticks.items()} == {
        plain.pk: (True, ""),
        long.pk: (False, ""),
        late.pk: (False, why),
    }
    body = " ".join(manager.get(reverse("approvals")).content.decode().split())
    assert [f'name="row" value="{one.pk}"' in body for one in (plain, long, late)] == [True, True, False]
    said = "Held, so left out: each is opened and decided by itself, with a comment"
    assert f"<dt>{said}</dt> <dd>1 entry</dd>" in body


def test_what_lies_in_a_closed_period_has_no_box_and_says_why(at, manager):
    early, late = submitted(at), submitted(at, MONDAY + timedelta(days=2))
    rows.reason(rows.approval_rule(at, "weekend"), early)
    at.entity.locked_through = MONDAY
    at.entity.save()
    page = manager.get(reverse("approvals"))
    table, body = page.context["table"], " ".join(page.content.decode().split())
    ticks = {row.record.pk: table.tick(row.record).blocked for row in table.rows}
    assert ticks == {early.pk: "its day lies in a closed period", late.pk: ""}
    assert [f'name="row" value="{one.pk}"' in body for one in (early, late)] == [False, True]
    why = "2 Mar 2026 lies in a closed period. Send it back, or ask the controller to reopen the period."
    assert why in body
    said = "In a closed period, so left out: each is opened and sent back"
    assert f"<dt>{said}</dt> <dd>1 entry</dd>" in body
    # What cannot be ticked is not counted among what waits for a tick.
    assert page.context["inbox"].flagged == []
    alone = manager.get(reverse("decide-approval", args=[early.pk])).content.decode()
    assert (why in alone, 'class="btn primary">Approve' in alone) == (True, False)
    answer = manager.post(reverse("send-back-entries"), {"row": [early.pk], "comment": "Date it in March"})
    assert (answer.status_code, state_of(early)) == (302, ApprovalStatus.REJECTED)
    # Whoever sends the form anyway is refused, and nothing is approved.
    at.entity.locked_through = MONDAY + timedelta(days=2)
    at.entity.save()
    refused = manager.post(reverse("approve-entries"), {"row": [late.pk]})
    assert [one.code for one in refused.context["refusals"]] == ["period-locked"]
    assert state_of(late) == ApprovalStatus.SUBMITTED


def test_where_nothing_is_held_nothing_is_said_of_it(at, manager):
    submitted(at)
    assert "Held, so left out" not in manager.get(reverse("approvals")).content.decode()


def test_a_week_forgets_what_was_ticked_once_it_is_approved(at, manager):
    done, left = submitted(at), submitted(at)
    answer = manager.post(reverse("approve-entries"), {"row": [done.pk], "filter": ""}, follow=True)
    body = answer.content.decode()
    assert (state_of(done), f'value="{left.pk}"' in body) == (ApprovalStatus.APPROVED, True)
    assert 'id="selection"' in body
    assert " data-done>" in body
    assert " data-done>" not in manager.get(reverse("approvals")).content.decode()
