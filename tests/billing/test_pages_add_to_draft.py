"""From the backlog, the milestones and a contract to an open draft or a new one, by page (B5)."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import MilestoneShare, Proforma
from projects.models import BacklogItem, LegalEntity
from tests.billing.proforma_pages import fresh
from tests.company import Company
from tests.company.rows import CUT_OFF

pytestmark = pytest.mark.django_db

DAY = {"invoice_date": "2026-03-31"}


@pytest.fixture
def at(company: Company) -> Company:
    return company


def send(client: Client, name: str, rows: Any, **data: Any) -> Any:
    keys = list(rows.values_list("pk", flat=True))
    return client.post(reverse(name), {"row": keys, "scope": "page", **DAY, **data}, follow=True)


def ready(company: Company) -> Any:
    company.ready()
    return BacklogItem.objects.ready()


def placed(response: Any) -> list[tuple[str, bool, int]]:
    """What is chosen for each contract and customer, whether something comes of it, and its amount."""
    return [
        (one.chosen, one.preview.is_drafted, int(one.preview.amount))
        for one in response.context["placements"]
    ]


def field_for(company: Company) -> str:
    return f"into-{company.contract.pk}-{company.customer.pk}"


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_what_is_added_goes_to_the_one_open_draft(manager, company, draft):
    company.approved(4)
    rows = ready(company)
    asked = send(manager, "backlog-add", rows)
    assert placed(asked) == [(draft.number, True, 800)]
    text = asked.content.decode()
    assert "Add to 1 draft" in text
    assert f"Add to {draft.number}: €1,600.00 net so far, work up to 31 Mar 2026" in text
    answer = send(manager, "backlog-add", rows, go="1", **{field_for(company): draft.number})
    assert said(answer) == [f"Added to {draft.number}"]
    assert answer.redirect_chain[-1][0] == reverse("proforma", args=[draft.number])
    assert fresh(draft).net_amount == 2400


def test_of_several_drafts_one_is_chosen_and_nothing_happens_before(manager, company, draft):
    company.approved(4)
    second = company.draft()
    company.approved(2)
    rows = ready(company)
    asked = send(manager, "backlog-add", rows)
    text = asked.content.decode()
    assert ("Choose a draft" in text, "Add to the chosen drafts" in text) == (True, True)
    refused = send(manager, "backlog-add", rows, go="1", **{field_for(company): ""})
    assert [one.code for one in refused.context["refusals"]] == ["draft-not-chosen"]
    assert rows.count() == 1
    send(manager, "backlog-add", rows, go="1", **{field_for(company): second.number})
    assert (fresh(draft).net_amount, fresh(second).net_amount) == (1600, 1200)


def test_over_several_contracts_it_goes_to_drafts_and_new_ones(manager, company, draft):
    other = company.with_another_customer()
    company.approved(1)
    other.approved(2)
    rows = ready(company)
    asked = send(manager, "backlog-add", rows)
    assert sorted(placed(asked)) == [(draft.number, True, 200), ("new", True, 400)]
    assert "Create 1 proforma, add to 1" in asked.content.decode()
    answer = send(manager, "backlog-add", rows, go="1")
    assert said(answer) == [f"1 proforma created. Added to {draft.number}"]
    made = Proforma.objects.latest("pk")
    assert (made.contract, made.net_amount, fresh(draft).net_amount) == (other.contract, 400, 1800)
    assert [row.record for row in answer.context["table"].rows] == [made]


def test_creating_proposes_a_new_draft_and_offers_the_open_one(manager, company, draft):
    company.approved(4)
    rows = ready(company)
    asked = send(manager, "backlog-draft", rows)
    assert placed(asked) == [("new", True, 800)]
    assert re.search(rf'<option value="{draft.number}">', asked.content.decode())
    send(manager, "backlog-draft", rows, go="1", **{field_for(company): draft.number})
    assert (Proforma.objects.count(), fresh(draft).net_amount) == (1, 2400)


def test_the_preview_is_dated_by_the_draft_and_not_by_the_form(manager, company, draft):
    company.approved(4, date=date(2026, 4, 2))
    rows = ready(company)
    asked = send(manager, "backlog-add", rows, invoice_date="2026-04-30")
    assert placed(asked) == [(draft.number, False, 0)]
    new = {field_for(company): "new"}
    asked = send(manager, "backlog-add", rows, **new | {"invoice_date": "2026-04-30"})
    assert placed(asked) == [("new", True, 800)]


def test_a_draft_in_a_closed_period_is_refused_in_the_preview_and_on_the_click(manager, company, draft):
    company.approved(4, date=CUT_OFF)
    rows = ready(company)
    LegalEntity.objects.update(locked_through=CUT_OFF)
    asked = send(manager, "backlog-add", rows, invoice_date="2026-04-30")
    (one,) = asked.context["placements"]
    assert [refusal.code for refusal in one.preview.refusals] == ["period-locked"]
    assert "Set its invoice date to 1 Apr 2026 or later" in asked.content.decode()
    answer = send(manager, "backlog-add", rows, go="1", invoice_date="2026-04-30")
    assert [refusal.code for refusal in answer.context["refusals"]] == ["period-locked"]
    assert fresh(draft).net_amount == 1600


def test_a_draft_that_was_confirmed_meanwhile_is_named(manager, company, draft):
    company.approved(4)
    rows = ready(company)
    company.confirm(draft)
    refused = send(manager, "backlog-add", rows, go="1", **{field_for(company): draft.number})
    (refusal,) = refused.context["refusals"]
    assert (refusal.code, refusal.subject) == ("draft-not-open", draft.number)
    assert rows.count() == 1


def test_milestones_are_added_from_their_page(manager, company, draft):
    company.milestone("500")
    answer = send(manager, "milestones-add", MilestoneShare.objects.all(), go="1")
    assert said(answer) == [f"Added to {draft.number}"]
    assert fresh(draft).net_amount == 2100


def test_a_contract_offers_its_open_drafts(manager, company, draft):
    company.approved(4)
    company.milestone("500")
    company.ready()
    address = reverse("contract-draft", args=[company.contract.number])
    asked = manager.get(f"{address}?add=1")
    assert placed(asked) == [(draft.number, True, 1300)]
    assert placed(manager.get(address)) == [("new", True, 1300)]
    answer = manager.post(address, {"go": "1", **DAY, field_for(company): draft.number}, follow=True)
    assert said(answer) == [f"Added to {draft.number}"]
    assert fresh(draft).net_amount == 2900


def test_drafts_of_others_are_not_offered(manager, stranger, company, draft):
    company.approved(4)
    rows = ready(company)
    assert send(stranger, "backlog-add", rows, go="1").status_code == 409
    assert rows.count() == 1
