"""Runs take ready advances from their invoice date on: once, said before, and said why not (B3, B6)."""

from datetime import date

import pytest
from django.urls import reverse

from billing.bulk_drafting import draft_in_bulk, request_drafts
from billing.drafts_ahead import drafts_ahead
from billing.models import BatchOutcome, BatchRun, InvoiceLineDetail, Proforma, Retainer
from billing.previewing import preview_run
from billing.removing import delete_drafts
from billing.retaining import mark_retainers_not_ready
from billing.scheduling import retry_outcomes, run_batch
from billing.states import NotInvoiced, RunStatus
from billing.why_not_invoiced import why_retainer
from projects.locking import lock_through
from projects.maintaining import release_customers
from projects.models import Customer
from projects.roles import FINANCE_CONTROLLER
from tests.company import Company, only, rows
from tests.company.batch import Batch
from tests.company.checking import assert_proven, refused
from tests.company.people import signed_in
from tests.company.retainers import fresh, invoiced, planned, position, ready, to_be_refunded
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db

FOURTH, FIFTH, SIXTH = date(2026, 10, 4), date(2026, 10, 5), date(2026, 10, 6)


def test_a_run_invoices_a_retainer_on_its_date_and_applies_what_is_available():
    company = Company()
    first = invoiced(company, "300")
    second = ready(company, "500", name="Second advance", on=FIFTH)
    batch = Batch(company)
    (expected,) = preview_run(batch.job, FIFTH)
    assert (expected.advances, expected.amount, expected.available, expected.outcome) == (
        1,
        500,
        300,
        "create",
    )
    run = batch.morning(FIFTH)
    assert run is not None
    (outcome,) = run.outcomes.all()
    assert (outcome.outcome, outcome.retainer, outcome.proforma.net_amount) == ("created", second, 500)
    assert position(second).startswith("on_draft")
    # A retainer pays for work, and of that there was none.
    assert fresh(first).available_amount == 300
    batch.morning(SIXTH)
    assert Proforma.objects.open().count() == 1


def test_a_run_says_why_a_retainer_of_a_customer_on_hold_waits():
    company = Company()
    retainer = ready(company, on=FIFTH)
    type(company.customer).objects.filter(pk=company.customer.pk).update(is_on_hold=True)
    run = Batch(company).morning(FIFTH)
    assert run is not None
    (outcome,) = run.outcomes.all()
    assert (outcome.outcome, outcome.retainer) == ("failed", retainer)
    assert "on hold" in outcome.message
    assert fresh(retainer).status == "ready"


def test_what_drafting_is_said_to_make_is_what_it_makes():
    company = Company()
    invoiced(company, "1000")
    ready(company, "250", name="Second advance")
    company.approved(8)
    company.ready()
    contracts = only(company.contract)
    (said,) = drafts_ahead(contracts, CUT_OFF, cut_off=CUT_OFF).made
    assert (said.goes_in, said.amount, said.applied) == ("1 entry, 1 advance", 850, 1000)
    run = request_drafts(contracts, invoice_date=CUT_OFF, cut_off=CUT_OFF, actor=company.manager, at=NOW)
    draft_in_bulk(run.pk, clock=lambda: NOW)
    (outcome,) = run.outcomes.all()
    assert (outcome.message, outcome.proforma.net_amount) == ("1 entry, 1 advance", 850)


def test_a_refund_alone_is_drafted_in_bulk():
    company = Company()
    to_be_refunded(company, invoiced(company, "400"))
    contracts = only(company.contract)
    (said,) = drafts_ahead(contracts, CUT_OFF, cut_off=CUT_OFF).made
    run = request_drafts(contracts, invoice_date=CUT_OFF, cut_off=CUT_OFF, actor=company.manager, at=NOW)
    draft_in_bulk(run.pk, clock=lambda: NOW)
    (outcome,) = run.outcomes.all()
    assert said.amount == outcome.proforma.net_amount == -400


def test_a_contract_whose_only_due_thing_is_a_ready_advance_gets_its_proforma_once():
    company = Company()
    retainer = ready(company, "500", on=FIFTH)
    planned(company, "700", name="Not ready", on=FIFTH)
    batch = Batch(company)
    assert batch.morning(FOURTH).outcomes.count() == 0
    # Ten runs: nine of them find nothing that is due.
    runs = [batch.morning(FIFTH), *(batch.by_hand(FIFTH) for _each in range(9))]
    assert [run.outcomes.count() for run in runs] == [1, *[0] * 9]
    draft = Proforma.objects.get()
    assert (draft.scheduled_for, draft.invoice_date, draft.net_amount) == (FIFTH, FIFTH, 500)
    assert position(retainer) == "on_draft 0.00 0.00 0.00 0.00"
    company.confirm(draft)
    batch.by_hand(FIFTH)
    assert (Proforma.objects.count(), position(retainer)) == (1, "available 500.00 0.00 0.00 500.00")
    assert_proven()


