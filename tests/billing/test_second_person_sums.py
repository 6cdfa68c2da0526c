"""What counts towards the amount above which a second person confirms, and that it is what they saw."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.urls import reverse

from billing.asking_reviews import submit_for_review
from billing.bulk_confirming import confirm_in_bulk, request_confirmation
from billing.confirm_warnings import ticks_of
from billing.confirming import confirm_proformas
from billing.models import InvoiceLineDetail, Proforma
from billing.moving import move_details
from billing.second_person import second_persons
from billing.seen_contents import contents_of
from projects.models import LegalEntity
from tests.billing.proforma_pages import form_of, fresh
from tests.company import Company, only, retainers
from tests.company.checking import assert_proven, refused, statements, unchanged
from tests.company.rows import DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


def limit(amount: str) -> None:
    LegalEntity.objects.update(second_person_above=Decimal(amount))


def confirm(*drafts: Proforma, actor, at=NOW) -> None:
    chosen = Proforma.objects.filter(pk__in=[one.pk for one in drafts])
    confirm_proformas(chosen, actor=actor, at=at, accepted=ticks_of(chosen))


def halves(at: Company) -> tuple[Proforma, Proforma]:
    """Two days of four hours at 200, 960 with tax each, of which one was moved to a draft of its own."""
    at.approved(4)
    at.approved(4, date=DAY + timedelta(days=1))
    first = at.draft()
    detail = InvoiceLineDetail.objects.filter(line__proforma=first).order_by("pk").last()
    assert detail is not None
    move_details(only(detail), None, actor=at.manager, at=NOW)
    second = Proforma.objects.exclude(pk=first.pk).get()
    assert [fresh(one).gross_amount for one in (first, second)] == [960, 960]
    return first, second


def test_an_advance_does_not_lower_what_counts(company, monkeypatch):
    retainers.invoiced(company, "1000")
    company.approved(8)
    draft = company.draft()
    retainers.applied_on(draft)
    now = Proforma.objects.select_related("legal_entity").get(pk=draft.pk)
    assert (now.gross_amount, now.weighed_amount) == (720, 1920)
    limit("1920")
    assert second_persons([now]) == {}
    limit("1919.99")
    with unchanged(), refused("second-person-needed"):
        confirm(draft, actor=company.manager)
    monkeypatch.setattr("billing.confirming.reasons_against_confirming_alone", lambda *_args, **_at: ())
    with pytest.raises(IntegrityError, match="a second person confirms"):
        confirm(draft, actor=company.manager)
    monkeypatch.undo()
    felix = company.second_person()
    submit_for_review(only(draft), reviewer=felix, actor=company.manager, at=NOW)
    confirm(draft, actor=felix)
    assert_proven()


def test_dividing_a_draft_changes_nothing_about_who_confirms(company, monkeypatch):
    first, second = halves(company)
    limit("1919.99")
    with unchanged(), refused("second-person-needed", "second-person-needed") as caught:
        confirm(first, second, actor=company.manager)
    assert {reason.subject for reason in caught.value.refusals} == {first.number, second.number}
    confirm(first, actor=company.manager)
    with unchanged(), refused("second-person-needed") as caught:
        confirm(second, actor=company.manager)
    assert "of the same contract and customer within a day it is above €1,919.99" in str(caught.value)
    monkeypatch.setattr("billing.confirming.reasons_against_confirming_alone", lambda *_args, **_at: ())
    with pytest.raises(IntegrityError, match="a second person confirms"):
        confirm(second, actor=company.manager, at=NOW + timedelta(hours=23))
    monkeypatch.undo()
    felix = company.second_person()
    submit_for_review(only(second), reviewer=felix, actor=company.manager, at=NOW)
    confirm(second, actor=felix)
    assert_proven()


def test_up_to_the_amount_both_halves_are_confirmed_together(company):
    first, second = halves(company)
    limit("1920")
    confirm(first, second, actor=company.manager)
    assert {fresh(one).status for one in (first, second)} == {"confirmed"}


def test_a_day_later_and_what_one_was_asked_for_count_no_longer(company):
    first, second = halves(company)
    limit("959.99")
    felix = company.second_person()
    submit_for_review(only(first), reviewer=felix, actor=company.manager, at=NOW)
    confirm(first, actor=felix)
    limit("1000")
    confirm(second, actor=felix, at=NOW + timedelta(hours=1))
    company.approved(4, date=DAY + timedelta(days=2))
    third = company.draft()
    with refused("second-person-needed"):
        confirm(third, actor=felix, at=NOW + timedelta(hours=24))
    confirm(third, actor=felix, at=NOW + timedelta(hours=25))


def exchanged(draft: Proforma) -> None:
    """The same sum for other words, behind the page that was opened."""
    InvoiceLineDetail.objects.filter(line__proforma=draft).update(external_description="Something else")


def test_an_edit_with_the_same_total_is_not_what_was_seen(manager, draft):
    address = reverse("proforma-confirm", args=[draft.number])
    shown = form_of(manager.get(address))
    sent = {"expected": shown["expected"], "content": shown["content"]}
    exchanged(draft)
    with unchanged():
        answer = manager.post(address, sent)
    assert (answer.status_code, [one.code for one in answer.context["refusals"]]) == (
        422,
        ["content-changed"],
    )
    with unchanged():
        assert manager.post(address, {"expected": shown["expected"]}).status_code == 422
    again = form_of(manager.get(address))
    assert manager.post(address, {name: again[name] for name in sent}).status_code == 302
    assert fresh(draft).status == "confirmed"


def test_a_selection_is_what_was_seen_as_well(manager, draft):
    address = reverse("proformas-confirm")
    summary = manager.post(address, {"row": [draft.pk]}).context["summary"]
    exchanged(draft)
    seen = [one.seen for one in summary.sums]
    with unchanged():
        answer = manager.post(address, {"row": [draft.pk], "seen": seen, "go": "1"})
    assert [one.code for one in answer.context["refusals"]] == ["changed-meanwhile"]


def test_a_run_leaves_out_what_was_edited_before_its_turn(company, draft):
    company.approved(4)
    other = company.draft()
    both = Proforma.objects.all()
    run = request_confirmation(
        both,
        accepted=ticks_of(both),
        seen_totals={one.number: one.gross_amount for one in both},
        seen_contents=contents_of(list(both)),
        actor=company.manager,
        on=DAY,
        at=NOW,
    )
    exchanged(draft)
    confirm_in_bulk(run.pk, clock=lambda: NOW)
    assert (fresh(draft).status, fresh(other).status) == ("draft", "confirmed")
    outcome = run.outcomes.get(proforma=draft)
    assert outcome.message == "Somebody else has changed it since you opened it."


def test_contents_are_hashed_in_one_statement_for_many_as_for_one(company, draft):
    company.approved(4)
    company.draft()
    every = list(Proforma.objects.all())
    assert statements(lambda: contents_of(every[:1])) == statements(lambda: contents_of(every)) == 1
