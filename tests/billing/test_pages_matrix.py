"""Cases of the matrix through the pages alone, from the contract to the ledger (N1, N2, R1, R2, R8)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.correction_rows import billed_rows
from billing.models import MilestoneShare, Proforma
from projects.models import BacklogItem
from tests.billing.proforma_pages import confirm, edit, ticks_on
from tests.company import Company
from tests.company.checking import assert_proven

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


def drafted(manager: Client, company: Company) -> Proforma:
    """Mark ready on the backlog what is there, and draft the contract on its page."""
    items = list(BacklogItem.objects.markable().values_list("pk", flat=True))
    if items:
        sent = {"scope": "page", "row": [str(key) for key in items]}
        assert manager.post(reverse("backlog-ready"), sent).status_code == 302
    address = reverse("contract-draft", args=[company.contract.number])
    answer = manager.post(address, {"invoice_date": "2026-03-31", "go": "1"})
    assert answer.status_code == 302, answer.content.decode()
    return Proforma.objects.open().get()


def confirmed(manager: Client, draft: Proforma) -> Proforma:
    assert confirm(manager, draft, accepted=ticks_on(draft)).status_code == 302
    done = Proforma.objects.get(pk=draft.pk)
    assert done.status == "confirmed"
    assert_proven()
    return done


def corrected(manager: Client, first: Proforma, **remaining: str) -> Proforma:
    """Correct the one billed row on the page, then confirm the draft on its own."""
    (row,) = billed_rows(first)
    known = {"amount": ""} if "amount" in remaining else {"quantity": "8", "price": "200"}
    sent: dict[str, Any] = {f"r{row.pk}-{name}": value for name, value in (known | remaining).items()}
    sent |= {f"r{row.pk}-reason": "", "into": "", "invoice_date": "2026-03-31", "go": "1"}
    answer = manager.post(reverse("proforma-correct", args=[first.number]), sent)
    assert answer.status_code == 302, answer.content.decode()
    return confirmed(manager, Proforma.objects.open().get())


def test_n1_unchanged(manager: Client, company: Company):
    company.approved(8)
    done = confirmed(manager, drafted(manager, company))
    assert (done.net_amount, company.backlog()) == (1600, "")


def test_n2_eight_hours_become_six(manager: Client, company: Company):
    company.approved(8)
    draft = drafted(manager, company)
    assert edit(manager, draft, quantity="6").status_code == 302
    done = confirmed(manager, draft)
    assert (done.net_amount, company.backlog()) == (1200, "")
    assert "billed non-chargeable +2 +400.00" in company.actuals()


def test_r1_all_is_taken_back_and_waits(manager: Client, company: Company):
    company.approved(8)
    first = confirmed(manager, drafted(manager, company))
    assert corrected(manager, first, quantity="0").net_amount == -1600
    assert company.backlog() == "2026-03-02 chargeable +8 +1600.00 not_ready"


def test_r2_eight_hours_become_six_and_two_are_billed_later(manager: Client, company: Company):
    company.approved(8)
    first = confirmed(manager, drafted(manager, company))
    assert corrected(manager, first, quantity="6").net_amount == -400
    assert company.backlog() == "2026-03-02 chargeable +2 +400.00 not_ready"
    assert confirmed(manager, drafted(manager, company)).net_amount == 400
    assert company.backlog() == ""


def test_r8_a_milestone_is_ready_again_and_billed_again(manager: Client, company: Company):
    company.milestone("5000")
    first = confirmed(manager, drafted(manager, company))
    assert corrected(manager, first, amount="0").net_amount == -5000
    share = MilestoneShare.objects.get()
    assert (share.status, share.open_amount) == ("ready", 5000)
    assert confirmed(manager, drafted(manager, company)).net_amount == 5000