def test_hours_a_milestone_and_two_advances_of_one_day_share_one_document():
    company = Company()
    batch = Batch(company)
    batch.schedule(company.line, period="biweekly", weekday=0)
    company.approved(8, date=date(2026, 10, 2))
    company.ready()
    company.milestone("5000", due_on=FIFTH)
    ready(company, "500", name="First", on=FIFTH)
    ready(company, "250", name="Second", on=FIFTH)
    (expected,) = preview_run(batch.job, FIFTH)
    assert (expected.entries, expected.milestones, expected.advances, expected.amount) == (1, 1, 2, 7350)
    run = batch.morning(FIFTH)
    draft = Proforma.objects.get()
    assert (draft.net_amount, InvoiceLineDetail.objects.filter(line__proforma=draft).count()) == (7350, 4)
    # One outcome for each due row, all of them the same document.
    assert set(run.outcomes.values_list("outcome", "proforma")) == {("created", draft.pk)}
    assert run.outcomes.count() == run.due_count == 4
    assert sorted(one.retainer.name for one in run.outcomes.filter(retainer__isnull=False)) == [
        "First",
        "Second",
    ]


def test_each_customer_of_a_contract_gets_a_document_and_each_advance_its_outcome():
    company = Company()
    one, other = company.is_shared_by("50", "50")
    ready(company, "500", name="Of one", on=FIFTH)
    ready(company, "300", name="Of the other", on=FIFTH, customer=other)
    run = Batch(company).morning(FIFTH)
    drafts = {draft.customer_id: draft.net_amount for draft in Proforma.objects.all()}
    assert drafts == {one.pk: 500, other.pk: 300}
    assert [(row.retainer.name, row.outcome) for row in run.outcomes.order_by("retainer")] == [
        ("Of one", "created"),
        ("Of the other", "created"),
    ]
    assert_proven()


def test_one_customer_on_hold_keeps_the_advance_of_another_from_nothing():
    company = Company()
    _one, other = company.is_shared_by("50", "50")
    ready(company, "500", name="Of one", on=FIFTH)
    held = ready(company, "300", name="Of the other", on=FIFTH, customer=other)
    Customer.objects.filter(pk=other.pk).update(is_on_hold=True)
    batch = Batch(company)
    run = batch.morning(FIFTH)
    assert sorted(run.outcomes.values_list("retainer__name", "outcome")) == [
        ("Of one", "created"),
        ("Of the other", "failed"),
    ]
    failed = run.outcomes.get(outcome="failed")
    assert failed.is_still_due

    # Released, the failed one alone is tried again.
    release_customers(only(other), actor=company.accountant, at=NOW)
    again = retry_outcomes(only(failed), actor=company.manager, at=NOW.replace(month=10, day=6))
    assert run_batch(again.pk, clock=lambda: NOW.replace(month=10, day=6)) == RunStatus.FINISHED
    assert [(row.retainer, row.outcome) for row in again.outcomes.all()] == [(held, "created")]
    assert not BatchOutcome.objects.get(pk=failed.pk).is_still_due
    with refused("nothing-to-retry"):
        retry_outcomes(only(failed), actor=company.manager, at=NOW.replace(month=10, day=6))
    assert (Proforma.objects.count(), fresh(held).status) == (2, "on_draft")


def test_a_closed_day_fails_and_the_first_open_day_is_offered_as_for_schedules():
    company = Company()
    ready(company, "500", on=FIFTH)
    lock_through(company.entity, FIFTH, actor=company.accountant, at=NOW)
    batch = Batch(company)
    (expected,) = preview_run(batch.job, FIFTH)
    assert expected.outcome == "blocked"
    failed = batch.morning(FIFTH).outcomes.get()
    assert (failed.outcome, failed.reason) == ("failed", "period-locked")
    at = NOW.replace(month=10, day=6)
    run = retry_outcomes(only(failed), actor=company.manager, at=at, uses_next_open_day=True)
    run_batch(run.pk, clock=lambda: at)
    outcome = BatchRun.objects.get(pk=run.pk).outcomes.get()
    assert (outcome.proforma.scheduled_for, outcome.proforma.invoice_date) == (FIFTH, SIXTH)
    assert "Dated" in outcome.message
    assert_proven()


