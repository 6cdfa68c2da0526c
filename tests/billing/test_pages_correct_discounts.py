"""A percent discount that follows its work, as the page of the correction says it (B9, B12)."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.correction_rows import billed_rows
from billing.discounting import Allowance, grant_discount
from billing.models import Proforma
from tests.company import Company
from tests.company.rows import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(company: Company) -> Company:
    return company


@pytest.fixture
def confirmed(company: Company, draft: Proforma) -> Proforma:
    """1,600.00 less 160.00."""
    tenth = Allowance(percent=Decimal(10), reason="Loyal customer")
    grant_discount(draft.lines.get(), tenth, actor=company.manager, at=NOW)
    (done,) = company.confirm(draft)
    return done


def sent(proforma: Proforma, button: str, **more: str) -> dict[str, str]:
    """What the form of the page sends with six hours in the place of eight."""
    hours, discount = sorted(billed_rows(proforma), key=lambda row: -row.amount)
    return {
        "into": "",
        "invoice_date": "2026-03-31",
        f"r{hours.pk}-quantity": "6",
        f"r{hours.pk}-price": "200",
        f"r{discount.pk}-amount": "-160.00",
        button: "1",
        **more,
    }


def address(proforma: Proforma) -> str:
    return reverse("proforma-correct", args=[proforma.number])


def rows_of(answer: Any) -> list[tuple[Decimal, bool]]:
    return [(row.difference, row.is_following) for row in answer.context["rows"]]


def test_a_discount_is_shown_as_an_amount_and_never_as_a_quantity_at_a_price(manager, company, confirmed):
    shown = " ".join(manager.get(address(confirmed)).content.decode().split())
    assert "8.00 h</td>" in shown
    assert "200.00/h</td>" in shown
    assert "1.00 flat" not in shown
    manager.post(address(confirmed), sent(confirmed, "go"))
    draft = Proforma.objects.open().get()
    page = " ".join(manager.get(reverse("proforma", args=[draft.number])).content.decode().split())
    # Three quarters of it stay, which is no quantity: 160.00 come back and 120.00 are taken off.
    assert ("flat" in page, "200.00/h" in page) == (False, True)
    assert "0.75" not in page


def test_the_share_is_said_before_anything_is_drafted(manager, confirmed):
    answer = manager.post(address(confirmed), sent(confirmed, "preview"))
    assert sorted(rows_of(answer)) == [(Decimal(-400), False), (Decimal(40), True)]
    page = answer.content.decode()
    assert "2 lines, 1 changed, 1 follows" in " ".join(page.split())
    assert ("follows the work" in page, "Draft the correction of −€360.00" in page) == (True, True)
    assert answer.context["sums"].difference == -360
    manager.post(address(confirmed), sent(confirmed, "go"))
    assert Proforma.objects.latest("pk").net_amount == -360


def test_a_tick_leaves_it_as_it_was(manager, confirmed):
    assert "Leave percent discounts as they were billed" in manager.get(address(confirmed)).content.decode()
    answer = manager.post(address(confirmed), sent(confirmed, "preview", keep_discounts="on"))
    assert sorted(rows_of(answer)) == [(Decimal(-400), False), (Decimal(0), False)]
    manager.post(address(confirmed), sent(confirmed, "go", keep_discounts="on"))
    assert Proforma.objects.latest("pk").net_amount == -400
