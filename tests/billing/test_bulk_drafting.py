"""Proformas from many contracts in one run: one each, nobody stops the others (B5, decision 19)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from accounting.outbox_handlers import sweep_outbox
from billing import bulk_drafting
from billing.bulk_drafting import draft_in_bulk, request_drafts
from billing.drafting import claim_and_add_up
from billing.drafts_ahead import drafts_ahead
from billing.models import BatchOutcome, BatchRun, Proforma
from billing.models.batch import SILENCE
from billing.states import RunStatus
from billing.stopping import stop_runs
from core.models import Activity, OutboxEntry
from projects.contracting import hold_contracts, resume_contracts
from projects.models import BacklogItem, Customer, ProjectContract
from projects.writing_contracts import delete_contract_drafts
from tests.company import Company, only, rows
from tests.company.batch import Dying, Killed
from tests.company.checking import assert_proven, refused, statements
from tests.company.contracts import contract_with_hours, make_ready
from tests.company.rows import CUT_OFF, NOW
from tests.company.text import table

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return Company()


def asked(company: Company, *contracts: ProjectContract, **options: Any) -> BatchRun:
    chosen = ProjectContract.objects.filter(pk__in=[one.pk for one in contracts])
    dates = {"invoice_date": CUT_OFF, "cut_off": CUT_OFF}
    return request_drafts(chosen, **dates | options, actor=company.manager, at=NOW)


def drafted(company: Company, *contracts: ProjectContract, **options: Any) -> BatchRun:
    run = asked(company, *contracts, **options)
    draft_in_bulk(run.pk, clock=lambda: NOW)
    return BatchRun.objects.get(pk=run.pk)


def outcomes_of(run: BatchRun) -> str:
    """Every outcome: which contract, what became of it, how much, in which words."""
    return "\n".join(
        f"{row.contract.number} {row.outcome} "
        + (f"{row.proforma.net_amount:.2f} " if row.proforma else "")
        + " | ".join(filter(None, [row.message, row.way_out]))
        for row in run.outcomes.select_related("contract", "proforma").order_by("pk")
    )


def numbers(*contracts: ProjectContract) -> list[str]:
    return [one.number for one in contracts]


# --- One run --------------------------------------------------------------------------------------


def test_each_contract_and_customer_gets_one_and_every_contract_is_answered(company):
    hours = contract_with_hours(company, 8)
    unready = contract_with_hours(company, 2, is_ready=False)
    empty = contract_with_hours(company, 0)
    company.is_shared_by("60", "40")
    company.approved(4)
    make_ready(company, company.contract)
    run = drafted(company, hours, unready, empty, company.contract)
    assert (run.status, run.due_count, run.finished_at) == (RunStatus.FINISHED, 4, NOW)
    shared = company.contract.number
    assert sorted(outcomes_of(run).splitlines()) == sorted(
        table(f"""
            {shared} created 480.00 1 entry
            {shared} created 320.00 1 entry
            {hours.number} created 1600.00 1 entry
            {unready.number} nothing_to_bill Nothing is ready up to 31 Mar 2026: 1 entry not ready. \
| Mark ready what belongs on the invoice.
            {empty.number} nothing_to_bill Nothing is open.
        """).splitlines()
    )
    made = Proforma.objects.order_by("pk")
    assert {one.created_by for one in made} == {company.manager}
    assert {(one.invoice_date, one.cut_off_date, one.scheduled_for) for one in made} == {
        (CUT_OFF, CUT_OFF, None)
    }
    assert_proven()


def test_what_is_refused_is_left_out_with_its_reason_and_stops_nobody(company):
    good = contract_with_hours(company, 8)
    held = contract_with_hours(company, 4)
    hold_contracts(only(held), actor=company.manager, at=NOW)
    late_payer = contract_with_hours(company, 2)
    Customer.objects.filter(pk=late_payer.customer_id).update(is_on_hold=True)
    run = drafted(company, held, late_payer, good)
    assert run.status == RunStatus.FINISHED
    assert sorted(outcomes_of(run).splitlines()) == sorted(
        table(f"""
            {good.number} created 1600.00 1 entry
            {held.number} left_out The contract is “On hold”. | Only confirmed contracts are invoiced: \
confirm or resume it.
            {late_payer.number} left_out Customer {late_payer.customer} is on hold. | Release the \
