"""How a contract stands is said alike by its page and by its proformas, and before what is kept back (A2)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from billing.checks import position_of
from billing.contract_positions import used_of_lines, with_position
from billing.models import Proforma, Retention
from billing.releasing import release_retentions
from projects.models import ContractLine, ProjectContract
from tests.company import invoicing_rows
from tests.company.rows import CUT_OFF, NOW

pytestmark = pytest.mark.django_db
LATER = date(2026, 4, 30)


def stand(company: Any) -> ProjectContract:
    return with_position(ProjectContract.objects.filter(pk=company.contract.pk), today=CUT_OFF).get()


def figures(client: Any, address: str) -> list[tuple[str, str]]:
    return [(kpi["label"], kpi["value"]) for kpi in client.get(address).context["kpis"]]


@pytest.fixture
def at(company):
    return company


@pytest.fixture
def agreed(company):
    """Hours up to 95,000 and a fixed price of 27,000."""
    ContractLine.objects.filter(pk=company.line.pk).update(not_to_exceed_amount=Decimal(95000))
    share = invoicing_rows.milestone_share(company, "1000")
    fixed = ContractLine.objects.filter(pk=share.milestone.contract_line_id)
    fixed.update(contracted_amount=Decimal(27000))
    return company


@pytest.fixture
def keeping(company):
    """Ten percent of each proforma is kept back."""
    ProjectContract.objects.filter(pk=company.contract.pk).update(
        retention_percent=Decimal(10), retention_months=0
    )
    return company


def test_the_value_is_that_of_all_lines_on_both_pages(manager, agreed):
    agreed.approved(8)
    agreed.confirm(agreed.draft())
    agreed.approved(1)
    draft = agreed.draft(on=LATER)
    of_contract = dict(figures(manager, reverse("contract", args=[agreed.contract.number])))
    of_draft = figures(manager, reverse("proforma", args=[draft.number]))
    assert of_draft == [
        ("Contract value", "€122,000.00"),
        ("Billed before", "€2,600.00"),
        ("This proforma", "€200.00"),
        ("Remaining after", "€119,200.00"),
    ]
    assert (of_contract["Contract value"], of_contract["Billed"]) == ("€122,000.00", "€2,600.00")
    assert (of_contract["On drafts"], of_contract["Left after unbilled"]) == ("€200.00", "€119,200.00")


def test_a_line_of_unknown_worth_leaves_the_value_open_on_both_pages(manager, company):
    company.approved(8)
    draft = company.draft()
    position = position_of(Proforma.objects.get(pk=draft.pk), today=CUT_OFF)
    assert (stand(company).value, position.value, position.remaining) == (None, None, None)


def test_what_is_kept_back_was_billed(manager, agreed, keeping):
    """2,600 of work and milestone: 260 are kept back, and 119,400 are left."""
    agreed.approved(8)
    agreed.confirm(agreed.draft())
    proforma = Proforma.objects.get()
    assert proforma.net_amount == 2340
    at = stand(agreed)
    assert (at.billed, at.drafted, at.unbilled, at.used, at.remaining) == (2600, 0, 0, 2600, 119400)
    position = position_of(proforma, today=CUT_OFF)
    assert (position.before, position.this, position.net, position.remaining) == (0, 2600, 2600, 119400)
    assert position.to_pay == 2600 + 520 - 260
    used = used_of_lines(agreed.contract.lines.all(), today=CUT_OFF)
    assert sorted(used.values()) == [1000, 1600]
    page = manager.get(reverse("contract", args=[agreed.contract.number])).context
    assert [line.billed for line in page["lines"]] == [1600, 1000, 2600]
    assert page["burn"].billed[-1] == page["burn"].with_unbilled[-1] == 2600


def test_what_a_draft_keeps_back_is_on_drafts_in_full(agreed, keeping):
    agreed.approved(8)
    draft = agreed.draft()
    assert Proforma.objects.get(pk=draft.pk).net_amount == 2340
    at = stand(agreed)
    assert (at.billed, at.drafted, at.remaining) == (0, 2600, 119400)


def test_a_release_bills_nothing_again(agreed, keeping):
    agreed.approved(8)
    agreed.confirm(agreed.draft())
    release_retentions(Retention.objects.all(), invoice_date=LATER, actor=agreed.manager, at=NOW)
    release = Proforma.objects.open().get()
    position = position_of(release, today=CUT_OFF)
    assert (position.before, position.this, position.net, position.remaining) == (2600, 0, 0, 119400)
    assert position.to_pay == 260
    at = stand(agreed)
    assert (at.billed, at.drafted, at.remaining) == (2600, 0, 119400)
