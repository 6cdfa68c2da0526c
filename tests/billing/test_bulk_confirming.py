"""Many proformas confirmed in one run: each by itself, each named, none stops another (B8)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounting.models import InvoiceProposal
from accounting.outbox_handlers import sweep_outbox
from billing import bulk_confirming
from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.confirming import confirm_proformas
from billing.models import BatchRun, Proforma
from billing.models.batch import SILENCE
from billing.removing import delete_drafts
from billing.states import RunStatus
from billing.stopping import stop_runs
from billing.views.bulk_confirmation import HANDFUL
from projects.models import Actual, Customer
from tests.billing.proforma_pages import fresh, ticks_on
from tests.company import Company, only
from tests.company.batch import Dying, Killed
from tests.company.checking import assert_proven, refused, statements, unchanged
from tests.company.contracts import contract_with_hours
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db

ADDRESS = "/proformas/confirm/"


@pytest.fixture
def at(company: Company) -> Company:
    return company


def drafts(company: Company, *hours: int) -> list[Proforma]:
    """One draft for each contract with so many hours at 200."""
    for one in hours:
        contract_with_hours(company, one)
    company.drafts(on=CUT_OFF)
    return list(Proforma.objects.filter(status="draft").order_by("pk"))


def asked(company: Company, *proformas: Proforma, **options: Any) -> BatchRun:
    chosen = Proforma.objects.filter(pk__in=[one.pk for one in proformas])
    seen = {one.number: one.gross_amount for one in proformas}
    return request_confirmation(
        chosen, **{"seen_totals": seen} | options, actor=company.manager, on=DAY, at=NOW
    )


def worked(run: BatchRun) -> BatchRun:
    confirm_in_bulk(run.pk, clock=lambda: NOW)
    return BatchRun.objects.get(pk=run.pk)


def outcomes_of(run: BatchRun) -> dict[str, tuple[str, str]]:
    return {
        row.proforma.number if row.proforma else "": (row.outcome, f"{row.message} {row.way_out}".strip())
        for row in run.outcomes.select_related("proforma").order_by("pk")
    }


def test_each_is_confirmed_and_named_and_goes_to_accounting(company):
    made = drafts(company, 8, 4, 2)
    run = worked(asked(company, *made))
    assert (run.status, run.kind, run.due_count) == (RunStatus.FINISHED, "confirmation", 3)
    assert outcomes_of(run) == {
        made[0].number: ("confirmed", "€1,920.00 with tax"),
        made[1].number: ("confirmed", "€960.00 with tax"),
        made[2].number: ("confirmed", "€480.00 with tax"),
    }
    assert {fresh(one).confirmed_by for one in made} == {company.manager}
    sweep_outbox(now=NOW)
    assert InvoiceProposal.objects.count() == 3
    assert_proven()


def test_what_is_refused_when_it_is_asked_for_is_left_out_with_its_way_out(company):
    held, good = drafts(company, 8, 4)
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    run = worked(asked(company, held, good))
    assert run.status == RunStatus.FINISHED
    assert outcomes_of(run) == {
        held.number: ("left_out", f"Customer {held.customer} is on hold. Release the customer first."),
        good.number: ("confirmed", "€960.00 with tax"),
    }
    assert fresh(held).status == "draft"


def test_what_changed_before_its_turn_is_left_out_and_the_rest_is_confirmed(company):
    held, edited, deleted, good = drafts(company, 8, 4, 2, 1)
    run = asked(company, held, edited, deleted, good)
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    company.edit(edited, quantity=3)
    delete_drafts(only(deleted), actor=company.manager, at=NOW)
    run = worked(run)
    assert (run.status, run.targets.waiting().count()) == (RunStatus.FINISHED, 0)
    assert outcomes_of(run) == {
        held.number: ("left_out", f"Customer {held.customer} is on hold. Release the customer first."),
        edited.number: (
            "left_out",
            "The total is €720.00 now; this page showed €960.00. Look at it again, then confirm.",
        ),
        "": ("left_out", f"The draft {deleted.number} was deleted meanwhile."),
        good.number: ("confirmed", "€240.00 with tax"),
    }


def test_what_nobody_saw_is_not_confirmed(company):
    seen, unseen = drafts(company, 8, 4)
    run = worked(asked(company, seen, unseen, seen_totals={seen.number: seen.gross_amount}))
    assert outcomes_of(run)[unseen.number] == (
        "left_out",
        "It was not on the page that was confirmed. Look at it, then confirm it.",
    )
    assert (fresh(seen).status, fresh(unseen).status) == ("confirmed", "draft")


def test_nothing_chosen_and_warnings_that_nobody_ticked_are_refused(company):
    (free,) = drafts(company, 8)
    company.edit(free, price="0")
    seen = {"seen_totals": {free.number: Decimal(0)}}
    with refused("nothing-chosen"):
        asked(company)
    with refused("warnings-open"):
        asked(company, free, **seen)
    run = worked(asked(company, free, accepted=ticks_on(free), **seen))
    assert outcomes_of(run) == {free.number: ("confirmed", "€0.00 with tax")}


@pytest.mark.parametrize("error", [ZeroDivisionError("a bug"), OperationalError("the disk is full")])
def test_an_error_in_one_leaves_it_a_draft_and_confirms_the_others(company, monkeypatch, error):
    monkeypatch.setattr("billing.run_steps.STEPS", 1)  # all in one transaction at first
    made = drafts(company, 8, 4, 2)

    def confirm(proformas: Any, **options: Any) -> Any:
        if proformas.filter(pk=made[1].pk).exists():
            raise error
        return confirm_proformas(proformas, **options)

    monkeypatch.setattr(bulk_confirming, "confirm_proformas", confirm)
    run = worked(asked(company, *made))
    assert run.status == RunStatus.WITH_FAILURES
    assert [fresh(one).status for one in made] == ["confirmed", "draft", "confirmed"]
    outcome, why = outcomes_of(run)[made[1].number]
    assert (outcome, why) == (
        "failed",
        f"An unexpected error stopped it ({type(error).__name__}); it is in the log. "
        "It is still a draft; confirm it again.",
    )
    assert_proven()


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_worker_that_dies_anywhere_is_made_good_and_each_is_confirmed_once(company, after):
    made = drafts(company, 8, 4, 2)
    run = asked(company, *made)
    with pytest.raises(Killed):
        confirm_in_bulk(run.pk, clock=Dying(NOW, after))
    assert Proforma.objects.confirmed().count() == max(after - 1, 0)
    later = NOW + SILENCE + timedelta(seconds=1)
    assert confirm_in_bulk(run.pk, clock=lambda: later) == RunStatus.FINISHED
    assert confirm_in_bulk(run.pk, clock=lambda: later) == RunStatus.FINISHED
    assert (Proforma.objects.confirmed().count(), run.outcomes.filter(outcome="confirmed").count()) == (3, 3)
    assert Actual.objects.billed_sales().count() == 3
    assert_proven()


def test_more_proformas_take_no_more_statements_for_each(company):
    def per_run(count: int) -> int:
        run = asked(company, *drafts(company, *[1] * count))
        return statements(lambda: confirm_in_bulk(run.pk, clock=lambda: NOW))

    once, twice = per_run(1), per_run(2)
    assert per_run(20) == once + 19 * (twice - once)
    assert per_run(40) == per_run(20)


# --- By the page ----------------------------------------------------------------------------------


def sent(client: Client, *proformas: Proforma, **more: Any) -> Any:
    """The form of the page, confirmed."""
    rows = {"scope": "page", "row": [one.pk for one in proformas]}
    kept = {key: value for key, value in more.items() if key in ("leave_out",)}
    shown = client.post(ADDRESS, rows | kept)
    seen = [one.seen for one in shown.context["summary"].sums]
    return client.post(ADDRESS, rows | {"go": "1", "seen": seen} | more)


def test_every_document_customer_contract_and_amount_is_named_before_the_click(manager, at):
    first, second = drafts(at, 8, 4)
    at.contract.customer.refresh_from_db()
    held = drafts(at, 2)[-1]
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    with unchanged():
        shown = manager.post(ADDRESS, {"scope": "page", "row": [first.pk, second.pk, held.pk]})
    page = " ".join(shown.content.decode().split())
    for named in (
        "Confirm 2 of 3 proformas",
        *(one.number for one in (first, second, held)),
        str(first.customer),
        first.contract.number,
        "€1,600.00",
        "€320.00",
        "€1,920.00",
        "2 proformas in EUR",
        "This one is left out and stays as it is",
        f"Customer {held.customer} is on hold.",
        "Release the customer first.",
        "2 lines are booked as billed,",
        "Confirm 2 proformas: €2,880.00",
    ):
        assert named in page, named


def test_a_handful_is_confirmed_at_once_and_the_run_names_each(manager, at):
    first, held = drafts(at, 8, 4)
    Customer.objects.filter(pk=held.customer_id).update(is_on_hold=True)
    answer = sent(manager, first, held)
    page = " ".join(manager.get(answer["Location"]).content.decode().split())
    for named in (
        first.number,
        "€1,600.00",
        "€1,920.00 with tax",
        held.number,
        "Release the customer first.",
    ):
        assert named in page, named
    assert (fresh(first).status, fresh(held).status) == ("confirmed", "draft")


def test_many_are_left_to_the_worker_and_the_run_is_stopped_by_who_started_it(manager, at):
    made = drafts(at, *[1] * (HANDFUL + 2))
    answer = sent(manager, *made)
    run = BatchRun.objects.get()
    assert (run.status, Proforma.objects.confirmed().count()) == (RunStatus.QUEUED, 0)
    assert "0 of 12 proformas" in manager.get(answer["Location"]).content.decode()
    stop_runs(BatchRun.objects.all(), actor=at.manager, at=NOW)
    shown = manager.get(answer["Location"])
    assert sorted(shown.context["again"]["keys"]) == sorted(one.pk for one in made)
    again = manager.post(shown.context["again"]["url"], {"scope": "page", "row": [one.pk for one in made]})
    assert len(again.context["summary"].allowed) == HANDFUL + 2


def test_the_same_form_twice_starts_one_run(manager, at):
    rows = {"scope": "page", "row": [one.pk for one in drafts(at, 8, 4)]}
    seen = [one.seen for one in manager.post(ADDRESS, rows).context["summary"].sums]
    form = rows | {"go": "1", "seen": seen, "token": "b" * 32}
    first, second = manager.post(ADDRESS, form), manager.post(ADDRESS, form)
    assert first["Location"] == second["Location"]
    assert BatchRun.objects.count() == 1


def test_what_is_left_out_on_the_page_stays_a_draft(manager, at):
    first, second = drafts(at, 8, 4)
    shown = manager.post(ADDRESS, {"row": [first.pk, second.pk], "leave_out": [first.pk]})
    page = " ".join(shown.content.decode().split())
    assert ("You left it out." in page, "Confirm 1 proforma: €960.00" in page) == (True, True)
    assert sent(manager, first, second, leave_out=[first.pk]).status_code == 302
    assert (fresh(first).status, fresh(second).status) == ("draft", "confirmed")


def test_who_may_not_confirm_is_kept_out(manager, at, stranger, accountant):
    made = drafts(at, 8)
    rows = {"row": [made[0].pk], "go": "1"}
    assert accountant.post(reverse("proformas-confirm"), rows).status_code == 403
    assert stranger.post(reverse("proformas-confirm"), rows).status_code == 409
    assert not BatchRun.objects.exists()


def test_some_thousand_ticks_fit_into_one_form(manager, at):
    (made,) = drafts(at, 8)
    ticks = [f"{made.number}:zero-rate:{nth}" for nth in range(5000)]
    assert manager.post(ADDRESS, {"row": [made.pk], "accepted": ticks}).status_code == 200