def test_an_advance_that_somebody_drafts_or_takes_back_meanwhile_is_left_to_them():
    company = Company()
    drafted = ready(company, "500", name="Drafted meanwhile", on=FIFTH)
    taken = ready(company, "300", name="Taken back meanwhile", on=FIFTH)
    batch = Batch(company)

    def clock():
        # Between what the run reads as due and its turn.
        if BatchRun.objects.filter(status=RunStatus.RUNNING).exists() and fresh(taken).status == "ready":
            mark_retainers_not_ready(only(taken), actor=company.manager, at=NOW)
            company.drafts(FIFTH)
        return NOW.replace(month=10, day=5)

    run = batch.by_hand(FIFTH, clock=clock)
    assert (run.status, run.outcomes.count(), Proforma.objects.count()) == (RunStatus.FINISHED, 0, 1)
    assert (fresh(drafted).status, fresh(taken).status) == ("on_draft", "not_ready")


def test_what_a_run_drafted_and_somebody_deleted_is_due_again():
    company = Company()
    retainer = ready(company, "500", on=FIFTH)
    batch = Batch(company)
    batch.morning(FIFTH)
    delete_drafts(Proforma.objects.all(), actor=company.manager, at=NOW)
    assert [row.outcome for row in batch.morning(SIXTH).outcomes.all()] == ["created"]
    assert fresh(retainer).status == "on_draft"


# --- Why it is not invoiced -----------------------------------------------------------------------


def _why(retainer: Retainer, today: date = FIFTH) -> list[tuple[str, str]]:
    rows_ = Retainer.objects.select_related("contract__manager", "contract__legal_entity", "customer")
    answer = why_retainer(rows_.get(pk=retainer.pk), today)
    return [(reason.code, reason.title) for reason in answer.reasons]


def test_each_reason_why_an_advance_is_not_invoiced_has_words():
    company = Company()
    retainer = planned(company, "500", on=FIFTH)
    assert _why(retainer) == [(NotInvoiced.NOT_READY, "Dated 5 Oct 2026, not marked ready")]
    retainer = ready(company, "500", name="Second", on=FIFTH)
    assert _why(retainer, FOURTH) == [(NotInvoiced.AFTER_CUT_OFF, "Ready, dated 5 Oct 2026")]
    assert _why(retainer) == [(NotInvoiced.WAITS_FOR_RUN, "Ready, due since 5 Oct 2026")]

    Customer.objects.filter(pk=company.customer.pk).update(is_on_hold=True)
    Batch(company).morning(FIFTH)
    assert _why(retainer) == [
        (NotInvoiced.PAYER_ON_HOLD, f"Customer {company.customer} is on hold"),
        (NotInvoiced.RUN_FAILED, "The run of 5 Oct 2026 failed"),
    ]
    Customer.objects.filter(pk=company.customer.pk).update(is_on_hold=False)
    (draft,) = company.drafts(SIXTH)
    assert _why(retainer) == [(NotInvoiced.ON_DRAFT, f"On draft {draft.number}")]
    company.confirm(draft)
    assert _why(retainer) == [(NotInvoiced.NOT_POSTED, f"Confirmed on {draft.number}, not posted yet")]
    (invoice,) = company.invoices()
    assert [code for code, _title in _why(retainer)] == [NotInvoiced.INVOICED]
    assert invoice.number in _why(retainer)[0][1]


def test_the_pages_of_a_run_a_contract_and_an_advance_name_it():
    company = Company()
    controller = signed_in(company.admit(company.accountant, FINANCE_CONTROLLER))
    retainer = ready(company, "500", name="Start-up advance", on=FIFTH)
    Customer.objects.filter(pk=company.customer.pk).update(is_on_hold=True)
    run = Batch(company).morning(FIFTH)
    page = controller.get(reverse("run", args=[run.pk])).content.decode()
    assert "Start-up advance" in page
    assert "Try this one again" in page
    contract = controller.get(reverse("why-contract", args=[company.contract.number])).content.decode()
    assert reverse("why-advance", args=[retainer.pk]) in contract
    answer = controller.get(reverse("why-advance", args=[retainer.pk])).content.decode()
    assert "is on hold" in answer
    assert (
        reverse("why-advance", args=[retainer.pk])
        in controller.get(reverse("advance", args=[retainer.pk])).content.decode()
    )


def test_of_an_advance_of_another_company_nothing_is_said():
    company = Company()
    retainer = ready(company, "500", on=FIFTH)
    stranger = Company()
    controller = signed_in(stranger.admit(rows.user("controller"), FINANCE_CONTROLLER))
    assert controller.get(reverse("why-advance", args=[retainer.pk])).status_code == 404
