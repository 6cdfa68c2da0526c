"""The milestones page and what can be done to a selection of it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Milestone, MilestoneShare, Proforma
from billing.states import MilestoneStatus
from tests.company import invoicing_rows, rows

pytestmark = pytest.mark.django_db

QUERIES = 13
ALL = {"all": "1"}


def share(at: Any, amount: str = "1000", status: str = MilestoneStatus.NOT_READY) -> MilestoneShare:
    made = invoicing_rows.milestone_share(at, amount)
    MilestoneShare.objects.filter(pk=made.pk).update(status=status)
    return MilestoneShare.objects.get(pk=made.pk)


def status_of(*shares: MilestoneShare) -> list[str]:
    states = dict(MilestoneShare.objects.values_list("pk", "status"))
    return [states[one.pk] for one in shares]


def rows_of(response: Any) -> list[int]:
    return [row.record.pk for row in response.context["table"].paginated_rows]


def test_team_member_is_refused(team_member):
    assert team_member.get(reverse("milestones")).status_code == 403
    assert team_member.post(reverse("milestones-ready"), {"row": ["1"]}).status_code == 403


def test_stranger_sees_nothing_and_changes_nothing(at, stranger):
    made = share(at)
    assert rows_of(stranger.get(reverse("milestones"), ALL)) == []
    assert stranger.post(reverse("milestones-ready"), {"row": [made.pk]}).status_code == 409
    assert status_of(made) == [MilestoneStatus.NOT_READY]


def test_figures_are_per_currency(at, manager):
    share(at, "1000")
    share(at, "250.50", MilestoneStatus.READY)
    dollars = rows.contract(at.entity, at.customer, manager=at.manager, currency="USD")
    at.contract = dollars
    share(at, "77")
    response = manager.get(reverse("milestones"), ALL)
    assert [(one.currency, one.count, one.amount) for one in response.context["totals"]] == [
        ("EUR", 2, Decimal("1250.5000")),
        ("USD", 1, Decimal("77.0000")),
    ]
    ready, overdue, _soon, left = response.context["kpis"]
    assert left["amounts"] == [(Decimal("1250.5000"), "EUR"), (Decimal("77.0000"), "USD")]
    assert left["detail"] == ["3 milestones, 2 contracts"]
    assert ready["amounts"] == [(Decimal("250.5000"), "EUR"), (Decimal(0), "USD")]
    assert overdue["amounts"] == [(Decimal("1000.0000"), "EUR"), (Decimal("77.0000"), "USD")]


def test_overdue_is_said_with_its_days_and_what_is_ahead_is_not(at, manager):
    late, ahead = share(at), share(at)
    Milestone.objects.filter(shares=ahead).update(due_on=date(2999, 1, 1))
    page = manager.get(reverse("milestones"), ALL).content.decode()
    assert page.count(">Overdue<small>") + page.count("Overdue</span><small>") == 1
    assert rows_of(manager.get(reverse("milestones"))) == [late.pk, ahead.pk]
    assert rows_of(manager.get(reverse("milestones"), {"status": "overdue"})) == [late.pk]


def test_ready_and_back_through_the_page(at, manager):
    first, second = share(at), share(at)
    rows = {"row": [first.pk, second.pk]}
    assert manager.post(reverse("milestones-ready"), rows).status_code == 302
    assert status_of(first, second) == [MilestoneStatus.READY] * 2
    assert manager.post(reverse("milestones-not-ready"), rows).status_code == 302
    assert status_of(first, second) == [MilestoneStatus.NOT_READY] * 2


def test_ready_twice_is_refused_with_the_name_of_the_milestone(at, manager):
    made = share(at, status=MilestoneStatus.READY)
    response = manager.post(reverse("milestones-ready"), {"row": [made.pk]})
    assert response.status_code == 422
    assert [(one.code, one.subject) for one in response.context["refusals"]] == [("not-markable", str(made))]


def test_draft_from_a_selection(at, manager):
    made = share(at, "1000", MilestoneStatus.READY)
    form = {"row": [made.pk], "invoice_date": "2026-03-31"}
    (placement,) = manager.post(reverse("milestones-draft"), form).context["placements"]
    preview = placement.preview
    assert (preview.milestones, preview.amount) == (1, Decimal("1000.0000"))
    manager.post(reverse("milestones-draft"), {**form, "go": "1"})
    assert Proforma.objects.get().net_amount == Decimal("1000.0000")
    assert status_of(made) == [MilestoneStatus.ON_DRAFT]
    assert Proforma.objects.get().number in manager.get(reverse("milestones"), ALL).content.decode()


def test_draft_takes_nothing_that_is_due_later(at, manager):
    made = share(at, status=MilestoneStatus.READY)
    form = {"row": [made.pk], "invoice_date": "2026-03-01"}
    asked = manager.post(reverse("milestones-draft"), form)
    assert (asked.context["drafted"], [one.preview for one in asked.context["placements"]][0].left) == (0, 1)
    response = manager.post(reverse("milestones-draft"), {**form, "go": "1"}, follow=True)
    assert Proforma.objects.count() == 0
    assert "no proforma was created" in response.content.decode()


def test_queries_do_not_grow_with_rows(at, manager):
    counts = []
    for _nth in range(2):
        share(at)
        manager.get(reverse("milestones"), ALL)
        with CaptureQueriesContext(connection) as captured:
            manager.get(reverse("milestones"), ALL)
        counts.append(len(captured))
    assert counts == [QUERIES, QUERIES]


@pytest.mark.parametrize(
    "query", ["status=x", "manager=0", "to=x", "q=%00", "sort=-status&page=0", "currency=%27"]
)
def test_hostile_addresses_are_answered(at, manager, query):
    share(at)
    assert manager.get(f"{reverse('milestones')}?{query}").status_code == 200