customer first.
        """).splitlines()
    )
    assert BacklogItem.objects.filter(contract__in=[held, late_payer], status="ready").count() == 2

    resume_contracts(only(held), actor=company.manager, at=NOW)
    Customer.objects.update(is_on_hold=False)
    again = drafted(company, held, late_payer, good)
    assert [row.outcome for row in again.outcomes.order_by("contract__pk")] == [
        "nothing_to_bill",
        "created",
        "created",
    ]


def test_a_customer_on_hold_waits_while_the_others_of_the_contract_are_invoiced(company):
    first, second = company.is_shared_by("60", "40")
    company.approved(10)
    make_ready(company, company.contract)
    Customer.objects.filter(pk=second.pk).update(is_on_hold=True)
    run = drafted(company, company.contract)
    assert [(row.customer, row.outcome, row.way_out) for row in run.outcomes.order_by("pk")] == [
        (first, "created", ""),
        (second, "left_out", "Release the customer first."),
    ]
    assert Proforma.objects.get().customer == first


def test_work_after_the_cut_off_stays_behind_and_the_invoice_date_is_the_chosen_one(company):
    deal = contract_with_hours(company, 8)
    project = deal.lines.get().project
    company.approved(2, project=project, date=date(2026, 3, 20))
    make_ready(company, deal)
    run = drafted(company, deal, cut_off=date(2026, 3, 15), invoice_date=date(2026, 4, 1))
    made = Proforma.objects.get()
    assert (made.invoice_date, made.cut_off_date, made.net_amount) == (
        date(2026, 4, 1),
        date(2026, 3, 15),
        1600,
    )
    assert outcomes_of(run) == f"{deal.number} created 1600.00 1 entry; stays behind: 1 entry dated later"


def test_nothing_chosen_and_work_after_the_invoice_date_are_refused(company):
    with refused("nothing-chosen"):
        asked(company)
    deal = contract_with_hours(company, 8)
    with refused("cut-off-after-invoice-date"):
        asked(company, deal, cut_off=date(2026, 4, 2), invoice_date=date(2026, 4, 1))


def test_what_the_preview_says_is_what_the_run_does(company):
    shared = contract_with_hours(company, 8)
    unready = contract_with_hours(company, 2, is_ready=False)
    held = contract_with_hours(company, 4)
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    paused = contract_with_hours(company, 1)
    hold_contracts(only(paused), actor=company.manager, at=NOW)
    limited = contract_with_hours(company, 6)
    ProjectContract.objects.filter(pk=limited.pk).update(not_to_exceed_amount=1000)
    chosen = ProjectContract.objects.filter(legal_entity=company.entity)
    ahead = drafts_ahead(chosen, CUT_OFF, cut_off=CUT_OFF)
    foreseen = {(one.contract.pk, one.customer.pk): one.amount for one in ahead.made}
    without = {contract.pk for contract, *_rest in ahead.without}
    assert foreseen == {(shared.pk, shared.customer_id): 1600}
    assert without == {company.contract.pk, unready.pk, held.pk, paused.pk, limited.pk}
    assert ahead.contracts == 1

    run = drafted(company, *chosen)
    made = {(one.contract_id, one.customer_id): one.net_amount for one in Proforma.objects.all()}
    assert made == foreseen
    left = set(run.outcomes.exclude(outcome="created").values_list("contract", flat=True))
    assert left == without


def test_a_draft_contract_that_was_once_chosen_can_still_be_deleted(company):
    deal = rows.draft_contract(company)
    run = drafted(company, deal)
    (outcome,) = run.outcomes.all()
    assert (outcome.outcome, outcome.message) == ("left_out", "The contract is “Draft”.")
    assert delete_contract_drafts(only(deal), actor=company.manager, at=NOW) == 1
    assert not BatchOutcome.objects.exists()


# --- Failures, workers that die, people who stop it ---------------------------------------------


def failing(monkeypatch: Any, contract: ProjectContract, error: Exception) -> None:
    """Drafting fails whenever this contract is among those that are drafted."""

    def draft(contracts: Any, *terms: Any, **options: Any) -> Any:
        if contracts.filter(pk=contract.pk).exists():
            raise error
        return claim_and_add_up(contracts, *terms, **options)

    monkeypatch.setattr(bulk_drafting, "claim_and_add_up", draft)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (
            ZeroDivisionError("a bug"),
            "An unexpected error stopped it (ZeroDivisionError); it is in the log. "
            "Nothing was created; start a run for it again.",
        ),
        (OperationalError("the disk is full"), "An unexpected error stopped it (OperationalError)"),
    ],
)
def test_an_error_in_one_contract_fails_it_alone(company, monkeypatch, error, why):
    monkeypatch.setattr("billing.run_steps.STEPS", 1)  # all six in one transaction at first
    deals = [contract_with_hours(company, 1) for _each in range(6)]
    failing(monkeypatch, deals[3], error)
    run = drafted(company, *deals)
    assert run.status == RunStatus.WITH_FAILURES
    by_contract = {row.contract_id: row for row in run.outcomes.all()}
    assert [by_contract[one.pk].outcome for one in deals] == ["created"] * 3 + ["failed"] + ["created"] * 2
    assert by_contract[deals[3].pk].message.startswith(why)
    assert Proforma.objects.count() == 5

    monkeypatch.undo()
    again = drafted(company, deals[3])
    assert [row.outcome for row in again.outcomes.all()] == ["created"]
    assert_proven()


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_worker_that_dies_anywhere_is_made_good_by_the_next_and_each_is_drafted_once(company, after):
    deals = [contract_with_hours(company, hours) for hours in (8, 4, 2)]
    run = asked(company, *deals)
    with pytest.raises(Killed):
        draft_in_bulk(run.pk, clock=Dying(NOW, after))
    done = Proforma.objects.count()
    assert done == max(after - 1, 0)
    if after:  # it gave a sign of life just now, so nobody takes it over yet
        assert draft_in_bulk(run.pk, clock=lambda: NOW) == RunStatus.RUNNING
        assert Proforma.objects.count() == done
    later = NOW + SILENCE + timedelta(seconds=1)
    assert draft_in_bulk(run.pk, clock=lambda: later) == RunStatus.FINISHED
    assert draft_in_bulk(run.pk, clock=lambda: later) == RunStatus.FINISHED
    assert sorted(Proforma.objects.values_list("net_amount", flat=True)) == [400, 800, 1600]
    assert run.outcomes.count() == 3
    assert_proven()


def test_a_run_that_is_stopped_keeps_what_it_made_and_begins_nothing_more(company):
    deals = [contract_with_hours(company, hours) for hours in (8, 4, 2)]
    run = asked(company, *deals)
    calls = iter(range(10))

    def clock() -> datetime:
        if next(calls) == 2:  # the first contract is done, the second about to begin
            stop_runs(BatchRun.objects.filter(pk=run.pk), actor=company.manager, at=NOW)
        return NOW

    assert draft_in_bulk(run.pk, clock=clock) == RunStatus.STOPPED
    run = BatchRun.objects.get()
    assert (run.status, run.finished_at, run.outcomes.count(), Proforma.objects.count()) == (
        RunStatus.STOPPED,
        NOW,
        1,
        1,
    )
    assert run.targets.waiting().count() == 2
    assert Activity.objects.about(run).filter(verb="stopped").count() == 1
    with refused("run-is-over"):
        stop_runs(BatchRun.objects.all(), actor=company.manager, at=NOW)
    assert draft_in_bulk(run.pk, clock=lambda: NOW) == RunStatus.STOPPED
    assert Proforma.objects.count() == 1


def test_the_worker_takes_up_what_a_person_asked_for(company):
    run = asked(company, contract_with_hours(company, 8))
    assert (run.status, run.kind, run.trigger) == (RunStatus.QUEUED, "contracts", "person")
    sweep_outbox(now=datetime.now(UTC))
    assert BatchRun.objects.get().status == RunStatus.FINISHED
    assert OutboxEntry.objects.get(kind="batch-run").status == "done"
    assert Proforma.objects.get().net_amount == 1600


def test_a_run_of_more_contracts_takes_no_more_statements_for_each(company):
    def per_run(count: int) -> int:
        run = asked(company, *[contract_with_hours(company, 1) for _each in range(count)])
        return statements(lambda: draft_in_bulk(run.pk, clock=lambda: NOW))

    # Twenty steps at least, so that people see progress; each step takes the same number of statements.
    once, twice = per_run(1), per_run(2)
    assert per_run(20) == once + 19 * (twice - once)
    assert per_run(40) == per_run(20)
