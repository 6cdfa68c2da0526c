"""In review: a named person is asked, answers, is reminded; above an amount only that person confirms."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError

from accounting.outbox_handlers import sweep_outbox
from billing.asking_reviews import (
    approve_reviews,
    remind_reviewers,
    return_reviews,
    submit_for_review,
    take_back,
)
from billing.confirm_warnings import ticks_of
from billing.confirming import confirm_proformas
from billing.models import Proforma, ProformaReview
from billing.second_person import second_persons
from billing.states import ProformaStatus
from core.models import Activity
from core.people import person_name
from projects.models import LegalEntity
from projects.roles import PROJECT_ACCOUNTANT, PROJECT_MANAGER
from tests.company import Company, only
from tests.company.checking import refused, statements, unchanged
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    made = Company()
    made.admit(made.manager, PROJECT_MANAGER)
    return made


@pytest.fixture
def draft(company: Company) -> Proforma:
    """Eight hours at 200: 1,920.00 with tax."""
    company.approved(8)
    return company.draft()


def ask(company: Company, draft: Proforma, reviewer, note: str = "") -> ProformaReview:
    submit_for_review(only(draft), reviewer=reviewer, note=note, actor=company.manager, at=NOW)
    return ProformaReview.objects.waiting().get(proforma=draft)


def confirm(draft: Proforma, actor) -> None:
    confirm_proformas(only(draft), actor=actor, at=NOW, accepted=ticks_of(only(draft)))


def needs_two_above(company: Company, amount: str) -> None:
    LegalEntity.objects.filter(pk=company.entity.pk).update(second_person_above=Decimal(amount))


def status_of(draft: Proforma) -> str:
    return Proforma.objects.get(pk=draft.pk).status


# --- Asking and answering -------------------------------------------------------------------------


def test_a_named_person_is_asked_and_gets_a_mail(company, draft):
    felix = company.second_person()
    review = ask(company, draft, felix, note="The new rates")
    assert (status_of(draft), review.reviewer, review.asked_by) == ("in_review", felix, company.manager)
    assert list(Proforma.objects.asked_of(felix)) == [draft]
    assert not Proforma.objects.asked_of(company.manager)
    logged = Activity.objects.get(verb="in review")
    assert logged.facts == {"asked": felix.username, "note": "The new rates"}
    felix.email = "felix@example.org"
    felix.save()
    sweep_outbox(now=NOW)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (
        ["felix@example.org"],
        f"{draft.number}: {company.manager.username} asks you to review it",
    )
    assert ("€1,920.00" in sent.body, "The new rates" in sent.body) == (True, True)


def test_nobody_is_asked_who_may_not_confirm_or_who_asks(company, draft):
    accountant = company.person(PROJECT_ACCOUNTANT)
    elsewhere = Company().person(PROJECT_MANAGER)
    for reviewer, code in (
        (company.manager, "own-review"),
        (accountant, "reviewer-cannot-confirm"),
        (elsewhere, "reviewer-cannot-confirm"),
    ):
        with refused(code):
            submit_for_review(only(draft), reviewer=reviewer, actor=company.manager, at=NOW)


def test_what_is_approved_goes_back_to_whoever_asked(company, draft):
    felix = company.second_person()
    review = ask(company, draft, felix)
    with refused("not-asked-of-you"):
        approve_reviews(only(draft), actor=company.manager, at=NOW)
    approve_reviews(only(draft), comment="Fine", actor=felix, at=NOW)
    review.refresh_from_db()
    assert (status_of(draft), review.outcome, review.comment) == ("draft", "approved", "Fine")
    with refused("not-in-review"):
        approve_reviews(only(draft), actor=felix, at=NOW)


def test_what_is_returned_says_what_must_change(company, draft):
    felix = company.second_person()
    ask(company, draft, felix)
    with refused("comment-missing"):
        return_reviews(only(draft), comment=" ", actor=felix, at=NOW)
    return_reviews(only(draft), comment="Two hours too many", actor=felix, at=NOW)
    assert (status_of(draft), Activity.objects.get(verb="review returned").facts) == (
        "draft",
        {"comment": "Two hours too many"},
    )
    company.manager.email = "m@example.org"
    company.manager.save()
    sweep_outbox(now=NOW)
    assert [(one.to, "Two hours too many" in one.body) for one in mail.outbox] == [(["m@example.org"], True)]


def test_who_is_asked_is_reminded_by_another_mail(company, draft):
    with refused("not-in-review"):
        remind_reviewers(only(draft), actor=company.manager, at=NOW)
    felix = company.second_person()
    felix.email = "felix@example.org"
    felix.save()
    review = ask(company, draft, felix)
    sweep_outbox(now=NOW)
    remind_reviewers(only(draft), actor=company.manager, at=NOW)
    sweep_outbox(now=NOW)
    review.refresh_from_db()
    assert (len(mail.outbox), review.reminded_at) == (2, NOW)
    logged = Activity.objects.get(verb="reminded")
    assert (logged.subject_name, logged.facts["reminded"]) == (draft.number, person_name(felix))


def test_nobody_is_reminded_twice_on_one_day(company, draft):
    review = ask(company, draft, company.second_person())
    remind_reviewers(only(draft), actor=company.manager, at=NOW)
    with refused("reminded-today"), unchanged():
        remind_reviewers(only(draft), actor=company.manager, at=NOW + timedelta(hours=1))
    remind_reviewers(only(draft), actor=company.manager, at=NOW + timedelta(days=1))
    review.refresh_from_db()
    assert review.reminded_at == NOW + timedelta(days=1)


def test_what_is_taken_back_waits_for_nobody(company, draft):
    felix = company.second_person()
    ask(company, draft, felix)
    take_back(only(draft), actor=company.manager, at=NOW)
    assert (status_of(draft), list(Proforma.objects.asked_of(felix))) == ("draft", [])
    assert ProformaReview.objects.get().outcome == "withdrawn"
    ask(company, draft, felix)


def test_who_was_asked_sees_it_though_somebody_else_manages_the_contract(company, draft):
    other = company.person(PROJECT_MANAGER)
    assert not Proforma.objects.visible_to(other)
    ask(company, draft, other)
    assert list(Proforma.objects.visible_to(other)) == [draft]
    confirm(draft, other)
    assert list(Proforma.objects.visible_to(other)) == [draft]
    assert ProformaReview.objects.get().outcome == "confirmed"


# --- A second person ------------------------------------------------------------------------------


def test_up_to_the_amount_one_person_confirms(company, draft):
    needs_two_above(company, "1920")
    confirm(draft, company.manager)
    assert status_of(draft) == ProformaStatus.CONFIRMED


def test_above_the_amount_a_second_person_who_was_asked_confirms(company, draft):
    needs_two_above(company, "1919.99")
    felix, hanna = company.second_person(), company.second_person()
    for alone in (company.manager, felix):
        with refused("second-person-needed"):
            confirm(draft, alone)
    ask(company, draft, felix)
    # Neither whoever asked nor anybody else than the person who was asked.
    for other in (company.manager, hanna):
        with refused("second-person-needed") as caught:
            confirm(draft, other)
        assert f"Above €1,919.99 a second person confirms: {felix.username}, asked" in str(caught.value)
    confirm(draft, felix)
    assert Proforma.objects.get(pk=draft.pk).confirmed_by == felix


def test_who_was_asked_and_edits_it_is_no_second_person_any_more(company, draft):
    needs_two_above(company, "1000")
    katrin = company.person(PROJECT_MANAGER)
    ask(company, draft, katrin)
    first, company.manager = company.manager, katrin
    company.edit(draft, quantity="7")
    company.manager = first
    with refused("second-person-needed") as caught:
        confirm(draft, katrin)
    assert "you were asked, but have edited it last" in str(caught.value)
    company.edit(draft, quantity="8")
    confirm(draft, katrin)


@pytest.mark.parametrize(("rate", "needed"), [("0.5", False), ("0.5209", True), (None, True)])
def test_other_currencies_count_at_the_rate_of_the_day(rate, needed):
    company = Company(currency="USD")
    if rate:
        company.rate("USD", rate)
    company.approved(8)
    draft = company.draft()
    needs_two_above(company, "1000")
    one = Proforma.objects.select_related("legal_entity").get(pk=draft.pk)
    # 1,920 dollars: 960 euros, or 1,000.128; without a rate nobody can say that it is less.
    assert bool(second_persons([one])) is needed


def test_the_database_refuses_one_person_whatever_the_way_in(company, draft, monkeypatch):
    needs_two_above(company, "1919.99")
    monkeypatch.setattr("billing.confirming.reasons_against_confirming_alone", lambda *_args, **_at: ())
    with pytest.raises(IntegrityError, match="a second person confirms"):
        confirm(draft, company.manager)
    felix = company.second_person()
    ask(company, draft, felix)
    with pytest.raises(IntegrityError, match="a second person confirms"):
        confirm(draft, company.manager)
    Proforma.objects.filter(pk=draft.pk).update(last_edited_by=felix)
    with pytest.raises(IntegrityError, match="a second person confirms"):
        confirm(draft, felix)
    Proforma.objects.filter(pk=draft.pk).update(last_edited_by=company.manager)
    confirm(draft, felix)


def test_many_are_judged_in_the_same_statements_as_one(company, draft):
    needs_two_above(company, "10")
    for _each in range(5):
        company.approved(8)
        company.draft()
    every = list(Proforma.objects.select_related("legal_entity"))
    assert statements(lambda: second_persons(every[:1])) == statements(lambda: second_persons(every)) == 2
