"""Clocks, workers and number series that meet (decisions 10 and 12; F5, F18)."""

import random
from datetime import UTC, date, datetime

from django.db import transaction

from accounting.models import IntegrationJournalLine, InvoiceProposal
from accounting.outbox_handlers import sweep_outbox
from billing.models import BatchOutcome, BatchRun, NumberSeries, Proforma
from billing.numbering import take_numbers
from billing.scheduling import run_batch, start_due_runs
from billing.states import RunStatus, SeriesKind
from core.models import OutboxEntry
from projects.models import LegalEntity
from tests.company import Company
from tests.company.batch import Batch, october
from tests.company.checking import assert_proven
from tests.company.retainers import fresh, ready
from tests.company.rows import NOW
from tests.races.starting import MARKS, at_once, codes
from tests.scenarios.test_isolation import confirmed, confirmed_without_its_billed_rows

pytestmark = MARKS

EIGHT = 8
MONDAY = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def test_two_clocks_and_six_more_start_one_run():
    october()
    answers = at_once(*[lambda: start_due_runs(now=MONDAY)] * EIGHT)
    assert (codes(answers), sum(answers)) == ([], 1)
    assert BatchRun.objects.get().business_date == date(2026, 10, 5)
    assert OutboxEntry.objects.filter(kind="batch-run").count() == 1


def test_one_run_in_the_hands_of_eight_workers_drafts_once():
    batch = october()
    start_due_runs(now=MONDAY)
    run = BatchRun.objects.get()
    answers = at_once(*[lambda: run_batch(run.pk, clock=lambda: MONDAY)] * EIGHT)
    assert codes(answers) == []
    assert set(answers) <= {RunStatus.RUNNING, RunStatus.FINISHED}
    assert BatchRun.objects.get().status == RunStatus.FINISHED
    assert batch.invoiced() == "2026-10-05 Implementation 1800.00, Expenses 550.00, Prototype 5000.00"
    assert (Proforma.objects.count(), BatchOutcome.objects.count()) == (1, 3)


def test_an_advance_is_drafted_once_by_workers_of_one_run_and_by_people_beside_it():
    company = Company()
    retainer = ready(company, "500", on=MONDAY.date())
    batch = Batch(company)
    start_due_runs(now=MONDAY)
    run = BatchRun.objects.get(job=batch.job)
    answers = at_once(
        *[lambda: run_batch(run.pk, clock=lambda: MONDAY)] * 4,
        *[lambda: len(company.drafts(MONDAY.date()))] * 4,
    )
    assert codes(answers) == []
    assert BatchRun.objects.get().status == RunStatus.FINISHED
    draft = Proforma.objects.get()
    assert (draft.net_amount, fresh(retainer).status) == (500, "on_draft")
    # Where a person was first, there is nothing left for the run to say something of.
    assert BatchOutcome.objects.count() <= 1
    assert_proven()


def test_numbers_have_no_gap_whoever_takes_them_and_whoever_gives_up():
    entity = Company.bare().entity

    def take_and_sometimes_give_up(seed: int) -> list[str]:
        dice, taken = random.Random(seed), []
        for _each in range(6):
            try:
                with transaction.atomic():
                    numbers = list(
                        take_numbers(entity, SeriesKind.CUSTOMER_INVOICE, 2026, dice.randrange(1, 4))
                    )
                    if dice.random() < 0.4:
                        raise LookupError
            except LookupError:
                continue
            taken += numbers
        return taken

    answers = at_once(*[lambda seed=seed: take_and_sometimes_give_up(seed) for seed in range(EIGHT)])
    assert codes(answers) == []
    taken = sorted(number for numbers in answers for number in numbers)
    assert taken == [f"RE-2026-{number:05d}" for number in range(1, len(taken) + 1)]
    assert NumberSeries.objects.get().last_number == len(taken) > 30


def test_companies_that_open_their_first_series_together_each_get_their_own():
    entities = [Company.bare().entity for _each in range(4)]

    def first(entity: LegalEntity) -> str:
        with transaction.atomic():
            (number,) = take_numbers(entity, SeriesKind.CUSTOMER_INVOICE, 2026, 1)
        return number

    answers = at_once(*[lambda entity=entity: first(entity) for entity in entities])
    assert codes(answers) == []
    assert len(set(answers)) == 4
    assert set(NumberSeries.objects.values_list("last_number", flat=True)) == {1}


def test_sweepers_that_meet_a_bad_proforma_do_all_the_others_once():
    company = Company()
    good = [confirmed(company, hours).pk for hours in (8, 4)]
    bad = confirmed_without_its_billed_rows(company, 2).pk
    good.append(confirmed(company, 1).pk)
    answers = at_once(*[lambda: sweep_outbox(now=NOW)] * 4)
    assert codes(answers) == []
    assert sorted(InvoiceProposal.objects.values_list("proforma", flat=True)) == sorted(good)
    rows = OutboxEntry.objects.filter(kind="proforma-confirmed").order_by("pk")
    assert [row.payload["key"] for row in rows if row.status == "done"] == good
    (left,) = rows.exclude(status="done")
    assert (left.payload["key"], left.status) == (bad, "pending")
    assert 1 <= left.attempts <= 4


def test_sweepers_that_meet_do_everything_once():
    company = Company()
    for hours in (8, 4):
        company.approved(hours)
        company.confirm(company.draft())
    answers = at_once(*[lambda: sweep_outbox(now=NOW)] * 4)
    assert codes(answers) == []
    assert set(OutboxEntry.objects.values_list("status", "attempts")) == {("done", 0)}
    assert (IntegrationJournalLine.objects.count(), InvoiceProposal.objects.count()) == (4, 2)
