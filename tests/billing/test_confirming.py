"""Confirm: the second approval, one-way (B8; the rows stand in the scenarios)."""

from datetime import date

import pytest

from billing.asking_reviews import submit_for_review
from billing.confirming import confirm_proformas
from billing.models import Proforma
from billing.removing import remove_details
from billing.states import ProformaStatus
from core.models import Activity, OutboxEntry
from projects.contracting import hold_contracts
from projects.models import Actual, ActualEvent, Customer, LegalEntity
from projects.states import EventKind
from tests.company import Company, details_of, only
from tests.company.checking import refused
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db


def test_a_confirmed_proforma_says_who_when_and_by_which_event():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.confirm(draft)
    confirmed = Proforma.objects.get()
    event = ActualEvent.objects.get(kind=EventKind.CONFIRMATION)
    assert (confirmed.event, confirmed.confirmed_by, confirmed.confirmed_at) == (event, company.manager, NOW)
    assert (event.happened_on, event.actor) == (CUT_OFF, company.manager)
    assert set(Actual.objects.filter(event=event).values_list("accounting_date", flat=True)) == {CUT_OFF}
    log = Activity.objects.get(verb="confirmed")
    assert (log.subject_id, log.from_state, log.to_state) == (draft.pk, "draft", "confirmed")
    assert OutboxEntry.objects.get(kind="proforma-confirmed").payload == {"key": draft.pk}


def test_a_set_is_confirmed_each_in_its_own_event():
    company = Company()
    drafts = []
    for hours in (8, 4):
        company.approved(hours)
        drafts.append(company.draft())
    assert [one.status for one in company.confirm(*drafts)] == [ProformaStatus.CONFIRMED] * 2
    assert ActualEvent.objects.filter(kind=EventKind.CONFIRMATION).count() == 2


def test_one_in_review_is_confirmed_as_well():
    company = Company()
    company.approved(8)
    draft = company.draft()
    submit_for_review(only(draft), reviewer=company.second_person(), actor=company.manager, at=NOW)
    (confirmed,) = company.confirm(draft)
    assert confirmed.status == ProformaStatus.CONFIRMED


def test_twice_is_refused_and_nothing_is_doubled():
    company = Company()
    company.approved(8)
    draft = company.draft()
    company.confirm(draft)
    with refused("already-confirmed"):
        company.confirm(draft)
    company.invoices()
    with refused("already-confirmed"):
        company.confirm(draft)


def test_an_empty_draft_is_refused():
    company = Company()
    company.approved(8)
    draft = company.draft()
    remove_details(details_of(draft), actor=company.manager, at=NOW)
    with refused("nothing-on-it"):
        company.confirm(draft)


def test_every_reason_of_every_draft_is_named_at_once():
    company = Company()
    company.approved(8)
    first = company.draft()
    company.approved(4)
    second = company.draft()
    company.confirm(first)
    remove_details(details_of(second), actor=company.manager, at=NOW)
    hold_contracts(only(company.contract), actor=company.manager, at=NOW)
    Customer.objects.filter(pk=company.customer.pk).update(is_on_hold=True)
    LegalEntity.objects.filter(pk=company.entity.pk).update(locked_through=CUT_OFF)
    each, days = ("contract-not-confirmed", "customer-on-hold"), ("period-locked", "period-locked")
    with refused("already-confirmed", *each, "nothing-on-it", *each, *days) as caught:
        company.confirm(first, second)
    assert {reason.subject for reason in caught.value.refusals} == {first.number, second.number}
    assert all(reason.way_out for reason in caught.value.refusals)


def test_one_bad_draft_keeps_the_good_one_a_draft():
    company = Company()
    company.approved(8)
    good = company.draft()
    company.approved(4)
    bad = company.draft()
    remove_details(details_of(bad), actor=company.manager, at=NOW)
    with refused("nothing-on-it"):
        company.confirm(good, bad)
    assert company.confirm(good)[0].status == ProformaStatus.CONFIRMED


def test_totals_are_added_up_once_more_before_they_are_frozen():
    company = Company()
    company.approved(8)
    draft = company.draft()
    Proforma.objects.filter(pk=draft.pk).update(invoice_date=date(2026, 4, 30))
    type(company.tax_code).objects.get().rates.update(percent=10)
    (confirmed,) = company.confirm(draft)
    assert (confirmed.net_amount, confirmed.tax_amount, confirmed.gross_amount) == (1600, 160, 1760)


def test_nothing_at_all_is_confirmed_without_a_word():
    company = Company()
    assert confirm_proformas(Proforma.objects.none(), actor=company.manager, at=NOW) == []


def test_nothing_is_confirmed_on_a_day_that_no_fiscal_period_covers():
    company = Company()
    company.approved(8)
    draft = company.draft()
    Proforma.objects.filter(pk=draft.pk).update(invoice_date=date(2027, 1, 4))
    with refused("period-missing") as caught:
        company.confirm(draft)
    assert str(caught.value.refusals[0]) == (
        f"{draft.number}: No fiscal period covers 4 Jan 2027. Choose another date, or ask a finance "
        "controller to open the fiscal year."
    )
