"""The terms of prepaid hours are changed by page: shown before, made by the second click, noted (A12)."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from projects.models import PrepaidMonth
from tests.company import Company
from tests.company.checking import statements, unchanged
from tests.company.prepaid import agreed, invoice_block

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    company.agreement = agreed(company)
    return company


@pytest.fixture(autouse=True)
def september():
    with time_machine.travel(datetime(2026, 9, 15, 12, tzinfo=UTC), tick=False):
        yield


def text_of(answer):
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def typed(**changes):
    values = {
        "since": "2026-10-01",
        "hours": "40",
        "block_rate": "130",
        "overage_rate": "160",
        "roll_over_hours": "5",
    }
    return values | changes


def test_the_blocks_are_shown_before_and_after_and_then_changed(at, manager):
    card = reverse("prepaid", args=[at.agreement.pk])
    address = reverse("prepaid-terms", args=[at.agreement.pk])
    assert address in text_of(manager.get(card))
    with unchanged():
        shown = text_of(manager.post(address, typed()))
    assert "Before: 50.00 h at 120.00, above that 148.00, at most 10.00 h roll over" in shown
    assert "After: 40.00 h at 130.00, above that 160.00, at most 5.00 h roll over" in shown
    assert "€6,000.00 → €5,200.00" in shown
    assert "Change 2 blocks, €10,400.00" in shown
    answer = manager.post(address, typed(make="1"), follow=True)
    assert answer.redirect_chain == [(card, 302)]
    assert [one.block_rate for one in PrepaidMonth.objects.order_by("month")] == [120, 120, 130, 130]
    page = text_of(answer)
    assert (
        "50.00 h a month at 120.00; unused hours roll over once, at most 10.00 h; above that 148.00" in page
    )
    assert "From October 2026 on: 40.00 h at 130.00, above that 160.00, at most 5.00 h roll over." in page
    assert "changed the terms from October 2026 on." in page
    assert "Rate of the block: 120.00 → 130.00" in page
    assert "Hours bought: 50.00 → 40.00" in page
    october = text_of(manager.get(f"{card}?month=2026-10"))
    assert "Over, at its own rate 160.00" in october


def test_the_form_begins_with_the_first_month_of_which_nothing_is_invoiced(at, manager):
    invoice_block(at, 8)
    initial = manager.get(reverse("prepaid-terms", args=[at.agreement.pk])).context["form"].initial
    assert (initial["since"], initial["hours"], initial["block_rate"]) == ("2026-09-01", 50, 120)


def test_what_is_refused_is_said_at_the_first_click_and_at_the_second(at, manager):
    proforma = invoice_block(at, 8)
    address = reverse("prepaid-terms", args=[at.agreement.pk])
    said = f"The block of August 2026 is on the confirmed proforma {proforma.number}."
    with unchanged():
        assert said in text_of(manager.post(address, typed(since="2026-08-01")))
        answer = manager.post(address, typed(since="2026-08-01", make="1"))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "Change them from September 2026 on." in text_of(answer)


def test_only_who_manages_the_contract_changes_them(at, stranger, team_member):
    address = reverse("prepaid-terms", args=[at.agreement.pk])
    assert stranger.get(address).status_code == stranger.post(address, typed(make="1")).status_code == 404
    assert (
        team_member.get(address).status_code == team_member.post(address, typed(make="1")).status_code == 403
    )
    assert {one.block_rate for one in PrepaidMonth.objects.all()} == {120}


def test_the_preview_costs_the_same_for_many_months(at, manager):
    address = reverse("prepaid-terms", args=[at.agreement.pk])
    one = statements(lambda: manager.post(address, typed(since="2026-11-01")))
    assert statements(lambda: manager.post(address, typed(since="2026-08-01"))) == one
