"""From the contracts list to a run: what is chosen, what is foreseen, what came of it, who sees it (B5)."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounting.outbox_handlers import sweep_outbox
from billing.bulk_drafting import draft_in_bulk
from billing.models import BatchRun, Proforma
from billing.states import RunStatus
from billing.views.bulk_drafts import HANDFUL
from projects.contracting import hold_contracts
from projects.models import BacklogItem, Customer, ProjectContract
from projects.roles import PROJECT_MANAGER
from tests.company import Company, only
from tests.company.batch import Batch
from tests.company.checking import statements, unchanged
from tests.company.contracts import contract_with_hours
from tests.company.people import signed_in
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db

DAYS = {"cut_off": "2026-03-31", "invoice_date": "2026-03-31"}
ADDRESS = "/contracts/draft/"


@pytest.fixture
def at(company: Company) -> Company:
    return company


def chosen(*contracts: ProjectContract, **more: str) -> dict[str, Any]:
    return {"scope": "page", "row": [str(one.pk) for one in contracts], **more}


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def run_of(response: Any) -> BatchRun:
    """The run whose page the answer leads to."""
    assert response.status_code == 302, response.content.decode()[:2000]
    return BatchRun.objects.get(pk=response["Location"].rstrip("/").rsplit("/", 1)[1])


def test_ticked_contracts_are_foreseen_and_nothing_happens_yet(at, manager):
    deal = contract_with_hours(at, 8)
    paused = contract_with_hours(at, 2)
    hold_contracts(only(paused), actor=at.manager, at=NOW)
    with unchanged():
        shown = manager.post(ADDRESS, chosen(deal, paused) | DAYS)
    assert shown.status_code == 200
    page = text_of(shown)
    assert shown.context["heading"] == "Preview: 1 proforma from 1 contract, 1 left out"
    assert [(one.contract, one.goes_in, one.amount) for one in shown.context["shown"]] == [
        (deal, "1 entry", 1600)
    ]
    assert "The contract is “On hold”. Only confirmed contracts are invoiced: confirm or resume it." in page
    assert f"{at.manager.username} can clear it." in page
    assert "Create 1 proforma" in page
    assert "This may take a while" not in page


def test_many_contracts_are_warned_of_and_left_to_the_worker(at, manager):
    deals = [contract_with_hours(at, 1) for _each in range(HANDFUL + 1)]
    page = text_of(manager.post(ADDRESS, chosen(*deals) | DAYS))
    assert "This may take a while." in page
    assert f"{HANDFUL + 1} contracts are worked through; the work goes on when you close this page." in page

    answer = manager.post(ADDRESS, chosen(*deals, go="1") | DAYS)
    run = run_of(answer)
    assert (run.status, run.due_count, run.requested_by) == (RunStatus.QUEUED, HANDFUL + 1, at.manager)
    assert not Proforma.objects.exists()
    shown = manager.get(answer["Location"])
    assert ("0 of 4 contracts" in text_of(shown), 'data-poll=""' in shown.content.decode()) == (True, True)

    sweep_outbox(now=NOW)
    page = text_of(manager.get(answer["Location"]))
    assert "4 of 4 contracts" in page
    for made in Proforma.objects.all():
        assert made.number in page
    assert [(kpi["label"], kpi["value"]) for kpi in manager.get(answer["Location"]).context["kpis"]] == [
        ("All settled", "4"),
        ("Created", "4"),
        ("Nothing to bill", "0"),
        ("Left out", "0"),
        ("Failed", "0"),
    ]


def test_a_handful_is_done_at_once_and_each_result_is_named_with_its_way_out(at, manager):
    deal, unready = contract_with_hours(at, 8), contract_with_hours(at, 2, is_ready=False)
    held = contract_with_hours(at, 4)
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    answer = manager.post(ADDRESS, chosen(deal, unready, held, go="1") | DAYS)
    assert run_of(answer).status == RunStatus.FINISHED
    page = text_of(manager.get(answer["Location"]))
    made = Proforma.objects.get()
    assert made.net_amount == 1600
    for said in (
        made.number,
        "€1,600.00",
        "Nothing is ready up to 31 Mar 2026: 1 entry not ready.",
        "Mark ready what belongs on the invoice.",
        f"Customer {held.customer} is on hold.",
        "Release the customer first.",
        "Try the 1 again that is left",
    ):
        assert said in page, said


def test_all_that_match_are_drafted_and_a_form_sent_twice_counts_once(at, manager):
    for hours in (8, 4):
        contract_with_hours(at, hours)
    everything = {"scope": "filter", "filter": "", "expect_count": "3", "expect_sum": "EUR:2400"} | DAYS
    shown = manager.post(ADDRESS, everything)
    assert shown.context["heading"] == "Preview: 2 proformas from 2 contracts, 1 left out"
    sent = everything | {"go": "1", "token": "a" * 32}
    first, second = manager.post(ADDRESS, sent), manager.post(ADDRESS, sent)
    assert run_of(first) == run_of(second)
    assert (BatchRun.objects.count(), Proforma.objects.count()) == (1, 2)


def test_a_list_that_changed_since_it_was_shown_is_said_and_nothing_is_started(at, manager):
    contract_with_hours(at, 8)
    sent = {"scope": "filter", "filter": "", "expect_count": "1", "expect_sum": "EUR:0", "go": "1"} | DAYS
    assert manager.post(ADDRESS, sent).status_code == 409
    assert not BatchRun.objects.exists()


def test_work_dated_after_the_invoice_is_an_error_at_the_field(at, manager):
    deal = contract_with_hours(at, 8)
    days = {"cut_off": "2026-04-02", "invoice_date": "2026-04-01"}
    answer = manager.post(ADDRESS, chosen(deal, go="1") | days)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "invoice_date": ["Choose an invoice date that is not before the last day of the work."]
    }
    assert not BatchRun.objects.exists()


def test_who_may_not_draft_is_kept_out_and_strangers_do_not_reach_the_contracts(at, team_member, stranger):
    deal = contract_with_hours(at, 8)
    assert team_member.post(ADDRESS, chosen(deal, go="1") | DAYS).status_code == 403
    assert stranger.post(ADDRESS, chosen(deal, go="1") | DAYS).status_code == 409
    assert not BatchRun.objects.exists()


def test_managers_see_the_runs_of_their_contracts_and_no_others(at, manager, stranger, accountant):
    run = run_of(manager.post(ADDRESS, chosen(contract_with_hours(at, 8), go="1") | DAYS))
    address = reverse("run", args=[run.pk])
    assert manager.get(address).status_code == accountant.get(address).status_code == 200
    assert stranger.get(address).status_code == 404
    seen = [[row.pk for row in who.get(reverse("runs")).context["table"].data] for who in (manager, stranger)]
    assert seen == [[run.pk], []]


def test_a_manager_does_not_see_the_run_of_a_job_that_settled_only_contracts_of_others(at, manager, stranger):
    batch = Batch(at)
    at.approved(8)
    at.ready()
    batch.schedule(at.line, period="monthly", day_of_month=1)
    run = batch.by_hand(date(2026, 11, 1))
    assert manager.get(reverse("run", args=[run.pk])).status_code == 200
    assert stranger.get(reverse("run", args=[run.pk])).status_code == 404
    page = text_of(stranger.get(reverse("runs")))
    assert "No job has run yet" in page or "No rows" in page


def test_a_run_is_stopped_by_who_started_it_and_by_those_who_run_batches(at, manager, accountant):
    colleague = signed_in(at.person(PROJECT_MANAGER))
    deals = [contract_with_hours(at, 1) for _each in range(HANDFUL + 1)]
    run = run_of(manager.post(ADDRESS, chosen(*deals, go="1") | DAYS))
    address, stop = reverse("run", args=[run.pk]), reverse("run-stop", args=[run.pk])
    assert "Stop after this contract" in text_of(manager.get(address))
    assert colleague.post(stop).status_code == 404
    assert manager.post(stop).status_code == 302
    run = BatchRun.objects.get()
    assert (run.status, draft_in_bulk(run.pk, clock=lambda: NOW)) == (RunStatus.STOPPED, "stopped")
    page = text_of(manager.get(address))
    assert "What was made stays; what was not begun is as it was." in page
    assert "Try the 4 again that are left" in page
    assert accountant.post(stop).status_code == 422

    again = manager.get(address).context["again"]
    shown = manager.post(again["url"], {"scope": "page", "row": again["keys"]} | DAYS)
    assert shown.context["heading"] == "Preview: 4 proformas from 4 contracts"


def test_the_page_of_a_run_and_its_preview_take_as_many_statements_for_more_contracts(at, manager):
    def cost(count: int) -> tuple[int, int]:
        deals = [contract_with_hours(at, 1) for _each in range(count)]
        preview = statements(lambda: manager.post(ADDRESS, chosen(*deals) | DAYS))
        run = run_of(manager.post(ADDRESS, chosen(*deals, go="1") | DAYS))
        draft_in_bulk(run.pk, clock=lambda: NOW)
        return preview, statements(lambda: manager.get(reverse("run", args=[run.pk])))

    cost(2)
    assert cost(2) == cost(8)


def test_what_waits_for_being_ready_is_marked_on_the_preview(at, manager):
    deal, other = (contract_with_hours(at, hours, is_ready=False) for hours in (8, 2))
    hold_contracts(only(other), actor=at.manager, at=NOW)
    sent = chosen(deal, other) | DAYS
    page = text_of(manager.post(ADDRESS, sent))
    assert "1 entry, €1,600.00, is not marked ready and stays behind." in page
    assert "Create 1 proforma" not in page

    shown = manager.post(ADDRESS, sent | {"mark_ready": "1"})
    page = text_of(shown)
    assert ("1 marked ready" in page, "is not marked ready" in page) == (True, False)
    assert shown.context["heading"] == "Preview: 1 proforma from 1 contract, 1 left out"
    assert "Create 1 proforma" in page
    assert at.backlog().count(" ready") == 1
    assert not Proforma.objects.exists()
    assert "mark_ready" not in dict(shown.context["sent_fields"])
    # Sent once more there is nothing left to mark, which is no error.
    assert manager.post(ADDRESS, sent | {"mark_ready": "1"}).status_code == 200


# --- From a selection of the backlog or of milestones -----------------------------------------------


def test_what_the_preview_of_a_selection_calls_a_new_draft_is_one_and_what_it_refuses_is_named(at, manager):
    good, paused = contract_with_hours(at, 8), contract_with_hours(at, 4)
    hold_contracts(only(paused), actor=at.manager, at=NOW)
    rows = {"scope": "page", "row": [str(key) for key in BacklogItem.objects.values_list("pk", flat=True)]}
    sent = rows | {"invoice_date": "2026-03-31"}
    placements = manager.post(reverse("backlog-draft"), sent).context["placements"]
    foreseen = [one.preview for one in placements]
    assert [(one.contract, one.is_drafted) for one in foreseen] == [(good, True), (paused, False)]
    answer = manager.post(reverse("backlog-draft"), sent | {"go": "1"})
    assert [one.contract for one in Proforma.objects.all()] == [good]
    page = text_of(manager.get(answer["Location"]))
    for said in (
        Proforma.objects.get().number,
        "1 proforma created, 1 left out",
        str(paused),
        "The contract is “On hold”. Only confirmed contracts are invoiced: confirm or resume it.",
    ):
        assert said in page, said
    assert BacklogItem.objects.get(contract=paused).status == "ready"


def test_where_all_of_a_selection_is_refused_nothing_is_made_and_the_reasons_are_said(at, manager):
    paused = contract_with_hours(at, 4)
    hold_contracts(only(paused), actor=at.manager, at=NOW)
    row = str(BacklogItem.objects.get(contract=paused).pk)
    with unchanged():
        sent = {"scope": "page", "row": [row], "invoice_date": "2026-03-31", "go": "1"}
        answer = manager.post(reverse("backlog-draft"), sent)
    assert [one.code for one in answer.context["refusals"]] == ["contract-not-confirmed"]
