"""Confirm: the second approval, one-way (B8; the rows stand in the scenarios)."""

from datetime import date

import pytest

from billing.confirming import confirm_proformas
from billing.editing import remove_details, submit_for_review
from billing.models import Proforma
from billing.states import ProformaStatus
from core.models import Activity, OutboxEntry
from projects.contracting import hold_contracts
from projects.models import Actual, ActualEvent, Customer, LegalEntity
from projects.states import EventKind
from tests.factories.world import CUT_OFF, NOW
from tests.telling import refused
from tests.trade import Trade, details_of, only

pytestmark = pytest.mark.django_db


def test_a_confirmed_proforma_says_who_when_and_by_which_event():
    trade = Trade()
    trade.approved(8)
    draft = trade.draft()
    trade.confirm(draft)
    confirmed = Proforma.objects.get()
    event = ActualEvent.objects.get(kind=EventKind.CONFIRMATION)
    assert (confirmed.event, confirmed.confirmed_by, confirmed.confirmed_at) == (event, trade.manager, NOW)
    assert (event.happened_on, event.actor) == (CUT_OFF, trade.manager)
    assert set(Actual.objects.filter(event=event).values_list("accounting_date", flat=True)) == {CUT_OFF}
    log = Activity.objects.get(verb="confirmed")
    assert (log.subject_id, log.from_state, log.to_state) == (draft.pk, "draft", "confirmed")
    assert OutboxEntry.objects.get(kind="proforma-confirmed").payload == {"key": draft.pk}


def test_a_set_is_confirmed_each_in_its_own_event():
    trade = Trade()
    drafts = []
    for hours in (8, 4):
        trade.approved(hours)
        drafts.append(trade.draft())
    assert [one.status for one in trade.confirm(*drafts)] == [ProformaStatus.CONFIRMED] * 2
    assert ActualEvent.objects.filter(kind=EventKind.CONFIRMATION).count() == 2


def test_one_in_review_is_confirmed_as_well():
    trade = Trade()
    trade.approved(8)
    draft = trade.draft()
    submit_for_review(only(draft), actor=trade.manager, at=NOW)
    (confirmed,) = trade.confirm(draft)
    assert confirmed.status == ProformaStatus.CONFIRMED


def test_twice_is_refused_and_nothing_is_doubled():
    trade = Trade()
    trade.approved(8)
    draft = trade.draft()
    trade.confirm(draft)
    with refused("already-confirmed"):
        trade.confirm(draft)
    trade.invoices()
    with refused("already-confirmed"):
        trade.confirm(draft)


def test_an_empty_draft_is_refused():
    trade = Trade()
    trade.approved(8)
    draft = trade.draft()
    remove_details(details_of(draft), actor=trade.manager, at=NOW)
    with refused("nothing-on-it"):
        trade.confirm(draft)


def test_every_reason_of_every_draft_is_given_at_once():
    trade = Trade()
    trade.approved(8)
    first = trade.draft()
    trade.approved(4)
    second = trade.draft()
    trade.confirm(first)
    remove_details(details_of(second), actor=trade.manager, at=NOW)
    hold_contracts(only(trade.contract), actor=trade.manager, at=NOW)
    Customer.objects.filter(pk=trade.customer.pk).update(is_on_hold=True)
    LegalEntity.objects.filter(pk=trade.entity.pk).update(locked_through=CUT_OFF)
    everywhere = ("contract-not-confirmed", "customer-on-hold", "period-locked")
    with refused("already-confirmed", *everywhere, "nothing-on-it", *everywhere) as caught:
        trade.confirm(first, second)
    assert {reason.subject for reason in caught.value.refusals} == {first.number, second.number}
    assert all(reason.way_out for reason in caught.value.refusals)


def test_one_bad_draft_keeps_the_good_one_a_draft():
    trade = Trade()
    trade.approved(8)
    good = trade.draft()
    trade.approved(4)
    bad = trade.draft()
    remove_details(details_of(bad), actor=trade.manager, at=NOW)
    with refused("nothing-on-it"):
        trade.confirm(good, bad)
    assert trade.confirm(good)[0].status == ProformaStatus.CONFIRMED


def test_totals_are_added_up_once_more_before_they_are_frozen():
    trade = Trade()
    trade.approved(8)
    draft = trade.draft()
    Proforma.objects.filter(pk=draft.pk).update(invoice_date=date(2026, 4, 30))
    type(trade.tax_code).objects.get().rates.update(percent=10)
    (confirmed,) = trade.confirm(draft)
    assert (confirmed.net_amount, confirmed.tax_amount, confirmed.gross_amount) == (1600, 160, 1760)


def test_nothing_at_all_is_confirmed_without_a_word():
    trade = Trade()
    assert confirm_proformas(Proforma.objects.none(), actor=trade.manager, at=NOW) == []
