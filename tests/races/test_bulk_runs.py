"""People and workers that meet over the same contracts and proformas: everything is done once (F17, F18)."""

from typing import Any

from django.db.models import Count

from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.bulk_drafting import draft_in_bulk, request_drafts
from billing.models import BatchOutcome, BatchRun, Proforma
from billing.states import RunStatus
from projects.models import Actual, ProjectContract
from tests.company import Company
from tests.company.checking import assert_proven
from tests.company.contracts import contract_with_hours
from tests.company.rows import CUT_OFF, DAY, NOW
from tests.races.starting import MARKS, at_once, codes

pytestmark = MARKS

CONTRACTS = 6
FOUR = 4


def agreed() -> Company:
    company = Company()
    for _each in range(CONTRACTS):
        contract_with_hours(company, 1)
    return company


def drafted_by(company: Company, actor: Any) -> str:
    """One person presses the button, and a worker works through the run."""
    contracts = ProjectContract.objects.filter(manager=company.manager)
    run = request_drafts(contracts, invoice_date=CUT_OFF, cut_off=CUT_OFF, actor=actor, at=NOW)
    return draft_in_bulk(run.pk, clock=lambda: NOW)


def confirmed_by(actor: Any) -> str:
    seen = dict(Proforma.objects.values_list("number", "gross_amount"))
    run = request_confirmation(Proforma.objects.all(), seen_totals=seen, actor=actor, on=DAY, at=NOW)
    return confirm_in_bulk(run.pk, clock=lambda: NOW)


def test_two_people_who_start_the_same_run_at_once_make_every_proforma_once():
    company = agreed()
    answers = at_once(
        lambda: drafted_by(company, company.manager), lambda: drafted_by(company, company.accountant)
    )
    assert (codes(answers), answers) == ([], [RunStatus.FINISHED] * 2)
    drafts = Proforma.objects.values("contract").annotate(count=Count("pk"))
    assert [row["count"] for row in drafts] == [1] * CONTRACTS
    # Each run answers every contract; who came second reads that the work is on a draft.
    outcomes = sorted(BatchOutcome.objects.values_list("outcome", flat=True))
    assert outcomes == ["created"] * CONTRACTS + ["nothing_to_bill"] * CONTRACTS
    late = set(BatchOutcome.objects.filter(outcome="nothing_to_bill").values_list("message", flat=True))
    assert late == {"All that is open is on a draft already."}
    assert_proven()


def test_one_run_in_the_hands_of_several_workers_is_done_once():
    company = agreed()
    contracts = ProjectContract.objects.filter(manager=company.manager)
    run = request_drafts(contracts, invoice_date=CUT_OFF, cut_off=CUT_OFF, actor=company.manager, at=NOW)
    answers = at_once(*[lambda: draft_in_bulk(run.pk, clock=lambda: NOW)] * FOUR)
    assert codes(answers) == []
    assert set(answers) <= {RunStatus.RUNNING, RunStatus.FINISHED}
    assert BatchRun.objects.get().status == RunStatus.FINISHED
    assert (Proforma.objects.count(), BatchOutcome.objects.count()) == (CONTRACTS, CONTRACTS)


def test_two_people_who_confirm_the_same_proformas_at_once_confirm_each_once():
    company = agreed()
    drafted_by(company, company.manager)
    BatchOutcome.objects.all().delete()
    answers = at_once(lambda: confirmed_by(company.manager), lambda: confirmed_by(company.accountant))
    assert (codes(answers), answers) == ([], [RunStatus.FINISHED] * 2)
    assert (Proforma.objects.confirmed().count(), Actual.objects.billed_sales().count()) == (
        CONTRACTS,
        CONTRACTS,
    )
    outcomes = sorted(BatchOutcome.objects.values_list("outcome", flat=True))
    assert outcomes == ["confirmed"] * CONTRACTS + ["left_out"] * CONTRACTS
    assert_proven()
