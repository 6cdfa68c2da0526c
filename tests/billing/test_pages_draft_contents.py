"""What comes on a draft and leaves it, by page: add, refresh, move, revert, put back, dates (B5, B7)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.checks import history_of
from billing.models import InvoiceLineDetail, MilestoneShare, Proforma, Removal
from billing.removing import remove_details
from billing.states import MilestoneStatus
from projects.models import BacklogItem, LegalEntity
from projects.roles import FINANCE_CONTROLLER, PROJECT_MANAGER
from projects.states import BillingStatus
from tests.billing.proforma_pages import form_of, fresh, only_detail
from tests.company import Company, details_of
from tests.company.people import signed_in
from tests.company.rows import CUT_OFF, DAY, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


def page(client: Client, draft: Proforma) -> Any:
    return client.get(reverse("proforma", args=[draft.number]))


def post(client: Client, name: str, draft: Proforma, **data: Any) -> Any:
    return client.post(reverse(name, args=[draft.number]), data, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def codes(response: Any) -> list[str]:
    return [one.code for one in response.context["refusals"]]


# --- Pending --------------------------------------------------------------------------


def test_what_is_pending_is_named_with_its_amounts_and_added_one_by_one_or_all(manager, company, draft):
    company.approved(4, external_description="Review")
    company.approved(1, date=date(2026, 4, 2))
    company.milestone("500")
    company.ready()
    company.approved(2)
    shown = page(manager, draft)
    pending = shown.context["pending"]
    assert (pending.entries, pending.milestones, pending.amount) == (1, 1, 1300)
    assert (pending.late, pending.late_amount, pending.waiting, pending.waiting_amount) == (1, 200, 1, 400)
    assert [(row.day, row.amount) for row in pending.rows] == [(DAY, 800), (DAY, 500)]
    text = shown.content.decode()
    assert "Add all 2, €1,300.00" in text
    assert "1 waits and is not ready, €400.00." in text
    item = BacklogItem.objects.get(quantity=4)
    answer = post(manager, "proforma-add", draft, item=item.pk)
    assert said(answer) == [f"1 detail added to {draft.number}, €800.00 net"]
    assert fresh(draft).net_amount == 2400
    answer = post(manager, "proforma-add", draft, all="1")
    assert said(answer) == [f"1 detail added to {draft.number}, €500.00 net"]
    assert MilestoneShare.objects.get().status == MilestoneStatus.ON_DRAFT
    answer = post(manager, "proforma-add", draft, all="1")
    assert said(answer) == [f"Nothing came on {draft.number}: nothing of it is ready up to 31 Mar 2026."]


def test_nothing_chosen_and_rows_of_others_are_refused(manager, company, draft):
    other = company.with_another_customer()
    other.approved(3)
    company.ready()
    item = BacklogItem.objects.get(quantity=3)
    assert codes(post(manager, "proforma-add", draft, item=item.pk)) == ["nothing-selected"]
    assert codes(post(manager, "proforma-add", draft)) == ["nothing-selected"]
    assert item.status == BillingStatus.READY
    assert fresh(draft).net_amount == 1600


def test_what_a_limit_keeps_back_is_said(manager, company, draft):
    company.approved(4)
    company.ready()
    company.contract.not_to_exceed_amount = Decimal(2000)
    company.contract.save()
    (message,) = said(post(manager, "proforma-add", draft, all="1"))
    assert message.startswith(f"Nothing came on {draft.number}")
    assert "€800.00" in message
    assert fresh(draft).net_amount == 1600


def test_a_draft_is_refreshed_up_to_another_day(manager, company, draft):
    company.approved(2, date=date(2026, 3, 20))
    company.ready()
    address = reverse("proforma-refresh", args=[draft.number])
    assert "1 is ready up to 31 Mar 2026, €400.00." in manager.get(address).content.decode()
    assert codes(post(manager, "proforma-refresh", draft, cut_off="2026-04-01")) == ["cut-off-after-invoice"]
    answer = post(manager, "proforma-refresh", draft, cut_off="2026-03-20")
    assert said(answer) == [f"1 detail added to {draft.number}, €400.00 net"]
    assert (fresh(draft).cut_off_date, fresh(draft).net_amount) == (date(2026, 3, 20), 2000)


def test_who_may_not_draft_sees_what_is_pending_and_has_no_buttons(company, draft):
    company.approved(4)
    company.ready()
    reader = signed_in(company.person(FINANCE_CONTROLLER))
    text = page(reader, draft).content.decode()
    assert ("Pending" in text, reverse("proforma-add", args=[draft.number]) in text) == (True, False)
    assert post(reader, "proforma-add", draft, all="1").status_code == 403


# --- Edited ---------------------------------------------------------------------------


def test_edits_are_taken_back_from_their_panel(manager, company, draft):
    company.edit(draft, quantity="6")
    assert "Revert 1 edit" in page(manager, draft).content.decode()
    answer = post(manager, "proforma-revert", draft, all="1")
    assert said(answer) == ["1 detail says again what was approved"]
    assert (only_detail(draft).quantity, fresh(draft).net_amount) == (8, 1600)
    assert codes(post(manager, "proforma-revert", draft)) == ["nothing-selected"]


# --- Move -----------------------------------------------------------------------------


def test_ticked_details_are_moved_to_another_draft_or_a_new_one(manager, company, draft):
    company.approved(4)
    second = company.draft()
    ticked = only_detail(draft).pk
    asked = post(manager, "proforma-move", draft, row=ticked)
    text = asked.content.decode()
    assert f"Move 1 detail of {draft.number}, €1,600.00" in text
    assert f"Add to {second.number}: €800.00 net so far, work up to 31 Mar 2026" in text
    assert f"{draft.number} stays as an empty draft" in text
    answer = post(manager, "proforma-move", draft, row=ticked, go="1", target=second.number)
    assert said(answer) == [
        f"1 detail moved to {second.number}. {draft.number} is empty now: add to it, or delete it"
    ]
    assert (fresh(draft).net_amount, fresh(second).net_amount) == (0, 2400)
    moved = InvoiceLineDetail.objects.get(quantity=4).pk
    answer = post(manager, "proforma-move", second, row=moved, go="1", target="")
    made = Proforma.objects.latest("pk")
    assert (said(answer), made.net_amount) == ([f"1 detail moved to {made.number}"], 800)
    assert codes(post(manager, "proforma-move", second)) == ["nothing-selected"]
    assert manager.get(reverse("proforma-move", args=[second.number])).status_code == 302


def test_an_emptied_draft_says_what_becomes_of_it(manager, company, draft):
    remove_details(details_of(draft), actor=company.manager, at=NOW)
    text = page(manager, draft).content.decode()
    assert "It cannot be confirmed like this." in text
    assert f"Delete {draft.number}" in text


# --- Undo -----------------------------------------------------------------------------


def test_removed_details_come_back_by_undo_and_by_the_panel(manager, company, draft):
    company.edit(draft, quantity="6")
    removed = post(manager, "proforma-lines-remove", draft, row=only_detail(draft).pk)
    assert "Undo" in removed.content.decode()
    removal = Removal.objects.get()
    assert "Put back 1 detail, €1,200.00" in page(manager, draft).content.decode()
    answer = manager.post(reverse("removals-put-back"), {"row": [removal.pk]}, follow=True)
    assert said(answer) == [f"Put back with its edits: {draft.number}"]
    assert (only_detail(draft).quantity, fresh(draft).net_amount) == (6, 1200)
    assert page(manager, draft).context["removals"] == []
    sentences = [str(one.sentence) for one in history_of(fresh(draft), 4)]
    assert "put removed details back" in sentences


def test_a_deleted_draft_comes_back_by_undo_and_from_the_list(manager, stranger, company, draft):
    company.edit(draft, quantity="6")
    asked = manager.get(reverse("proforma-delete", args=[draft.number])).content.decode()
    assert "1 entry is ready to invoice again, €1,600.00." in asked
    assert "1 of them was edited." in asked
    assert f"Delete {draft.number}, €1,200.00 net" in asked
    gone = post(manager, "proforma-delete", draft)
    assert "Undo" in gone.content.decode()
    listed = manager.get(reverse("drafts-deleted")).content.decode()
    assert f"Put back {draft.number}" in listed
    removal = Removal.objects.get()
    assert draft.number not in stranger.get(reverse("drafts-deleted")).content.decode()
    foreign = stranger.post(reverse("removals-put-back"), {"row": [removal.pk]})
    assert codes(foreign) == ["nothing-selected"]
    answer = manager.post(reverse("removals-put-back"), {"row": [removal.pk]}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("proforma", args=[draft.number])
    assert (only_detail(draft).quantity, fresh(draft).net_amount) == (6, 1200)
    assert "No deleted draft can be put back." in manager.get(reverse("drafts-deleted")).content.decode()


def test_several_deleted_drafts_come_back_together(manager, company, draft):
    company.approved(4)
    second = company.draft()
    asked = manager.post(reverse("proformas-delete"), {"row": [draft.pk, second.pk], "scope": "page"})
    text = asked.content.decode()
    assert "2 details go back and are ready to invoice again." in text
    assert "Delete 2 drafts, €2,400.00 net" in text
    sent = {"row": [draft.pk, second.pk], "scope": "page", "go": "1"}
    assert "Undo" in manager.post(reverse("proformas-delete"), sent, follow=True).content.decode()
    rows = list(Removal.objects.values_list("pk", flat=True))
    answer = manager.post(reverse("removals-put-back"), {"row": rows}, follow=True)
    assert Proforma.objects.count() == 2
    assert answer.redirect_chain[-1][0] == reverse("proformas")


# --- Dates ----------------------------------------------------------------------------


def test_the_dates_of_a_draft_are_changed_on_a_page(manager, company, draft):
    address = reverse("proforma-heading", args=[draft.number])
    assert address in page(manager, draft).content.decode()
    opened = form_of(manager.get(address))
    sent = opened | {"invoice_date": "2026-04-15", "cut_off": "2026-03-31", "description": "March"}
    post(manager, "proforma-heading", draft, **sent)
    now = fresh(draft)
    assert (now.invoice_date, now.cut_off_date, now.description) == (date(2026, 4, 15), CUT_OFF, "March")
    sent = form_of(manager.get(address)) | {"cut_off": "2026-03-01"}
    refused = post(manager, "proforma-heading", draft, **sent)
    assert codes(refused) == ["work-after-cut-off"]
    assert fresh(draft).cut_off_date == CUT_OFF
    # Opened before somebody saved "March": both descriptions are shown, and nothing is written over it.
    shown = post(manager, "proforma-heading", draft, **opened | {"description": "Phase one"})
    (day, text) = shown.context["versions"].fields
    assert (shown.status_code, day.is_mine, text.theirs, text.mine) == (409, False, "March", "Phase one")
    assert fresh(draft).description == "March"
    post(manager, "proforma-heading", draft, **form_of(shown))
    assert (fresh(draft).description, fresh(draft).invoice_date) == ("Phase one", date(2026, 4, 15))


def test_a_draft_in_a_closed_period_offers_the_first_open_day(manager, company, draft):
    LegalEntity.objects.update(locked_through=date(2026, 4, 30))
    shown = page(manager, draft)
    (check,) = shown.context["checks"]
    assert check.detail == (
        "Set its invoice date to 1 May 2026 or later, or ask a finance controller to reopen the period."
    )
    text = shown.content.decode()
    assert ("Set to 1 May 2026" in text, "Reopen a period" in text) == (True, False)
    heading = manager.get(reverse("proforma-heading", args=[draft.number])).content.decode()
    assert 'value="2026-05-01"' in heading
    answer = post(manager, "proforma-open-day", draft, day="2026-05-01")
    assert said(answer) == ["The invoice date is 1 May 2026 now."]
    assert fresh(draft).invoice_date == date(2026, 5, 1)
    assert page(manager, draft).context["checks"] == []


def test_who_may_reopen_the_period_is_led_there(company, draft):
    LegalEntity.objects.update(locked_through=CUT_OFF)
    both = signed_in(company.person(FINANCE_CONTROLLER, PROJECT_MANAGER))
    assert "Reopen a period" in page(both, draft).content.decode()


def test_many_drafts_that_are_blocked_by_a_closed_period_lead_to_their_dates(manager, company, draft):
    LegalEntity.objects.update(locked_through=CUT_OFF)
    asked = manager.post(reverse("proformas-confirm"), {"row": [draft.pk], "scope": "page"})
    assert reverse("proforma-heading", args=[draft.number]) in asked.content.decode()
