"""The backlog page and what can be done to a selection of it."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from projects.models import BacklogItem
from projects.states import BillingStatus, HoldReason
from tests.company import invoicing_rows, rows
from tests.company.invoicing_rows import status_of
from tests.company.rows import DAY

pytestmark = pytest.mark.django_db

QUERIES = 13
ALL = {"all": "1"}


def rows_of(response: Any) -> list[int]:
    return [row.record.pk for row in response.context["table"].paginated_rows]


def selection(response: Any) -> dict[str, Any]:
    """What the page would send for “all that match”."""
    page = response.content.decode()
    form = page[page.index('<form id="selection"') :]
    form = form[: form.index("</form>")]
    fields = re.findall(r'name="([^"]+)" value="([^"]*)"', form)
    states: dict[str, Any] = {}
    for name, value in fields:
        states.setdefault(name, []).append(value.replace("&amp;", "&"))
    shown = re.findall(r'name="shown" value="(\d+)"', page)
    return {name: values for name, values in states.items() if name != "csrfmiddlewaretoken"} | {
        "shown": shown,
        "row": shown,
    }


def other_contract(at: Any, **columns: Any) -> Any:
    """A second contract of the same manager, with its line."""
    deal = rows.contract(at.entity, at.customer, manager=at.manager, **columns)
    return deal, rows.contract_line(deal, at.customer, project=at.project)


def test_team_member_is_refused(team_member):
    assert team_member.get(reverse("backlog")).status_code == 403
    assert team_member.post(reverse("backlog-ready"), {"row": ["1"]}).status_code == 403


def test_stranger_sees_nothing_and_changes_nothing(at, stranger):
    sales = rows.approved_hours(at)
    response = stranger.get(reverse("backlog"), ALL)
    assert rows_of(response) == []
    assert list(response.context["totals"]) == []
    assert stranger.post(reverse("backlog-ready"), {"row": [sales.pk]}).status_code == 409
    assert status_of(sales) == [BillingStatus.NOT_READY]


def test_default_view_is_my_chargeable_work_off_drafts_up_to_today(at, manager):
    mine = rows.approved_hours(at)
    rows.approved_hours(at, transaction_date=DAY + timedelta(days=20_000))
    invoicing_rows.draft_of(at, rows.approved_hours(at))
    response = manager.get(reverse("backlog"))
    assert rows_of(response) == [mine.pk]
    assert [(str(active.label), active.value) for active in response.context["active_filters"]][0] == (
        "Manager is",
        "me",
    )
    assert len(response.context["active_filters"]) == 4


def test_rare_actions_stand_behind_more_and_daily_ones_beside_it(at, manager):
    rows.approved_hours(at)
    page = manager.get(reverse("backlog"), ALL).content.decode()
    bar = page[page.index('class="action-bar"') :]
    behind, beside = re.search(r"(?s)(<details.*?)</details>(.*)", bar).groups()  # type: ignore[union-attr]
    names = r'formaction="/billing/time-material/([^"]+)/"'
    assert re.findall(names, behind) == ["check-limits", "reset-limits", "price", "describe", "release"]
    assert re.findall(names, beside) == ["billing-type", "hold", "not-ready", "ready", "add", "draft"]
    # A list whose actions are all usual has nothing to open.
    assert "<details" not in manager.get(reverse("contracts"), ALL).content.decode()


def test_totals_are_per_currency_and_never_across(at, manager):
    rows.approved_hours(at, "8", "100")
    rows.approved_hours(at, "2.5", "100")
    deal, line = other_contract(at, currency="USD")
    rows.approved_hours(at, "4", "90", contract=deal, contract_line=line, currency="USD")
    response = manager.get(reverse("backlog"), ALL)
    totals = [(one.currency, one.count, one.amount, one.quantity) for one in response.context["totals"]]
    assert totals == [
        ("EUR", 2, Decimal("1050.0000"), Decimal("10.5000")),
        ("USD", 1, Decimal("360.0000"), Decimal("4.0000")),
    ]
    groups = response.context["table"].groups
    assert groups[at.contract.pk, at.customer.pk].amount == Decimal(1050)
    assert groups[deal.pk, at.customer.pk].currency == "USD"
    assert b"$360.00" in response.content


def test_blocked_rows_say_why_and_are_counted(at, manager):
    held, capped = rows.approved_hours(at), rows.approved_hours(at)
    rows.approved_hours(at)
    BacklogItem.objects.filter(pk=held.pk).update(hold_reason=HoldReason.DISPUTED)
    invoicing_rows.beyond_its_limit(BacklogItem.objects.filter(pk=capped.pk))
    response = manager.get(reverse("backlog"), {"status": "blocked"})
    assert rows_of(response) == [held.pk, capped.pk]
    page = response.content.decode()
    assert "On hold</span><small>Disputed</small>" in page
    assert "Not-to-exceed exceeded" in page
    blocked = response.context["kpis"][2]
    assert blocked["amounts"] == [(Decimal("1600.0000"), "EUR")]
    assert blocked["detail"] == ["Not-to-exceed 1, on hold 1"]


def test_row_on_a_draft_names_the_draft(at, manager):
    draft = invoicing_rows.draft_of(at, rows.approved_hours(at))
    assert draft.number in manager.get(reverse("backlog"), ALL).content.decode()


def test_contract_on_hold_is_said_in_the_head_of_its_group(at, manager):
    rows.approved_hours(at)
    at.contract.hold()
    at.contract.save()
    group = manager.get(reverse("backlog"), ALL).context["table"].groups[at.contract.pk, at.customer.pk]
    assert group.detail.endswith("1 entry, 8.00\u00a0h, contract: “On hold”")


def test_ready_through_the_page_skips_what_is_blocked_and_can_be_undone(at, manager):
    free, held = rows.approved_hours(at), rows.approved_hours(at)
    BacklogItem.objects.filter(pk=held.pk).update(hold_reason=HoldReason.WAITING)
    response = manager.post(reverse("backlog-ready"), {"row": [free.pk, held.pk], "token": "a"}, follow=True)
    assert status_of(free, held) == [BillingStatus.READY, BillingStatus.NOT_READY]
    assert [str(one) for one in response.context["messages"]] == ["1 marked ready, 1 skipped: on hold 1"]
    assert f'action="{reverse("backlog-take-back")}"' in response.content.decode()
    manager.post(reverse("backlog-take-back"), {"row": [free.pk]})
    assert status_of(free, held) == [BillingStatus.NOT_READY, BillingStatus.NOT_READY]
    assert BacklogItem.objects.get(pk=held.pk).hold_reason == HoldReason.WAITING


def test_whoever_looks_at_everything_still_does_after_an_action(at, manager):
    sales = rows.approved_hours(at)
    form = selection(manager.get(reverse("backlog"), {"all": "1"})) | {"row": [sales.pk]}
    answer = manager.post(reverse("backlog-ready"), form)
    assert answer["Location"] == f"{reverse('backlog')}?all=1"


def test_ready_refuses_a_selection_of_blocked_rows_with_reasons(at, manager):
    capped = rows.approved_hours(at)
    invoicing_rows.beyond_its_limit(BacklogItem.objects.filter(pk=capped.pk))
    response = manager.post(reverse("backlog-ready"), {"row": [capped.pk]})
    assert response.status_code == 422
    assert [one.code for one in response.context["refusals"]] == ["limit-exceeded"]


def test_the_same_form_counts_once(at, manager):
    sales = rows.approved_hours(at)
    form = {"row": [sales.pk], "token": "once"}
    assert manager.post(reverse("backlog-ready"), form).status_code == 302
    manager.post(reverse("backlog-take-back"), {"row": [sales.pk], "token": "other"})
    assert manager.post(reverse("backlog-ready"), form).status_code == 302
    assert status_of(sales) == [BillingStatus.NOT_READY]


def test_all_that_match_is_what_the_reader_saw(at, manager):
    sales = [rows.approved_hours(at) for _nth in range(3)]
    form = selection(manager.get(reverse("backlog"), {"status": "not_ready", "select": "all"}))
    assert form["expect_count"] == ["3"]
    assert form["expect_sum"] == ["EUR:2400.0000"]
    assert manager.post(reverse("backlog-ready"), form).status_code == 302
    assert status_of(*sales) == [BillingStatus.READY] * 3


def test_row_taken_out_of_all_that_match_stays_out(at, manager):
    sales = [rows.approved_hours(at) for _nth in range(3)]
    form = selection(manager.get(reverse("backlog"), {"status": "not_ready", "select": "all"}))
    form["row"] = form["row"][1:]
    manager.post(reverse("backlog-ready"), form)
    assert sorted(status_of(*sales)) == [BillingStatus.NOT_READY, BillingStatus.READY, BillingStatus.READY]


@pytest.mark.parametrize("action", ["backlog-ready", "backlog-not-ready", "backlog-hold", "backlog-draft"])
def test_drift_is_shown_and_nothing_is_changed(at, manager, action):
    rows.approved_hours(at)
    form = selection(manager.get(reverse("backlog"), {"status": "not_ready", "select": "all"}))
    rows.approved_hours(at, "1.5", "100")
    response = manager.post(reverse(action), form)
    assert response.status_code == 409
    (shift,) = response.context["drift"].shifts
    assert (shift.expected, shift.actual) == (Decimal("800.0000"), Decimal("950.0000"))
    assert set(BacklogItem.objects.values_list("status", flat=True)) == {BillingStatus.NOT_READY}


def test_not_ready_asks_for_a_reason_and_holds_with_it(at, manager):
    sales = rows.approved_hours(at)
    manager.post(reverse("backlog-ready"), {"row": [sales.pk]})
    asked = manager.post(reverse("backlog-not-ready"), {"row": [sales.pk], "filter": "status=ready"})
    assert asked.status_code == 200
    assert asked.context["sent_fields"] == [("row", str(sales.pk)), ("filter", "status=ready")]
    assert status_of(sales) == [BillingStatus.READY]
    answer = {"row": [sales.pk], "filter": "status=ready", "reason": HoldReason.WRONG_RATE, "go": "1"}
    response = manager.post(reverse("backlog-not-ready"), answer)
    assert response.url == f"{reverse('backlog')}?status=ready"
    item = BacklogItem.objects.get(pk=sales.pk)
    assert (item.status, item.hold_reason) == (BillingStatus.NOT_READY, HoldReason.WRONG_RATE)


def test_nothing_selected_is_said(manager):
    for action in ("backlog-ready", "backlog-hold", "backlog-draft"):
        response = manager.post(reverse(action), {"filter": "status=ready"})
        assert response.status_code == 422
        assert [one.code for one in response.context["refusals"]] == ["nothing-selected"]


def test_hold_with_a_day_and_release(at, manager):
    sales, other = rows.approved_hours(at), rows.approved_hours(at)
    sent = {"row": [sales.pk], "reason": HoldReason.DISPUTED, "review_on": "2099-12-04", "go": "1"}
    manager.post(reverse("backlog-hold"), sent, follow=True)
    item = BacklogItem.objects.get(pk=sales.pk)
    assert (item.hold_reason, item.held_by, item.review_on) == ("disputed", at.manager, date(2099, 12, 4))
    response = manager.post(reverse("backlog-release"), {"row": [sales.pk, other.pk]}, follow=True)
    assert [str(one) for one in response.context["messages"]] == ["1 released"]
    item = BacklogItem.objects.get(pk=sales.pk)
    assert (item.hold_reason, item.held_by, item.held_at, item.review_on) == ("", None, None, None)
    response = manager.post(reverse("backlog-release"), {"row": [sales.pk]})
    assert [one.code for one in response.context["refusals"]] == ["not-on-hold"]


def test_a_day_in_the_past_is_refused_at_the_form(at, manager):
    sales = rows.approved_hours(at)
    sent = {"row": [sales.pk], "reason": HoldReason.DISPUTED, "review_on": "2020-01-01", "go": "1"}
    response = manager.post(reverse("backlog-hold"), sent)
    assert response.status_code == 422
    assert [one.code for one in response.context["refusals"]] == ["review-in-the-past"]
    assert BacklogItem.objects.get(pk=sales.pk).hold_reason == HoldReason.NONE


def test_hold_with_an_unknown_reason_comes_back_with_the_form(at, manager):
    sales = rows.approved_hours(at)
    response = manager.post(reverse("backlog-hold"), {"row": [sales.pk], "reason": "mood", "go": "1"})
    assert response.status_code == 422
    assert BacklogItem.objects.get(pk=sales.pk).hold_reason == HoldReason.NONE


def test_queries_do_not_grow_with_rows(at, manager):
    counts = []
    for _nth in range(2):
        for _more in range(4):
            rows.approved_hours(at)
        manager.get(reverse("backlog"), ALL)
        with CaptureQueriesContext(connection) as captured:
            manager.get(reverse("backlog"), ALL)
        counts.append(len(captured))
    assert counts == [QUERIES, QUERIES]


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=99999999999999999999",
        "page=x&per_page=0",
        "sort=nothing",
        "sort=-amount&sort=\x00",
        "manager=99999999999999999999999",
        "manager=1%27--",
        "to=0000-13-99",
        "to=9999-12-31&since=0001-01-01",
        "status=%00",
        "q=%00",
        "q=%F0%9F%92%A9%27%22%25_\\",
        "type=x&type=99",
        "kind=" + "a" * 3000,
        "contract=%2e%2e%2f",
        "currency=EURO",
        "select=all&select=none",
        "all=1&all=2",
    ],
)
def test_hostile_addresses_are_answered(at, manager, query):
    rows.approved_hours(at)
    assert manager.get(f"{reverse('backlog')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {"row": ["x"]},
        {"row": ["9" * 40]},
        {"row": ["-1"]},
        {"row": [str(2**70)]},
        {},
        {"scope": "filter", "filter": "status=%00", "expect_count": "x"},
        {"scope": "filter", "filter": "to=never", "expect_count": "0", "expect_sum": "EUR:abc"},
        {"scope": "filter", "expect_count": "0", "expect_sum": ["EUR", "USD:1"]},
        {"row": ["1"], "token": "t" * 200},
        {"row": ["1"], "invoice_date": "yesterday", "go": "1"},
    ],
)
@pytest.mark.parametrize("action", ["backlog-ready", "backlog-take-back", "backlog-hold", "backlog-draft"])
def test_hostile_forms_are_answered_without_a_fault(at, manager, action, form):
    assert manager.post(reverse(action), form).status_code < 500
